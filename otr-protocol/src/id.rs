//! What an application calls its inputs.

use core::fmt;
use std::sync::Arc;

/// What an application calls an input, to know again what comes of it: see
/// [`Session::with_id`](crate::Session::with_id). The library does not look into it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Id(Arc<str>);

impl Id {
    /// The text that it was made from.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<S: AsRef<str>> From<S> for Id {
    fn from(text: S) -> Self {
        Self(text.as_ref().into())
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
