//! Long-term keys on the wire, fingerprints, and Diffie-Hellman pairs (KEY-01, KEY-02, AKE-01).

mod derive;
mod dh;
mod fingerprint;

pub use derive::{AkeKeys, DataKeys, HalfKeys, SessionId, mac_key, secret_bytes};
pub use dh::DhPair;
pub(crate) use dh::is_same_but_for_the_sign;
pub use fingerprint::{Fingerprint, ParseFingerprintError};

use otr_traits::{Hash, PublicKey, Result};

use crate::wire::{Malformed, Reader, Writer};

/// Writes PUBKEY: the type SHORT 0, then p, q, g, y as MPIs (KEY-01); it is what otr.js packs a public key as, too (FILE-31).
pub fn encode_public_key(key: &PublicKey, writer: &mut Writer) {
    writer.short(DSA);
    encode_numbers(key, writer);
}

/// Reads PUBKEY: of type 0, with numbers of the sizes and in the ranges of KEY-04.
///
/// # Errors
/// [`Malformed`] otherwise.
pub fn decode_public_key(reader: &mut Reader<'_>) -> Result<PublicKey, Malformed> {
    if reader.short()? != DSA {
        return Err(Malformed);
    }
    let (p, q) = (reader.padded_mpi()?, reader.padded_mpi()?);
    let (g, y) = (reader.padded_mpi()?, reader.padded_mpi()?);
    PublicKey::new(p, q, g, y).map_err(|_| Malformed)
}

/// The only type of key there is.
const DSA: u16 = 0;

fn encode_numbers(key: &PublicKey, writer: &mut Writer) {
    writer.mpi(key.p()).mpi(key.q()).mpi(key.g()).mpi(key.y());
}

impl Fingerprint {
    /// The fingerprint of a key: SHA-1 of its PUBKEY without the type (KEY-02).
    ///
    /// # Errors
    /// What the backend's SHA-1 says.
    pub fn of(key: &PublicKey, hash: &(impl Hash + ?Sized)) -> Result<Self> {
        let mut numbers = Writer::default();
        encode_numbers(key, &mut numbers);
        let mut fingerprint = [0; 20];
        hash.sha1(&[numbers.as_slice()], &mut fingerprint)?;
        Ok(Self::from_bytes(fingerprint))
    }
}
