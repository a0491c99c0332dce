//! Lines on their way to the server, which punishes floods.

use std::collections::VecDeque;
use std::time::Duration;

use otr_protocol::Instant;

/// So many lines may go at once before the others wait.
const BURST: u32 = 5;

/// A queue in RFC 1459's measure: each line costs an interval, and a few may be owed. The limit is the connection's,
/// not that of one conversation, so this stands outside the sessions.
#[derive(Debug)]
pub(super) struct Pace {
    queue: VecDeque<Vec<u8>>,
    interval: Duration,
    paid: Instant,
}

impl Pace {
    pub(super) fn new(interval: Duration) -> Self {
        Self { queue: VecDeque::new(), interval, paid: Instant::default() }
    }

    pub(super) fn push(&mut self, line: Vec<u8>) {
        self.queue.push_back(line);
    }

    pub(super) fn len(&self) -> usize {
        self.queue.len()
    }

    /// The next line, if it may go now.
    pub(super) fn next(&mut self, now: Instant) -> Option<Vec<u8>> {
        let line = self.queue.pop_front_if(|_| self.paid.since(now) <= self.interval * (BURST - 1))?;
        self.charge(now);
        Some(line)
    }

    /// A line that did not wait here counts too.
    pub(super) fn charge(&mut self, now: Instant) {
        self.paid = self.paid.max(now).after(self.interval);
    }

    /// All that waits, to go at once.
    pub(super) fn drain(&mut self) -> impl Iterator<Item = Vec<u8>> {
        self.queue.drain(..)
    }

    /// When the next line may go.
    pub(super) fn deadline(&self, now: Instant) -> Option<Instant> {
        let wait = self.paid.since(now).saturating_sub(self.interval * (BURST - 1));
        (!self.queue.is_empty()).then(|| now.after(wait))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn some_lines_go_at_once_and_the_others_one_by_one() {
        let mut pace = Pace::new(Duration::from_secs(2));
        (0..8).for_each(|number| pace.push(vec![number]));
        let second = Instant::from_secs;
        let sent = |pace: &mut Pace, now| std::iter::from_fn(|| pace.next(now)).flatten().collect::<Vec<_>>();
        assert_eq!(sent(&mut pace, second(0)), [0, 1, 2, 3, 4]);
        assert_eq!(pace.deadline(second(0)), Some(second(2)));
        assert!(sent(&mut pace, second(1)).is_empty());
        assert_eq!(sent(&mut pace, second(2)), [5]);
        // What goes past the queue delays it.
        pace.charge(second(2));
        assert_eq!(pace.deadline(second(2)), Some(second(6)));
        assert_eq!(sent(&mut pace, second(6)), [6]);
        assert_eq!(sent(&mut pace, second(100)), [7]);
        assert_eq!(pace.deadline(second(100)), None);
    }
}
