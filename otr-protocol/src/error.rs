//! What the application can do wrong, and how a backend can fail.

use crate::wire::InstanceTag;

/// The result of what an application asks for.
pub type Result<T, E = Error> = core::result::Result<T, E>;

/// Why a request of the application was refused. Whatever a *peer* does wrong is an
/// [`Event::Problem`](crate::Event::Problem) instead.
///
/// Nothing is lost with an error: what was queued before stays queued, and a text that could not be sent has
/// not been sent in part.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The cryptographic library failed; the session is as it was, or ended, as its events say.
    #[error("the cryptographic backend failed: {0}")]
    Backend(#[from] otr_traits::Error),
    /// A key pair has sent as many messages as it may (DATA-11). The session was ended.
    #[error("the session's message counter is exhausted; start a new session")]
    CounterExhausted,
    /// REQUIRE_ENCRYPTION is set and there is no encrypted session yet (MSG-11). The text was not sent; a query
    /// was, unless a key exchange is already under way.
    #[error(
        "not sent: encryption is required and no session is established yet; send again when it is secured"
    )]
    EncryptionRequired,
    /// The peer has ended the session (MSG-13). The text was not sent.
    #[error("not sent: the peer has ended the session; end it too, or start a new one")]
    Finished,
    /// A message cannot be cut into pieces that fit (FRAG-03).
    #[error("a maximum message size of {size} bytes is too small: at least {least} are needed")]
    MessageSizeTooSmall {
        /// The maximum size asked for.
        size: usize,
        /// The smallest that works.
        least: usize,
    },
    /// The peer has no such instance.
    #[error("the peer has no instance {0}")]
    NoSuchInstance(InstanceTag),
    /// The policy allows neither version 2 nor version 3 (TAG-02).
    #[error("the policy allows no version of OTR: set ALLOW_V2 or ALLOW_V3")]
    NoVersionAllowed,
    /// Text typed in clear that the peer would take for an OTR message (MSG-15).
    #[error(
        "not sent: the text contains the marker \"?OTR\" and would be taken for an OTR message; change it or encrypt"
    )]
    LooksLikeOtr,
    /// Text with a NUL byte, which would end it (MSG-16).
    #[error("not sent: the text contains a NUL byte at offset {offset}")]
    ContainsNul {
        /// Where, in bytes from the start.
        offset: usize,
    },
    /// A text longer than the limit (MSG-16), or one that needs more than 65535 fragments (FRAG-03).
    #[error("not sent: the text has {length} bytes, the limit is {limit}")]
    TooLong {
        /// The length of the text in bytes.
        length: usize,
        /// The most that can be sent.
        limit: usize,
    },
}
