//! A conversation without network, terminal and clock: what is typed and what arrives goes in, what is to be sent and
//! shown comes out.

mod events;
mod files;
mod smp;
#[cfg(test)]
#[cfg(feature = "rustcrypto")]
mod tests;

use std::collections::VecDeque;
use std::path::PathBuf;

use otr_protocol::{
    Account, Fingerprint, InstanceStatus, Instant, KnownFingerprints, MessageState, Output, Policy,
    Recipient, Session, Trust,
};
use zeroize::Zeroizing;

use super::commands::{self, Command, Secret, Typed};
use super::entry::{Entry, Kind};
use super::frame::Frame;
use super::status::{Channel, Status, Work};
use crate::backend::Shared;
use crate::text::{printable, qr};
use files::Files;
use smp::Comparison;

/// What a conversation begins with.
pub(crate) struct Settings {
    /// The correspondent's name.
    pub(crate) peer: String,
    /// Whether we ask for OTR when somebody is connected: the one who came.
    pub(crate) starts: bool,
    /// Where files go.
    pub(crate) downloads: PathBuf,
    /// The size of the largest file that is taken, in bytes.
    pub(crate) max_file: u64,
}

/// What is to be done.
#[derive(Debug)]
pub(crate) enum Effect {
    Send(Frame),
    Show(Entry),
    /// Keep what is known of the peer's keys.
    Remember(KnownFingerprints),
    /// It is over, once all has been sent.
    Quit,
}

/// A conversation.
pub(crate) struct Engine {
    settings: Settings,
    known: KnownFingerprints,
    /// None until there is a key.
    session: Option<Session<Shared>>,
    account: Option<Account<Shared>>,
    /// How far the making of the key has come.
    key: Option<Work>,
    /// The policy while the user has not been in an encrypted session.
    policy: Policy,
    is_connected: bool,
    connection: String,
    comparison: Comparison,
    files: Files,
    /// How many texts wait for an encrypted session.
    held: usize,
    leaves_when_idle: bool,
    effects: VecDeque<Effect>,
}

impl Engine {
    pub(crate) fn new(settings: Settings, known: KnownFingerprints) -> Self {
        Self {
            settings,
            known,
            session: None,
            account: None,
            key: None,
            policy: Policy::NEVER,
            is_connected: false,
            connection: "not connected".to_owned(),
            comparison: Comparison::default(),
            files: Files::default(),
            held: 0,
            leaves_when_idle: false,
            effects: VecDeque::new(),
        }
    }

    /// The making of the key has come so far.
    pub(crate) fn key_progress(&mut self, percent: u8) {
        self.key = Some(Work { what: "making a key".to_owned(), percent });
    }

    /// There is a key.
    pub(crate) fn key_ready(&mut self, account: Account<Shared>) {
        let mut session = account.session();
        *session.known_fingerprints_mut() = std::mem::take(&mut self.known);
        self.policy = session.policy();
        self.key = None;
        self.session = Some(session);
        self.show(Entry::notice(format!("your fingerprint is {}", account.fingerprint())));
        self.account = Some(account);
    }

    /// Nobody is there yet, in words.
    pub(crate) fn waiting(&mut self, what: String) {
        self.show(Entry::notice(&what));
        self.connection = what;
    }

    /// Somebody is there, at this address.
    pub(crate) fn connected(&mut self, now: Instant, who: String) {
        self.show(Entry::notice(format!("connected: {who}")));
        self.connection = who;
        self.is_connected = true;
        if self.settings.starts {
            self.command(now, Command::Otr);
        }
    }

    /// They are gone. The session goes too: who comes next may be somebody else, and has to show who they are.
    pub(crate) fn lost(&mut self, now: Instant, why: &str) {
        self.is_connected = false;
        self.connection = format!("connection lost: {why}");
        self.show(Entry::warning(format!(
            "connection lost: {why}; what was on its way may not have arrived"
        )));
        self.drop_files("the connection is lost");
        if let Some(session) = &mut self.session {
            session.abandon(now);
        }
    }

