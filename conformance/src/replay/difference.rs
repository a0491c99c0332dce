//! One thing that differs between the recording and us.

use core::fmt;

use super::sent::Sort;
use super::told::Notice;
use crate::Failure;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Difference {
    pub(super) about: About,
    expected: String,
    got: String,
}

/// What it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum About {
    /// A message that the recorded party sent and we did not.
    NotSent(Sort),
    /// A message that we sent and the recorded party did not.
    SentToo(Sort),
    /// A field of the message with this id, that both sent.
    Field(String, &'static str),
    /// Something that the recorded party told its application and we did not.
    NotTold(Notice),
    /// Something that we told the application and the recorded party did not.
    ToldToo(Notice),
    /// The message state of a slot.
    MessageState(u32),
    /// The state of the key exchange of a slot.
    AuthState(u32),
    /// Something about the session of a slot.
    Session(u32, &'static str),
    /// A key given to AES or to an HMAC.
    Key,
    /// A draw of random bytes.
    Randomness,
    /// A requirement that holds whatever was recorded.
    Obligation(&'static str),
    /// A MAC key that was revealed, or should have been.
    Revealed(Reveal),
}

/// How a revealed MAC key differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reveal {
    /// We reveal it before the recorded party does: it is of a session that was replaced.
    OfOldSession,
    /// The same: the message is the last of its session.
    AtTheEnd,
    /// Anything else, which is never right.
    Wrong,
}

impl Difference {
    pub(super) fn new(about: About, expected: impl Into<String>, got: impl Into<String>) -> Self {
        Self { about, expected: expected.into(), got: got.into() }
    }

    pub(super) fn into_failure(self, step: u32) -> Failure {
        let what = self.about.to_string();
        Failure { step: Some(step), what, expected: self.expected, got: self.got }
    }
}

impl About {
    /// Whether one of the two has gone on with a key exchange, and the other has not.
    pub(super) fn is_of_exchange(&self) -> bool {
        matches!(self, Self::NotSent(Sort::Message(_)) | Self::SentToo(Sort::Message(_)))
    }

    /// Whether it lasts beyond the step.
    pub(super) fn is_state(&self) -> bool {
        matches!(self, Self::MessageState(_) | Self::AuthState(_) | Self::Session(..))
    }
}

impl fmt::Display for About {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotSent(sort) => write!(f, "{sort:?} not sent"),
            Self::SentToo(sort) => write!(f, "{sort:?} sent"),
            Self::Field(id, field) => write!(f, "{field} of {id}"),
            Self::NotTold(_) => f.write_str("event missing"),
            Self::ToldToo(_) => f.write_str("event too many"),
            Self::MessageState(tag) => write!(f, "message state of slot {tag:#x}"),
            Self::AuthState(tag) => write!(f, "state of the key exchange of slot {tag:#x}"),
            Self::Session(tag, what) => write!(f, "{what} of slot {tag:#x}"),
            Self::Key => f.write_str("key given to AES or HMAC"),
            Self::Randomness => f.write_str("random bytes"),
            Self::Obligation(id) => write!(f, "{id}"),
            Self::Revealed(_) => f.write_str("revealed MAC keys"),
        }
    }
}
