//! Comparisons of secrets that the recorded party goes on with and we do not: libotr keeps one through a new key
//! exchange, and when a message comes out of turn; we end it (SMP-20, SMP-26).

use std::collections::BTreeSet;

use otr_protocol::wire::Tlv;
use otr_protocol::{Event, SmpEvent};

use super::Scene;
use super::state;
use super::told::{Comparison, Notice};
use crate::anatomy::Anatomy;
use crate::transcript::{Decoded, Operation};

#[derive(Default)]
pub(super) struct Runs {
    /// The slots in which the recorded party has one under way.
    active: BTreeSet<u32>,
    /// Those in which we have ended it.
    lost: BTreeSet<u32>,
}

impl Runs {
    /// The slots in which what was lost explains a difference in this step; `told` is what the recorded party was told.
    pub(super) fn lost(&self, scene: &Scene<'_>, told: &[Notice]) -> BTreeSet<u32> {
        let is_out_of_turn = told.contains(&Notice::Smp(Comparison::Error));
        let ends = |event: &Event| match event {
            Event::Secured { instance, .. } => Some(instance.number()),
            Event::Smp { event: SmpEvent::Aborted, instance } if is_out_of_turn => Some(instance.number()),
            _ => None,
        };
        let ended = scene.observed.events.iter().filter_map(ends).filter(|tag| self.active.contains(tag));
        let asked = told.iter().any(|notice| matches!(notice, Notice::Smp(Comparison::Asked(_))));
        let refused = scene.message.iter().map(Anatomy::sender).filter(|_| asked && has_tail(scene));
        self.lost.iter().copied().chain(ended).chain(refused).collect()
    }

    /// Goes on to the next step; `told` is what the recorded party was told in this one.
    pub(super) fn after(&mut self, scene: &Scene<'_>, told: &[Notice]) {
        self.lost.clone_from(&scene.lost_runs);
        let tag = match &scene.message {
            Some(message) => message.sender(),
            None => state::encrypted(&scene.recorded_before).next().map_or(0, |slot| slot.tag),
        };
        match scene.operation {
            Operation::SmpStart { .. } => self.begin(tag),
            Operation::SmpAbort { .. } => self.end(tag),
            _ => {}
        }
        for notice in told {
            match notice {
                Notice::Smp(Comparison::Asked(_)) if has_tail(scene) => {
                    self.active.insert(tag);
                }
                Notice::Smp(Comparison::Asked(_)) => self.begin(tag),
                Notice::Smp(Comparison::Progress | Comparison::Error) => {}
                Notice::Smp(_) => self.end(tag),
                _ => {}
            }
        }
        // The states of the two may differ for a while (AKE-43).
        let is_encrypted =
            |tag: &u32| scene.is_recorded(*tag).session.is_some() || scene.is(*tag).session.is_some();
        self.active.retain(is_encrypted);
        self.lost.retain(is_encrypted);
    }

    /// A new one, with both.
    fn begin(&mut self, tag: u32) {
        self.active.insert(tag);
        self.lost.remove(&tag);
    }

    fn end(&mut self, tag: u32) {
        self.active.remove(&tag);
        self.lost.remove(&tag);
    }
}

/// Whether a value of the comparison that arrived goes on after its last number (WIRE-06, SMP-04).
pub(super) fn has_tail(scene: &Scene<'_>) -> bool {
    let records = scene.decoded.as_ref().map(Decoded::records).unwrap_or_default();
    records.iter().any(|(kind, value)| {
        let value = match *kind {
            Tlv::SMP_1Q => value.iter().position(|byte| *byte == 0).and_then(|end| value.get(end + 1..)),
            Tlv::SMP_1 | Tlv::SMP_2 | Tlv::SMP_3 | Tlv::SMP_4 => Some(value.as_slice()),
            _ => None,
        };
        value.and_then(after_numbers).is_some_and(|tail| !tail.is_empty())
    })
}

/// What follows a count and so many numbers.
fn after_numbers(value: &[u8]) -> Option<&[u8]> {
    let int = |bytes: &[u8; 4]| usize::try_from(u32::from_be_bytes(*bytes)).ok();
    let (count, mut rest) = value.split_first_chunk()?;
    for _ in 0..int(count)? {
        let (length, number) = rest.split_first_chunk()?;
        (_, rest) = number.split_at_checked(int(length)?)?;
    }
    Some(rest)
}
