//! Two parties and the wire between them.

use std::collections::VecDeque;
use std::sync::Arc;

use otr_protocol::traits::Backend;
use otr_protocol::wire::{InstanceTag, Version};
use otr_protocol::{
    Account, AuthStateKind, Config, Event, Instant, MessageState, Output, Policy, Problem, Recipient,
    RustCrypto, Session,
};

use super::Name;

/// One side of a conversation, and its clock.
pub(crate) struct Party {
    pub(crate) session: Session<Arc<dyn Backend>>,
    pub(crate) now: Instant,
    pub(crate) name: Name,
}

/// What an input led to.
#[derive(Clone, Debug, Default)]
pub(crate) struct Heard {
    pub(crate) sent: Vec<Vec<u8>>,
    pub(crate) events: Vec<Event>,
}

impl Party {
    /// A party that allows one version only.
    pub(crate) fn new(name: Name, version: Version) -> Self {
        let mut config = Config::default();
        config.policy = only(version);
        Self::with(name, config, Arc::new(RustCrypto))
    }

    pub(crate) fn with(name: Name, config: Config, backend: Arc<dyn Backend>) -> Self {
        let account = Account::new(backend, name.key(), InstanceTag::new(name.tag()), config).unwrap();
        Self { session: account.session(), now: Instant::from_secs(1000), name }
    }

    /// Takes in a text; a peer causes no errors.
    pub(crate) fn hear(&mut self, text: &[u8]) -> Heard {
        self.session.receive(self.now, text).unwrap();
        self.drain()
    }

    /// Sends a text that must be sendable; what goes out.
    pub(crate) fn say(&mut self, text: &str) -> Vec<Vec<u8>> {
        self.session.send(self.now, Recipient::Best, text).unwrap();
        self.drain().sent
    }

    pub(crate) fn end(&mut self) -> Heard {
        self.session.end(self.now, Recipient::Best).unwrap();
        self.drain()
    }

    /// Everything that waits.
    pub(crate) fn drain(&mut self) -> Heard {
        let mut heard = Heard::default();
        loop {
            match self.session.poll(self.now).unwrap() {
                Output::Send(message) => heard.sent.push(message.text),
                Output::Event(event) => heard.events.push(event),
                Output::Idle(_) => return heard,
            }
        }
    }

    /// The best message state of all slots.
    pub(crate) fn state(&self) -> MessageState {
        self.session.instances().map(|slot| slot.message_state).max().unwrap()
    }

    /// The state of the exchange in a slot; none if there is no such slot.
    pub(crate) fn auth(&self, tag: u32) -> AuthStateKind {
        let slot = self.session.instances().find(|slot| slot.tag.number() == tag);
        slot.map_or(AuthStateKind::None, |slot| slot.auth_state)
    }

    pub(crate) fn wait(&mut self, seconds: u64) {
        self.now = self.now.after(core::time::Duration::from_secs(seconds));
    }
}

impl Heard {
    /// The one text sent.
    #[track_caller]
    pub(crate) fn only(&self) -> &[u8] {
        assert_eq!(self.sent.len(), 1, "{self:?}");
        &self.sent[0]
    }

    pub(crate) fn is_silent(&self) -> bool {
        self.sent.is_empty() && self.events.is_empty()
    }

    pub(crate) fn problems(&self) -> Vec<Problem> {
        let problem = |event: &Event| match event {
            Event::Problem { kind, .. } => Some(*kind),
            _ => None,
        };
        self.events.iter().filter_map(problem).collect()
    }

    /// The texts that arrived encrypted.
    pub(crate) fn messages(&self) -> Vec<String> {
        let message = |event: &Event| match event {
            Event::Message { text, .. } => Some(String::from_utf8(text.clone()).unwrap()),
            _ => None,
        };
        self.events.iter().filter_map(message).collect()
    }

    /// How many sessions were established or refreshed.
    pub(crate) fn secured(&self) -> usize {
        self.events.iter().filter(|event| matches!(event, Event::Secured { .. })).count()
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    Alice,
    Bob,
}

/// Two parties, and what is on its way to each.
pub(crate) struct Pair {
    pub(crate) alice: Party,
    pub(crate) bob: Party,
    pub(crate) to_alice: VecDeque<Vec<u8>>,
    pub(crate) to_bob: VecDeque<Vec<u8>>,
}

impl Pair {
    pub(crate) fn new(version: Version) -> Self {
        Self::of(Party::new(Name::Alice, version), Party::new(Name::Bob, version))
    }

