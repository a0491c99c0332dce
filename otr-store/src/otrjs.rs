//! The keys of otr.js, as its `packPrivate` writes and its `DSA.parsePrivate` reads them: base64 of PUBKEY and of x as an
//! MPI (FILE-30). Digits are read and written in constant time.
//!
//! ```
//! use otr_backend_rustcrypto::RustCrypto;
//! use otr_store::otrjs;
//! use otr_traits::Dsa;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let key = RustCrypto.generate()?;
//! let text = otrjs::print(&key);
//! assert_eq!(otrjs::parse(&text, &RustCrypto)?.public(), key.public());
//! # Ok(())
//! # }
//! ```

use base64ct::{Base64, Encoding};
use otr_protocol::keys::{decode_public_key, encode_public_key};
use otr_protocol::wire::{Malformed, Reader, Writer};
use otr_traits::{Dsa, KeyFault, Secret, SecretKey};
use zeroize::Zeroizing;

use crate::private_key::checked;

/// Why a text is not a key of otr.js.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OtrJsError {
    /// It is not standard base64 with padding.
    #[error(
        "not a key of otr.js: it is not base64; take the whole of what packPrivate() gave, and nothing else"
    )]
    Base64,
    /// What is encoded is not a DSA key pair of 1024 and 160 bits.
    #[error("not a key of otr.js, or cut off: it does not consist of a DSA key of 1024 bits and its secret")]
    Malformed,
    /// The key breaks a condition of KEY-04 or KEY-09.
    #[error("the DSA key is invalid: {0}")]
    Key(KeyFault),
    /// The library that was to check the key failed. This says nothing about the key.
    #[error("the key cannot be checked: {0}")]
    Backend(otr_traits::Error),
}

/// Reads a key, and checks it with `dsa` as [`private_key::parse`](crate::private_key::parse) does (KEY-09). Blanks
/// and line ends around it do not matter.
///
/// # Errors
/// The text is not such a key, the key is invalid, or `dsa` failed.
pub fn parse(text: &str, dsa: &dyn Dsa) -> Result<SecretKey, OtrJsError> {
    let text = text.trim().as_bytes();
    // Sized beforehand: decoding must leave no copy of the secret behind.
    let mut bytes = Zeroizing::new(vec![0; text.len()]);
    let bytes = Base64::decode(text, &mut bytes).map_err(|_| OtrJsError::Base64)?;
    let mut reader = Reader::new(bytes);
    let public = decode_public_key(&mut reader)?;
    let x = Secret::from(reader.padded_mpi()?);
    reader.finish()?;
    checked(public, x, dsa).map_err(|error| match error {
        otr_traits::Error::InvalidKey(fault) => OtrJsError::Key(fault),
        error => OtrJsError::Backend(error),
    })
}

/// Writes a key.
#[must_use]
pub fn print(key: &SecretKey) -> Zeroizing<String> {
    /// The type, and five MPIs of at most 128, 20, 128, 128 and 20 bytes.
    const LONGEST: usize = 2 + 5 * 4 + 3 * 128 + 2 * 20;
    let mut writer = Writer::with_capacity(LONGEST);
    encode_public_key(key.public(), &mut writer);
    writer.mpi(key.x().expose());
    Zeroizing::new(Base64::encode_string(writer.as_slice()))
}

impl From<Malformed> for OtrJsError {
    fn from(Malformed: Malformed) -> Self {
        Self::Malformed
    }
}
