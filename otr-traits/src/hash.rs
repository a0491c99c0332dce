//! SHA-1, SHA-256 and their HMACs.

use crate::{PreparedKey, Result};

/// SHA-1, SHA-256 and their HMACs.
///
/// The input is the concatenation of `parts`, so that callers need not join it; there may be none, and any of
/// them may be empty. The result is written where the caller wants it, because most results are secret and
/// ought not to be copied about.
pub trait Hash {
    /// SHA-1 of the concatenated `parts`.
    ///
    /// # Errors
    /// [`Error::Refused`](crate::Error::Refused) if the library refuses the function.
    fn sha1(&self, parts: &[&[u8]], out: &mut [u8; 20]) -> Result<()>;

    /// SHA-256 of the concatenated `parts`.
    ///
    /// # Errors
    /// [`Error::Refused`](crate::Error::Refused) if the library refuses the function.
    fn sha256(&self, parts: &[&[u8]], out: &mut [u8; 32]) -> Result<()>;

    /// HMAC-SHA-1 of the concatenated `parts`. A key longer than 64 bytes is hashed first (RFC 2104).
    ///
    /// # Errors
    /// [`Error::Refused`](crate::Error::Refused) if the library refuses the function.
    fn hmac_sha1(&self, key: &[u8], parts: &[&[u8]], out: &mut [u8; 20]) -> Result<()>;

    /// HMAC-SHA-1 with a key for many messages: a backend may keep the two hashes that start with it.
    ///
    /// # Errors
    /// As [`hmac_sha1`](Self::hmac_sha1).
    fn hmac_sha1_prepared(
        &self,
        key: &mut PreparedKey<20>,
        parts: &[&[u8]],
        out: &mut [u8; 20],
    ) -> Result<()> {
        self.hmac_sha1(key.key().expose(), parts, out)
    }

    /// HMAC-SHA-256 of the concatenated `parts`. A key longer than 64 bytes is hashed first (RFC 2104).
    ///
    /// # Errors
    /// [`Error::Refused`](crate::Error::Refused) if the library refuses the function.
    fn hmac_sha256(&self, key: &[u8], parts: &[&[u8]], out: &mut [u8; 32]) -> Result<()>;
}
