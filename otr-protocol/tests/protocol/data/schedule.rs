//! Messages that are lost, delayed, repeated and forged, in any order.

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

use otr_protocol::{Config, Recipient};
use proptest::prelude::*;

use crate::support::party::{VERSIONS, only};
use crate::support::wire::{forge, head};
use crate::support::{Failing, Name, Pair, Party, Side};

#[derive(Clone, Debug)]
enum Step {
    Say(Side),
    Deliver(Side),
    /// Not the oldest, but another.
    Overtake(Side, usize),
    /// Delivered, and kept.
    Repeat(Side),
    Lose(Side),
    /// Alter something on its way, authenticated with any key revealed so far (S-03).
    Forge(Side, usize, usize),
    /// The n-th call of the backend fails while something is said.
    Fail(Side, usize),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let side = || prop_oneof![Just(Side::Alice), Just(Side::Bob)];
    let step = prop_oneof![
        4 => side().prop_map(Step::Say),
        4 => side().prop_map(Step::Deliver),
        1 => (side(), 0..4usize).prop_map(|(to, which)| Step::Overtake(to, which)),
        1 => side().prop_map(Step::Repeat),
        1 => side().prop_map(Step::Lose),
        2 => (side(), 0..4usize, 0..8usize).prop_map(|(to, which, key)| Step::Forge(to, which, key)),
        1 => (side(), 1..8usize).prop_map(|(who, call)| Step::Fail(who, call)),
    ];
    prop::collection::vec(step, 1..40)
}

struct World {
    pair: Pair,
    backends: [Arc<Failing>; 2],
    said: usize,
    /// What is on its way: to Alice, to Bob.
    flying: [VecDeque<Vec<u8>>; 2],
    /// All keys ever revealed.
    revealed: Vec<[u8; 20]>,
    read: BTreeSet<String>,
}

impl World {
    fn new(v3: bool) -> Self {
        let backends: [Arc<Failing>; 2] = Default::default();
        let mut config = Config::default();
        config.policy = only(VERSIONS[usize::from(v3)]);
        config.damping = false;
        let alice = Party::with(Name::Alice, config.clone(), backends[0].clone());
        let bob = Party::with(Name::Bob, config, backends[1].clone());
        let mut pair = Pair::of(alice, bob);
        pair.secure();
        Self {
            pair,
            backends,
            said: 0,
            flying: Default::default(),
            revealed: Vec::new(),
            read: BTreeSet::new(),
        }
    }

    fn say(&mut self, from: Side) {
        let party = match from {
            Side::Alice => &mut self.pair.alice,
            Side::Bob => &mut self.pair.bob,
        };
        self.said += 1;
        let text = format!("text number {}", self.said);
        if party.session.send(party.now, Recipient::Best, text).is_ok() {
            let sent = party.drain().sent;
            let keys = head(&sent[0]).3;
            assert!(keys.iter().all(|key| !self.revealed.contains(key)), "revealed twice (DATA-12)");
            self.revealed.extend(keys);
            self.flying[usize::from(from == Side::Alice)].extend(sent);
        } else {
            assert!(party.drain().is_silent());
        }
    }

    /// What arrives is read once, whole, or not at all.
    fn hear(&mut self, to: Side, text: &[u8]) -> usize {
        let party = match to {
            Side::Alice => &mut self.pair.alice,
            Side::Bob => &mut self.pair.bob,
        };
        let messages = party.hear(text).messages();
        for message in &messages {
            assert!(message.starts_with("text number "), "{message}");
            assert!(self.read.insert(message.clone()), "read twice: {message} (DATA-24)");
        }
        messages.len()
    }

    fn step(&mut self, step: Step) {
        let queue = |to: Side| usize::from(to == Side::Bob);
        match step {
            Step::Say(from) => self.say(from),
            Step::Deliver(to) => {
                if let Some(text) = self.flying[queue(to)].pop_front() {
                    self.hear(to, &text);
                }
            }
            Step::Overtake(to, which) => {
                if let Some(text) = self.flying[queue(to)].remove(which) {
                    self.hear(to, &text);
                }
            }
            Step::Repeat(to) => {
                if let Some(text) = self.flying[queue(to)].front().cloned() {
                    self.hear(to, &text);
                }
            }
            Step::Lose(to) => drop(self.flying[queue(to)].pop_front()),
            Step::Forge(to, which, key) => {
                let text = self.flying[queue(to)].get(which).cloned();
                let key = self.revealed.iter().rev().nth(key).copied();
                if let (Some(text), Some(key)) = (text, key) {
                    let same = forge(&text, &key, |data| data.counter = [0xff; 8]);
                    assert_eq!(self.hear(to, &same), 0, "a forgery was believed (DATA-31)");
                }
            }
            Step::Fail(who, call) => {
                let backend = Arc::clone(&self.backends[usize::from(who == Side::Bob)]);
                backend.fail_at(call);
                self.say(who);
                backend.fail_at(0);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn data_11_24_31_nothing_is_read_twice_or_forged_and_no_key_stream_serves_twice(
        v3 in any::<bool>(),
        steps in steps(),
    ) {
        let mut world = World::new(v3);
        for step in steps {
            world.step(step);
        }
        // Whatever was lost, what is said now arrives.
        for from in [Side::Alice, Side::Bob, Side::Alice] {
            let before = world.read.len();
            world.flying = Default::default();
            world.say(from);
            let to = if from == Side::Alice { Side::Bob } else { Side::Alice };
            world.step(Step::Deliver(to));
            prop_assert_eq!(world.read.len(), before + 1);
        }
        for backend in &world.backends {
            prop_assert_eq!(backend.inner.reused_key_streams(), 0);
        }
    }
}
