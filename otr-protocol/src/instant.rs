//! Time, as an argument.

use core::time::Duration;

/// A moment: the time since an epoch that the caller chooses and keeps, such as the start of the program.
///
/// The library never reads a clock; every input carries the time (S-55). A clock that jumps harms nothing: a
/// moment in the past or far in the future makes timers fire late or early, and no arithmetic overflows.
///
/// ```
/// use otr_protocol::Instant;
/// let start = std::time::Instant::now();
/// let now = || Instant::from_millis(start.elapsed().as_millis() as u64);
/// # assert!(now() >= Instant::from_millis(0));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(Duration);

impl Instant {
    /// The moment `millis` milliseconds after the epoch.
    #[must_use]
    pub const fn from_millis(millis: u64) -> Self {
        Self(Duration::from_millis(millis))
    }

    /// The moment `seconds` seconds after the epoch.
    #[must_use]
    pub const fn from_secs(seconds: u64) -> Self {
        Self(Duration::from_secs(seconds))
    }

    /// The milliseconds since the epoch; the largest number if they do not fit.
    #[must_use]
    pub fn as_millis(self) -> u64 {
        u64::try_from(self.0.as_millis()).unwrap_or(u64::MAX)
    }

    /// The moment `span` later, or the last moment there is.
    #[must_use]
    pub fn after(self, span: Duration) -> Self {
        Self(self.0.saturating_add(span))
    }

    /// How long ago `earlier` was; nothing if it lies in the future.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        self.0.saturating_sub(earlier.0)
    }
}
