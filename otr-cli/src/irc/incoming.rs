//! What others write, and what comes of it.

use std::fmt::Display;

use otr_protocol::{Event, Instant, Output, Problem, Result, SmpEvent, Trust};
use otr_store::TrustStore;

use super::conversation::Conversation;
use super::line::{Line, MAX_LENGTH, carry};
use super::names::{Target, is_nick, target};
use super::proxy::{MAX_WAITING, Proxy};
use super::text::{Meant, lines, marked, meant, shown};
use super::wording;
use crate::text::printable;

/// Some servers take blanks off the end of a line, and the invisible offer of OTR is made of blanks. This is invisible too: the end
/// of bold and coloured text.
const END_OF_OFFER: &[u8] = b"\x0f";

impl<T: TrustStore<Error: Display>> Proxy<T> {
    /// Whether a message to `to` may be shown as a private one. What a channel looks like is up to the server, so in doubt it is
    /// one, where it matters.
    pub(super) fn is_private(&self, from: &[u8], to: &[u8]) -> bool {
        let is_surely_many = to.contains(&b'#') || to.starts_with(b"&");
        target(to) != Target::Many || !is_surely_many && self.has_session(from)
    }

    pub(super) fn has_session(&self, nick: &[u8]) -> bool {
        let key = self.network.canonical(nick);
        self.conversations.get(&key).is_some_and(Conversation::has_session)
    }

    /// A private notice from the server, which is never encrypted: programs send them, and people hardly ever.
    pub(super) fn notice_from_server(&mut self, bytes: &[u8], line: &Line, text: &[u8]) {
        if meant(text) != Meant::Words || !self.has_session(line.nick()) {
            self.to_client.push_back(bytes.to_vec());
            return;
        }
        let room = MAX_LENGTH.saturating_sub(line.source.len() + self.us.len() + ": NOTICE  :".len());
        for text in marked(text, room) {
            self.to_client.push_back(carry(&line.tags, &line.source, "NOTICE", &self.us, &text));
        }
    }

    /// A private message from the server: from whomever it says.
    pub(super) fn message_from_server(
        &mut self,
        now: Instant,
        bytes: &[u8],
        line: &Line,
        to: &[u8],
        text: &[u8],
    ) {
        let from = line.nick();
        let is_ours = |name| self.network.canonical(name) == self.network.canonical(&self.us);
        if is_ours(from) && !is_ours(to) {
            // An echo of what we wrote; nobody wants to read it encrypted.
            if !text.starts_with(b"?OTR") {
                self.to_client.push_back(bytes.to_vec());
            }
            return;
        }
        let is_nobody = from.is_empty() || from.starts_with(b"*");
        if is_nobody || meant(text) == Meant::Request || self.is_service(from) {
            self.to_client.push_back(bytes.to_vec());
            return;
        }
        if !is_nick(from) {
            log::debug!("throws a message away: nobody can be called that");
            return;
        }
        let Some(key) = self.conversation(from) else { return };
        if let Some(conversation) = self.conversations.get_mut(&key) {
            conversation.nick = from.to_vec();
            conversation.source.clone_from(&line.source);
            conversation.tags.clone_from(&line.tags);
        }
        self.with(now, &key, |conversation| conversation.session.receive(now, text));
        if let Some(conversation) = self.conversations.get_mut(&key) {
            conversation.tags.clear();
        }
    }

    /// Does something in a conversation, says what is wrong with that, and carries out what comes of it.
    pub(super) fn with(
        &mut self,
        now: Instant,
        key: &[u8],
        input: impl FnOnce(&mut Conversation) -> Result<()>,
    ) {
        let Some(conversation) = self.conversations.get_mut(key) else { return };
        let nick = printable(&conversation.nick);
        let result = input(conversation);
        self.settle(now, key);
        if let Err(error) = result {
            self.say(format_args!("{nick}: {error}"));
        }
    }

