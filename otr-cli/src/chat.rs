//! `otr chat`: two people talk, over TCP.

mod commands;
mod editor;
mod engine;
mod entry;
mod file_cipher;
mod frame;
mod history;
mod identity;
mod net;
mod options;
mod plain;
mod screen;
mod status;
mod transfer;

use std::io;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, SyncSender};
use std::time::Duration;

use otr_protocol::Policy;
use otr_protocol::traits::SecretKey;
use ratatui::crossterm::event::Event;
use zeroize::Zeroizing;

pub(crate) use options::Options;

use crate::failure::Failure;
use crate::pipe::clock::Clock;
use engine::{Effect, Engine};
use entry::Entry;
use identity::{Identity, KeyNews};
use net::{Link, NetEvent, Place};
use plain::Plain;
use screen::{Screen, Wish};
use status::Status;

/// What the program waits for.
pub(crate) enum Input {
    Net(NetEvent),
    Key(KeyNews),
    /// On a screen.
    Terminal(Event),
    /// In line mode.
    Line(Zeroizing<String>),
    /// No more will be typed.
    End,
    /// The terminal or standard input failed.
    Failed(io::Error),
}

/// Where a conversation is shown.
enum View {
    Screen(Box<Screen>),
    Plain(Plain),
}

/// Runs until the user leaves.
pub(crate) fn run(options: Options) -> Result<(), Failure> {
    let place = options.place()?;
    let is_plain = options.is_plain();
    let policy = options.policy();
    let settings = options.settings();
    let mut identity = options.identity()?;
    let key = identity.key()?;
    let engine = Engine::new(settings, identity.known()?);
    // Few enough that a peer who floods us has to wait.
    let (inputs, queue) = mpsc::sync_channel(64);
    let view = View::open(is_plain, inputs.clone())?;
    let clock = Clock::new(false);
    let mut chat =
        Chat { engine, identity, policy, view, clock, link: None, place: Some(place), inputs, quits: false };
    match key {
        Some(key) => chat.take_key(key)?,
        None => {
            chat.engine.key_progress(0);
            chat.identity.make_key(chat.inputs.clone());
        }
    }
    chat.run(&queue)
}

/// A conversation, and what it is connected to.
struct Chat {
    engine: Engine,
    identity: Identity,
    policy: Policy,
    view: View,
    clock: Clock,
    link: Option<Link>,
    /// Until the peer is looked for.
    place: Option<Place>,
    inputs: SyncSender<Input>,
    quits: bool,
}

impl Chat {
    fn run(mut self, queue: &Receiver<Input>) -> Result<(), Failure> {
        /// As good as for ever.
        const HOUR: Duration = Duration::from_secs(3600);
        loop {
            let deadline = self.settle()?;
            self.view.refresh(&self.engine.status())?;
            if self.quits {
                // Dropped, the connection still writes what was to be sent.
                return Ok(());
            }
            let first = match queue.try_recv() {
                Ok(input) => Ok(input),
                Err(_) => {
                    self.engine.prepare(self.clock.now());
                    queue.recv_timeout(self.clock.until(deadline).unwrap_or(HOUR))
                }
            };
            match first {
                Ok(input) => self.handle(input)?,
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return Ok(()),
            }
        }
    }

    fn handle(&mut self, input: Input) -> Result<(), Failure> {
        let now = self.clock.now();
        match input {
            Input::Net(event) => self.hear(event),
            Input::Key(KeyNews::Progress(percent)) => self.engine.key_progress(percent),
            Input::Key(KeyNews::Made(key)) => {
                self.identity.keep(&key)?;
                self.take_key(key)?;
            }
            Input::Key(KeyNews::Failed(why)) => return Err(Failure::Run(why)),
            Input::Terminal(event) => match self.view.press(event) {
                Wish::None => {}
                Wish::Line(line) => self.engine.typed(now, line),
                Wish::Quit => self.engine.quit(now),
            },
            Input::Line(line) => self.engine.typed(now, line),
            Input::End => self.engine.leave_when_idle(),
            Input::Failed(error) => return Err(error.into()),
        }
        Ok(())
    }

    fn hear(&mut self, event: NetEvent) {
        let now = self.clock.now();
        let current = self.link.as_ref().map(|link| link.id);
        match event {
            NetEvent::Waiting(what) => self.engine.waiting(what),
            NetEvent::Connected(link, who) => {
                self.link = Some(link);
                self.engine.connected(now, who);
            }
            NetEvent::Received(id, frame) if current == Some(id) => self.engine.receive(now, frame),
            NetEvent::Lost(id, why) if current == Some(id) => self.lose(&why),
            // Of a connection that is no more, or nothing but a sign to go on.
            NetEvent::Received(..) | NetEvent::Lost(..) | NetEvent::Written => {}
        }
    }

    /// Does what is to be done; when to do so again.
    fn settle(&mut self) -> Result<Option<otr_protocol::Instant>, Failure> {
        /// The most chunks of a file before the user is heard again.
        const CHUNKS: usize = 4;
        let mut chunks = 0;
        loop {
            let (effects, deadline) = self.engine.settle(self.clock.now());
            for effect in effects {
                self.perform(effect)?;
            }
            // When one has been written, it goes on.
            let has_room = chunks < CHUNKS && self.link.as_ref().is_some_and(Link::has_room);
            if !has_room || !self.engine.send_chunk() {
                return Ok(deadline);
            }
            chunks += 1;
        }
    }

    fn perform(&mut self, effect: Effect) -> Result<(), Failure> {
        match effect {
            Effect::Send(frame) => {
                if self.link.as_ref().is_some_and(|link| !link.send(&frame)) {
                    self.lose("they do not read what is sent");
                }
            }
            Effect::Show(entry) => self.view.show(entry)?,
            Effect::Remember(known) => {
                if let Err(failure) = self.identity.remember(&known) {
                    self.view.show(Entry::warning(failure))?;
                }
            }
            Effect::Quit => self.quits = true,
        }
        Ok(())
    }

    fn lose(&mut self, why: &str) {
        if let Some(link) = self.link.take() {
            link.cut();
        }
        self.engine.lost(self.clock.now(), why);
    }

    /// There is a key: now the peer can be looked for.
    fn take_key(&mut self, key: SecretKey) -> Result<(), Failure> {
        self.engine.key_ready(self.identity.account(key, self.policy)?);
        if let Some(place) = self.place.take() {
            net::start(place, self.inputs.clone());
        }
        Ok(())
    }
}

impl View {
    fn open(is_plain: bool, inputs: SyncSender<Input>) -> Result<Self, Failure> {
        if is_plain {
            plain::read(inputs);
            return Ok(Self::Plain(Plain::default()));
        }
        let screen = Screen::open()?;
        screen::read(inputs);
        Ok(Self::Screen(Box::new(screen)))
    }

    fn show(&mut self, entry: Entry) -> io::Result<()> {
        match self {
            Self::Screen(screen) => screen.show(entry),
            Self::Plain(plain) => plain.show(entry),
        }
        Ok(())
    }

    fn refresh(&mut self, status: &Status) -> io::Result<()> {
        match self {
            Self::Screen(screen) => screen.draw(status),
            Self::Plain(plain) => plain.write(status, &mut io::stdout().lock()),
        }
    }

    fn press(&mut self, event: Event) -> Wish {
        match self {
            Self::Screen(screen) => screen.press(event),
            Self::Plain(_) => Wish::None,
        }
    }
}
