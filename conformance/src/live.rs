//! Live conversations with other implementations of OTR, each a program on stdin and stdout (`conformance/peers`).
//!
//! One [`Conversation`] joins a [`Session`] of ours and a [`Peer`]; [`Conversation::exchange`] runs a session from
//! the query to its end, with messages both ways through several ratchets, and checks at each step that both sides
//! say the same.

mod comparison;
mod peer;
mod tap;

use otr_protocol::traits::Backend;
use otr_protocol::{
    Account, EndedBy, Event, Half, Instant, MessageState, Output, Recipient, Session, Version,
};

pub use comparison::Outcome;
pub use peer::{Peer, PeerEvent};
pub use tap::Tap;

/// What a conversation is to be like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scenario {
    /// Which side sends the query, and so receives the D-H Commit.
    pub starter: Side,
    /// The version to be used.
    pub version: Version,
    /// The longest text either side may send, in bytes.
    pub max_size: Option<usize>,
}

/// A side of a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Our library.
    Us,
    /// The other implementation.
    Peer,
}

/// Why a conversation failed.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The peer's program could not be started, spoke out of turn, or has gone.
    #[error("the peer's program: {0}")]
    Peer(#[from] std::io::Error),
    /// Our library reported an error.
    #[error("our side: {0}")]
    Ours(#[from] otr_protocol::Error),
    /// The two sides disagree, or something that must happen did not.
    #[error("{step}: expected {expected}, got {got}")]
    Differs {
        /// At which step.
        step: &'static str,
        /// What had to happen.
        expected: String,
        /// What did.
        got: String,
    },
}

/// A session of ours and a peer.
pub struct Conversation<B: Backend> {
    session: Session<B>,
    peer: Peer,
    scenario: Scenario,
    our_fingerprint: String,
    our_events: Vec<Event>,
    peer_events: Vec<PeerEvent>,
    tap: Tap,
    clock: u64,
}

impl<B: Backend> Conversation<B> {
    /// Joins the two. The account's policy must allow what the scenario asks for.
    ///
    /// # Errors
    /// If the scenario's maximum size is too small for any fragment.
    pub fn new(account: &Account<B>, peer: Peer, scenario: Scenario) -> Result<Self, Failure> {
        let mut session = account.session();
        session.set_max_message_size(scenario.max_size)?;
        Ok(Self {
            session,
            peer,
            scenario,
            our_fingerprint: account.fingerprint().to_hex(),
            our_events: Vec::new(),
            peer_events: Vec::new(),
            tap: Tap::default(),
            clock: 0,
        })
    }

    /// A whole session: query, key exchange, `rounds` messages each way, and the end, said by either side in turn.
    ///
    /// # Errors
    /// At the first difference.
    pub fn exchange(&mut self, rounds: usize, ended_by: Side) -> Result<(), Failure> {
        self.converse(rounds)?;
        self.end_session(ended_by)
    }

    /// Query, key exchange, and `rounds` messages each way. In a session, this refreshes it.
    ///
    /// # Errors
    /// At the first difference.
    pub fn converse(&mut self, rounds: usize) -> Result<(), Failure> {
        self.begin()?;
        for round in 0..rounds {
            // Of very different lengths, so that some need no fragment and some need many.
            let text = format!("round {round}: {}", "päckchen ".repeat(round * round * 4));
            self.say(Side::Us, &text)?;
            self.say(Side::Peer, &text.to_uppercase())?;
            if round % 2 == 1 {
                self.say(Side::Peer, "twice in a row, under the same keys")?;
            }
        }
        Ok(())
    }

    /// What was said on the wire since the latest query was sent, even if the exchange failed.
    #[must_use]
    pub fn tap(&self) -> &Tap {
        &self.tap
    }

    /// Query and key exchange.
    fn begin(&mut self) -> Result<(), Failure> {
        self.tap = Tap::default();
        // People take their time; one exchange right after the other is a flood, and would be ignored (S-33).
        self.clock += 2000;
        match self.scenario.starter {
            Side::Us => self.session.start(self.now())?,
            Side::Peer => self.ask("start")?,
        }
        self.carry()?;
        let ours = self.our_events.iter().find_map(|event| match event {
            Event::Secured { version, fingerprint, session_id, our_half, .. } => {
                let half = if *our_half == Half::First { "first" } else { "second" };
                Some((version.number(), fingerprint.to_hex(), session_id.to_hex(), half))
            }
            _ => None,
        });
        let theirs = self.peer_events.iter().find_map(PeerEvent::secured);
        let (Some(ours), Some(theirs)) = (ours, theirs) else {
            return Err(self.differs("key exchange", "both sides secured"));
        };
        let (our_half, their_half) = (ours.3, theirs.3.as_str());
        let expected =
            (self.scenario.version.number(), self.peer.fingerprint().to_owned(), theirs.2, our_half);
        check("key exchange, as we see it", &expected, &ours)?;
        check(
            "key exchange, as the peer sees it",
            &(expected.0, &self.our_fingerprint),
            &(theirs.0, &theirs.1),
        )?;
        check("halves of the session id", &true, &(our_half != their_half))
    }

    /// One side says something and the other reads it, protected.
    fn say(&mut self, speaker: Side, text: &str) -> Result<(), Failure> {
        match speaker {
            Side::Us => self.session.send(self.now(), Recipient::Best, text)?,
            Side::Peer => self.ask(&format!("send {}", peer::encode(text.as_bytes())))?,
        }
        self.carry()?;
        let heard: Vec<&[u8]> = match speaker {
            Side::Us => self.peer_events.iter().filter_map(PeerEvent::encrypted_text).collect(),
            Side::Peer => self
                .our_events
                .iter()
                .filter_map(|event| match event {
                    Event::Message { text, .. } => Some(text.as_slice()),
                    _ => None,
                })
                .collect(),
        };
        if heard == [text.as_bytes()] { Ok(()) } else { Err(self.differs("message", text)) }
    }

    /// One side ends the session; the other is told, and ends it too.
    ///
    /// # Errors
    /// If the other is not told.
    pub fn end_session(&mut self, ended_by: Side) -> Result<(), Failure> {
        match ended_by {
            Side::Us => self.session.end_all(self.now())?,
            Side::Peer => self.ask("end")?,
        }
        self.carry()?;
        let told = match ended_by {
            Side::Us => self.peer_events.iter().any(PeerEvent::is_end),
            Side::Peer => {
                self.our_events.iter().any(|event| matches!(event, Event::Ended { by: EndedBy::Peer, .. }))
            }
        };
        if !told {
            return Err(self.differs("end", "the other side is told"));
        }
        match ended_by {
            Side::Us => self.ask("end")?,
            Side::Peer => self.session.end_all(self.now())?,
        }
        self.carry()?;
        let in_clear = self.session.instances().all(|slot| slot.message_state == MessageState::Plaintext);
        check("state after the end", &true, &in_clear)
    }

    /// Carries texts to and fro until both sides are silent. What happened before is forgotten.
    fn carry(&mut self) -> Result<(), Failure> {
        self.our_events.clear();
        let mut seen = self.peer.take_events();
        loop {
            let mut busy = false;
            for text in self.peer.take_wire() {
                busy = true;
                self.fits(&text)?;
                self.tap.hear(Side::Peer, &text);
                self.session.receive(self.now(), &text)?;
            }
            while let Some(output) = self.next_output()? {
                match output {
                    Output::Send(message) => {
                        busy = true;
                        self.fits(&message.text)?;
                        self.tap.hear(Side::Us, &message.text);
                        self.peer.receive(&message.text)?;
                    }
                    Output::Event(event) => self.our_events.push(event),
                    Output::Idle(_) => {}
                }
            }
            seen.extend(self.peer.take_events());
            if !busy {
                self.peer_events = seen;
                return Ok(());
            }
        }
    }

    fn next_output(&mut self) -> Result<Option<Output>, Failure> {
        self.clock += 1;
        Ok(match self.session.poll(self.now())? {
            Output::Idle(_) => None,
            output => Some(output),
        })
    }

    /// A text on its way is no longer than allowed; only OTR messages are cut, and libotr does not cut some.
    fn fits(&self, text: &[u8]) -> Result<(), Failure> {
        match self.scenario.max_size {
            Some(size) if text.starts_with(b"?OTR|") || text.starts_with(b"?OTR,") => {
                check("length of a fragment at most", &true, &(text.len() <= size))
            }
            _ => Ok(()),
        }
    }

    fn ask(&mut self, command: &str) -> Result<(), Failure> {
        Ok(self.peer.command(command)?)
    }

    fn now(&self) -> Instant {
        Instant::from_millis(self.clock)
    }

    fn differs(&self, step: &'static str, expected: &str) -> Failure {
        let got = format!("{:?} on our side, {:?} on the peer's", self.our_events, self.peer_events);
        Failure::Differs { step, expected: expected.to_owned(), got }
    }
}

fn check<T: PartialEq + core::fmt::Debug>(step: &'static str, expected: &T, got: &T) -> Result<(), Failure> {
    if expected == got {
        return Ok(());
    }
    Err(Failure::Differs { step, expected: format!("{expected:?}"), got: format!("{got:?}") })
}
