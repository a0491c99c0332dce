//! How far our message counters are ahead of the recorded ones: by what only one of the two has sent (DATA-11).

use std::collections::BTreeMap;

use super::Scene;
use super::mac_keys::session_id;
use crate::anatomy::Anatomy;

#[derive(Default)]
pub(super) struct Counters(BTreeMap<Pair, u64>);

/// A session, and the ids of the two keys that a message was sent with.
type Pair = (Vec<u8>, u32, u32);

impl Counters {
    /// The number that must be added to the recorded counter of a message of ours; it wraps where we have sent less.
    pub(super) fn ahead(&self, scene: &Scene<'_>, ours: &Anatomy) -> u64 {
        self.0.get(&pair(scene, ours)).copied().unwrap_or_default()
    }

    /// We have sent a message that the recorded party has not.
    pub(super) fn sent_too(&mut self, scene: &Scene<'_>, ours: &Anatomy) {
        let ahead = self.0.entry(pair(scene, ours)).or_default();
        *ahead = ahead.wrapping_add(1);
    }

    /// The recorded party has sent a message that we have not.
    pub(super) fn not_sent(&mut self, scene: &Scene<'_>, theirs: &Anatomy) {
        let ahead = self.0.entry(pair(scene, theirs)).or_default();
        *ahead = ahead.wrapping_sub(1);
    }
}

fn pair(scene: &Scene<'_>, message: &Anatomy) -> Pair {
    (session_id(scene, message), message.int("sender_keyid"), message.int("recipient_keyid"))
}
