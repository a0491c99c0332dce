//! Whoever has the network holds every message back as long as they like, and rewrites it with every key they know.

use std::sync::Arc;

use otr_protocol::toolkit::Captured;
use otr_protocol::traits::Secret;
use otr_protocol::{Config, RustCrypto, Version};
use proptest::prelude::*;

use super::model::{Drawn, MacKey, Model};
use crate::support::party::{VERSIONS, only};
use crate::support::wire::{forge, head};
use crate::support::{Name, Pair, Party};

/// Somebody says something, and the message is on its way for so many steps.
#[derive(Clone, Copy, Debug)]
struct Step {
    from: usize,
    delay: usize,
}

/// A message on its way.
struct Flying {
    to: usize,
    due: usize,
    text: Vec<u8>,
}

struct World {
    parties: [Party; 2],
    model: Model,
    flying: Vec<Flying>,
    said: usize,
    read: usize,
    now: usize,
}

impl World {
    fn new(version: Version) -> Self {
        let drawn: [Arc<Drawn>; 2] = Default::default();
        let mut config = Config::default();
        config.policy = only(version);
        let alice = Party::with(Name::Alice, config.clone(), drawn[0].clone());
        let bob = Party::with(Name::Bob, config, drawn[1].clone());
        let mut pair = Pair::of(alice, bob);
        pair.secure();
        let parties = [pair.alice, pair.bob];
        Self { parties, model: Model::new(drawn), flying: Vec::new(), said: 0, read: 0, now: 0 }
    }

    fn step(&mut self, Step { from, delay }: Step) {
        self.now += 1;
        self.said += 1;
        let text = self.parties[from].say(&format!("text {}", self.said)).remove(0);
        self.model.sent(from, &head(&text).3);
        self.model.check();
        self.flying.push(Flying { to: 1 - from, due: self.now + delay, text });
        self.rewrite();
        self.deliver();
    }

    /// Everything on its way is rewritten with every key that was ever revealed, and handed to both.
    fn rewrite(&mut self) {
        let revealed = self.model.revealed.concat();
        for Flying { text, .. } in &self.flying {
            for lie in revealed.iter().flat_map(|key| lies(text, key)) {
                for party in &mut self.parties {
                    assert!(party.hear(&lie).messages().is_empty(), "a forgery was believed");
                }
            }
        }
    }

    /// Delivers what has been on its way long enough.
    fn deliver(&mut self) {
        while let Some(index) = self.flying.iter().position(|message| message.due <= self.now) {
            let Flying { to, text, .. } = self.flying.remove(index);
            let is_read = !self.parties[to].hear(&text).messages().is_empty();
            if is_read {
                self.read += 1;
                let (sender_keyid, recipient_keyid, ..) = head(&text);
                self.model.accepted(to, sender_keyid, recipient_keyid);
            }
            let captured = Captured::decode(&text).unwrap();
            let is_public = self.model.revealed.concat().iter().any(|key| change(&captured, key).is_some());
            assert!(!is_read || !is_public, "read although anyone can have written it");
            self.model.check();
        }
    }
}

/// What a message is made into by whoever knows a key: the text is changed, if it is the message's own key, and the message
/// is numbered as if it came after all others.
fn lies(text: &[u8], key: &MacKey) -> Vec<Vec<u8>> {
    let captured = Captured::decode(text).unwrap();
    let mut lies = Vec::from_iter(change(&captured, key));
    for lie in &lies {
        let is_valid = change(&Captured::decode(lie).unwrap(), key).is_some();
        assert!(is_valid, "the toolkit makes it valid under its key");
    }
    let later = |text: &Vec<u8>| forge(text, key, |data| data.counter = [0xff; 8]);
    lies.extend(lies.iter().map(later).collect::<Vec<_>>());
    lies.push(later(&text.to_vec()));
    lies
}

fn change(captured: &Captured, key: &MacKey) -> Option<Vec<u8>> {
    captured.modify(&RustCrypto, &Secret::from(*key), b"text", b"lies", 0).unwrap()
}

fn step() -> impl Strategy<Value = Step> {
    (0..2_usize, 0..=5_usize).prop_map(|(from, delay)| Step { from, delay })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, failure_persistence: None, ..ProptestConfig::default() })]

    /// S-03, S-04, DATA-12, DATA-23, DATA-27 … DATA-31. The keys that are revealed are those of the model, at the moment of
    /// the model; none of them is alive; and nothing that is made with them is believed.
    #[test]
    fn s_03_s_04_keys_are_revealed_when_they_are_dead_and_not_earlier(
        v3 in any::<bool>(),
        steps in prop::collection::vec(step(), 1..40),
    ) {
        let mut world = World::new(VERSIONS[usize::from(v3)]);
        for step in steps {
            world.step(step);
        }
        // Whatever was held back, what is said now arrives.
        for from in [0, 1, 0] {
            world.flying.clear();
            let before = world.read;
            world.step(Step { from, delay: 0 });
            prop_assert_eq!(world.read, before + 1);
        }
    }
}
