//! A whole conversation, any call of which may fail.

use std::collections::BTreeSet;
use std::sync::Arc;

use otr_protocol::traits::Backend;
use otr_protocol::wire::Version;
use otr_protocol::{
    Config, EndedBy, Error, Event, MessageState, NotSentReason, Output, Policy, Recipient, Result, SmpEvent,
};

use crate::support::party::only;
use crate::support::{Name, Party};

/// What every text begins with, and nothing on the wire may contain.
const SECRET: &str = "the secret plan";

/// How the two deal with what they are asked for and with what fails.
#[derive(Clone, Copy, Debug)]
pub(super) struct Manners {
    pub(super) version: Version,
    /// Texts are held until there is a session. Otherwise nothing is said before there is one.
    pub(super) holds: bool,
    /// What failed is tried once more. Otherwise it is lost.
    pub(super) insists: bool,
}

/// Two parties that lose what a failing backend makes them lose.
pub(super) struct Talk {
    manners: Manners,
    pub(super) parties: [Party; 2],
    /// How often somebody was told of a failure, by an error or by the end of the session.
    pub(super) failures: usize,
    /// Sessions that the library has ended (DATA-30).
    pub(super) broken: usize,
    /// Texts that were taken to be sent, and not given back.
    said: BTreeSet<String>,
    read: BTreeSet<String>,
    is_asked: [bool; 2],
    /// Comparisons that have succeeded, one for each side.
    pub(super) compared: usize,
}

impl Talk {
    pub(super) fn new(manners: Manners, backends: [Arc<dyn Backend>; 2]) -> Self {
        let mut config = Config::default();
        config.policy = only(manners.version);
        config.extra_key_v2 = true;
        if manners.holds {
            config.policy |= Policy::REQUIRE_ENCRYPTION;
        }
        let [of_alice, of_bob] = backends;
        let alice = Party::with(Name::Alice, config.clone(), of_alice);
        let bob = Party::with(Name::Bob, config, of_bob);
        Self {
            manners,
            parties: [alice, bob],
            failures: 0,
            broken: 0,
            said: BTreeSet::new(),
            read: BTreeSet::new(),
            is_asked: [false; 2],
            compared: 0,
        }
    }

    /// A conversation from the first query to the end of the session. Anything may fail.
    pub(super) fn converse(&mut self) {
        if self.manners.holds {
            self.say(0);
        } else {
            self.query(0);
        }
        self.carry();
        self.talk([0, 0, 1, 0, 1, 1, 0]);
        self.attempt(0, |party| party.session.extra_key(party.now, Recipient::Best, 1, b"data").map(drop));
        self.carry();
        // After so long a silence Bob answers with a heartbeat.
        self.parties.iter_mut().for_each(|party| party.wait(61));
        self.talk([0]);
        self.attempt(1, |party| party.session.send_heartbeat(party.now, Recipient::Best));
        self.carry();
        // What follows takes its time; whoever has failed before has nothing to show in it.
        if self.failures == 0 {
            self.compare(1);
            self.talk([1, 0]);
        }
        if self.failures == 0 {
            self.query(1);
            self.carry();
            self.talk([0, 1]);
        }
        self.attempt(0, |party| party.session.end(party.now, Recipient::Best));
        self.carry();
        assert_eq!(self.parties[0].state(), MessageState::Plaintext);
    }

    /// A new session, in which both can be heard.
    pub(super) fn recover(&mut self, compares: bool) {
        self.parties.iter_mut().for_each(|party| party.wait(60));
        self.carry();
        self.query(0);
        self.carry();
        let failures = self.failures;
        for from in [0, 1] {
            let before = self.read.len();
            self.talk([from]);
            assert_eq!(self.read.len(), before + 1, "{from} cannot be heard");
        }
        if compares {
            let before = self.compared;
            self.compare(0);
            assert_eq!(self.compared, before + 2);
        }
        assert_eq!(self.failures, failures);
    }

    /// Whether all that was said has been read.
    pub(super) fn is_complete(&self) -> bool {
        self.said.is_subset(&self.read)
    }

