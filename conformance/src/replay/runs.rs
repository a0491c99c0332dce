//! Comparisons of secrets that the recorded party goes on with and we do not: libotr keeps one through a new key
//! exchange, and when a message comes out of turn; we end it (SMP-20, SMP-26).

use std::collections::BTreeSet;

use otr_protocol::{Event, SmpEvent};

use super::Scene;
use super::state;
use super::told::{Comparison, Notice};
use crate::transcript::Operation;

#[derive(Default)]
pub(super) struct Runs {
    /// The slots in which the recorded party has one under way.
    active: BTreeSet<u32>,
    /// Those in which we have ended it.
    lost: BTreeSet<u32>,
}

impl Runs {
    /// The slots in which what was lost explains a difference in this step.
    pub(super) fn lost(&self, scene: &Scene<'_>) -> BTreeSet<u32> {
        let ends = |event: &Event| match event {
            Event::Secured { instance, .. } | Event::Smp { event: SmpEvent::Aborted, instance } => {
                Some(instance.number()).filter(|tag| self.active.contains(tag))
            }
            _ => None,
        };
        self.lost.iter().copied().chain(scene.observed.events.iter().filter_map(ends)).collect()
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
                Notice::Smp(Comparison::Asked(_)) => self.begin(tag),
                Notice::Smp(Comparison::Progress | Comparison::Error) => {}
                Notice::Smp(_) => self.end(tag),
                _ => {}
            }
        }
        let is_encrypted = |tag: &u32| scene.is_recorded(*tag).session.is_some();
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
