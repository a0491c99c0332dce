//! Where the time comes from.

use std::time::{self, Duration};

use otr_protocol::Instant;

/// Where the time comes from. Its epoch is the start of the program, or whatever the driver takes for it.
pub(crate) enum Clock {
    /// From the system's monotonic clock, which started then.
    System(time::Instant),
    /// From the commands: this was the last.
    Manual(Instant),
}

impl Clock {
    pub(crate) fn new(manual: bool) -> Self {
        if manual { Self::Manual(Instant::default()) } else { Self::System(time::Instant::now()) }
    }

    /// The time, to the millisecond, which is as exact as deadlines are told.
    pub(crate) fn now(&self) -> Instant {
        match self {
            Self::System(start) => {
                Instant::from_millis(u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX))
            }
            Self::Manual(last) => *last,
        }
    }

    /// Sets a manual clock to the "now" of a command; a system clock ignores it. Returns the time.
    pub(super) fn set(&mut self, now: Option<Instant>) -> Result<Instant, String> {
        if let Self::Manual(last) = self {
            let now = now.ok_or("with --manual-clock every command needs \"now\", in milliseconds")?;
            if now < *last {
                let (now, last) = (now.as_millis(), last.as_millis());
                return Err(format!("\"now\" must not decrease: it was {last} and is {now}"));
            }
            *last = now;
        }
        Ok(self.now())
    }

    /// How long to wait for input: until the deadline, or forever.
    pub(crate) fn until(&self, deadline: Option<Instant>) -> Option<Duration> {
        match self {
            Self::System(_) => deadline.map(|deadline| deadline.since(self.now())),
            Self::Manual(_) => None,
        }
    }
}
