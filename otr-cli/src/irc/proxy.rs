//! What stands between a client and its server, without I/O: lines go in, lines come out, and moments to wait for.

use std::collections::{BTreeMap, VecDeque};
use std::fmt::Display;
use std::time::Duration;

use otr_protocol::{Account, Instant};
use otr_store::TrustStore;
use otr_store::fingerprints::Correspondent;

use super::conversation::Conversation;
use super::line::{Line, MAX_LENGTH, carry};
use super::names::{Network, is_nick, is_otr};
use super::pace::Pace;
use crate::backend::Shared;

/// The most conversations; of those with nothing to lose, the one longest unused makes room (S-32).
pub(super) const MAX_CONVERSATIONS: usize = 256;

/// The most lines that wait to be sent before further texts are refused.
pub(super) const MAX_WAITING: usize = 1000;

/// One client's connection to one server.
pub(super) struct Proxy<T> {
    pub(super) account: Account<Shared>,
    pub(super) trust: T,
    pub(super) settings: Settings,
    pub(super) network: Network,
    /// Our nick, as the server writes it; `*` before it says so.
    pub(super) us: Vec<u8>,
    /// By canonical name.
    pub(super) conversations: BTreeMap<Vec<u8>, Conversation>,
    pub(super) pace: Pace,
    pub(super) to_client: VecDeque<Vec<u8>>,
    /// What does not wait in `pace`: the client has its own.
    pub(super) to_server: VecDeque<Vec<u8>>,
    /// How often a conversation was used.
    pub(super) order: u64,
}

/// What does not change while it runs.
#[derive(Clone)]
pub(super) struct Settings {
    /// Under these names our key, and those of others, are kept.
    pub(super) account: String,
    pub(super) protocol: String,
    /// Whose messages are none of our business: the network's services.
    pub(super) services: Vec<String>,
    /// The time that a line costs on the way to the server.
    pub(super) interval: Duration,
}

/// What to do next.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Next {
    ToClient(Vec<u8>),
    ToServer(Vec<u8>),
    /// Nothing before the next line, or this moment.
    Idle(Option<Instant>),
}

impl<T: TrustStore<Error: Display>> Proxy<T> {
    pub(super) fn new(account: Account<Shared>, trust: T, settings: Settings) -> Self {
        Self {
            account,
            trust,
            network: Network::default(),
            us: b"*".to_vec(),
            conversations: BTreeMap::new(),
            pace: Pace::new(settings.interval),
            settings,
            to_client: VecDeque::new(),
            to_server: VecDeque::new(),
            order: 0,
        }
    }

    /// Takes a line from the client, without its end. What would be sent as it is but is not understood goes nowhere: it could
    /// be a private message.
    pub(super) fn client_says(&mut self, now: Instant, bytes: &[u8]) {
        let Some(line) = Line::parse(bytes) else {
            self.say("not sent: this is no line of IRC that could be understood");
            return;
        };
        match line.command.as_str() {
            "PRIVMSG" | "NOTICE" | "CPRIVMSG" | "CNOTICE" => self.message_from_client(now, bytes, &line),
            "QUIT" => {
                self.end(now);
                self.forward(now, bytes);
            }
            _ => self.forward(now, bytes),
        }
    }

    /// Takes a line from the server, without its end.
    pub(super) fn server_says(&mut self, now: Instant, bytes: &[u8]) {
        let Some(line) = Line::parse(bytes) else {
            log::debug!("throws a line of the server away: {} bytes", bytes.len());
            return;
        };
        if is_otr(line.nick()) {
            log::debug!("throws a line of the server away: it poses as *otr");
            return;
        }
        match (line.command.as_str(), line.params.as_slice()) {
            ("PRIVMSG", [to, .., text]) if self.is_private(line.nick(), to) => {
                self.message_from_server(now, bytes, &line, to, text);
                return;
            }
            ("NOTICE", [to, .., text]) if self.is_private(line.nick(), to) => {
                self.notice_from_server(bytes, &line, text);
                return;
            }
            ("001", [us, ..]) => self.is_called(us),
            ("005", [_, tokens @ ..]) => self.network.learn(tokens, !self.conversations.is_empty()),
            ("CAP", [_, verb, .., offers]) if verb == b"LS" || verb == b"NEW" => {
                let end = bytes.len() - offers.len();
                let start = bytes.get(..end).unwrap_or_default();
                self.to_client.push_back([start, &without_refused(offers)].concat());
                return;
            }
            ("NICK", [new, ..]) => self.renamed(now, line.nick(), new),
            ("QUIT", _) => self.gone(line.nick()),
            _ => {}
        }
        self.to_client.push_back(bytes.to_vec());
    }

    /// Ends all conversations, because the client is about to go: the peers are told at once.
    pub(super) fn end(&mut self, now: Instant) {
        let keys: Vec<_> = self.conversations.keys().cloned().collect();
        for key in keys {
            self.with(now, &key, |conversation| conversation.session.end_all(now));
        }
        self.to_server.extend(self.pace.drain());
    }