    /// Whether the session has ended for both, by a farewell that has arrived.
    pub(super) fn is_over(&self) -> bool {
        let states = [MessageState::Plaintext, MessageState::Finished];
        self.compared == 2 && [0, 1].map(|who| self.parties[who].state()) == states
    }

    fn query(&mut self, from: usize) {
        self.attempt(from, |party| party.session.start(party.now));
    }

    fn talk<const N: usize>(&mut self, speakers: [usize; N]) {
        for from in speakers {
            self.say(from);
            self.carry();
        }
    }

    fn say(&mut self, from: usize) {
        if self.parties[from].state() == MessageState::Plaintext && !self.manners.holds {
            assert!(self.failures > 0, "there is no session");
            return;
        }
        let text = format!("{SECRET}, part {}", self.said.len());
        // Before it is sent: if it is held it may be given back.
        self.said.insert(text.clone());
        let sent = self.attempt(from, |party| party.session.send(party.now, Recipient::Best, &text));
        if !sent {
            self.said.remove(&text);
        }
    }

    /// A comparison with a question.
    fn compare(&mut self, asker: usize) {
        self.attempt(asker, |party| {
            party.session.smp(party.now, Recipient::Best)?.start("the red boat", Some("Where?"))
        });
        self.carry();
        if self.is_asked[1 - asker] {
            self.attempt(1 - asker, |party| {
                party.session.smp(party.now, Recipient::Best)?.respond("the red boat")
            });
            self.carry();
        }
        self.is_asked = [false; 2];
    }

    /// Does something that may fail. Whether it was done.
    fn attempt(&mut self, who: usize, input: impl Fn(&mut Party) -> Result<()>) -> bool {
        let mut result = input(&mut self.parties[who]);
        if let Err(Error::Backend(_)) = result {
            self.failures += 1;
            if self.manners.insists {
                result = input(&mut self.parties[who]);
                assert!(!matches!(result, Err(Error::Backend(_))), "it fails twice");
            }
        }
        match &result {
            Ok(()) | Err(Error::Backend(_)) => {}
            Err(error) => assert!(self.failures > 0, "{error}"),
        }
        result.is_ok()
    }

    /// Carries everything to and fro, until both are silent.
    fn carry(&mut self) {
        loop {
            let mut busy = false;
            for from in [0, 1] {
                let party = &mut self.parties[from];
                match party.session.poll(party.now) {
                    Err(Error::Backend(_)) => self.failures += 1,
                    Err(error) => panic!("{error}"),
                    Ok(Output::Send(message)) => {
                        assert!(!String::from_utf8_lossy(&message.text).contains(SECRET), "in clear");
                        self.attempt(1 - from, |to| to.session.receive(to.now, &message.text));
                    }
                    Ok(Output::Event(event)) => self.hear(from, event),
                    Ok(Output::Idle(_)) => continue,
                }
                busy = true;
            }
            if !busy {
                return;
            }
        }
    }

    fn hear(&mut self, who: usize, event: Event) {
        match event {
            Event::Message { text, .. } => {
                let text = String::from_utf8(text).unwrap();
                let original = text.strip_prefix("[resent] ").unwrap_or(&text);
                assert!(self.said.contains(original), "nobody said {text}");
                assert!(self.read.insert(text), "read twice");
            }
            Event::Plaintext { .. } => panic!("clear text"),
            Event::NotSent { text, reason } => {
                assert!(reason != NotSentReason::TakenBack);
                assert!(self.said.remove(str::from_utf8(&text).unwrap()));
            }
            Event::Ended { by: EndedBy::Error, .. } => {
                assert_eq!(self.parties[who].state(), MessageState::Finished);
                self.failures += 1;
                self.broken += 1;
            }
            Event::Smp { event: SmpEvent::Asked { .. }, .. } => self.is_asked[who] = true,
            Event::Smp { event: SmpEvent::Succeeded, .. } => self.compared += 1,
            Event::Smp { event: SmpEvent::Failed | SmpEvent::Cheated, .. } => panic!("nobody lied"),
            _ => {}
        }
    }
}
