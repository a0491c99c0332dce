//! What is always visible.

/// The state of a conversation, for the screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Status {
    /// The correspondent's name.
    pub(crate) peer: String,
    /// Who is connected, or what is waited for.
    pub(crate) connection: String,
    pub(crate) channel: Channel,
    /// What is under way.
    pub(crate) work: Vec<Work>,
    /// What the next line is an answer to: a secret, not to be shown.
    pub(crate) prompt: Option<String>,
}

/// How what is said now would travel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Channel {
    /// There is no long-term key yet.
    NoKey,
    Plaintext,
    Unverified,
    Verified,
    /// Encrypted to a key that is not verified, while another of the same name is.
    OtherKey,
    Finished,
}

impl Channel {
    /// In words.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::NoKey => "no key yet",
            Self::Plaintext => "plaintext",
            Self::Unverified => "encrypted, unverified",
            Self::Verified => "encrypted, verified",
            Self::OtherKey => "encrypted, but ANOTHER KEY than the verified one",
            Self::Finished => "finished",
        }
    }

    /// Whether what is typed is encrypted and sent.
    pub(crate) fn is_open(self) -> bool {
        matches!(self, Self::Unverified | Self::Verified)
    }
}

/// Something that takes a while.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Work {
    pub(crate) what: String,
    pub(crate) percent: u8,
}
