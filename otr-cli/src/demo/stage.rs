//! The parties, the wire between them, and the audience.

use std::io::{self, Write};
use std::time::Duration;

use anstyle::Style;
use otr_protocol::{
    EndedBy, Error, Event, Half, Instant, Outgoing, Output, Problem, Recipient, Session, SmpEvent, Trust,
};

use super::observer::{Sight, offer};
use super::party::{Party, Side};
use crate::backend::Shared;
use crate::failure::Failure;
use crate::text::printable;

/// Where it is played.
pub(super) struct Stage<'a, W> {
    alice: Party,
    bob: Party,
    /// Bob's other client, which is off at first.
    phone: Party,
    phone_is_on: bool,
    now: Instant,
    /// Whether the fields of messages are shown.
    decode: bool,
    out: &'a mut W,
}

const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();

impl<'a, W: Write> Stage<'a, W> {
    pub(super) fn new([alice, bob, phone]: [Party; 3], decode: bool, out: &'a mut W) -> Self {
        Self { alice, bob, phone, phone_is_on: false, now: Instant::default(), decode, out }
    }

    /// Shows whose key is whose.
    pub(super) fn introduce(&mut self) -> io::Result<()> {
        for side in [Side::Alice, Side::Bob] {
            let key = self.party(side).fingerprint;
            self.tell(side, &format!("has the key {key}"))?;
        }
        Ok(())
    }

    pub(super) fn heading(&mut self, text: &str) -> io::Result<()> {
        writeln!(self.out, "\n{BOLD}{text}{BOLD:#}")
    }

    /// From now on Bob has two clients.
    pub(super) fn turn_on_phone(&mut self) -> io::Result<()> {
        self.phone_is_on = true;
        let key = self.phone.fingerprint;
        self.tell(Side::Phone, &format!("has the key {key}"))
    }

    /// Asks for OTR.
    pub(super) fn start(&mut self, side: Side) -> Result<(), Failure> {
        self.act(side, |session, now| session.start(now))
    }

    /// Sends a text, which must arrive.
    pub(super) fn say(&mut self, side: Side, text: &str) -> Result<(), Failure> {
        self.act(side, |session, now| session.send(now, Recipient::Best, text))?;
        self.check_read(side.peer(), Some(text))
    }

    /// Sends a text to one of Bob's clients, which must arrive there and nowhere else.
    pub(super) fn say_to(&mut self, to: Side, text: &str) -> Result<(), Failure> {
        let recipient = self.party(to).recipient();
        self.act(Side::Alice, |session, now| session.send(now, recipient, text))?;
        for side in [Side::Bob, Side::Phone] {
            self.check_read(side, (side == to).then_some(text))?;
        }
        Ok(())
    }

    /// Tries to send a text after the peer has ended the session.
    pub(super) fn say_in_vain(&mut self, side: Side, text: &str) -> Result<(), Failure> {
        let now = self.now;
        match self.party(side).session.send(now, Recipient::Best, text) {
            Err(error @ Error::Finished) => self.tell(side, &format!("writes: {text}\n{INDENT}{error}"))?,
            Err(error) => return Err(error.into()),
            Ok(()) => return Err(disagreement("the end of the session")),
        }
        self.settle()
    }

    /// Compares secrets, with the result expected.
    pub(super) fn compare(
        &mut self,
        side: Side,
        question: Option<&str>,
        [secret, answer]: [&str; 2],
        result: &SmpEvent,
    ) -> Result<(), Failure> {
        let peer = side.peer();
        self.tell(side, &format!("starts a comparison of secrets: {secret}"))?;
        self.act(side, |session, now| session.smp(now, Recipient::Best)?.start(secret, question))?;
        let asked = SmpEvent::Asked { question: question.map(Into::into) };
        if self.party(peer).seen.smp.take() != Some(asked) {
            return Err(disagreement("the question"));
        }
        self.tell(peer, &format!("answers: {answer}"))?;
        self.act(peer, |session, now| session.smp(now, Recipient::Best)?.respond(answer))?;
        for side in [side, peer] {
            if self.party(side).seen.smp.take().as_ref() != Some(result) {
                return Err(disagreement("the secrets"));
            }
            let fingerprint = self.party(side.peer()).fingerprint;
            let trust = self.party(side).session.known_fingerprints().classify(&fingerprint);
            self.tell(side, &format!("has {}'s key as {}", side.peer().name(), known(trust)))?;
        }
        Ok(())
    }

