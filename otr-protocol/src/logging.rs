//! The debug log: what a conversation does and why, for whoever must find out what went wrong in it.
//!
//! Through the `log` facade with the feature `log`; otherwise, and where no logger listens, nothing is formatted. Kinds,
//! states, numbers, lengths and public fingerprints are logged, never a text, a question, a name or any part of a key: what is
//! printed by `{:?}` in this crate is redacted.

/// A step of a conversation.
macro_rules! debug {
    ($($words:tt)*) => {{
        #[cfg(feature = "log")]
        ::log::debug!(target: "otr", $($words)*);
        #[cfg(not(feature = "log"))]
        let _ = format_args!($($words)*);
    }};
}

/// A detail of a step.
macro_rules! trace {
    ($($words:tt)*) => {{
        #[cfg(feature = "log")]
        ::log::trace!(target: "otr", $($words)*);
        #[cfg(not(feature = "log"))]
        let _ = format_args!($($words)*);
    }};
}

pub(crate) use {debug, trace};
