//! Forging transcripts: what makes OTR deniable, as functions that anyone can run.
//!
//! Nobody can prove by a transcript who wrote what: messages are authenticated with keys that both sides have, and that
//! are published once they are dead. Whoever holds such a key can change what was said, or make up what was not. These
//! functions do what libotr's six toolkit programs do, and they are why a transcript proves nothing:
//!
//! | libotr | here |
//! |---|---|
//! | `otr_parse` | [`messages`] and [`describe()`] |
//! | `otr_sesskeys` | [`PairKeys::derive`] |
//! | `otr_mackey` | [`mac_key`] |
//! | `otr_readforge` | [`Captured::read`] and [`Captured::forge`] |
//! | `otr_modify` | [`Captured::modify`] |
//! | `otr_remac` | [`remac`] |
//!
//! ```
//! use otr_protocol::DefaultBackend;
//! use otr_protocol::toolkit::{Captured, mac_key};
//! use otr_protocol::traits::AesKey;
//! # use otr_protocol::{toolkit, wire};
//! # use otr_protocol::traits::Secret;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let backend = DefaultBackend::default();
//! # let aes_key = AesKey::from([7; 16]);
//! # let header = wire::Header::to_nobody(wire::Version::V2);
//! # let mac_key = mac_key(&backend, &aes_key)?;
//! # let message = toolkit::remac(&backend, &mac_key, &header, &wire::Data {
//! #     flags: 0, sender_keyid: 1, recipient_keyid: 1, next_y: &[2], counter: [0; 8], encrypted: b"", authenticated: b"",
//! #     mac: [0; 20], revealed: b"",
//! # })?;
//! let captured = Captured::decode(&message)?;
//! let forged = Captured::decode(&captured.forge(&backend, &aes_key, b"I never said that.")?)?;
//! assert_eq!(**forged.read(&backend, &aes_key)?.ok_or("no MAC")?, *b"I never said that.");
//! # Ok(())
//! # }
//! ```

mod captured;
mod describe;

pub use captured::{Captured, NotData, remac};
pub use describe::{describe, messages};

use otr_traits::{Element, Exponent, Hash, ModExp, Result, Secret};

pub use crate::keys::mac_key;
use crate::keys::{DataKeys, DhPair, secret_bytes};

/// The keys that follow from one side's private and the other's public Diffie-Hellman value.
#[derive(Debug)]
#[non_exhaustive]
pub struct PairKeys {
    /// The public value that belongs to the private one.
    pub public: Element,
    /// Whether it is the greater of the two: the high end (CONST-06).
    pub is_high: bool,
    /// What libotr's toolkit calls the session id: h1(0) of the shared secret. It is not the id that people compare.
    pub session_id: Secret<20>,
    /// The keys of data messages.
    pub keys: DataKeys,
}

impl PairKeys {
    /// Derives them.
    ///
    /// # Errors
    /// If the backend fails.
    pub fn derive(
        backend: &(impl ModExp + Hash + ?Sized),
        private: Exponent,
        theirs: &Element,
    ) -> Result<Self> {
        let pair = DhPair::from_private(backend, private)?;
        let shared = pair.shared_secret(backend, theirs)?;
        let keys = DataKeys::derive(backend, pair.public(), theirs, &shared)?;
        let mut session_id = Secret::zeroed();
        backend.sha1(&[&[0], secret_bytes(&shared).as_slice()], session_id.expose_mut())?;
        let is_high = pair.public().compare_public(theirs).is_gt();
        Ok(Self { public: pair.public().clone(), is_high, session_id, keys })
    }
}