    /// A line came; none if it is of no known kind.
    pub(crate) fn receive(&mut self, now: Instant, frame: Option<Frame>) {
        match frame {
            Some(Frame::Text(text)) => {
                self.with_session(|session| session.receive(now, &text));
            }
            Some(Frame::File(id, frame)) => {
                // What came before it may have announced it.
                self.poll(now);
                self.receive_file(id, frame);
            }
            Some(Frame::Ping | Frame::Busy) => {}
            None => self.show(Entry::warning("a line came that is of no known kind, or too long")),
        }
    }

    /// The user typed a line, which is a secret if there is a [prompt](Status::prompt).
    pub(crate) fn typed(&mut self, now: Instant, line: Zeroizing<String>) {
        if self.comparison.prompt.is_some() {
            return self.secret(now, &line);
        }
        match commands::parse(&line) {
            Ok(Typed::Text(text)) if text.is_empty() => {}
            Ok(Typed::Text(text)) => self.say(now, &text),
            Ok(Typed::Command(command)) => self.command(now, command),
            Err(what) => self.show(Entry::warning(what)),
        }
    }

    /// The user leaves.
    pub(crate) fn quit(&mut self, now: Instant) {
        self.command(now, Command::Quit);
    }

    /// The user types no more: leave as soon as nothing is under way.
    pub(crate) fn leave_when_idle(&mut self) {
        self.leaves_when_idle = true;
    }

    /// What is to be done now, and when to call again at the latest. Call it after every input.
    pub(crate) fn settle(&mut self, now: Instant) -> (Vec<Effect>, Option<Instant>) {
        let mut deadline = self.poll(now);
        if self.held > 0 && self.channel().is_open() {
            self.held = 0;
            self.show(Entry::good("what was held has been sent"));
        }
        if self.leaves_when_idle && self.is_idle() {
            self.command(now, Command::Quit);
            deadline = self.poll(now);
        }
        (self.effects.drain(..).collect(), deadline)
    }

    /// What is always visible.
    pub(crate) fn status(&mut self) -> Status {
        let channel = self.channel();
        let work = [self.key.clone(), self.comparison.work.clone()].into_iter().flatten();
        Status {
            peer: printable(self.settings.peer.as_bytes()),
            connection: self.connection.clone(),
            channel,
            work: work.chain(self.files.work()).collect(),
            prompt: self.comparison.prompt.as_ref().map(smp::Prompt::words),
        }
    }

    /// Hands out what the session has to say, until nothing is left.
    fn poll(&mut self, now: Instant) -> Option<Instant> {
        loop {
            match self.session.as_mut()?.poll(now) {
                Ok(Output::Send(outgoing)) => self.send(Frame::Text(outgoing.text)),
                Ok(Output::Event(event)) => self.on_event(event),
                Ok(Output::Idle(deadline)) => return deadline,
                Err(error) => {
                    self.show(Entry::warning(error));
                    return None;
                }
            }
        }
    }

    fn say(&mut self, now: Instant, text: &str) {
        let channel = self.channel();
        let is_required =
            self.session.as_ref().is_some_and(|s| s.policy().contains(Policy::REQUIRE_ENCRYPTION));
        let reason = match channel {
            Channel::NoKey => "your key is still being made",
            Channel::OtherKey => {
                "this is another key than the verified one; compare /fingerprint and /trust it, or use /smp"
            }
            Channel::Plaintext if !is_required && !self.is_connected => "nobody is connected",
            _ => "",
        };
        if !reason.is_empty() {
            return self.show(Entry::warning(format!("not sent: {reason}")));
        }
        let Some(session) = &mut self.session else { return };
        match session.send(now, Recipient::Best, text) {
            Err(error) => self.show(Entry::warning(error)),
            Ok(()) if channel.is_open() => self.show(Entry::text(Kind::Mine, text.as_bytes())),
            // An event tells that it is held.
            Ok(()) if is_required => {}
            Ok(()) => self.show(Entry::text(Kind::MineInClear, text.as_bytes())),
        }
    }

