//! What a rule has to know of the steps before.

use std::collections::{BTreeMap, BTreeSet};

use otr_protocol::Event;
use otr_protocol::wire::Text;

use super::Scene;
use super::arrivals::Piece;
use super::difference::{About, Difference};
use super::sent::Sort;
use crate::anatomy::Anatomy;
use crate::transcript::Operation;

#[derive(Clone, Debug, Default)]
pub(super) struct Memory {
    /// The time of the step, in seconds.
    pub(super) now: u64,
    /// The texts that we hold until a session begins, and those that we have given back.
    pub(super) held: Vec<Vec<u8>>,
    pub(super) given_back: Vec<Vec<u8>>,
    /// When only one of the two last sent a Data message: we, or the recorded party.
    pub(super) sent_too: Option<u64>,
    pub(super) not_sent: Option<u64>,
    /// What we have sent.
    ours: BTreeSet<Vec<u8>>,
    /// Whether the user has ended a session.
    pub(super) has_ended: bool,
    /// When an Error last arrived.
    error: Option<u64>,
    /// When the user typed each text last.
    typed: BTreeMap<Vec<u8>, u64>,
    /// Since when the key exchange of each slot of the recorded party has been in its state.
    waiting_since: BTreeMap<u32, (String, u64)>,
    /// From whom something whole arrived after the first piece of a message; 0 in version 2.
    interrupted: BTreeSet<u32>,
}

/// What waits for longer than this is given up (MSG-50, MSG-52, AKE-80).
const MINUTE: u64 = 60;

impl Memory {
    /// Before a step: the time, and what the user types in it.
    pub(super) fn begin(&mut self, time: Option<u64>, operation: &Operation<'_>) {
        self.now = time.unwrap_or(self.now);
        match operation {
            Operation::Send { text, .. } => {
                self.typed.insert(text.as_bytes().to_vec(), self.now);
            }
            Operation::Disconnect => self.has_ended = true,
            _ => {}
        }
    }

    /// Whether the user typed a text a minute ago, or earlier.
    pub(super) fn is_old(&self, text: &[u8]) -> bool {
        self.typed.get(text).is_some_and(|then| self.now.saturating_sub(*then) >= MINUTE)
    }

    /// Whether an Error arrived after the user typed a text, less than a minute ago.
    pub(super) fn may_be_lost(&self, text: &[u8]) -> bool {
        self.typed.get(text).is_some_and(|then| self.error >= Some(*then)) && !self.is_old(text)
    }

    /// Whether a moment is less than a minute ago, or a minute at most.
    pub(super) fn is_recent(&self, moment: Option<u64>) -> bool {
        moment.is_some_and(|moment| self.now.saturating_sub(moment) <= MINUTE)
    }

    /// Whether the recorded party has waited for the peer's part in a key exchange for a minute, or longer.
    pub(super) fn is_stale(&self, tag: u32) -> bool {
        let waiting = self.waiting_since.get(&tag).filter(|(state, _)| state != "NONE");
        waiting.is_some_and(|(_, since)| self.now.saturating_sub(*since) >= MINUTE)
    }

    /// Whether a piece arrived of a message whose pieces something whole has come between.
    pub(super) fn is_interrupted(&self, text: &[u8]) -> bool {
        Piece::of(text).is_some_and(|piece| piece.number > 1 && self.interrupted.contains(&piece.sender))
    }

    /// Whether we have sent a text that now arrives.
    pub(super) fn is_ours(&self, text: &[u8]) -> bool {
        self.ours.contains(text)
    }

    /// After a step.
    pub(super) fn end(&mut self, scene: &Scene<'_>, differences: &[Difference]) {
        for difference in differences {
            match &difference.about {
                About::SentToo(Sort::Data(_)) => self.sent_too = Some(self.now),
                About::NotSent(Sort::Data(_)) => self.not_sent = Some(self.now),
                _ => {}
            }
        }
        self.ours.extend(scene.observed.sent.iter().map(|sent| sent.text.clone()));
        if matches!(Text::classify(&scene.whole, false), Text::Error(_)) {
            self.error = Some(self.now);
        }
        let is_sent = |text: &Vec<u8>| {
            scene.sorts.iter().any(|sort| matches!(sort, Sort::Data(content) if content.text == *text))
        };
        self.held.retain(|held| !is_sent(held));
        for event in &scene.observed.events {
            match event {
                Event::Held { text } => self.held.push(text.clone()),
                Event::NotSent { text, .. } => {
                    self.held.retain(|held| held != text);
                    self.given_back.push(text.clone());
                }
                _ => {}
            }
        }
        for slot in &scene.recorded_after {
            let since = self.waiting_since.entry(slot.tag).or_default();
            let has_acted = scene.recorded_before.iter().find(|before| before.tag == slot.tag);
            if since.0 != slot.auth_state || has_acted.is_none() {
                *since = (slot.auth_state.clone(), self.now);
            }
        }
        match Piece::of(scene.text) {
            Some(Piece { sender, number: 1, .. }) => {
                self.interrupted.remove(&sender);
            }
            Some(_) => {}
            None if scene.text.is_empty() => {}
            None => {
                self.interrupted.insert(0);
                self.interrupted.extend(scene.message.as_ref().map(Anatomy::sender));
            }
        }
    }
}
