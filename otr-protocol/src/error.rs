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
    /// An empty secret, which is hardly ever meant (SMP-24).
    #[error("the secret is empty; allow_empty_secret() lets it be so")]
    EmptySecret,
    /// The extra symmetric key is not defined in version 2 (XKEY-03).
    #[error("version 2 has no extra symmetric key; the setting extra_key_v2 allows it nevertheless")]
    ExtraKeyVersion,
    /// The peer has ended the session (MSG-13). The text was not sent.
    #[error("not sent: the peer has ended the session; end it too, or start a new one")]
    Finished,
    /// Too many texts wait for a session to begin (MSG-50). This one was not taken.
    #[error("not sent: too many texts wait for an encrypted session already")]
    HeldQueueFull,
    /// A message cannot be cut into pieces that fit (FRAG-03).
    #[error("a maximum message size of {size} bytes is too small: at least {least} are needed")]
    MessageSizeTooSmall {
        /// The maximum size asked for.
        size: usize,
        /// The smallest that works.
        least: usize,
    },
    /// Nobody has asked for a secret (SMP-24).
    #[error("the peer has not asked for a secret")]
    NobodyAsked,
    /// The peer has no such instance.
    #[error("the peer has no instance {0}")]
    NoSuchInstance(InstanceTag),
    /// There is no encrypted session.
    #[error("this needs an encrypted session; start one first")]
    NotEncrypted,
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
    /// A question with a NUL byte, or too long to be sent (SMP-05).
    #[error("a question may have {limit} bytes at most, and no NUL byte")]
    Question {
        /// The most bytes that can be sent.
        limit: usize,
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
