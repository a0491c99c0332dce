//! `otr pipe`: one party on standard input and output, one JSON object a line.

pub(crate) mod clock;
mod command;
mod event;
pub(crate) mod input;
mod options;

use std::io::{self, Write};

use otr_protocol::{Direction, Instant, Output, Recipient, Session};
use zeroize::Zeroizing;

pub(crate) use clock::Clock;
pub(crate) use options::Options;

use crate::backend::Shared;
use crate::failure::Failure;
use command::{Command, Refusal, Request};
use event::{Report, Told};
use input::{Input, Lines};

/// Runs until the input ends.
pub(crate) fn run(options: Options, out: &mut impl Write) -> Result<(), Failure> {
    let clock = Clock::new(options.manual_clock);
    let account = options.account()?;
    let mut pipe = Pipe { session: account.session(), clock, line: 0, out };
    pipe.tell(Report::ready(&account), None)?;
    pipe.out.flush()?;
    let lines = Lines::of_stdin();
    let mut deadline = None;
    loop {
        match lines.next(pipe.clock.until(deadline))? {
            Input::Line(line) => {
                // It may have a secret in it.
                let line = Zeroizing::new(line);
                pipe.line += 1;
                pipe.obey(&line)?;
            }
            Input::TooLong => {
                pipe.line += 1;
                pipe.tell(Refusal::too_long(pipe.line), None)?;
            }
            Input::None if Some(pipe.clock.now()) < deadline => continue, // woken early
            Input::None => {}
            Input::End => return Ok(()),
        }
        deadline = pipe.settle()?;
    }
}

/// The conversation, and where its events go.
struct Pipe<'a, W> {
    session: Session<Shared>,
    clock: Clock,
    /// How many lines have come in.
    line: u64,
    out: &'a mut W,
}

impl<W: Write> Pipe<'_, W> {
    /// Does what a line asks for, or says why not.
    fn obey(&mut self, line: &[u8]) -> io::Result<()> {
        match command::parse(self.line, line).and_then(|request| self.carry_out(request)) {
            Ok((Some(report), id)) => self.tell(report, id),
            Ok((None, _)) => Ok(()),
            Err(refusal) => {
                let id = refusal.id.clone();
                self.tell(refusal, id)
            }
        }
    }

    /// What there is to tell at once, and what the driver calls the command.
    fn carry_out(&mut self, request: Request) -> Result<(Option<Report>, Option<String>), Refusal> {
        let Request { name, command, now, id } = request;
        let perform = |now| match &id {
            Some(id) => self.session.with_id(id, |session| perform(session, now, command)),
            None => perform(&mut self.session, now, command),
        };
        match self.clock.set(now).and_then(|now| perform(now).map_err(|error| error.to_string())) {
            Ok(report) => Ok((report, id)),
            Err(message) => Err(Refusal { command: Some(name), message, id }),
        }
    }

    /// Tells everything that has happened, then that nothing more will before the moment returned.
    fn settle(&mut self) -> io::Result<Option<Instant>> {
        let now = self.clock.now();
        let deadline = loop {
            match self.session.poll_with_id(now) {
                Ok((Output::Send(outgoing), id)) => self.tell(outgoing, id.map(|id| id.to_string()))?,
                Ok((Output::Event(event), id)) => self.tell(event, id.map(|id| id.to_string()))?,
                Ok((Output::Idle(deadline), _)) => break deadline,
                // It was about one text or one session, which is done with: the rest is still to be told.
                Err(error) => self.tell(error, None)?,
            }
        };
        self.tell(Report::idle(deadline), None)?;
        self.out.flush()?;
        Ok(deadline)
    }

    fn tell(&mut self, report: impl Into<Report>, id: Option<String>) -> io::Result<()> {
        serde_json::to_writer(&mut *self.out, &Told { report: report.into(), id })?;
        self.out.write_all(b"\n")
    }
}

/// Does what a command asks for; what there is to tell of it at once.
fn perform(
    session: &mut Session<Shared>,
    now: Instant,
    command: Command,
) -> otr_protocol::Result<Option<Report>> {
    match command {
        Command::Receive(text) => session.receive(now, &text)?,
        Command::Send(text, to) => session.send(now, to, text)?,
        Command::Start => session.start(now)?,
        Command::End(Some(with)) => session.end(now, with)?,
        Command::End(None) => session.end_all(now)?,
        Command::SmpStart(secret, question, with) => {
            session.smp(now, with)?.start(secret.0.as_bytes(), question.as_deref())?;
        }
        Command::SmpAnswer(secret, with) => session.smp(now, with)?.respond(secret.0.as_bytes())?,
        Command::SmpAbort(with) => session.smp(now, with)?.abort()?,
        Command::ExtraKey(usage, data, with) => {
            let instance = session.resolve(with)?;
            let key = session.extra_key(now, Recipient::Instance(instance), usage, &data)?;
            return Ok(Some(Report::extra_key(Direction::Sent, usage, data, &key, instance)));
        }
        Command::Tick => {}
    }
    Ok(None)
}
