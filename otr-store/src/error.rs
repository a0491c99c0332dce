//! What can be wrong with a file: what, where, and what to do about it.

use std::path::{Path, PathBuf};
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
        /// What was tried: `"read"`, `"create"`, `"replace"` or `"lock"`.
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

impl Error {
    /// Names the file of an error of the system.
    pub(crate) fn io(path: &Path, action: &'static str) -> impl FnOnce(io::Error) -> Self {
        move |cause| Self::Io { path: path.into(), action, cause }
    }

    /// Names the file whose content could not be used.
    pub(crate) fn content(path: &Path) -> impl FnOnce(ParseError) -> Self {
        move |cause| Self::Content { path: path.into(), cause }
    }
}

/// Why a text is not usable as one of the files.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ParseError {
    /// The text is longer than [`MAX_FILE_SIZE`] (FILE-04).
    #[error("larger than {} bytes, which no file of OTR programs is; check the name", MAX_FILE_SIZE)]
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
    /// A line of fingerprints lacks a field, or a name in it has a character that cannot stand there.
    #[error("a line names the user, the account, the protocol and 40 digits, with a tab between each two")]
    FingerprintFields,
    /// A fingerprint is none.
    #[error("a fingerprint has 40 hexadecimal digits")]
    FingerprintDigits,
    /// A line of instance tags lacks a field or has too many.
    #[error("a line names the account, the protocol and 8 digits, with a tab between each two")]
    InstanceTagFields,
    /// An instance tag is none.
    #[error("an instance tag has 8 hexadecimal digits and is 00000100 or more")]
    InstanceTagDigits,
    /// A line is longer than any program writes.
    #[error("a line has 4096 bytes at most")]
    LongLine,
    /// The text breaks the rules of S-expressions.
    #[error(transparent)]
    Syntax(#[from] Syntax),
}

/// The name of an account or protocol contains a zero byte. libotr's names end at the first one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a zero byte cannot stand in the name of an account or protocol")]
pub struct ZeroByte;

/// Something that cannot stand in a file of lines, where a tab separates two fields and a line end two records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Unwritable {
    /// The name of a user, account or protocol.
    #[error(
        "a name cannot contain a tab, a line end or a zero byte, nor begin with # in a file of instance tags"
    )]
    Name,
    /// The trust of a fingerprint.
    #[error("a trust cannot contain a tab, a line end or a zero byte")]
    Trust,
    /// An instance tag.
    #[error("an instance tag is 00000100 or more")]
    Tag,
}
