//! Revealed MAC keys (DATA-12, DATA-29, DATA-31): over the whole conversation we reveal what the recorded party
//! revealed, at that moment or before; and what we reveal has verified a message, is dead, and is revealed once.

use std::collections::{BTreeMap, BTreeSet};

use otr_protocol::wire::Kind;

use super::Scene;
use super::difference::{About, Difference, Reveal};
use super::sent::{Expected, Sent};
use crate::anatomy::Anatomy;
use crate::hex::show;
use crate::transcript::Damaged;

#[derive(Default)]
pub(super) struct MacKeys {
    /// The keys that we have verified messages with.
    used: BTreeMap<Vec<u8>, Pair>,
    /// What the recorded party has revealed so far, and what we have.
    recorded: BTreeSet<Vec<u8>>,
    ours: BTreeSet<Vec<u8>>,
}

/// Which pair of Diffie-Hellman keys a MAC key belongs to.
struct Pair {
    session_id: Vec<u8>,
    our_keyid: u32,
    their_keyid: u32,
}

impl MacKeys {
    /// Notes the key of a Data message that arrived, if it was used on it.
    pub(super) fn received(&mut self, scene: &Scene<'_>) -> Result<(), Damaged> {
        if let (Some(message), Some(decoded)) = (&scene.message, &scene.decoded)
            && message.kind == Kind::Data
            && let Some(session) = scene.was(message.sender()).session
        {
            let key = decoded.bytes("mac_key")?;
            if scene.observed.log.keys.contains(&key) {
                self.used.entry(key).or_insert(Pair {
                    session_id: session.session_id,
                    our_keyid: message.int("recipient_keyid"),
                    their_keyid: message.int("sender_keyid"),
                });
            }
        }
        Ok(())
    }

    /// Judges what a Data message reveals that both sent.
    pub(super) fn sent(
        &mut self,
        scene: &Scene<'_>,
        expected: &Expected,
        ours: &Sent,
    ) -> Result<Vec<Difference>, Damaged> {
        let Some(message) = data_message(ours) else { return Ok(Vec::new()) };
        self.not_sent(expected)?;
        let (revealed, mut differences) = self.reveal(scene, &message);
        for key in self.recorded.difference(&self.ours) {
            let expected = format!("{}, which {} reveals", show(key), expected.id);
            differences.push(Difference::new(About::Revealed(Reveal::Wrong), expected, "not revealed yet"));
        }
        // Dead, and yet earlier than the recorded party, or instead of it.
        for key in revealed.iter().filter(|key| !self.recorded.contains(*key)) {
            let session = session_id(scene, &message);
            let reveal = match self.used.get(key) {
                _ if is_farewell(scene, &message) => Reveal::AtTheEnd,
                Some(pair) if pair.session_id != session => Reveal::OfOldSession,
                _ => Reveal::Wrong,
            };
            let expected = format!("not in {}", expected.id);
            differences.push(Difference::new(About::Revealed(reveal), expected, show(key)));
        }
        Ok(differences)
    }

    /// Judges what a message reveals that only we sent. It may be early, but not too early.
    pub(super) fn sent_too(&mut self, scene: &Scene<'_>, ours: &Sent) -> Vec<Difference> {
        data_message(ours).map(|message| self.reveal(scene, &message).1).unwrap_or_default()
    }

    /// Notes what a message reveals that only the recorded party sent: our next one has to.
    pub(super) fn not_sent(&mut self, expected: &Expected) -> Result<(), Damaged> {
        if let (Some(decoded), Some(_)) = (&expected.decoded, data_message(&expected.sent)) {
            self.recorded.extend(decoded.list("revealed")?);
        }
        Ok(())
    }

    /// Takes note of the keys that a message of ours reveals.
    fn reveal(&mut self, scene: &Scene<'_>, message: &Anatomy) -> (Vec<Vec<u8>>, Vec<Difference>) {
        let revealed: Vec<_> = message.bytes("revealed").chunks(20).map(<[u8]>::to_vec).collect();
        let mut differences = Vec::new();
        for key in &revealed {
            if let Err(reason) = self.may_be_revealed(key, message, scene) {
                let got = format!("{}, which {reason}", show(key));
                differences.push(Difference::new(About::Revealed(Reveal::Wrong), "a key that is dead", got));
            }
            self.ours.insert(key.clone());
        }
        (revealed, differences)
    }

    /// Our window is what the message itself says: it is sent with our last but one key and their last one.
    fn may_be_revealed(&self, key: &[u8], message: &Anatomy, scene: &Scene<'_>) -> Result<(), &'static str> {
        if self.ours.contains(key) {
            return Err("was revealed before");
        }
        let pair = self.used.get(key).ok_or("has verified nothing")?;
        let current = session_id(scene, message);
        let is_out_of_window = pair.our_keyid < message.int("sender_keyid")
            || pair.their_keyid.saturating_add(1) < message.int("recipient_keyid");
        if pair.session_id != current || is_out_of_window || is_farewell(scene, message) {
            Ok(())
        } else {
            Err("is still alive")
        }
    }
}

/// The Data message that a text carries, if it does.
fn data_message(sent: &Sent) -> Option<Anatomy> {
    Anatomy::of_text(&sent.text).filter(|message| message.kind == Kind::Data)
}

/// The session in which a message was sent.
pub(super) fn session_id(scene: &Scene<'_>, message: &Anatomy) -> Vec<u8> {
    let tag = message.receiver();
    let session = scene.is(tag).session.or(scene.was(tag).session);
    session.map(|session| session.session_id).unwrap_or_default()
}

/// Whether a message is the last of its session, whose keys have all died with it.
fn is_farewell(scene: &Scene<'_>, message: &Anatomy) -> bool {
    scene.is(message.receiver()).session.is_none()
}
