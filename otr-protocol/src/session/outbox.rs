//! What waits to be handed out: one queue, in order.

use core::time::Duration;
use std::collections::VecDeque;

use zeroize::Zeroize;

use crate::fragment::Fragments;
use crate::logging::debug;
use crate::wire::Text;
use crate::{Event, Id, Instant, Outgoing, Output, Problem};

/// The most answers to the peer that wait. With a send interval, whoever asks faster than we may answer would fill the
/// memory; what is too much is lost, as the network might have lost it.
pub(crate) const MAX_ANSWERS: usize = 64;

/// The queue. With a send interval, texts to be sent wait for their time and events overtake them; texts keep
/// their order among themselves, and so do events.
pub(super) struct Outbox {
    queue: VecDeque<Item>,
    interval: Duration,
    /// When the next text may be sent.
    next_send: Option<Instant>,
    /// What the application calls the input that is being dealt with.
    cause: Option<Id>,
    /// Whether that input is the peer's, so that texts answer it; and how many such texts wait.
    is_answering: bool,
    answers: usize,
}

struct Item {
    what: What,
    cause: Option<Id>,
    is_answer: bool,
}

#[derive(PartialEq, Eq)]
enum What {
    /// A text, and the fragments of the same message that follow it, which are made one by one.
    Send(Vec<u8>, Option<Box<Fragments>>),
    Event(Event),
    /// An event that means "sent": it comes after every text before it.
    Confirmation(Event),
}

impl Outbox {
    pub(super) fn new(interval: Duration) -> Self {
        Self {
            queue: VecDeque::new(),
            interval,
            next_send: None,
            cause: None,
            is_answering: false,
            answers: 0,
        }
    }

    /// Whether the texts from now on answer the peer.
    pub(super) fn set_answering(&mut self, is_answering: bool) {
        self.is_answering = is_answering;
    }

    /// Whether an answer would be lost: what calls for one is better not worked on, for the peer would not know.
    ///
    /// # Errors
    /// [`Problem::Limit`].
    pub(super) fn check_room(&self) -> Result<(), Problem> {
        if self.is_answering && self.answers == MAX_ANSWERS { Err(Problem::Limit) } else { Ok(()) }
    }

    /// From now on, everything comes of this. Gives what it came of before.
    pub(super) fn set_cause(&mut self, cause: Option<Id>) -> Option<Id> {
        core::mem::replace(&mut self.cause, cause)
    }

    /// What the application calls the input that is being dealt with.
    pub(super) fn cause(&self) -> Option<Id> {
        self.cause.clone()
    }

    pub(super) fn event(&mut self, event: Event) {
        debug!("tells of {event:?}");
        self.push(What::Event(event));
    }

    pub(super) fn confirm(&mut self, event: Event) {
        debug!("tells of {event:?}");
        self.push(What::Confirmation(event));
    }

    pub(super) fn send(&mut self, text: Vec<u8>) {
        debug!("sends {:?}, {} bytes", Text::classify(&text, false), text.len());
        self.push(What::Send(text, None));
    }

    pub(super) fn send_fragments(&mut self, mut fragments: Fragments) {
        if let Some(first) = fragments.next() {
            debug!("sends a message in {} fragments", fragments.len() + 1);
            self.push(What::Send(first, Some(Box::new(fragments))));
        }
    }

    fn push(&mut self, what: What) {
        let is_answer = self.is_answering && what.is_text();
        // Whoever replays a message is answered by the same words: while they wait for their time, once is enough.
        if is_answer && self.queue.iter().any(|item| item.is_answer && item.what == what) {
            debug!("the same answer waits already");
            return;
        }
        if is_answer && self.answers == MAX_ANSWERS {
            return self.event(Event::Problem { kind: Problem::Limit, text: None, instance: None });
        }
        self.answers += usize::from(is_answer);
        self.queue.push_back(Item { what, cause: self.cause.clone(), is_answer });
    }

    /// What can be handed out now, and what it came of.
    pub(super) fn next(&mut self, now: Instant) -> Option<(Output, Option<Id>)> {
        let must_wait = self.next_send.is_some_and(|next| now < next);
        let ready = if must_wait {
            let first_text = self.queue.iter().position(|item| item.what.is_text());
            self.queue.iter().enumerate().position(|(index, item)| match item.what {
                What::Send(..) => false,
                What::Event(_) => true,
                What::Confirmation(_) => first_text.is_none_or(|text| index < text),
            })
        } else {
            Some(0)
        };
        let ready = ready?;
        let item = self.queue.get_mut(ready)?;
        if item.what.is_text() && self.interval > Duration::ZERO {
            self.next_send = Some(now.after(self.interval));
        }
        if let What::Send(text, Some(rest)) = &mut item.what
            && let Some(following) = rest.next()
        {
            let text = core::mem::replace(text, following);
            return Some((Output::Send(Outgoing { text, last: false }), item.cause.clone()));
        }
        let Item { what, cause, is_answer } = self.queue.remove(ready)?;
        self.answers -= usize::from(is_answer);
        let output = match what {
            What::Send(text, _) => Output::Send(Outgoing { text, last: true }),
            What::Event(event) | What::Confirmation(event) => Output::Event(event),
        };
        Some((output, cause))
    }

