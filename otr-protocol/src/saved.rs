//! Accounts and encrypted sessions that survive a restart (feature `serde`).
//!
//! [`Session::save`](crate::Session::save) takes a session apart, and [`Account::restore`](crate::Account::restore) puts it
//! together again: keys, counters, held texts, what is known of the peer. [`SavedSession::encrypt`] makes bytes of it
//! that only the holder of a key can read or change; who has an encrypted store of their own may use serde instead.
//!
//! ```
//! # use otr_protocol::{Account, DefaultBackend, Instant, SavedSession, traits::{Purpose, Rng, Secret}};
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let account = Account::generate(DefaultBackend::default())?;
//! # let (session, now) = (account.session(), Instant::from_millis(0));
//! # let mut key = Secret::zeroed();
//! # account.backend().fill(Purpose::Saved, key.expose_mut())?;
//! let saved = session.save(now);
//! for output in saved.outputs { /* what still had to be sent or told */ }
//! let bytes = saved.session.encrypt(account.backend(), &key)?;
//!
//! // After the restart:
//! let saved = SavedSession::decrypt(account.backend(), &key, &bytes)?;
//! let session = account.restore(now, saved)?;
//! # Ok(())
//! # }
//! ```
//!
//! # Old copies
//!
//! A saved session is to be restored once: `save` takes the session away, and `otr_store::saved::take` takes the file away
//! before it hands out the session. A copy that somebody restores nevertheless, from a backup or on a second
//! machine, repeats no key stream: under every key that copies may share, now and after keys have changed, a restored
//! session goes on with counters that lie a random number of up to 2^48 ahead, which receivers allow. (Two texts under one
//! key and counter would betray both.) It cannot be helped that
//!
//! * it accepts once more what was received after the copy was made, if somebody sends that again;
//! * it accepts forgeries: MAC keys that have been revealed since (DATA-12) are still valid for it, and anybody who has seen
//!   them can make up messages, or change recorded ones where they know the text;
//! * it can read nothing once the other one has changed keys: the peer's messages are reported as unreadable, until a new key
//!   exchange;
//! * whoever has copy and key can read what the session could read then, and what it would have read until the keys change:
//!   so do not keep copies.
//!
//! # Swapped copies
//!
//! What is encrypted does not say whose correspondence it is: that is the application's knowledge. Who can write to its disk
//! could put one correspondent's session in the place of another's, and texts would go to the wrong one, encrypted. So give
//! each correspondent a key of their own, derived from yours and their name (HMAC-SHA-256 will do): a session in the wrong place
//! is then [`SavedError::Authentication`].
//!
//! # What is given up
//!
//! A key exchange, a comparison of secrets and an incomplete message that are under way when a session is saved are given
//! up (the peer is not told that a comparison is over: abort it before, if it matters); so is the chance to send the last text again (MSG-52). Held texts begin to wait anew.

mod account;
mod envelope;
mod hex;
mod session;

pub use account::SavedAccount;
pub(crate) use hex::Bytes;
pub use session::{Saved, SavedSession};
pub(crate) use session::{
    SavedChannel, SavedEncrypted, SavedRing, SavedSlot, SavedText, SavedUsage, fingerprint,
};

use crate::Fingerprint;

/// Why something saved cannot be restored. Nothing has been changed then.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SavedError {
    /// The bytes are something else.
    #[error("this is no {expected} saved by this library")]
    Unrecognized {
        /// What was asked for.
        expected: &'static str,
    },
    /// A later version of this library has saved it.
    #[error("this was saved in format {found}; this version of the library reads format {known}")]
    Format {
        /// The format it was saved in.
        found: u8,
        /// The format that is read.
        known: u8,
    },
    /// The key is not the one it was saved with, or somebody has changed it.
    #[error("the key is wrong, or what was saved has been damaged")]
    Authentication,
    /// What was saved was not what this library saves.
    #[error("what was saved makes no sense: {0}")]
    Content(&'static str),
    /// A session of another account, or of another client of it.
    #[error(
        "the session belongs to the account with the fingerprint {fingerprint} and the instance tag {tag}"
    )]
    OtherAccount {
        /// The account's fingerprint.
        fingerprint: Fingerprint,
        /// The client's tag.
        tag: crate::InstanceTag,
    },
    /// The settings of the account do not fit the session.
    #[error(transparent)]
    Settings(crate::Error),
    /// The cryptographic library failed.
    #[error("the cryptographic backend failed: {0}")]
    Backend(#[from] otr_traits::Error),
}

/// The format that is written and read.
const FORMAT: u8 = 1;

fn check_format(found: u8) -> Result<(), SavedError> {
    if found == FORMAT { Ok(()) } else { Err(SavedError::Format { found, known: FORMAT }) }
}
