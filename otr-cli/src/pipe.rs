//! `otr pipe`: one party on standard input and output, one JSON object a line.

mod clock;
mod command;
mod event;
mod input;

use std::io::{self, Write};
use std::path::PathBuf;
use std::time::Duration;

use clap::ValueEnum;
use otr_protocol::traits::Dsa;
use otr_protocol::{Account, Config, Error, Instant, InstanceTag, Output, Policy, Session};

use crate::backend::{Choice, Shared};
use crate::failure::Failure;
use crate::keys;
use clock::Clock;
use command::{Command, Refusal, Request};
use event::Report;
use input::{Input, Lines};

/// Be one party of a conversation: JSON commands in, JSON events out
///
/// For bots, bindings and tests in any language. Every line in, valid or not, is answered by its events and then
/// exactly one "idle". Try: echo '{"cmd":"start"}' | otr pipe
#[derive(clap::Args)]
pub(crate) struct Options {
    #[command(flatten)]
    backend: Choice,
    /// A private-key file in libotr's format; without it a fresh key is made for this run
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
    /// The account in the key file [default: its first]
    #[arg(long, value_name = "NAME", requires = "key")]
    account: Option<String>,
    /// Our instance tag, 8 hexadecimal digits with or without 0x [default: a random one]
    #[arg(long, value_name = "HEX", value_parser = command::client_tag)]
    instance_tag: Option<InstanceTag>,
    /// The versions of OTR that may be spoken
    #[arg(long, value_delimiter = ',', default_value = "v2,v3")]
    allow: Vec<Allowed>,
    /// Never send text in clear
    #[arg(long)]
    require_encryption: bool,
    /// Add an invisible offer of OTR to text in clear
    #[arg(long)]
    send_whitespace_tag: bool,
    /// Accept such an offer by starting a key exchange
    #[arg(long)]
    whitespace_start: bool,
    /// Answer an OTR error by asking for a new session
    #[arg(long)]
    error_start: bool,
    /// The longest text the transport carries; longer messages are sent in fragments
    #[arg(long, value_name = "BYTES")]
    max_size: Option<usize>,
    /// The least time between two texts to the peer
    #[arg(long, value_name = "MS", default_value_t = 0)]
    send_interval: u64,
    /// Take the time from "now" in each command, in milliseconds, instead of from a clock
    #[arg(long)]
    manual_clock: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum Allowed {
    V2,
    V3,
}

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

impl Options {
    /// The account to speak as.
    fn account(self) -> Result<Account<Shared>, Failure> {
        let mut config = Config::default();
        config.policy = self.policy();
        config.max_message_size = self.max_size;
        config.send_interval = Duration::from_millis(self.send_interval);
        let backend = self.backend.backend()?;
        let made = match &self.key {
            Some(file) => Ok(keys::load(file, self.account.as_deref())?),
            None => backend.generate().map_err(Error::from),
        };
        let account = made.and_then(|key| {
            let tag = self.instance_tag.map_or_else(|| InstanceTag::generate(&backend), Ok)?;
            Account::new(backend, key, tag, config)
        });
        account.map_err(|error| Failure::Start(error.to_string()))
    }

    fn policy(&self) -> Policy {
        let allow = |version| match version {
            Allowed::V2 => Policy::ALLOW_V2,
            Allowed::V3 => Policy::ALLOW_V3,
        };
        let flags = [
            (self.require_encryption, Policy::REQUIRE_ENCRYPTION),
            (self.send_whitespace_tag, Policy::SEND_WHITESPACE_TAG),
            (self.whitespace_start, Policy::WHITESPACE_START_AKE),
            (self.error_start, Policy::ERROR_START_AKE),
        ];
        let set = flags.into_iter().filter_map(|(set, flag)| set.then_some(flag));
        self.allow.iter().copied().map(allow).chain(set).fold(Policy::NEVER, |all, flag| all | flag)
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
                Err(error) => self.tell(error)?,
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
