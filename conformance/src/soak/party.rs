//! One of the two in a conversation: a user, and a program that may be restarted.

use std::collections::BTreeSet;
use std::io;
use std::sync::Arc;

use otr_protocol::{
    Account, Error, Event, Id, Instant, MessageState, Output, Recipient, Result, SavedSession, Session,
    SessionId, SmpEvent,
};
use otr_traits::{Backend, Secret};

use super::counts::Counts;
use super::network::Unit;

pub(super) type Shared = Arc<dyn Backend>;

/// What a user does.
#[derive(Clone, Copy, Debug)]
pub(super) enum Act {
    /// Says the text with this number.
    Say(u64),
    /// Asks for OTR.
    Query,
    /// A sign of life.
    Heartbeat,
    ExtraKey,
    SmpStart,
    SmpAnswer,
    SmpAbort,
    End,
    /// Saves the session, starts the program anew and goes on.
    Restart,
    /// Starts the program anew without having saved anything.
    Crash,
}

pub(super) struct Party {
    account: Account<Shared>,
    session: Session<Shared>,
    pub(super) is_asked: bool,
    /// Texts that are held for a session.
    holding: BTreeSet<u64>,
    /// How many messages were sent.
    sent: u64,
    /// The fragments of a message that is not complete yet.
    frames: Vec<Vec<u8>>,
}

/// What came of an input.
#[derive(Default)]
pub(super) struct Outcome {
    pub(super) units: Vec<Unit>,
    /// Texts that arrived encrypted.
    pub(super) read: Vec<Vec<u8>>,
    /// Whether anything else was told.
    pub(super) is_told: bool,
}

impl Party {
    pub(super) fn new(account: Account<Shared>) -> Self {
        let session = account.session();
        Self { account, session, is_asked: false, holding: BTreeSet::new(), sent: 0, frames: Vec::new() }
    }

    /// The session there is, if there is one.
    pub(super) fn session_id(&self) -> Option<SessionId> {
        let mut slots = self.session.instances();
        slots
            .find_map(|slot| slot.secured.filter(|_| slot.message_state == MessageState::Encrypted))
            .map(|secured| secured.session_id)
    }

    /// Does what the user does.
    pub(super) fn act(&mut self, now: Instant, act: Act, counts: &mut Counts) -> io::Result<Outcome> {
        let result = match act {
            Act::Say(number) => {
                counts.said += 1;
                let id = number.to_string();
                self.session.with_id(id, |session| session.send(now, Recipient::Best, text(number)))
            }
            Act::Restart => return self.restart(now, counts),
            Act::Crash => {
                counts.crashes += 1;
                counts.held += self.holding.len() as u64;
                self.holding.clear();
                self.is_asked = false;
                self.session = self.account.session();
                Ok(())
            }
            act => self.ask(now, act),
        };
        match (act, result) {
            (_, Ok(())) => {}
            (Act::Say(_), Err(Error::Finished | Error::HeldQueueFull)) => counts.refused += 1,
            (_, Err(Error::NotEncrypted | Error::NobodyAsked | Error::ExtraKeyVersion)) => {}
            (_, Err(error)) => return Err(io::Error::other(error)),
        }
        self.poll(now, counts)
    }

    fn ask(&mut self, now: Instant, act: Act) -> Result<()> {
        let (session, to) = (&mut self.session, Recipient::Best);
        match act {
            Act::Query => session.start(now),
            Act::Heartbeat => session.send_heartbeat(now, to),
            Act::ExtraKey => session.extra_key(now, to, 1, b"data").map(drop),
            Act::SmpStart => session.smp(now, to)?.start("the red boat", Some("Where did we meet?")),
            Act::SmpAbort => session.smp(now, to)?.abort(),
            Act::End => session.end_all(now),
            _ => {
                self.is_asked = false;
                session.smp(now, to)?.respond("the red boat")
            }
        }
    }