    /// Has a file encrypted by the extra symmetric key, which both must have.
    pub(super) fn share_key(&mut self, side: Side, file: &str) -> Result<(), Failure> {
        let usage = Session::<Shared>::FILE_TRANSFER;
        self.tell(side, &format!("takes the extra key for {file}, and says so"))?;
        let key =
            self.act(side, |session, now| session.extra_key(now, Recipient::Best, usage, file.as_bytes()))?;
        match self.party(side.peer()).seen.extra_key.take() {
            Some((data, theirs)) if data == file.as_bytes() && *theirs == key => {
                Ok(writeln!(self.out, "both           have the same key of 32 bytes for it")?)
            }
            _ => Err(disagreement("the extra key")),
        }
    }

    /// Ends all sessions of a party.
    pub(super) fn end(&mut self, side: Side) -> Result<(), Failure> {
        self.act(side, |session, now| session.end_all(now))
    }

    /// Checks that Alice and one of Bob's clients are in the same session, each with the other.
    pub(super) fn agree(&mut self, side: Side) -> Result<(), Failure> {
        let bob = if side == Side::Phone { &self.phone } else { &self.bob };
        let (Some(a), Some(b)) = (self.alice.secured_with(bob), bob.secured_with(&self.alice)) else {
            return Err(disagreement("whether there is a session"));
        };
        let keys = a.fingerprint == bob.fingerprint && b.fingerprint == self.alice.fingerprint;
        let ids = a.session_id == b.session_id && a.our_half != b.our_half;
        if !keys || !ids || a.version != b.version {
            return Err(disagreement("the session"));
        }
        let id = a.session_id;
        Ok(writeln!(self.out, "both           compare the session id {id}: nobody sits in between")?)
    }

    /// Notes that the peer's key is really the peer's.
    pub(super) fn verify(&mut self, side: Side) -> Result<(), Failure> {
        let fingerprint = self.party(side.peer()).fingerprint;
        self.party(side).session.known_fingerprints_mut().set(fingerprint, "verified");
        Ok(self.tell(side, &format!("notes {}'s key as verified", side.peer().name()))?)
    }

    /// Does something with a party's session, and lets everything that follows happen.
    fn act<T>(
        &mut self,
        side: Side,
        action: impl FnOnce(&mut Session<Shared>, Instant) -> Result<T, Error>,
    ) -> Result<T, Failure> {
        let now = self.now;
        let done = action(&mut self.party(side).session, now)?;
        self.settle()?;
        Ok(done)
    }

    /// What a party must have read since the last time.
    fn check_read(&mut self, side: Side, text: Option<&str>) -> Result<(), Failure> {
        let read = self.party(side).seen.text.take();
        if read.as_deref() == text.map(str::as_bytes) { Ok(()) } else { Err(disagreement("the text")) }
    }

    /// Lets texts pass until nobody has anything to say.
    fn settle(&mut self) -> Result<(), Failure> {
        loop {
            let sent = [self.drain(Side::Alice)?, self.drain(Side::Bob)?, self.drain(Side::Phone)?];
            if sent == [false; 3] {
                return Ok(());
            }
        }
    }

    /// Handles all that one side has to say: whether anything went over the wire.
    fn drain(&mut self, side: Side) -> Result<bool, Failure> {
        let mut sent = false;
        let mut passed_by = false;
        loop {
            let now = self.now;
            match self.party(side).session.poll(now)? {
                Output::Send(Outgoing { text, .. }) => {
                    self.show(side, &text)?;
                    let now = now.after(Duration::from_millis(50));
                    self.party(side.peer()).session.receive(now, &text)?;
                    if side == Side::Alice && self.phone_is_on {
                        self.phone.session.receive(now, &text)?;
                    }
                    self.now = now;
                    sent = true;
                }
                // Once is enough for many fragments.
                Output::Event(Event::Problem { kind: Problem::ForOtherInstance, .. }) if passed_by => {}
                Output::Event(Event::Problem { kind: Problem::ForOtherInstance, .. }) => {
                    passed_by = true;
                    self.tell(side, "sees what is for Bob's other client")?;
                }
                Output::Event(event) => self.see(side, event)?,
                Output::Idle(_) => return Ok(sent),
            }
        }
    }