    fn command(&mut self, now: Instant, command: Command) {
        match command {
            Command::Otr => {
                self.show(Entry::notice("asking for an encrypted session"));
                self.with_session(|session| session.start(now));
            }
            Command::End => self.end(now),
            Command::Smp(question) => self.ask_for_secret(question),
            Command::Answer(answer) => self.answer(now, answer.map(|Secret(answer)| answer)),
            Command::Abort => self.abort(now),
            Command::Fingerprint => self.show_fingerprints(),
            Command::Trust => self.trust(),
            Command::File(path) => self.offer_file(now, &path),
            Command::Accept => self.accept_file(),
            Command::Decline => self.decline_file(),
            Command::Cancel => self.cancel_file(),
            Command::Help => self.effects.extend(
                commands::help()
                    .into_iter()
                    .map(|line| Effect::Show(Entry { kind: Kind::Block, lines: vec![line] })),
            ),
            Command::Quit => {
                if self.session.is_some() {
                    self.end(now);
                }
                self.poll(now);
                self.effects.push_back(Effect::Quit);
            }
        }
    }

    /// Ends the session, at the user's wish: from now on clear text is as the user first had it.
    fn end(&mut self, now: Instant) {
        self.drop_files("the session ends");
        let policy = self.policy;
        self.with_session(|session| session.end_all(now).and(session.set_policy(policy)));
    }

    fn show_fingerprints(&mut self) {
        let Some(account) = &self.account else {
            return self.show(Entry::warning("your key is still being made"));
        };
        let ours = account.fingerprint();
        self.show(Entry::notice(format!("your fingerprint:  {ours}")));
        match qr(&ours.to_hex()) {
            Ok(code) => {
                self.show(Entry { kind: Kind::Block, lines: code.lines().map(str::to_owned).collect() })
            }
            Err(error) => self.show(Entry::warning(error)),
        }
        let channel = self.channel().words();
        let theirs = match self.peer_fingerprint() {
            Some(theirs) => format!("{theirs} ({channel})"),
            None => "none without an encrypted session".to_owned(),
        };
        self.show(Entry::notice(format!("their fingerprint: {theirs}")));
        self.show(Entry::notice("compare both with them over another way, such as a telephone; then /trust"));
    }

    /// The user says that the fingerprint is theirs.
    fn trust(&mut self) {
        let Some(theirs) = self.peer_fingerprint() else {
            return self.show(Entry::warning("there is no encrypted session: nobody to trust"));
        };
        self.with_session(|session| {
            session.known_fingerprints_mut().set(theirs, "verified");
            Ok(())
        });
        self.remember();
        self.show(Entry::good(format!("{theirs} is verified from now on")));
    }

    /// How what is said now would travel.
    fn channel(&mut self) -> Channel {
        let best = self.best().map(|best| (best.message_state, best.secured));
        let Some(session) = &self.session else { return Channel::NoKey };
        match best {
            Some((MessageState::Finished, _)) => Channel::Finished,
            Some((MessageState::Encrypted, Some(secured))) => {
                match session.known_fingerprints().classify(&secured.fingerprint) {
                    Trust::Trusted => Channel::Verified,
                    Trust::New | Trust::Known => Channel::Unverified,
                    Trust::Changed => Channel::OtherKey,
                }
            }
            _ => Channel::Plaintext,
        }
    }

    /// The peer's client that texts go to.
    fn best(&mut self) -> Option<InstanceStatus> {
        let session = self.session.as_mut()?;
        let tag = session.resolve(Recipient::Best).ok()?;
        session.instances().find(|slot| slot.tag == tag)
    }

    fn peer_fingerprint(&mut self) -> Option<Fingerprint> {
        Some(self.best()?.secured?.fingerprint)
    }

    /// Whether the user waits for nothing.
    fn is_idle(&self) -> bool {
        let is_busy = self.held > 0 || self.files.are_under_way() || self.comparison.work.is_some();
        self.session.is_some() && !is_busy
    }

    /// Lets the session do something; tells what went wrong, or that there is none.
    fn with_session(&mut self, work: impl FnOnce(&mut Session<Shared>) -> otr_protocol::Result<()>) -> bool {
        match self.session.as_mut().map(work) {
            Some(Ok(())) => return true,
            Some(Err(error)) => self.show(Entry::warning(error)),
            None => self.show(Entry::warning("your key is still being made")),
        }
        false
    }

    fn remember(&mut self) {
        if let Some(session) = &self.session {
            self.effects.push_back(Effect::Remember(session.known_fingerprints().clone()));
        }
    }

    fn send(&mut self, frame: Frame) {
        if self.is_connected {
            self.effects.push_back(Effect::Send(frame));
        }
    }

    fn show(&mut self, entry: Entry) {
        self.effects.push_back(Effect::Show(entry));
    }
}
