//! Files of saved sessions and accounts: encrypted bytes, as `otr_protocol::SavedSession::encrypt` makes them.
//!
//! ```
//! # fn main() -> Result<(), otr_store::Error> {
//! # let path = std::env::temp_dir().join(format!("otr-store-saved-{}", std::process::id()));
//! # let encrypted = b"encrypted";
//! otr_store::saved::store(&path, encrypted)?;
//! // After the restart. The file is gone then: a session is restored once.
//! let encrypted = otr_store::saved::take(&path)?;
//! # assert_eq!(encrypted, b"encrypted");
//! # assert!(!path.exists());
//! # Ok(())
//! # }
//! ```
//!
//! If the program is killed between `take` and the next `store`, the session is lost, and a new key exchange makes another. That is
//! the lesser evil: the same session restored twice would accept old messages again.

use std::path::Path;

use crate::{Error, atomic};

/// Writes a file with mode 0600, at once or not at all, in place of one that there may be.
///
/// # Errors
/// If it cannot be written; the file before is then as it was.
pub fn store(path: impl AsRef<Path>, encrypted: &[u8]) -> Result<(), Error> {
    let path = path.as_ref();
    let _lock = atomic::lock(path).map_err(Error::io(path, "lock"))?;
    atomic::store(path, encrypted).map_err(Error::io(path, "write"))
}

/// Reads a file and removes it, so that nobody restores a session twice. For accounts, which may be restored any number of
/// times, [`read`] is the right one.
///
/// # Errors
/// If it cannot be read or removed.
pub fn take(path: impl AsRef<Path>) -> Result<Vec<u8>, Error> {
    let path = path.as_ref();
    let _lock = atomic::lock(path).map_err(Error::io(path, "lock"))?;
    let contents = atomic::take(path).map_err(Error::io(path, "take"))?;
    Ok(contents.bytes.to_vec())
}

/// Reads a file and leaves it where it is.
///
/// # Errors
/// If it cannot be read.
pub fn read(path: impl AsRef<Path>) -> Result<Vec<u8>, Error> {
    let path = path.as_ref();
    Ok(atomic::read(path).map_err(Error::io(path, "read"))?.bytes.to_vec())
}
