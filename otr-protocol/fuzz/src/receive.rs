//! One party hears anything, in any state.
//!
//! An input names a state that Alice and Bob have reached (`stage.rs`) and Bob's settings; then come steps: texts of any
//! bytes, messages of any bytes in armour that name the right parties, Alice's genuine messages, whole or with one byte
//! changed, fragments, time, and what the two users do. Nobody but Alice and Bob has their keys.
//!
//! What must hold (§16 property 6, 8 and 9; ERR-06, S-11, S-31, S-37):
//!
//! * nothing that arrives is an error, and nobody panics;
//! * what one input leads to is bounded;
//! * a slot becomes encrypted with [`Event::Secured`] only, and leaves that state with [`Event::Ended`] or the user's wish;
//! * every session is with Alice's key;
//! * every text that arrives protected was said so by Alice, and arrives once;
//! * what Bob says where it must be protected never leaves in clear;
//! * after all that, a query of Alice's leads to a session that works.

use std::collections::{BTreeMap, HashSet};

use otr_protocol::wire::{Version, armor};
use otr_protocol::{Config, Event, Fingerprint, InstanceTag, MessageState, Policy, Recipient, RustCrypto};

use crate::input::Input;
use crate::stage::{HALF, Stage};
use crate::support::Name;
use crate::support::party::{Heard, Pair, Side, only};

/// What one input of at most 64 KiB may lead to.
const MOST_SENT: usize = 1 << 16;
const MOST_EVENTS: usize = 100;

pub fn run(data: &[u8]) {
    let mut input = Input::new(data);
    let mut bob = Bob::reach(&mut input);
    for _ in 0..64 {
        if input.is_empty() {
            break;
        }
        bob.step(&mut input);
    }
    bob.recover();
}

/// Bob, and whoever he talks with.
struct Bob {
    pair: Pair,
    alices_fingerprint: Fingerprint,
    /// What Alice has said protected, and what of it Bob has read.
    said: HashSet<String>,
    read: HashSet<String>,
    /// What Bob has said that must be protected.
    secrets: Vec<String>,
    texts: usize,
}

impl Bob {
    fn reach(input: &mut Input<'_>) -> Self {
        let stage = input.choose(&Stage::ALL);
        let settings = input.byte();
        let version = if settings & 1 == 0 { Version::V3 } else { Version::V2 };
        let mut config = Config::default();
        config.policy = only(version);
        let flags = [
            (2, Policy::MANUAL),
            (4, Policy::REQUIRE_ENCRYPTION),
            (8, Policy::SEND_WHITESPACE_TAG | Policy::WHITESPACE_START_AKE),
            (16, Policy::ERROR_START_AKE),
        ];
        for (_, flag) in flags.into_iter().filter(|(bit, _)| settings & bit != 0) {
            config.policy |= flag;
        }
        config.strict_markers = settings & 32 != 0;
        config.error_reply_v2 = settings & 64 != 0;
        config.max_message_size = (settings & 128 != 0).then_some(200);
        let pair = stage.reach(version, config);
        let alices_fingerprint = Fingerprint::of(Name::Alice.key().public(), &RustCrypto).unwrap();
        Self {
            pair,
            alices_fingerprint,
            said: HashSet::from([HALF.to_owned()]),
            read: HashSet::new(),
            secrets: Vec::new(),
            texts: 0,
        }
    }

    fn step(&mut self, input: &mut Input<'_>) {
        match input.byte() % 12 {
            0 => self.hear(input.rest()),
            1 => self.hear(input.bytes()),
            2 => self.hear(&armored(input)),
            3 => self.hear(&fragment(input)),
            4 => self.hear_genuine(|_| {}),
            5 => {
                let (at, by) = (input.short(), input.byte());
                self.hear_genuine(|text| {
                    let at = usize::from(at) % text.len().max(1);
                    text.iter_mut().skip(at).take(1).for_each(|byte| *byte ^= by);
                });
            }
            6 => {
                let (at, new) = (usize::from(input.short()), input.bytes());
                self.hear_genuine(|text| {
                    let at = at % text.len().max(1);
                    text.truncate(at);
                    text.extend_from_slice(new);
                });
            }
            7 => self.pass(Side::Alice),
            8 => self.alice_acts(input.byte()),
            9 => self.bob_acts(input.byte()),
            10 => self.wait(input.byte().into()),
            _ => self.pass(Side::Bob),
        }
    }

    /// Bob hears a text that may be anybody's.
    fn hear(&mut self, text: &[u8]) {
        let before = self.states();
        let heard = self.pair.bob.hear(text);
        self.check(&before, &heard, false);
        self.pair.to_alice.extend(heard.sent);
    }

    /// What waits for Bob arrives after a change, and goes on waiting if there was one.
    fn hear_genuine(&mut self, change: impl FnOnce(&mut Vec<u8>)) {
        let Some(genuine) = self.pair.to_bob.pop_front() else { return };
        let mut text = genuine.clone();
        change(&mut text);
        if text != genuine {
            self.pair.to_bob.push_front(genuine);
        }
        self.hear(&text);
    }

    /// The oldest text arrives as it was sent.
    fn pass(&mut self, to: Side) {
        match to {
            Side::Alice => drop(self.pair.step(to)),
            Side::Bob => self.hear_genuine(|_| {}),
        }
    }

