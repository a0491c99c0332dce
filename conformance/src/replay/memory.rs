//! What a rule has to know of the steps before.

use std::collections::{BTreeMap, BTreeSet};

use otr_protocol::Event;

use super::Scene;
use super::arrivals::Piece;
use super::state;
use crate::anatomy::Anatomy;
use crate::transcript::Operation;

#[derive(Clone, Debug, Default)]
pub(super) struct Memory {
    /// The time of the step, in seconds.
    pub(super) now: u64,
    /// The texts that we hold until a session begins, and those that we have given back.
    pub(super) held: Vec<Vec<u8>>,
    pub(super) given_back: Vec<Vec<u8>>,
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
        if let Operation::Send { text, .. } = operation {
            self.typed.insert(text.as_bytes().to_vec(), self.now);
        }
    }

    /// Whether the user typed a text a minute ago, or earlier.
    pub(super) fn is_old(&self, text: &[u8]) -> bool {
        self.typed.get(text).is_some_and(|then| self.now.saturating_sub(*then) >= MINUTE)
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

    /// After a step.
    pub(super) fn end(&mut self, scene: &Scene<'_>) {
        for event in &scene.observed.events {
            match event {
                Event::Held { text } => self.held.push(text.clone()),
                Event::NotSent { text } => {
                    self.held.retain(|held| held != text);
                    self.given_back.push(text.clone());
                }
                _ => {}
            }
        }
        if state::encrypted(&scene.after).next().is_some() {
            self.held.clear();
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
