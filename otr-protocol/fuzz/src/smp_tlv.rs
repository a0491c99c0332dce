//! Comparisons of secrets with a peer who has a session, and sends any records in it.
//!
//! An input is a script: Alice and Bob compare secrets, again and again; what Alice's library makes reaches Bob as it is, or
//! with a number exchanged, or other records do.
//!
//! What must hold (SMP-04, SMP-10 … SMP-16, SMP-20 … SMP-22, SMP-24, S-12, S-22, S-28):
//!
//! * Bob is told that the secrets are equal only if they are, and if every message of that run was as Alice's library made it;
//! * a record out of turn or out of order ends a run, and nothing else: the session goes on;
//! * what one message leads to is bounded;
//! * after all that, a comparison of equal secrets succeeds on both sides.

use std::sync::Arc;

use otr_protocol::traits::{ORDER, PRIME};
use otr_protocol::wire::{Plaintext, Reader, Tlv, Version, Writer, flags};
use otr_protocol::{Config, Event, MessageState, Recipient, SmpEvent};

use crate::backend::Repeated;
use crate::input::Input;
use crate::support::Name;
use crate::support::party::{Heard, Pair, Party, Side, only};

pub fn run(data: &[u8]) {
    let mut input = Input::new(data);
    let mut comparison = Comparison::new(if input.flag() { Version::V2 } else { Version::V3 });
    for _ in 0..12 {
        if input.is_empty() {
            break;
        }
        comparison.step(&mut input);
    }
    comparison.recover();
}

const SECRETS: [&str; 2] = ["the secret", "another"];

struct Comparison {
    pair: Pair,
    alices_backend: Arc<Repeated>,
    /// Alice's secret and Bob's in the run that is under way.
    secrets: [&'static str; 2],
    /// Whether Bob has got anything in this run that Alice's library has not made.
    is_tampered: bool,
    /// Whether Alice and Bob have been told that the secrets are equal.
    succeeded: [bool; 2],
}

/// A record that can be changed.
struct Record {
    kind: u16,
    value: Vec<u8>,
}

impl Comparison {
    fn new(version: Version) -> Self {
        let mut config = Config::default();
        config.policy = only(version);
        let alices_backend = Repeated::new(1);
        let mut pair = Pair::of(
            Party::with(Name::Alice, config.clone(), alices_backend.clone()),
            Party::with(Name::Bob, config, Repeated::new(2)),
        );
        pair.secure();
        Self { pair, alices_backend, secrets: [SECRETS[0]; 2], is_tampered: false, succeeded: [false; 2] }
    }

    fn step(&mut self, input: &mut Input<'_>) {
        let (now, best) = (self.pair.bob.now, Recipient::Best);
        let secret = SECRETS[usize::from(input.byte()) % 2];
        let (alice, bob) = (&mut self.pair.alice.session, &mut self.pair.bob.session);
        let [alices, bobs] = &mut self.secrets;
        let result = match input.byte() % 9 {
            0 => {
                *alices = secret;
                let question = input.flag().then_some("question?");
                alice.smp(now, best).and_then(|smp| smp.start(secret, question))
            }
            1 | 2 => {
                let result = alice.smp(now, best).and_then(|smp| smp.respond(secret));
                if result.is_ok() {
                    *alices = secret;
                }
                result
            }
            3 => alice.smp(now, best).and_then(|smp| smp.abort()),
            4 => {
                (*bobs, self.is_tampered) = (secret, false);
                bob.smp(now, best).and_then(|smp| smp.start(secret, None))
            }
            5 => {
                let result = bob.smp(now, best).and_then(|smp| smp.respond(secret));
                if result.is_ok() {
                    *bobs = secret;
                }
                result
            }
            6 => bob.smp(now, best).and_then(|smp| smp.abort()),
            7 => bob.smp(now, best).and_then(|smp| smp.prepare_answer()),
            _ => {
                let record =
                    Record { kind: input.choose(&[2, 3, 4, 5, 6, 7, 0, 9]), value: input.bytes().to_vec() };
                self.is_tampered |= record.kind != 9;
                self.alice_sends(&record);
                Ok(())
            }
        };
        // What is out of turn for the user does nothing.
        let _ = result;
        self.talk(input);
    }

    /// Lets Alice send a record of any content.
    fn alice_sends(&mut self, Record { kind, value }: &Record) {
        let plaintext = Plaintext { text: b"", tlvs: vec![Tlv { kind: *kind, value }] };
        let Party { session, now, .. } = &mut self.pair.alice;
        session.send_records(*now, Recipient::Best, flags::IGNORE_UNREADABLE, plaintext).unwrap();
    }

    /// All that the two want sent reaches the other, Alice's perhaps changed.
    fn talk(&mut self, input: &mut Input<'_>) {
        let (_, bob) = self.pair.flush();
        self.check(&bob, false);
        for _ in 0..200 {
            if !self.pair.to_bob.is_empty() {
                let is_last = self.pair.to_bob.len() == 1;
                let is_tampered = input.byte() % 4 == 3 && is_last && self.tamper(input);
                self.is_tampered |= is_tampered;
                let heard = self.pair.step(Side::Bob).unwrap();
                self.check(&heard, is_tampered);
            } else if let Some(heard) = self.pair.step(Side::Alice) {
                self.succeeded[0] |= smp_events(&heard).any(|event| *event == SmpEvent::Succeeded);
            } else {
                return;
            }
        }
        panic!("they never fall silent");
    }