    fn restart(&mut self, now: Instant, counts: &mut Counts) -> io::Result<Outcome> {
        counts.restarts += 1;
        self.is_asked = false;
        let key = Secret::from([7; 32]);
        let backend = self.account.backend();
        let saved = std::mem::replace(&mut self.session, self.account.session()).save(now);
        let bytes = saved.session.encrypt(backend, &key).map_err(io::Error::other)?;
        let again = SavedSession::decrypt(backend, &key, &bytes).map_err(io::Error::other)?;
        let mut outcome = Outcome::default();
        for (output, id) in saved.outputs {
            self.take(output, id, &mut outcome, counts);
        }
        self.session = self.account.restore(now, again).map_err(io::Error::other)?;
        Ok(outcome)
    }

    /// Takes in what arrives.
    pub(super) fn hear(&mut self, now: Instant, text: &[u8], counts: &mut Counts) -> io::Result<Outcome> {
        self.session.receive(now, text).map_err(io::Error::other)?;
        self.poll(now, counts)
    }

    /// Everything that waits.
    pub(super) fn poll(&mut self, now: Instant, counts: &mut Counts) -> io::Result<Outcome> {
        let mut outcome = Outcome::default();
        loop {
            match self.session.poll_with_id(now).map_err(io::Error::other)? {
                (Output::Idle(_), _) => return Ok(outcome),
                (output, id) => self.take(output, id, &mut outcome, counts),
            }
        }
    }

    /// What a party still holds when all is over.
    pub(super) fn holding(&self) -> u64 {
        self.holding.len() as u64
    }

    fn take(&mut self, output: Output, id: Option<Id>, outcome: &mut Outcome, counts: &mut Counts) {
        match output {
            Output::Send(message) => {
                self.frames.push(message.text);
                if message.last {
                    outcome.units.push(self.unit(id));
                }
            }
            Output::Event(Event::Message { text, .. }) => outcome.read.push(text),
            Output::Event(event) => {
                outcome.is_told = true;
                self.note(event, id, counts);
            }
            Output::Idle(_) => {}
        }
    }

    /// The message that is complete now. Only texts have ids, and the queries that are sent because a text is held.
    fn unit(&mut self, id: Option<Id>) -> Unit {
        let frames = std::mem::take(&mut self.frames);
        let is_query =
            frames.first().is_some_and(|text| text.starts_with(b"?OTRv") || text.starts_with(b"?OTR?"));
        let text = id.filter(|_| !is_query).and_then(number);
        if let Some(number) = text {
            self.holding.remove(&number);
        }
        self.sent += 1;
        Unit { frames, number: self.sent, session: self.session_id(), text }
    }

    fn note(&mut self, event: Event, id: Option<Id>, counts: &mut Counts) {
        match event {
            Event::Held { .. } => self.holding.extend(id.and_then(number)),
            Event::NotSent { .. } => {
                counts.given_back += 1;
                id.and_then(number).map(|number| self.holding.remove(&number));
            }
            Event::Resent { .. } => counts.resent += 1,
            Event::Secured { .. } => {
                counts.secured += 1;
                self.is_asked = false;
            }
            Event::Smp { event: SmpEvent::Asked { .. }, .. } => self.is_asked = true,
            Event::Smp { event: SmpEvent::Succeeded, .. } => counts.compared += 1,
            // Both have the same secret, and nobody cheats.
            Event::Smp { event: event @ (SmpEvent::Failed | SmpEvent::Cheated), .. } => {
                counts.fail(format!("a comparison of the same secret: {event:?}"));
            }
            Event::Plaintext { .. } => {
                counts.fail("something in clear is shown as if it had to be".to_owned())
            }
            _ => {}
        }
    }
}

fn number(id: Id) -> Option<u64> {
    id.as_str().parse().ok()
}

/// What the text with a number says: most are short, and each is another one.
pub(super) fn text(number: u64) -> String {
    let mixed = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let length = match mixed >> 58 {
        0 => 3000,
        _ => usize::from(mixed.to_be_bytes()[0]),
    };
    format!("text {number}: {}", "x".repeat(length))
}
