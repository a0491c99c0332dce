//! Texts that wait: for a session to begin, or for a chance to be said again (MSG-50 … MSG-53). All are wiped when
//! dropped.

use core::time::Duration;
use std::collections::VecDeque;

use zeroize::{Zeroize, Zeroizing};

use crate::{Error, Id, InstanceTag, Instant, Result};

/// A text that the user typed.
pub(crate) struct Typed {
    pub(crate) text: Zeroizing<Vec<u8>>,
    /// What the application calls it.
    pub(crate) id: Option<Id>,
    /// The instance that it is for, if it is held for one.
    pub(crate) to: Option<InstanceTag>,
    since: Instant,
}

impl Typed {
    fn new(now: Instant, text: &[u8], id: Option<Id>) -> Self {
        Self { text: Zeroizing::new(text.to_vec()), id, to: None, since: now }
    }

    /// Puts another text in its place: over the one before, if that has about the same length. Only what it does not cover is
    /// wiped, because to wipe a byte takes many times as long as to copy one.
    fn replace(&mut self, now: Instant, text: &[u8], id: Option<Id>) {
        let room = self.text.capacity();
        if text.len() <= room && room <= text.len().saturating_mul(2).max(256) {
            self.text.get_mut(text.len()..).unwrap_or_default().zeroize();
            self.text.truncate(text.len());
            let (over, beyond) = text.split_at(self.text.len());
            self.text.copy_from_slice(over);
            self.text.extend_from_slice(beyond);
            (self.id, self.since) = (id, now);
        } else {
            *self = Self::new(now, text, id);
        }
    }
}

/// Texts typed under REQUIRE_ENCRYPTION before there was a session, in order (MSG-50).
#[derive(Default)]
pub(crate) struct Held {
    queue: VecDeque<Typed>,
    bytes: usize,
}

impl Held {
    /// The most texts that are held.
    pub(crate) const MAX_TEXTS: usize = 32;
    /// The most bytes that are held.
    pub(crate) const MAX_BYTES: usize = 256 * 1024;

    /// Holds a text: for the instance that was named, or for whoever is there first.
    pub(crate) fn push(
        &mut self,
        now: Instant,
        text: &[u8],
        to: Option<InstanceTag>,
        id: Option<Id>,
    ) -> Result<()> {
        if self.queue.len() == Self::MAX_TEXTS || self.bytes + text.len() > Self::MAX_BYTES {
            return Err(Error::HeldQueueFull);
        }
        self.bytes += text.len();
        self.queue.push_back(Typed { to, ..Typed::new(now, text, id) });
        Ok(())
    }

    /// The text that has waited longest.
    pub(crate) fn pop(&mut self) -> Option<Typed> {
        self.take(0)
    }

    /// The text that has waited longest of those that one of the `listeners` may hear, and which one.
    pub(crate) fn pop_for(&mut self, listeners: &[InstanceTag]) -> Option<(Typed, InstanceTag)> {
        let (at, listener) = self.heard_by(listeners).next()?;
        Some((self.take(at)?, listener))
    }

    /// Whether a text waits that would go to this one of the `listeners`.
    pub(crate) fn has_for(&self, listener: InstanceTag, listeners: &[InstanceTag]) -> bool {
        self.heard_by(listeners).any(|(_, to)| to == listener)
    }

    /// Where the texts stand that one of the `listeners` may hear, and which one: the first, if none was named.
    fn heard_by(&self, listeners: &[InstanceTag]) -> impl Iterator<Item = (usize, InstanceTag)> {
        let listener = |typed: &Typed| match typed.to {
            Some(to) => listeners.contains(&to).then_some(to),
            None => listeners.first().copied(),
        };
        self.queue.iter().enumerate().filter_map(move |(at, typed)| Some((at, listener(typed)?)))
    }

    fn take(&mut self, at: usize) -> Option<Typed> {
        let typed = self.queue.remove(at)?;
        self.bytes -= typed.text.len();
        Some(typed)
    }

    /// The next text that has waited `patience` or longer.
    pub(crate) fn pop_expired(&mut self, now: Instant, patience: Duration) -> Option<Typed> {
        self.deadline(patience).filter(|deadline| *deadline <= now)?;
        self.pop()
    }

    /// When the next text will have waited too long.
    pub(crate) fn deadline(&self, patience: Duration) -> Option<Instant> {
        self.queue.front().map(|typed| typed.since.after(patience))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.queue.is_empty()
    }
}

/// The last text that was sent in a session, in case the peer could not read it (MSG-52).
#[derive(Default)]
pub(crate) struct LastText {
    text: Option<Typed>,
    /// Whether an Error message arrived after it.
    is_eligible: bool,
}