    /// Carries out what a session has to say.
    pub(super) fn settle(&mut self, now: Instant, key: &[u8]) {
        let Some(conversation) = self.conversations.get_mut(key) else { return };
        let outputs = conversation.drain(now);
        let nick = conversation.nick.clone();
        match outputs {
            Ok(outputs) => {
                for output in outputs {
                    match output {
                        Output::Send(message) => self.send(&nick, message.text),
                        Output::Event(event) => self.tell(key, event),
                        Output::Idle(_) => {}
                    }
                }
            }
            Err(error) => self.say(format_args!("{}: {error}", printable(&nick))),
        }
    }

    fn send(&mut self, nick: &[u8], mut text: Vec<u8>) {
        // The user is stopped before; this is for a peer who makes us answer without end (S-33).
        if self.pace.len() >= 2 * MAX_WAITING {
            log::debug!("throws an answer away: too much is waiting to be sent");
            return;
        }
        let offer = otr_protocol::wire::whitespace_tag(self.account.config().policy.versions());
        if text.ends_with(&offer) {
            text.extend_from_slice(END_OF_OFFER);
        }
        self.pace.push(carry(b"", b"", "PRIVMSG", nick, &text));
    }

    fn tell(&mut self, key: &[u8], event: Event) {
        let Some(conversation) = self.conversations.get(key) else { return };
        let nick = printable(&conversation.nick);
        let is_clear = conversation.moved_to.is_none();
        if let Some(words) = wording::of_event(&nick, &event) {
            self.say(words);
        }
        match event {
            Event::Message { text, .. } => self.deliver(key, |room| shown(&text, room)),
            Event::Plaintext { text } if is_clear => self.deliver(key, |room| lines(&text, room)),
            Event::Plaintext { text }
            | Event::Problem { kind: Problem::Unencrypted, text: Some(text), .. } => {
                self.deliver(key, |room| marked(&text, room));
            }
            Event::Secured { fingerprint, trust: Trust::New | Trust::Changed, .. } => {
                if let Some(conversation) = self.conversations.get_mut(key) {
                    let known = conversation.session.known_fingerprints_mut();
                    if known.get(&fingerprint).is_none() {
                        known.set(fingerprint, "");
                    }
                }
                self.remember(key);
            }
            Event::Smp { event: SmpEvent::Succeeded, .. } => {
                self.remember(key);
                self.tell_verdict(key);
            }
            Event::Smp { event: SmpEvent::Failed, .. } => self.remember(key),
            _ => {}
        }
    }

    /// Shows lines as the peer's.
    fn deliver(&mut self, key: &[u8], lines: impl FnOnce(usize) -> Vec<Vec<u8>>) {
        let Some(conversation) = self.conversations.get(key) else { return };
        let Conversation { source, tags, .. } = conversation;
        let frame = source.len() + self.us.len() + ": PRIVMSG  :".len();
        let lines = lines(MAX_LENGTH.saturating_sub(frame));
        self.to_client.extend(lines.into_iter().map(|line| carry(tags, source, "PRIVMSG", &self.us, &line)));
    }

    /// Whoever answered a question has learned nothing about the asker (SMP-25).
    fn tell_verdict(&mut self, key: &[u8]) {
        let Some(conversation) = self.conversations.get_mut(key) else { return };
        let nick = printable(&conversation.nick);
        let known = conversation
            .secured()
            .map(|secured| conversation.session.known_fingerprints().classify(&secured.fingerprint));
        match known {
            Some(Trust::Trusted) => self.say(format_args!("{nick} is verified")),
            _ => self.say(format_args!(
                "{nick} knows now that it is you; to find out whether it is them, ask something yourself"
            )),
        }
    }

    /// Keeps what is known about somebody's fingerprints.
    pub(super) fn remember(&mut self, key: &[u8]) {
        let Some(conversation) = self.conversations.get(key) else { return };
        let known = conversation.session.known_fingerprints();
        if let Err(error) = self.trust.remember(&conversation.whose, known) {
            self.say(format_args!("whom you trust could not be saved: {error}"));
        }
    }
}