    fn alice_acts(&mut self, what: u8) {
        let (now, best) = (self.pair.alice.now, Recipient::Best);
        let text = self.next_text();
        let alice = &mut self.pair.alice.session;
        // What needs a session fails without, and does nothing then.
        let _ = match what % 7 {
            0 => alice.start(now),
            1 => {
                if alice.instances().any(|slot| slot.message_state == MessageState::Encrypted) {
                    self.said.insert(text.clone());
                }
                alice.send(now, best, &text)
            }
            2 => alice.end_all(now),
            3 => alice.smp(now, best).and_then(|smp| smp.start("secret", Some("question?"))),
            4 => alice.smp(now, best).and_then(|smp| smp.respond("secret")),
            5 => alice.extra_key(now, best, 1, b"data").map(drop),
            _ => alice.send_heartbeat(now, best),
        };
        let sent = self.pair.alice.drain().sent;
        self.pair.to_bob.extend(sent);
    }

    fn bob_acts(&mut self, what: u8) {
        let (now, best) = (self.pair.bob.now, Recipient::Best);
        let before = self.states();
        let text = self.next_text();
        let bob = &mut self.pair.bob.session;
        let _ = match what % 9 {
            0 => bob.start(now),
            1 => {
                let is_encrypted = before.values().any(|state| *state != MessageState::Plaintext);
                if is_encrypted || bob.policy().contains(Policy::REQUIRE_ENCRYPTION) {
                    self.secrets.push(text.clone());
                }
                bob.send(now, best, &text)
            }
            2 => bob.end_all(now),
            3 => bob.smp(now, best).and_then(|smp| smp.start("secret", None)),
            4 => bob.smp(now, best).and_then(|smp| smp.respond("another")),
            5 => bob.smp(now, best).and_then(|smp| smp.abort()),
            6 => bob.extra_key(now, best, 1, b"data").map(drop),
            7 => bob.send_heartbeat(now, best),
            _ => {
                bob.abandon(now);
                Ok(())
            }
        };
        let heard = self.pair.bob.drain();
        self.check(&before, &heard, true);
        self.pair.to_alice.extend(heard.sent);
    }

    fn wait(&mut self, seconds: u64) {
        self.pair.alice.wait(seconds);
        self.pair.bob.wait(seconds);
        let before = self.states();
        let heard = self.pair.bob.drain();
        self.check(&before, &heard, false);
        self.pair.to_alice.extend(heard.sent);
    }

    fn next_text(&mut self) -> String {
        self.texts += 1;
        format!("text number {}.", self.texts)
    }

    fn states(&self) -> BTreeMap<InstanceTag, MessageState> {
        self.pair.bob.session.instances().map(|slot| (slot.tag, slot.message_state)).collect()
    }

    /// See the top.
    fn check(&mut self, before: &BTreeMap<InstanceTag, MessageState>, heard: &Heard, by_bob: bool) {
        assert!(heard.sent.iter().map(Vec::len).sum::<usize>() <= MOST_SENT);
        assert!(heard.events.len() <= MOST_EVENTS);
        for event in &heard.events {
            match event {
                Event::Secured { fingerprint, .. } => assert_eq!(*fingerprint, self.alices_fingerprint),
                Event::Message { text, .. } => self.check_message(text),
                _ => {}
            }
        }
        for sent in &heard.sent {
            let sent = String::from_utf8_lossy(sent);
            assert!(!self.secrets.iter().any(|secret| sent.contains(secret)), "left in clear: {sent}");
        }
        for (tag, now) in self.states() {
            let before = before.get(&tag).copied().unwrap_or(MessageState::Plaintext);
            let may_change = |event: &Event| match event {
                Event::Secured { instance, .. } | Event::Ended { instance, .. } => *instance == tag,
                _ => false,
            };
            if now != before && !by_bob {
                assert!(heard.events.iter().any(may_change), "{tag}: {before:?} became {now:?}: {heard:?}");
            }
            if now == MessageState::Encrypted && before != now {
                assert!(heard.secured() > 0);
            }
        }
    }

    fn check_message(&mut self, text: &[u8]) {
        let text = String::from_utf8(text.to_vec()).unwrap();
        assert!(self.said.contains(text.trim_start_matches("[resent] ")), "never said so: {text}");
        assert!(self.read.insert(text.clone()), "read twice: {text}");
    }

    /// The network is sound again: what is on its way arrives, and a query leads to a session that works.
    fn recover(mut self) {
        self.pair.alice.session.abandon(self.pair.alice.now);
        self.pair.bob.session.abandon(self.pair.bob.now);
        self.pair.run_long();
        self.wait(61);
        self.pair.alice.session.abandon(self.pair.alice.now);
        self.pair.bob.session.abandon(self.pair.bob.now);
        self.pair.run_long();
        self.pair.secure();
        self.pair.check();
    }
}

/// A message with a body of any bytes, in armour, from Alice's client or another one.
fn armored(input: &mut Input<'_>) -> Vec<u8> {
    let version = input.choose(&[3, 2, 1, 4]);
    let kind = input.choose(&[0x02, 0x0a, 0x11, 0x12, 0x03, 0]);
    let mut message = vec![0, version, kind];
    if version == 3 {
        for tag in [tag(input, Name::Alice), tag(input, Name::Bob)] {
            message.extend_from_slice(&tag.to_be_bytes());
        }
    }
    message.extend_from_slice(input.bytes());
    armor(&message)
}

/// A fragment with a piece of any bytes.
fn fragment(input: &mut Input<'_>) -> Vec<u8> {
    let (index, count) = (input.byte(), input.byte());
    let start = match input.flag() {
        true => "?OTR,".to_owned(),
        false => format!("?OTR|{:08x}|{:08x},", tag(input, Name::Alice), tag(input, Name::Bob)),
    };
    [format!("{start}{index:05},{count:05},").as_bytes(), input.bytes(), b","].concat()
}

/// Most of the time the tag of whom it should name.
fn tag(input: &mut Input<'_>, name: Name) -> u32 {
    match input.byte() {
        0..=199 => name.tag(),
        200..=219 => 0,
        220..=229 => 0xff,
        other => 0x1000 + u32::from(other),
    }
}
