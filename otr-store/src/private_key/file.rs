//! Private keys on the disk.

use std::io;
use std::path::Path;

use otr_traits::Dsa;

use super::{Account, PrivateKeys, parse, print};
use crate::atomic::{self, Exposure};
use crate::{Error, ParseError};

/// A private-key file, read.
#[derive(Debug)]
#[must_use]
pub struct Loaded {
    /// What is in it.
    pub keys: PrivateKeys,
    /// A warning to be shown if others than the owner have access to it (S-49).
    pub exposure: Option<Exposure>,
}

/// Reads a private-key file and checks its keys, as [`parse`] does.
///
/// # Errors
/// The file cannot be read, is no private-key file, or `dsa` failed.
pub fn load(path: impl AsRef<Path>, dsa: &dyn Dsa) -> Result<Loaded, Error> {
    let path = path.as_ref();
    let contents = atomic::read(path).map_err(Error::io(path, "read"))?;
    let keys = parse(&contents.bytes, dsa).map_err(Error::content(path))?;
    Ok(Loaded { keys, exposure: contents.exposure })
}

/// Creates a private-key file with mode 0600 (FILE-05).
///
/// # Errors
/// [`Error::FileExists`]: no file is ever overwritten. Or the file cannot be written; then there is none.
pub fn create(path: impl AsRef<Path>, accounts: &[Account]) -> Result<(), Error> {
    let path = path.as_ref();
    atomic::create(path, &print(accounts)).map_err(|cause| match cause.kind() {
        io::ErrorKind::AlreadyExists => Error::FileExists { path: path.into() },
        _ => Error::io(path, "create")(cause),
    })
}

/// Adds an account to a private-key file, whose mode becomes 0600 (FILE-05). Elements that libotr does not know
/// get lost, as they do when libotr adds an account.
///
/// Nobody who uses this crate can change the file in the meantime ([`atomic::lock`]).
///
/// # Errors
/// The file cannot be read; [`Error::Content`] if any part of it is damaged, because writing it anew would destroy
/// what could still be saved; [`Error::AccountExists`] if it has a key for the account; or it cannot be written.
/// The file is then as it was.
pub fn add(path: impl AsRef<Path>, account: Account, dsa: &dyn Dsa) -> Result<(), Error> {
    let path = path.as_ref();
    let _lock = atomic::lock(path).map_err(Error::io(path, "lock"))?;
    let PrivateKeys { mut accounts, damaged } = load(path, dsa)?.keys;
    if let Some(damage) = damaged.into_iter().next() {
        return Err(Error::content(path)(ParseError::Damaged(damage)));
    }
    let is_same = |other: &Account| other.name == account.name && other.protocol == account.protocol;
    if accounts.iter().any(is_same) {
        return Err(Error::AccountExists { path: path.into() });
    }
    accounts.push(account);
    atomic::replace(path, &print(&accounts)).map_err(Error::io(path, "replace"))
}