    pub(crate) fn of(alice: Party, bob: Party) -> Self {
        Self { alice, bob, to_alice: VecDeque::new(), to_bob: VecDeque::new() }
    }

    /// Two parties with a session: Alice asked, so Bob committed.
    pub(crate) fn secured(version: Version) -> Self {
        let mut pair = Self::new(version);
        pair.secure();
        pair
    }

    /// Lets Alice ask for a session, which must come about.
    pub(crate) fn secure(&mut self) {
        self.alice.session.start(self.alice.now).unwrap();
        let (alice, bob) = self.run();
        assert_eq!((alice.secured(), bob.secured()), (1, 1));
    }

    /// Delivers the oldest text to one side; nothing if none waits.
    pub(crate) fn step(&mut self, to: Side) -> Option<Heard> {
        let (party, incoming, outgoing) = match to {
            Side::Alice => (&mut self.alice, &mut self.to_alice, &mut self.to_bob),
            Side::Bob => (&mut self.bob, &mut self.to_bob, &mut self.to_alice),
        };
        let text = incoming.pop_front()?;
        let heard = party.hear(&text);
        outgoing.extend(heard.sent.iter().cloned());
        Some(heard)
    }

    /// Puts what the parties want sent on the wire; the events that waited with it.
    pub(crate) fn flush(&mut self) -> (Heard, Heard) {
        let (alice, bob) = (self.alice.drain(), self.bob.drain());
        self.to_bob.extend(alice.sent.iter().cloned());
        self.to_alice.extend(bob.sent.iter().cloned());
        (alice, bob)
    }

    /// Delivers everything, until both sides are silent. They must be, soon.
    pub(crate) fn run(&mut self) -> (Heard, Heard) {
        self.run_at_most(200)
    }

    /// The same for messages in many pieces.
    pub(crate) fn run_long(&mut self) -> (Heard, Heard) {
        self.run_at_most(10_000)
    }

    fn run_at_most(&mut self, steps: usize) -> (Heard, Heard) {
        let (mut alice, mut bob) = self.flush();
        for _ in 0..steps {
            let steps = [(Side::Bob, &mut bob), (Side::Alice, &mut alice)];
            let mut busy = false;
            for (side, all) in steps {
                if let Some(heard) = self.step(side) {
                    all.sent.extend(heard.sent);
                    all.events.extend(heard.events);
                    busy = true;
                }
            }
            if !busy {
                return (alice, bob);
            }
        }
        panic!("the two never fall silent");
    }

    /// One side says something; it must arrive, and be all that arrives.
    #[track_caller]
    pub(crate) fn tell(&mut self, from: Side, text: &str) {
        let (sender, receiver) = match from {
            Side::Alice => (&mut self.alice, &mut self.bob),
            Side::Bob => (&mut self.bob, &mut self.alice),
        };
        let sent = sender.say(text);
        assert!(sent.iter().all(|part| part.starts_with(b"?OTR")), "in clear");
        let messages: Vec<_> = sent.iter().flat_map(|part| receiver.hear(part).messages()).collect();
        assert_eq!(messages, [text]);
    }

    /// Both sides have a session, the same one, and it works.
    #[track_caller]
    pub(crate) fn check(&mut self) {
        let id = |party: &Party| {
            let slots = party.session.instances().filter_map(|slot| slot.secured);
            slots.map(|secured| *secured.session_id.as_bytes()).collect::<Vec<_>>()
        };
        assert_eq!(id(&self.alice).len(), 1);
        assert_eq!(id(&self.alice), id(&self.bob));
        self.tell(Side::Alice, "are you there?");
        self.tell(Side::Bob, "so I am");
    }
}

/// The policy that allows one version.
pub(crate) fn only(version: Version) -> Policy {
    match version {
        Version::V2 => Policy::ALLOW_V2,
        Version::V3 => Policy::ALLOW_V3,
    }
}

pub(crate) const VERSIONS: [Version; 2] = [Version::V2, Version::V3];
