//! How much work the key exchanges of a conversation may cost (S-33).
//!
//! Anyone on the way can write a query, a commit or a D-H Key, and each costs powers before it is known who wrote it. So a
//! conversation has a bucket of steps. What costs a power takes one out, right before; what is refused for less, or is
//! answered with what was computed before, takes none. When nothing is left, what arrives is ignored: for no longer than
//! the bucket takes to fill, since nothing that is refused keeps it from that.

use core::time::Duration;

use crate::{Instant, Problem};

/// See the module.
#[derive(Debug)]
pub(crate) struct Allowance {
    /// What a step costs of the time that the bucket takes to fill; nothing if there is no bound.
    cost: Duration,
    now: Instant,
    /// When the bucket is full again; past, if it is.
    full_at: Instant,
}

impl Allowance {
    /// How long an empty bucket takes to fill.
    const PERIOD: Duration = Duration::from_secs(10);

    /// A full bucket of so many steps; 0 for no bound.
    pub(crate) fn new(steps: u32) -> Self {
        let cost = Self::PERIOD.checked_div(steps).unwrap_or_default();
        Self { cost, now: Instant::default(), full_at: Instant::default() }
    }

    /// What time it is, by a clock that never goes back (S-55).
    pub(crate) fn tick(&mut self, now: Instant) {
        self.now = now;
    }

    /// Takes a step.
    ///
    /// # Errors
    /// [`Problem::Limit`] if none is left: whatever was to be done is not to be done.
    pub(crate) fn spend(&mut self) -> Result<(), Problem> {
        self.full_at = self.after_a_step()?;
        Ok(())
    }

    /// Whether a step is left.
    ///
    /// # Errors
    /// As [`spend`](Self::spend).
    pub(crate) fn check(&self) -> Result<(), Problem> {
        self.after_a_step().map(drop)
    }

    fn after_a_step(&self) -> Result<Instant, Problem> {
        let full_at = self.full_at.max(self.now).after(self.cost);
        if full_at.since(self.now) > Self::PERIOD { Err(Problem::Limit) } else { Ok(full_at) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn burst(allowance: &mut Allowance, now: Instant) -> usize {
        allowance.tick(now);
        (0..1000).take_while(|_| allowance.spend().is_ok()).count()
    }

    #[test]
    fn s_33_a_burst_goes_through_and_then_one_step_after_the_other() {
        for steps in [1, 3, 20, 500] {
            let mut allowance = Allowance::new(steps);
            let steps = usize::try_from(steps).unwrap();
            assert_eq!(burst(&mut allowance, Instant::from_secs(7)), steps);
            // However often one tries meanwhile.
            let later = |millis: u64| Instant::from_millis(7000 + millis);
            let trickle: usize = (1..=10_000).map(|millis| burst(&mut allowance, later(millis))).sum();
            assert_eq!(trickle, steps);
            assert_eq!(burst(&mut allowance, later(20_001)), steps);
        }
        assert_eq!(burst(&mut Allowance::new(0), Instant::default()), 1000);
    }

    #[test]
    fn s_55_a_jump_of_the_clock_fills_it_once() {
        let mut allowance = Allowance::new(20);
        assert_eq!(burst(&mut allowance, Instant::default()), 20);
        let end = Instant::from_millis(u64::MAX);
        assert_eq!([burst(&mut allowance, end), burst(&mut allowance, end)], [20, 0]);
    }
}
