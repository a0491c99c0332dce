//! What waits to be handed out: one queue, in order.

use core::time::Duration;
use std::collections::VecDeque;

use crate::{Event, Instant, Outgoing, Output};

/// The queue. With a send interval, texts to be sent wait for their time and events overtake them; texts keep
/// their order among themselves, and so do events.
pub(super) struct Outbox {
    queue: VecDeque<Item>,
    interval: Duration,
    /// When the next text may be sent.
    next_send: Option<Instant>,
}

enum Item {
    Send(Outgoing),
    Event(Event),
}

impl Outbox {
    pub(super) fn new(interval: Duration) -> Self {
        Self { queue: VecDeque::new(), interval, next_send: None }
    }

    pub(super) fn event(&mut self, event: Event) {
        self.queue.push_back(Item::Event(event));
    }

    pub(super) fn send(&mut self, text: Vec<u8>) {
        self.queue.push_back(Item::Send(Outgoing { text, last: true }));
    }

    pub(super) fn send_fragments(&mut self, fragments: Vec<Vec<u8>>) {
        let count = fragments.len();
        for (index, text) in fragments.into_iter().enumerate() {
            self.queue.push_back(Item::Send(Outgoing { text, last: index + 1 == count }));
        }
    }

    /// What can be handed out now.
    pub(super) fn next(&mut self, now: Instant) -> Option<Output> {
        let must_wait = self.next_send.is_some_and(|next| now < next);
        let ready = |item: &Item| !must_wait || matches!(item, Item::Event(_));
        match self.queue.remove(self.queue.iter().position(ready)?)? {
            Item::Send(message) => {
                self.next_send = (self.interval > Duration::ZERO).then(|| now.after(self.interval));
                Some(Output::Send(message))
            }
            Item::Event(event) => Some(Output::Event(event)),
        }
    }

    /// When the next text that waits may be sent.
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.next_send.filter(|_| !self.queue.is_empty())
    }
}