    /// Exchanges what Alice sent last, and what Bob is to hear next, for something else, as only she can. Whether it says
    /// something else.
    fn tamper(&mut self, input: &mut Input<'_>) -> bool {
        // Nothing was encrypted or decrypted by Alice since.
        let plaintext = self.alices_backend.last_plaintext();
        let Some(tlv) = Plaintext::decode(&plaintext).tlvs.first().copied() else { return false };
        let genuine = Record { kind: tlv.kind, value: tlv.value.to_vec() };
        let changed = genuine.changed(input);
        self.pair.to_bob.pop_back();
        self.alice_sends(&changed);
        self.pair.flush();
        changed.essence() != genuine.essence()
    }

    /// See the top.
    fn check(&mut self, heard: &Heard, is_tampered: bool) {
        assert!(heard.events.len() <= 8 && heard.sent.len() <= 4, "{heard:?}");
        assert_eq!(self.pair.bob.state(), MessageState::Encrypted);
        for event in smp_events(heard) {
            match event {
                SmpEvent::Asked { .. } => self.is_tampered = is_tampered,
                SmpEvent::Succeeded => {
                    assert!(!self.is_tampered && self.secrets[0] == self.secrets[1]);
                    self.succeeded[1] = true;
                }
                _ => {}
            }
        }
    }

    /// Nobody tampers any more.
    fn recover(mut self) {
        let (now, best, nothing) = (self.pair.bob.now, Recipient::Best, &mut Input::new(&[]));
        for who in [&mut self.pair.alice, &mut self.pair.bob] {
            who.session.smp(now, best).and_then(|smp| smp.abort()).unwrap();
        }
        self.talk(nothing);
        self.succeeded = [false; 2];
        self.secrets = [SECRETS[0]; 2];
        self.pair.alice.session.smp(now, best).and_then(|smp| smp.start(SECRETS[0], None)).unwrap();
        self.talk(nothing);
        self.pair.bob.session.smp(now, best).and_then(|smp| smp.respond(SECRETS[0])).unwrap();
        self.talk(nothing);
        assert_eq!(self.succeeded, [true; 2]);
    }
}

fn smp_events(heard: &Heard) -> impl Iterator<Item = &SmpEvent> {
    heard.events.iter().filter_map(|event| match event {
        Event::Smp { event, .. } => Some(event),
        _ => None,
    })
}

impl Record {
    /// Another one that was made of it.
    fn changed(&self, input: &mut Input<'_>) -> Self {
        let start = self.start();
        let mut value = self.value.clone();
        let mut numbers = self.numbers();
        let [one, other] = [input.byte(), input.byte()].map(|byte| usize::from(byte) % numbers.len().max(1));
        match input.byte() % 8 {
            0 => {
                let (at, by) = (usize::from(input.short()), input.byte());
                let at = at % value.len().max(1);
                value.iter_mut().skip(at).take(1).for_each(|byte| *byte ^= by);
                return Self { kind: self.kind, value };
            }
            1 => {
                value.truncate(usize::from(input.short()));
                return Self { kind: self.kind, value };
            }
            2 => {
                value.extend_from_slice(input.bytes());
                return Self { kind: self.kind, value };
            }
            3 => return Self { kind: input.choose(&[2, 3, 4, 5, 6, 7, 0, 9]), value },
            4 => {
                let count = input.choose(&[0, 1, 2, 3, 6, 8, 11, u32::MAX, 1 << 31]);
                value.splice(start..(start + 4).min(value.len()), count.to_be_bytes());
                return Self { kind: self.kind, value };
            }
            5 => {
                if let Some(number) = numbers.get_mut(one) {
                    *number = special(input);
                }
            }
            6 if !numbers.is_empty() => numbers.swap(one, other),
            _ => {
                if let Some(number) = numbers.get_mut(one) {
                    number.insert(0, 0);
                }
            }
        }
        value.truncate(start + 4);
        for number in numbers {
            value.extend_from_slice(Writer::default().data(&number).as_slice());
        }
        Self { kind: self.kind, value }
    }

    /// Where the count stands: behind the question, if there is one.
    fn start(&self) -> usize {
        let question = self.value.iter().position(|byte| *byte == 0).map_or(self.value.len(), |at| at + 1);
        if self.kind == Tlv::SMP_1Q { question } else { 0 }
    }

    fn numbers(&self) -> Vec<Vec<u8>> {
        let mut reader = Reader::new(self.value.get(self.start() + 4..).unwrap_or_default());
        core::iter::from_fn(|| reader.data().ok().map(<[u8]>::to_vec)).collect()
    }

    /// What counts of it: not the question.
    fn essence(&self) -> (u16, &[u8]) {
        let kind = if self.kind == Tlv::SMP_1Q { Tlv::SMP_1 } else { self.kind };
        (kind, &self.value[self.start()..])
    }
}

/// A number that no honest party sends, or just another one.
fn special(input: &mut Input<'_>) -> Vec<u8> {
    let near = |number: &[u8; 192], by: u8| {
        let mut number = number.to_vec();
        *number.last_mut().unwrap() -= by;
        number
    };
    match input.byte() % 10 {
        0 => Vec::new(),
        1 => vec![1],
        2 => vec![2],
        3 => near(&PRIME, 1),
        4 => near(&PRIME, 2),
        5 => PRIME.to_vec(),
        6 => ORDER.to_vec(),
        7 => near(&ORDER, 1),
        8 => vec![0xff; 192],
        _ => input.bytes().to_vec(),
    }
}