    /// All that waits, whenever it may be sent.
    #[cfg(feature = "serde")]
    pub(super) fn into_outputs(mut self) -> Vec<(Output, Option<Id>)> {
        (self.interval, self.next_send) = (Duration::ZERO, None);
        core::iter::from_fn(|| self.next(Instant::default())).collect()
    }

    /// When the next text that waits may be sent.
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.next_send.filter(|_| !self.queue.is_empty())
    }
}

/// What was never handed out is wiped: texts among it have been decrypted, or were not to leave in clear (S-45).
impl Drop for Outbox {
    fn drop(&mut self) {
        for Item { what, .. } in &mut self.queue {
            match what {
                What::Send(text, _) => text.zeroize(),
                What::Event(event) | What::Confirmation(event) => event.wipe(),
            }
        }
    }
}

impl What {
    fn is_text(&self) -> bool {
        matches!(self, Self::Send(..))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::{Header, Version};
    use crate::{EndedBy, InstanceTag};

    /// `one` and `two`.
    fn fragments() -> Fragments {
        Fragments::of(b"onetwo".to_vec(), &Header::to_nobody(Version::V2), 22).unwrap()
    }

    fn ended() -> Event {
        Event::Ended { by: EndedBy::Us, instance: InstanceTag::BASE }
    }

    /// FRAG-04. otr.js calls back from `endOtr` once the last fragment is out.
    #[test]
    fn frag_04_a_confirmation_comes_after_the_last_fragment_and_an_event_does_not_wait() {
        let second = Instant::from_secs;
        let mut outbox = Outbox::new(Duration::from_secs(1));
        outbox.send_fragments(fragments());
        outbox.confirm(ended());
        outbox.event(Event::Held { text: Vec::new() });
        let mut next = |now| outbox.next(now).map(|(output, _)| output);
        let text = |text: &[u8], last| Some(Output::Send(Outgoing { text: text.to_vec(), last }));
        assert_eq!(next(second(0)), text(b"?OTR,00001,00002,one,", false));
        assert_eq!(next(second(0)), Some(Output::Event(Event::Held { text: Vec::new() })));
        assert_eq!(next(second(0)), None);
        assert_eq!(next(second(1)), text(b"?OTR,00002,00002,two,", true));
        assert_eq!(next(second(1)), Some(Output::Event(ended())));
        assert_eq!(next(second(1)), None);
    }

    /// S-33: what the application sends has no bound but its own.
    #[test]
    fn s_33_answers_to_the_peer_do_not_pile_up_while_texts_wait_for_their_time() {
        let mut outbox = Outbox::new(Duration::from_secs(1));
        let mut asked = 0;
        for round in 0..1000 {
            outbox.set_answering(true);
            asked += 1;
            outbox.send(format!("answer {round}").into_bytes());
            outbox.set_answering(false);
            if round < 100 {
                outbox.send(b"ours".to_vec());
            }
            // Every second text can leave.
            while outbox.next(Instant::from_millis(500 * round)).is_some() {}
            assert!(outbox.queue.len() <= 100 + MAX_ANSWERS);
        }
        let ours = |item: &Item| !item.is_answer;
        assert_eq!((asked, outbox.queue.iter().filter(|item| ours(item)).count()), (1000, 0));
        assert_eq!(outbox.answers, MAX_ANSWERS);
    }

    /// S-33: replays do not keep what the user says from leaving.
    #[test]
    fn s_33_the_same_answer_waits_once() {
        let mut outbox = Outbox::new(Duration::from_secs(1));
        outbox.set_answering(true);
        outbox.send(b"answer".to_vec());
        outbox.send_fragments(fragments());
        let next = |outbox: &mut Outbox, second| match outbox.next(Instant::from_secs(second)) {
            Some((Output::Send(Outgoing { text, .. }), _)) => Some(text),
            _ => None,
        };
        for _ in 0..100 {
            outbox.send(b"answer".to_vec());
            outbox.send_fragments(fragments());
        }
        outbox.set_answering(false);
        outbox.send(b"answer".to_vec()); // What the user says twice is said twice.
        outbox.send(b"answer".to_vec());
        assert_eq!((outbox.queue.len(), outbox.answers), (4, 2));
        assert_eq!(next(&mut outbox, 0), Some(b"answer".to_vec()));
        assert_eq!(next(&mut outbox, 1), Some(b"?OTR,00001,00002,one,".to_vec()));
        // Partly gone: the same once more is something else.
        outbox.set_answering(true);
        outbox.send_fragments(fragments());
        assert_eq!((outbox.queue.len(), outbox.answers), (4, 2));
    }

    #[test]
    fn what_comes_of_an_input_carries_its_id() {
        let mut outbox = Outbox::new(Duration::ZERO);
        outbox.send(b"of nothing".to_vec());
        let before = outbox.set_cause(Some(Id::from("7")));
        outbox.send_fragments(fragments());
        outbox.event(ended());
        assert_eq!((outbox.set_cause(before), outbox.cause()), (Some(Id::from("7")), None));
        outbox.send(b"of nothing".to_vec());
        let mut next = || outbox.next(Instant::default()).unwrap().1;
        assert_eq!(
            [next(), next(), next(), next(), next()],
            [None, Some(Id::from("7")), Some(Id::from("7")), Some(Id::from("7")), None]
        );
    }
}