    /// Shows a text on the wire.
    fn show(&mut self, side: Side, text: &[u8]) -> io::Result<()> {
        let now = self.now;
        let sight = self.party(side).observer.see(now, text);
        let (alice, style) = (Side::Alice.style(), side.style());
        let (arrow, (bob, name_of_bob)) = match side {
            Side::Alice if self.phone_is_on => ("──▶", (Side::Bob.style(), "both")),
            Side::Alice => ("──▶", (Side::Bob.style(), Side::Bob.name())),
            Side::Bob | Side::Phone => ("◀──", (side.style(), side.name())),
        };
        let shown = shortened(&printable(text));
        let Sight { name, fields, whole } = sight;
        writeln!(
            self.out,
            "{alice}alice{alice:#} {style}{arrow}{style:#} {bob}{name_of_bob:<4}{bob:#} {style}{name:<20}{style:#} \
             {:>5} bytes  {DIM}{shown}{DIM:#}",
            text.len(),
        )?;
        self.fields(fields)?;
        if let Some(whole) = whole {
            writeln!(self.out, "{INDENT}together: {style}{}{style:#}", whole.name)?;
            self.fields(whole.fields)?;
        }
        Ok(())
    }

    fn fields(&mut self, fields: Vec<(&str, String)>) -> io::Result<()> {
        for (name, value) in fields.into_iter().filter(|_| self.decode) {
            writeln!(self.out, "{INDENT}  {DIM}{name:<15}{value}{DIM:#}")?;
        }
        Ok(())
    }

    /// Shows what one side sees.
    fn see(&mut self, side: Side, event: Event) -> io::Result<()> {
        let peer = side.peer().name();
        let line = match event {
            Event::Ended { by: EndedBy::Us, .. } => "has ended the session".into(),
            Event::Ended { by: EndedBy::Peer, .. } => {
                format!("sees that {peer} has ended the session (FINISHED)")
            }
            Event::Message { text, .. } => {
                let line = format!("reads, encrypted: {}", printable(&text));
                self.party(side).seen.text = Some(text);
                line
            }
            Event::Plaintext { text } => {
                let line = format!("reads, in clear: {}", printable(&text));
                self.party(side).seen.text = Some(text);
                line
            }
            Event::ExtraKey { data, key, .. } => {
                let line = format!("is told to take the extra key for {}", printable(&data));
                self.party(side).seen.extra_key = Some((data, key));
                line
            }
            Event::Smp { event, .. } => {
                let line = format!("{} ({} %)", progress(&event), event.percent());
                self.party(side).seen.smp = Some(event);
                line
            }
            Event::QueryReceived { versions } => format!("is asked for {}", offer(versions)),
            Event::WhitespaceTagReceived { versions } => format!("is offered {}", offer(versions)),
            Event::Secured { version, fingerprint, trust, session_id, our_half, .. } => {
                let half = match our_half {
                    Half::First => "first",
                    Half::Second => "second",
                };
                format!(
                    "is secured by OTR {version}\n\
                     {INDENT}{peer}'s key: {fingerprint}, {}\n\
                     {INDENT}session id: {session_id}, to read the {half} half aloud",
                    known(trust),
                )
            }
            other => format!("{other:?}"),
        };
        self.tell(side, &line)
    }

    /// Shows something about one side.
    fn tell(&mut self, side: Side, line: &str) -> io::Result<()> {
        let (name, style) = (side.name(), side.style());
        let column = match side {
            Side::Alice => "",
            Side::Bob | Side::Phone => "          ",
        };
        let gap = INDENT.get(column.len() + name.len()..).unwrap_or_default();
        writeln!(self.out, "{column}{style}{name}{style:#}{gap}{line}")
    }

    fn party(&mut self, side: Side) -> &mut Party {
        match side {
            Side::Alice => &mut self.alice,
            Side::Bob => &mut self.bob,
            Side::Phone => &mut self.phone,
        }
    }
}

/// What somebody knows of a key.
fn known(trust: Trust) -> &'static str {
    match trust {
        Trust::New => "never seen before",
        Trust::Known => "seen before, not verified",
        Trust::Trusted => "verified",
        Trust::Changed => "not verified, unlike another one",
    }
}

/// How a comparison of secrets stands.
fn progress(event: &SmpEvent) -> String {
    match event {
        SmpEvent::Asked { question: Some(question) } => format!("is asked: {}", printable(question)),
        SmpEvent::Asked { question: None } => "is asked for the secret".into(),
        SmpEvent::Progress => "has an answer".into(),
        SmpEvent::Succeeded => "learns that the secrets are equal".into(),
        SmpEvent::Failed => "learns that the secrets differ".into(),
        other => format!("{other:?}"),
    }
}

/// As wide as `alice ──▶ bob  `.
const INDENT: &str = "               ";

/// The start of a text, on the rest of a line.
fn shortened(text: &str) -> String {
    match text.char_indices().nth(45) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

/// The library broke its promise.
fn disagreement(about: &str) -> Failure {
    Failure::Run(format!("alice and bob disagree about {about}: please report this"))
}
