//! Files of saved sessions and accounts: encrypted bytes, as `otr_protocol::SavedSession::encrypt` makes them.
//!
//! ```
//! # fn main() -> Result<(), otr_store::Error> {
//! # let path = std::env::temp_dir().join(format!("otr-store-saved-{}", std::process::id()));
//! # let encrypted = b"encrypted";
//! # let restore = |encrypted: &[u8]| Ok::<_, otr_store::Error>(encrypted.to_vec());
//! otr_store::saved::store(&path, encrypted)?;
//! // After the restart: `restore` decrypts. If it succeeds, the file is gone: a session is restored once.
//! let session = otr_store::saved::take(&path, restore)?;
//! # assert_eq!(session, b"encrypted");
//! # assert!(!path.exists());
//! # Ok(())
//! # }
//! ```
//!
//! If the program is killed between [`take`] and the next [`store`], the session is lost, and a new key exchange makes another.
//! That is the lesser evil: the same session restored twice would accept old messages again, and forgeries under MAC keys that
//! have been revealed since.

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

/// Restores a session from a file, and removes the file before the session is handed out, so that nobody restores it
/// twice. For accounts, which may be restored any number of times, [`read`] is the right one.
///
/// # Errors
/// If the file cannot be read, if `restore` refuses what is in it, or if the file cannot be removed: it is still there then.
pub fn take<T, E: From<Error>>(
    path: impl AsRef<Path>,
    restore: impl FnOnce(&[u8]) -> Result<T, E>,
) -> Result<T, E> {
    let path = path.as_ref();
    let _lock = atomic::lock(path).map_err(Error::io(path, "lock"))?;
    let contents = atomic::read(path).map_err(Error::io(path, "read"))?;
    let restored = restore(&contents.bytes)?;
    atomic::remove(path).map_err(Error::io(path, "remove"))?;
    Ok(restored)
}

/// Reads a file and leaves it where it is.
///
/// # Errors
/// If it cannot be read.
pub fn read(path: impl AsRef<Path>) -> Result<Vec<u8>, Error> {
    let path = path.as_ref();
    Ok(atomic::read(path).map_err(Error::io(path, "read"))?.bytes.to_vec())
}
