//! How far our message counters are ahead of the recorded ones: by what only one of the two has sent (DATA-11).

use std::collections::BTreeMap;

use super::Scene;
use super::mac_keys::session_id;
use super::told::Notice;
use crate::anatomy::Anatomy;
use crate::hex::show;

#[derive(Default)]
pub(super) struct Counters(BTreeMap<Pair, Counter>);

/// A session, and the ids of the two keys that a message was sent with.
type Pair = (Vec<u8>, u32, u32);

#[derive(Default)]
struct Counter {
    /// How many we have sent.
    ours: u64,
    /// How many the recorded party has sent.
    recorded: u64,
}

impl Counters {
    /// Where the recorded party is told of a session that we are in already, its counters say nothing about ours (AKE-73).
    pub(super) fn begin(&mut self, scene: &Scene<'_>, told: &[Notice]) {
        for notice in told {
            let Notice::Secured { instance, session_id, .. } = notice else { continue };
            let Some(session) = scene.was(*instance).session else { continue };
            if show(&session.session_id) == *session_id {
                let pairs = self.0.iter_mut().filter(|((id, ..), _)| *id == session.session_id);
                pairs.for_each(|(_, counter)| counter.recorded = 0);
            }
        }
    }

    /// Both have sent a message. Gives the number to add to the recorded counter; it wraps where we have sent less.
    pub(super) fn both_sent(&mut self, scene: &Scene<'_>, ours: &Anatomy) -> u64 {
        let counter = self.of(scene, ours);
        counter.ours += 1;
        counter.recorded += 1;
        counter.ours.wrapping_sub(counter.recorded)
    }

    /// We have sent a message that the recorded party has not.
    pub(super) fn sent_too(&mut self, scene: &Scene<'_>, ours: &Anatomy) {
        self.of(scene, ours).ours += 1;
    }

    /// The recorded party has sent a message that we have not.
    pub(super) fn not_sent(&mut self, scene: &Scene<'_>, theirs: &Anatomy) {
        self.of(scene, theirs).recorded += 1;
    }

    fn of(&mut self, scene: &Scene<'_>, message: &Anatomy) -> &mut Counter {
        let pair = (session_id(scene, message), message.int("sender_keyid"), message.int("recipient_keyid"));
        self.0.entry(pair).or_default()
    }
}
