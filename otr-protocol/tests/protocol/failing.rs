//! A backend that fails at every single call in turn (S-46).

use std::sync::Arc;

use otr_protocol::wire::Version;
use otr_protocol::{Config, Event, MessageState, Output, Policy, Recipient};

use crate::support::party::{VERSIONS, only};
use crate::support::{Failing, Name, Party};

const SECRET: &str = "the secret plan";

/// Two parties that lose what a failing backend makes them lose.
struct Talk {
    parties: [Party; 2],
    backends: [Arc<Failing>; 2],
    failures: usize,
}

impl Talk {
    fn new(version: Version) -> Self {
        let backends: [Arc<Failing>; 2] = Default::default();
        let mut config = Config::default();
        config.policy = only(version) | Policy::REQUIRE_ENCRYPTION;
        let alice = Party::with(Name::Alice, config.clone(), backends[0].clone());
        let bob = Party::with(Name::Bob, config, backends[1].clone());
        Self { parties: [alice, bob], backends, failures: 0 }
    }

    /// Carries everything to and fro; nothing may show the secret on the wire.
    fn carry(&mut self) -> usize {
        let mut read = 0;
        loop {
            let mut busy = false;
            for from in 0..2 {
                let party = &mut self.parties[from];
                match party.session.poll(party.now).unwrap() {
                    Output::Send(message) => {
                        assert!(!String::from_utf8_lossy(&message.text).contains("secret"));
                        let to = &mut self.parties[1 - from];
                        self.failures += usize::from(to.session.receive(to.now, &message.text).is_err());
                    }
                    Output::Event(Event::Message { text, .. }) => {
                        assert_eq!(text, SECRET.as_bytes());
                        read += 1;
                    }
                    Output::Event(Event::Plaintext { .. }) => panic!("clear text"),
                    Output::Event(_) => {}
                    Output::Idle(_) => continue,
                }
                busy = true;
            }
            if !busy {
                return read;
            }
        }
    }

    /// A conversation from the query to the end of the session. Anything may fail.
    fn converse(&mut self) {
        let [alice, _] = &mut self.parties;
        alice.session.start(alice.now).unwrap();
        self.carry();
        for from in [0, 1, 0, 1] {
            let party = &mut self.parties[from];
            self.failures += usize::from(party.session.send(party.now, Recipient::Best, SECRET).is_err());
            self.carry();
        }
        let [alice, _] = &mut self.parties;
        self.failures += usize::from(alice.session.end(alice.now, Recipient::Best).is_err());
        self.carry();
        assert_eq!(self.parties[0].state(), MessageState::Plaintext);
    }
}

#[test]
fn s_46_whatever_call_fails_nothing_leaks_and_a_query_recovers() {
    for version in VERSIONS {
        for whose in [0, 1] {
            let mut talk = Talk::new(version);
            talk.backends[whose].fail_at(0);
            talk.converse();
            let calls = talk.backends[whose].calls();
            assert!(calls > 50 && talk.failures == 0, "{calls}");
            // Every call of the exchange, and then every third.
            for n in (1..=calls).filter(|n| *n < 50 || n % 3 == 0) {
                fail_once(version, whose, n);
            }
        }
    }
}

fn fail_once(version: Version, whose: usize, n: usize) {
    let mut talk = Talk::new(version);
    talk.backends[whose].fail_at(n);
    talk.converse();
    assert!(talk.backends[whose].calls() >= n, "the {n}th call was never made");
    talk.backends[whose].fail_at(0);
    talk.parties.iter_mut().for_each(|party| party.wait(60));
    let [alice, _] = &mut talk.parties;
    alice.session.start(alice.now).unwrap();
    talk.carry();
    for from in [0, 1] {
        let party = &mut talk.parties[from];
        assert_eq!(party.session.send(party.now, Recipient::Best, SECRET), Ok(()), "{version:?}, {n}");
        assert_eq!(talk.carry(), 1, "{version:?}, {n}");
    }
    for backend in &talk.backends {
        assert_eq!(backend.inner.reused_key_streams(), 0, "{version:?}, {n}");
    }
}
