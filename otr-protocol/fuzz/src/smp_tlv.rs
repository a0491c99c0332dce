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
use otr_protocol::wire::{Plaintext, Tlv, Version, Writer, flags};
use otr_protocol::{Config, Event, MessageState, Recipient, SmpEvent};

use crate::backend::Repeated;
use crate::input::Input;
use crate::support::Name;
use crate::support::party::{Heard, Pair, Party, only};

pub fn run(data: &[u8]) {
    let mut input = Input::new(data);
    let mut comparison = Comparison::new(if input.flag() { Version::V2 } else { Version::V3 });
    for _ in 0..24 {
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
        Self { pair, alices_backend, secrets: [SECRETS[0]; 2], is_tampered: false }
    }

    fn step(&mut self, input: &mut Input<'_>) {
        let (now, best) = (self.pair.bob.now, Recipient::Best);
        let secret = SECRETS[usize::from(input.byte()) % 2];
        let (alice, bob) = (&mut self.pair.alice.session, &mut self.pair.bob.session);
        let [alices, bobs] = &mut self.secrets;
        let smp = |who: &mut otr_protocol::Session<_>| who.smp(now, best).is_ok();
        assert!(smp(alice) && smp(bob), "the session has ended");
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
                let record = Record { kind: input.choose(&[2, 3, 4, 5, 6, 7, 0, 9]), value: input.bytes().to_vec() };
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
        for _ in 0..20 {
            let to_alice = self.pair.bob.drain();
            self.check(&to_alice);
            let mut to_bob = self.pair.alice.drain().sent;
            for text in &to_alice.sent {
                to_bob.extend(self.pair.alice.hear(text).sent);
            }
            if to_bob.is_empty() && to_alice.sent.is_empty() {
                return;
            }
            if !to_bob.is_empty() && input.byte() % 4 == 3 {
                self.tamper(input, &mut to_bob);
            }
            for text in &to_bob {
                let heard = self.pair.bob.hear(text);
                self.check(&heard);
                for text in &heard.sent {
                    let sent = self.pair.alice.hear(text).sent;
                    self.pair.to_bob.extend(sent);
                }
            }
            // What Alice answers goes the same way.
            while let Some(text) = self.pair.to_bob.pop_front() {
                let mut texts = vec![text];
                if input.byte() % 4 == 3 {
                    self.tamper(input, &mut texts);
                }
                for text in texts {
                    let heard = self.pair.bob.hear(&text);
                    self.check(&heard);
                    for text in &heard.sent {
                        let sent = self.pair.alice.hear(text).sent;
                        self.pair.to_bob.extend(sent);
                    }
                }
            }
        }
        panic!("they never fall silent");
    }
}
