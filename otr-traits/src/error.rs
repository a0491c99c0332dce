//! What can go wrong below the protocol.

use core::fmt;

use crate::KeyFault;

/// The result of a cryptographic operation.
pub type Result<T, E = Error> = core::result::Result<T, E>;

/// What can go wrong in a cryptographic operation.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// A DSA key breaks the condition named.
    InvalidKey(KeyFault),
    /// A DSA signature does not verify.
    InvalidSignature,
    /// Division by an element that has no inverse: a multiple of the prime.
    NoInverse,
    /// The library refuses an operation, as OpenSSL does in FIPS mode.
    Refused {
        /// The operation, such as `"DSA signature"`.
        operation: &'static str,
        /// The library's own words.
        reason: String,
    },
    /// The source of random bytes failed.
    Rng,
}

impl Error {
    /// Whether the value handed in is at fault, rather than the library or its source of random bytes.
    #[must_use]
    pub fn is_about_input(&self) -> bool {
        matches!(self, Self::InvalidKey(_) | Self::InvalidSignature | Self::NoInverse)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InvalidKey(fault) => write!(f, "invalid DSA key: {fault}"),
            Self::InvalidSignature => f.write_str("the DSA signature does not verify"),
            Self::NoInverse => f.write_str("division by an element without inverse"),
            Self::Refused { operation, reason } => {
                write!(f, "the cryptographic library refuses {operation}: {reason}")
            }
            Self::Rng => f.write_str("the source of random bytes failed"),
        }
    }
}

impl core::error::Error for Error {}
