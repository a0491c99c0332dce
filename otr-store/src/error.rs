//! What can be wrong with a file: what, where, and what to do about it.

use std::path::PathBuf;
use std::{fmt, io};

use otr_traits::KeyFault;

use crate::{MAX_FILE_SIZE, Syntax};

/// Why a file could not be loaded or stored. Whatever was there before is still there.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The operating system refused.
    #[error("{}: cannot {action} the file: {cause}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What was tried: `"read"`, `"create"` or `"replace"`.
        action: &'static str,
        /// The system's own words.
        cause: io::Error,
    },
    /// A file that was to be created exists.
    #[error("{}: the file exists and is not overwritten; choose another name or add to it", path.display())]
    FileExists {
        /// The file.
        path: PathBuf,
    },
    /// An account that was to be added is in the file.
    #[error("{}: the account has a key there, which is not replaced; choose another file", path.display())]
    AccountExists {
        /// The file.
        path: PathBuf,
    },
    /// The content could not be used.
    #[error("{}: {cause}", path.display())]
    Content {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        cause: ParseError,
    },
}

/// Why a text is not usable as a private-key file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ParseError {
    /// The text is longer than [`MAX_FILE_SIZE`] (FILE-04).
    #[error("larger than {} bytes, which no private-key file is; check the name", MAX_FILE_SIZE)]
    TooLarge,
    /// A part of the text is damaged.
    #[error("{0}; mend the file or restore a copy of it")]
    Damaged(Damage),
    /// The library that was to check the keys failed. This says nothing about the keys.
    #[error("the keys cannot be checked: {0}")]
    Backend(otr_traits::Error),
}

/// A part of a file that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{position}: {reason}")]
pub struct Damage {
    /// Where it begins.
    pub position: Position,
    /// What is wrong there.
    pub reason: Reason,
}

/// A place in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// The line, from 1.
    pub line: usize,
    /// The byte in the line, from 1.
    pub column: usize,
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}", self.line, self.column)
    }
}

/// What is wrong with a part of a file. The words never repeat what the file says: it may be secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Reason {
    /// This is another kind of file.
    #[error("not a private-key file, which begins with \"(privkeys\"")]
    NotPrivateKeys,
    /// Something else stands where an account should.
    #[error("only \"(account\" can stand here")]
    NotAnAccount,
    /// An element is not there, or there is nothing in it. A key that is not DSA is one without `dsa`.
    #[error("the element \"({0} …)\" is missing or empty")]
    Missing(&'static str),
    /// The name of an account or protocol contains a zero byte, where libotr would cut it off.
    #[error(transparent)]
    ZeroByte(#[from] ZeroByte),
    /// The key breaks a condition of KEY-04 or KEY-09.
    #[error("the DSA key is invalid: {0}")]
    Key(KeyFault),
    /// The text breaks the rules of S-expressions.
    #[error(transparent)]
    Syntax(#[from] Syntax),
}

/// The name of an account or protocol contains a zero byte. libotr's names end at the first one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a zero byte cannot stand in the name of an account or protocol")]
pub struct ZeroByte;