    /// What to do next. Call it after every line until it says [`Next::Idle`], and again when that moment has come.
    pub(super) fn next(&mut self, now: Instant) -> Next {
        let due = |conversation: &Conversation| conversation.deadline.is_some_and(|deadline| deadline <= now);
        let keys: Vec<_> =
            self.conversations.iter().filter(|(_, who)| due(who)).map(|(key, _)| key.clone()).collect();
        for key in keys {
            self.settle(now, &key);
        }
        if let Some(line) = self.to_client.pop_front() {
            return Next::ToClient(line);
        }
        if let Some(line) = self.to_server.pop_front().or_else(|| self.pace.next(now)) {
            return Next::ToServer(line);
        }
        let deadlines = self.conversations.values().filter_map(|conversation| conversation.deadline);
        Next::Idle(deadlines.chain(self.pace.deadline(now)).min())
    }

    /// Tells the user something.
    pub(super) fn say(&mut self, text: impl Display) {
        let source = b"*otr!otr@localhost";
        let room = MAX_LENGTH.saturating_sub(source.len() + self.us.len() + 12);
        for line in super::text::lines(text.to_string().as_bytes(), room) {
            self.to_client.push_back(carry(b"", source, "NOTICE", &self.us, &line));
        }
    }

    /// Hands a line of the client's on as it is.
    pub(super) fn forward(&mut self, now: Instant, bytes: &[u8]) {
        self.pace.charge(now);
        self.to_server.push_back(bytes.to_vec());
    }

    /// Whether this is one of the network's services.
    pub(super) fn is_service(&self, nick: &[u8]) -> bool {
        let nick = self.network.canonical(nick);
        self.settings.services.iter().any(|service| self.network.canonical(service.as_bytes()) == nick)
    }

    /// The key of the conversation with somebody, who is made room for. None, and a word about it, if there is no room.
    pub(super) fn conversation(&mut self, nick: &[u8]) -> Option<Vec<u8>> {
        let key = self.network.canonical(nick);
        if !self.conversations.contains_key(&key) {
            if !self.make_room() {
                self.say("there are too many conversations: end some");
                return None;
            }
            let conversation = self.fresh(&key, nick)?;
            self.conversations.insert(key.clone(), conversation);
        }
        self.order += 1;
        if let Some(conversation) = self.conversations.get_mut(&key) {
            conversation.used = self.order;
        }
        Some(key)
    }

    /// A conversation that has not begun.
    pub(super) fn fresh(&mut self, key: &[u8], nick: &[u8]) -> Option<Conversation> {
        let Settings { account, protocol, .. } = &self.settings;
        let whose = Correspondent::new(key, account.as_str(), protocol.as_str()).ok()?;
        let known = match self.trust.known(&whose) {
            Ok(known) => known,
            Err(error) => {
                self.say(format_args!("cannot tell whom you trust: {error}"));
                Default::default()
            }
        };
        let mut conversation = Conversation::new(&self.account, whose, known, nick);
        let size = self.room_for(nick);
        conversation.session.set_max_message_size(Some(size)).ok()?;
        Some(conversation)
    }

    fn make_room(&mut self) -> bool {
        if self.conversations.len() < MAX_CONVERSATIONS {
            return true;
        }
        let idle = self.conversations.iter().filter(|(_, conversation)| conversation.is_idle());
        let oldest = idle.min_by_key(|(_, conversation)| conversation.used).map(|(key, _)| key.clone());
        oldest.and_then(|key| self.conversations.remove(&key)).is_some()
    }

    /// How long a text to somebody may be for the server to relay it uncut, as `:us!user@host PRIVMSG nick :text`. Our user
    /// and host can change unseen, so the longest are assumed.
    pub(super) fn room_for(&self, nick: &[u8]) -> usize {
        const USER_AND_HOST: usize = 1 + 20 + 1 + 64;
        let longest = |nick: &[u8]| nick.len().max(self.network.nick_length);
        let frame =
            ":".len() + longest(&self.us) + USER_AND_HOST + " PRIVMSG ".len() + longest(nick) + " :".len();
        MAX_LENGTH.saturating_sub(frame)
    }

    /// Takes over what we are called: texts have less or more room.
    pub(super) fn is_called(&mut self, us: &[u8]) {
        if !is_nick(us) {
            return;
        }
        self.us = us.to_vec();
        let sizes: Vec<_> =
            self.conversations.iter().map(|(key, who)| (key.clone(), self.room_for(&who.nick))).collect();
        for (key, size) in sizes {
            let session = self.conversations.get_mut(&key).map(|conversation| &mut conversation.session);
            session.map(|session| session.set_max_message_size(Some(size)));
        }
    }
}

/// The capabilities that a server offers, without those with which messages take another way: echoes of what was
/// encrypted, messages in several lines, and TLS between the client and us.
fn without_refused(offers: &[u8]) -> Vec<u8> {
    let is_refused = |offer: &&[u8]| {
        let name = offer.split(|byte| *byte == b'=').next().unwrap_or_default();
        [b"echo-message".as_slice(), b"draft/multiline", b"sts", b"tls"].contains(&name)
    };
    let kept: Vec<_> = offers.split(|byte| *byte == b' ').filter(|offer| !is_refused(offer)).collect();
    kept.join(&b' ')
}

#[cfg(test)]
#[cfg(feature = "rustcrypto")]
mod tests;
