//! AES-128 in counter mode.

use crate::{PreparedKey, Result, Secret};

/// A 16-byte AES-128 key.
pub type AesKey = Secret<16>;

/// AES-128 in counter mode.
pub trait AesCtr {
    /// Encrypts or decrypts `data` in place.
    ///
    /// `counter` is the whole initial counter block. It counts as **one 128-bit big-endian integer** (CONST-08):
    /// a carry out of the low 32 or 64 bits goes on into the next.
    ///
    /// # Errors
    /// [`Error::Refused`](crate::Error::Refused) if the library refuses the cipher.
    fn aes_ctr(&self, key: &AesKey, counter: [u8; 16], data: &mut [u8]) -> Result<()>;

    /// The same, with a key for many messages: a backend may keep the key's schedule with it.
    ///
    /// # Errors
    /// As [`aes_ctr`](Self::aes_ctr).
    fn aes_ctr_prepared(&self, key: &mut PreparedKey<16>, counter: [u8; 16], data: &mut [u8]) -> Result<()> {
        self.aes_ctr(key.key(), counter, data)
    }
}
