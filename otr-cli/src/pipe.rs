//! `otr pipe`: one party on standard input and output, one JSON object a line.

mod clock;
mod command;
mod event;
mod input;
mod options;

use std::io::{self, Write};

use otr_protocol::{Instant, Output, Session};

pub(crate) use options::Options;

use crate::backend::Shared;
use crate::failure::Failure;
use clock::Clock;
use command::{Command, Refusal, Request};
use event::Report;
use input::{Input, Lines};

/// Runs until the input ends.
pub(crate) fn run(options: Options, out: &mut impl Write) -> Result<(), Failure> {
    let clock = Clock::new(options.manual_clock);
    let account = options.account()?;
    let mut pipe = Pipe { session: account.session(), clock, line: 0, out };
    pipe.tell(Report::ready(&account))?;
    pipe.out.flush()?;
    let lines = Lines::of_stdin();
    let mut deadline = None;
    loop {
        match lines.next(pipe.clock.until(deadline))? {
            Input::Line(line) => {
                pipe.line += 1;
                pipe.obey(&line)?;
            }
            Input::TooLong => {
                pipe.line += 1;
                pipe.tell(Refusal::too_long(pipe.line))?;
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
            Ok(()) => Ok(()),
            Err(refusal) => self.tell(refusal),
        }
    }

    fn carry_out(&mut self, Request { name, command, now }: Request) -> Result<(), Refusal> {
        let done = self.clock.set(now).and_then(|now| self.perform(now, command).map_err(|e| e.to_string()));
        done.map_err(|message| Refusal { command: Some(name), message })
    }

    fn perform(&mut self, now: Instant, command: Command) -> otr_protocol::Result<()> {
        match command {
            Command::Receive(text) => self.session.receive(now, &text),
            Command::Send(text, to) => self.session.send(now, to, text),
            Command::Start => self.session.start(now),
            Command::End(Some(with)) => self.session.end(now, with),
            Command::End(None) => self.session.end_all(now),
            Command::Tick => Ok(()),
        }
    }

    /// Tells everything that has happened, then that nothing more will before the moment returned.
    fn settle(&mut self) -> io::Result<Option<Instant>> {
        let now = self.clock.now();
        let deadline = loop {
            match self.session.poll(now) {
                Ok(Output::Send(outgoing)) => self.tell(outgoing)?,
                Ok(Output::Event(event)) => self.tell(event)?,
                Ok(Output::Idle(deadline)) => break deadline,
                Err(error) => {
                    self.tell(error)?;
                    break None;
                }
            }
        };
        self.tell(Report::idle(deadline))?;
        self.out.flush()?;
        Ok(deadline)
    }

    fn tell(&mut self, report: impl Into<Report>) -> io::Result<()> {
        serde_json::to_writer(&mut *self.out, &report.into())?;
        self.out.write_all(b"\n")
    }
}
