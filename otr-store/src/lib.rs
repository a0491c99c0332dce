//! The files of OTR programs, in libotr's formats, read and written safely.
//!
//! [`private_key`] is libotr's `otr.private_key`, which Pidgin, irssi, WeeChat and others keep: the long-term DSA
//! keys of a user's accounts. [`fingerprints`] is `otr.fingerprints`, whose keys have been seen and are trusted;
//! [`instance_tags`] is `otr.instance_tags`. [`saved`] are the files of saved sessions. [`otrjs`] are keys of otr.js. A [`TrustStore`] is what sessions need of
//! all that. Parsing and printing are pure functions; [`atomic`] is the one module that touches the disk. No cryptographic library is chosen here: whoever loads keys hands in a [`Dsa`](otr_traits::Dsa) that
//! checks them.
//!
//! ```
//! use otr_backend_rustcrypto::RustCrypto;
//! use otr_store::private_key::{self, Account};
//! use otr_traits::Dsa;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let folder = std::env::temp_dir().join(format!("otr-store-example-{}", std::process::id()));
//! # std::fs::create_dir(&folder)?;
//! let path = folder.join("otr.private_key");
//! let alice = Account::new("alice@example.org", "prpl-jabber", RustCrypto.generate()?)?;
//! private_key::create(&path, &[alice])?; // refuses to overwrite a file
//!
//! let loaded = private_key::load(&path, &RustCrypto)?;
//! for damage in &loaded.keys.damaged {
//!     eprintln!("{}: {damage}", path.display());
//! }
//! if let Some(exposure) = loaded.exposure {
//!     eprintln!("{}: {exposure}", path.display());
//! }
//! let account = loaded.keys.find("alice@example.org", "prpl-jabber").ok_or("no key for Alice")?;
//! println!("{:?}", account.key().public());
//! # std::fs::remove_dir_all(&folder)?;
//! # Ok(())
//! # }
//! ```
//!
//! Ids such as FILE-03 in the documentation name the requirements of this project.
#![forbid(unsafe_code)]

pub mod atomic;
mod error;
pub mod fingerprints;
pub mod instance_tags;
mod lines;
pub mod otrjs;
pub mod private_key;
pub mod saved;
mod sexp;
mod trust;

pub use error::{Damage, Error, ParseError, Position, Reason, Unwritable, ZeroByte};
pub use sexp::Syntax;
pub use trust::{FileTrust, FileTrustError, MemoryTrust, TrustStore};

/// The size of the largest file that is read or written: 1 MiB, a thousand accounts (FILE-04).
pub const MAX_FILE_SIZE: usize = 1 << 20;