impl LastText {
    /// Remembers a text of the user; nothing else counts.
    pub(crate) fn remember(&mut self, now: Instant, text: &[u8], id: Option<Id>) {
        match &mut self.text {
            Some(typed) => typed.replace(now, text, id),
            none => *none = Some(Typed::new(now, text, id)),
        }
        self.is_eligible = false;
    }

    /// The peer may not have been able to read it.
    pub(crate) fn mark(&mut self) {
        self.is_eligible = self.text.is_some();
    }

    /// The text, if it is to be sent again.
    pub(crate) fn take(&mut self) -> Option<Typed> {
        let Self { text, is_eligible } = core::mem::take(self);
        text.filter(|_| is_eligible)
    }

    /// Forgets it once it is too old.
    pub(crate) fn expire(&mut self, now: Instant, patience: Duration) {
        if self.deadline(patience).is_some_and(|deadline| deadline <= now) {
            *self = Self::default();
        }
    }

    /// When it will be too old.
    pub(crate) fn deadline(&self, patience: Duration) -> Option<Instant> {
        self.text.as_ref().map(|typed| typed.since.after(patience))
    }
}

impl core::fmt::Debug for LastText {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "LastText {{ is_eligible: {} }}", self.is_eligible)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// S-35.
    #[test]
    fn msg_50_held_texts_are_bounded_and_keep_their_order() {
        let mut held = Held::default();
        for n in 0..Held::MAX_TEXTS {
            held.push(Instant::from_secs(n as u64), &[n as u8], None, None).unwrap();
        }
        assert_eq!(held.push(Instant::default(), b"x", None, None), Err(Error::HeldQueueFull));
        let patience = Duration::from_secs(60);
        assert_eq!(**held.pop_expired(Instant::from_secs(61), patience).unwrap().text, [0]);
        assert_eq!(**held.pop_expired(Instant::from_secs(61), patience).unwrap().text, [1]);
        assert!(held.pop_expired(Instant::from_secs(61), patience).is_none());
        let long = vec![0; Held::MAX_BYTES];
        assert_eq!(held.push(Instant::default(), &long, None, None), Err(Error::HeldQueueFull));
        assert_eq!(**held.pop().unwrap().text, [2]);
    }

    #[test]
    fn msg_50_a_text_for_one_instance_waits_for_that_one() {
        let [a, b] = [InstanceTag::new(0x100), InstanceTag::new(0x101)];
        let mut held = Held::default();
        for (text, to) in [(b"b", Some(b)), (b"*", None), (b"a", Some(a))] {
            held.push(Instant::default(), text, to, None).unwrap();
        }
        assert!(held.has_for(a, &[a, b]) && held.has_for(b, &[a, b]) && !held.has_for(b, &[a]));
        let mut next = |listeners: &[_]| held.pop_for(listeners).map(|(typed, to)| (typed.text.to_vec(), to));
        assert_eq!(next(&[]), None);
        assert_eq!(next(&[a]), Some((b"*".to_vec(), a)));
        assert_eq!(next(&[a]), Some((b"a".to_vec(), a)));
        assert_eq!(next(&[a]), None);
        assert_eq!(next(&[a, b]), Some((b"b".to_vec(), b)));
        assert!(held.is_empty() && held.bytes == 0);
    }

    #[test]
    fn msg_52_any_text_can_take_the_place_of_any_other() {
        let text = |length| vec![b'x'; length];
        for first in [1, 100, 256, 1000] {
            for second in [0, 1, 99, 100, 300, 1000] {
                let mut typed = Typed::new(Instant::default(), &text(first), None);
                for length in [second, first, second] {
                    typed.replace(Instant::default(), &text(length), None);
                    assert_eq!(*typed.text, text(length));
                }
            }
        }
    }

    #[test]
    fn msg_52_only_a_marked_recent_text_is_sent_again() {
        let mut last = LastText::default();
        last.mark();
        assert!(last.take().is_none());
        last.remember(Instant::from_secs(1), b"text", None);
        assert!(last.take().is_none());
        last.remember(Instant::from_secs(1), b"text", None);
        last.mark();
        last.expire(Instant::from_secs(60), Duration::from_secs(60));
        assert_eq!(**last.take().unwrap().text, *b"text");
        assert!(last.take().is_none());
        last.remember(Instant::from_secs(1), b"text", None);
        last.mark();
        last.expire(Instant::from_secs(61), Duration::from_secs(60));
        assert!(last.take().is_none());
    }
}
