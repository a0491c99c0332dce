//! Two parties, the wire between them, and the audience.

use std::io::{self, Write};
use std::time::Duration;

use anstyle::{AnsiColor, Style};
use otr_protocol::{
    Account, EndedBy, Error, Event, Fingerprint, Half, Instant, Outgoing, Output, Recipient, Secured,
    Session, Trust,
};

use super::observer::{Observer, Sight, offer};
use crate::backend::Shared;
use crate::failure::Failure;
use crate::text::printable;

/// One party, and what it knows.
pub(super) struct Party {
    fingerprint: Fingerprint,
    session: Session<Shared>,
    /// Who reads what this party sends.
    observer: Observer,
    /// The last text that it has read.
    read: Option<Vec<u8>>,
}

impl Party {
    pub(super) fn new(account: &Account<Shared>) -> Self {
        Self {
            fingerprint: account.fingerprint(),
            session: account.session(),
            observer: Observer::default(),
            read: None,
        }
    }

    /// The session that it is in.
    fn secured(&self) -> Option<Secured> {
        self.session.instances().find_map(|instance| instance.secured)
    }
}

/// Which of the two.
#[derive(Clone, Copy)]
pub(super) enum Side {
    Alice,
    Bob,
}

impl Side {
    fn other(self) -> Self {
        match self {
            Self::Alice => Self::Bob,
            Self::Bob => Self::Alice,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Alice => "alice",
            Self::Bob => "bob",
        }
    }

    fn style(self) -> Style {
        match self {
            Self::Alice => AnsiColor::Cyan.on_default(),
            Self::Bob => AnsiColor::Yellow.on_default(),
        }
    }
}

/// Where it is played.
pub(super) struct Stage<'a, W> {
    alice: Party,
    bob: Party,
    now: Instant,
    /// Whether the fields of messages are shown.
    decode: bool,
    out: &'a mut W,
}

const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();

impl<'a, W: Write> Stage<'a, W> {
    pub(super) fn new(alice: Party, bob: Party, decode: bool, out: &'a mut W) -> Self {
        Self { alice, bob, now: Instant::default(), decode, out }
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

    /// Asks for OTR.
    pub(super) fn start(&mut self, side: Side) -> Result<(), Failure> {
        let now = self.now;
        self.party(side).session.start(now)?;
        self.settle()
    }

    /// Sends a text, which must arrive.
    pub(super) fn say(&mut self, side: Side, text: &str) -> Result<(), Failure> {
        let now = self.now;
        self.party(side).session.send(now, Recipient::Best, text)?;
        self.settle()?;
        let read = self.party(side.other()).read.take();
        if read.as_deref() == Some(text.as_bytes()) { Ok(()) } else { Err(disagreement("the text")) }
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

    /// Ends the session.
    pub(super) fn end(&mut self, side: Side) -> Result<(), Failure> {
        let now = self.now;
        self.party(side).session.end(now, Recipient::Best)?;
        self.settle()
    }

    /// Checks that both are in the same session, each with the other.
    pub(super) fn agree(&mut self) -> Result<(), Failure> {
        let (Some(alice), Some(bob)) = (self.alice.secured(), self.bob.secured()) else {
            return Err(disagreement("whether there is a session"));
        };
        let keys = alice.fingerprint == self.bob.fingerprint && bob.fingerprint == self.alice.fingerprint;
        let ids = alice.session_id == bob.session_id && alice.our_half != bob.our_half;
        if !keys || !ids || alice.version != bob.version {
            return Err(disagreement("the session"));
        }
        let id = alice.session_id;
        Ok(writeln!(self.out, "both           compare the session id {id}: nobody sits in between")?)
    }

    /// Notes that the peer's key is really the peer's.
    pub(super) fn verify(&mut self, side: Side) -> Result<(), Failure> {
        let fingerprint = self.party(side.other()).fingerprint;
        self.party(side).session.known_fingerprints_mut().set(fingerprint, "verified");
        Ok(self.tell(side, &format!("notes {}'s key as verified", side.other().name()))?)
    }

    /// Lets texts pass until neither side has anything to say.
    fn settle(&mut self) -> Result<(), Failure> {
        loop {
            let sent = [self.drain(Side::Alice)?, self.drain(Side::Bob)?];
            if sent == [false, false] {
                return Ok(());
            }
        }
    }

    /// Handles all that one side has to say: whether anything went over the wire.
    fn drain(&mut self, side: Side) -> Result<bool, Failure> {
        let mut sent = false;
        loop {
            let now = self.now;
            match self.party(side).session.poll(now)? {
                Output::Send(Outgoing { text, .. }) => {
                    self.show(side, &text)?;
                    let now = now.after(Duration::from_millis(50));
                    self.party(side.other()).session.receive(now, &text)?;
                    self.now = now;
                    sent = true;
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
        let (alice, bob, style) = (Side::Alice.style(), Side::Bob.style(), side.style());
        let arrow = match side {
            Side::Alice => "──▶",
            Side::Bob => "◀──",
        };
        let shown = shortened(&printable(text));
        let Sight { name, fields, whole } = sight;
        writeln!(
            self.out,
            "{alice}alice{alice:#} {style}{arrow}{style:#} {bob}bob{bob:#}  {style}{name:<20}{style:#} \
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
        let peer = side.other().name();
        let line = match event {
            Event::Ended { by: EndedBy::Us, .. } => "has ended the session".into(),
            Event::Ended { by: EndedBy::Peer, .. } => {
                format!("sees that {peer} has ended the session (FINISHED)")
            }
            Event::Message { text, .. } => {
                let line = format!("reads, encrypted: {}", printable(&text));
                self.party(side).read = Some(text);
                line
            }
            Event::Plaintext { text } => {
                let line = format!("reads, in clear: {}", printable(&text));
                self.party(side).read = Some(text);
                line
            }
            Event::QueryReceived { versions } => format!("is asked for {}", offer(versions)),
            Event::WhitespaceTagReceived { versions } => format!("is offered {}", offer(versions)),
            Event::Secured { version, fingerprint, trust, session_id, our_half, .. } => {
                let trust = match trust {
                    Trust::New => "never seen before",
                    Trust::Known => "seen before, not verified",
                    Trust::Trusted => "verified",
                    Trust::Changed => "not verified, unlike another one",
                };
                let half = match our_half {
                    Half::First => "first",
                    Half::Second => "second",
                };
                format!(
                    "is secured by OTR {version}\n\
                     {INDENT}{peer}'s key: {fingerprint}, {trust}\n\
                     {INDENT}session id: {session_id}, to read the {half} half aloud",
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
            Side::Bob => "          ",
        };
        let gap = INDENT.get(column.len() + name.len()..).unwrap_or_default();
        writeln!(self.out, "{column}{style}{name}{style:#}{gap}{line}")
    }

    fn party(&mut self, side: Side) -> &mut Party {
        match side {
            Side::Alice => &mut self.alice,
            Side::Bob => &mut self.bob,
        }
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
