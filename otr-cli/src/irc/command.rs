//! What the user says to `*otr`.

use std::fmt::Display;

use otr_protocol::{Error, Fingerprint, Instant, MessageState, Policy, Recipient, Trust};
use otr_store::TrustStore;

use super::names::{Target, target};
use super::proxy::Proxy;
use super::wording;
use crate::text::printable;

const HELP: &str = "\
start NICK: ask for an encrypted conversation; what you write waits for it
end NICK: end it; what you write then goes in clear
auth NICK SECRET: find out whether it is really them, or answer when they ask; neither side learns the other's secret
auth NICK [QUESTION] SECRET: the same, with a question (in these brackets) to which they know the answer
abort NICK: break such a comparison off
fingerprint [NICK]: show the fingerprints, to be compared over another channel
trust NICK [FINGERPRINT]: they were compared, and are the same
distrust NICK: take that back
status [NICK]: how things stand";

impl<T: TrustStore<Error: Display>> Proxy<T> {
    /// Carries out a command. Nothing of it goes to the server.
    pub(super) fn command(&mut self, now: Instant, text: &[u8]) {
        let (name, rest) = word(text);
        let (nick, rest) = word(rest);
        let name = String::from_utf8_lossy(name).to_ascii_lowercase();
        match name.as_str() {
            "help" | "" => return self.say(HELP),
            "fingerprint" if nick.is_empty() => {
                let ours = self.account.fingerprint();
                return self.say(format_args!("your fingerprint is {ours}"));
            }
            "status" if nick.is_empty() => return self.status_of_all(),
            "start" | "end" | "auth" | "abort" | "fingerprint" | "trust" | "distrust" | "status" => {}
            _ => {
                return self
                    .say(format_args!("there is no command {:?}; say \"help\"", printable(name.as_bytes())));
            }
        }
        if target(nick) != Target::Person {
            return self.say(format_args!("{name} whom? Say \"{name} NICK\""));
        }
        if self.is_service(nick) {
            return self
                .say(format_args!("{} is a service: what you write to it goes in clear", printable(nick)));
        }
        let Some(key) = self.conversation(nick) else { return };
        match name.as_str() {
            "start" => self.with(now, &key, |conversation| {
                conversation.require(true)?;
                conversation.session.start(now)
            }),
            "end" => self.end_one(now, &key),
            "auth" => self.authenticate(now, &key, rest),
            "abort" => {
                self.with(now, &key, |conversation| conversation.session.smp(now, Recipient::Best)?.abort())
            }
            "fingerprint" => self.identify(&key),
            "trust" => self.trust(&key, rest, "verified"),
            "distrust" => self.trust(&key, rest, ""),
            _ => self.status(&key),
        }
    }

    fn end_one(&mut self, now: Instant, key: &[u8]) {
        let Some(conversation) = self.conversations.get_mut(key) else { return };
        let had_session = conversation.has_session();
        let requires = self.account.config().policy.contains(Policy::REQUIRE_ENCRYPTION);
        conversation.moved_to = None;
        self.with(now, key, |conversation| {
            conversation.session.take_back(now);
            conversation.require(requires)?;
            conversation.session.end_all(now)
        });
        if !had_session {
            self.status(key);
        }
    }

    /// Answers the peer who has asked, or asks.
    fn authenticate(&mut self, now: Instant, key: &[u8], rest: &[u8]) {
        let bracketed = rest.strip_prefix(b"[").and_then(|rest| {
            let end = rest.iter().position(|byte| *byte == b']')?;
            Some((rest.get(..end)?, rest.get(end + 1..)?.trim_ascii()))
        });
        let (question, secret) = match bracketed {
            Some((question, secret)) => (Some(String::from_utf8_lossy(question)), secret),
            None => (None, rest),
        };
        self.with(now, key, |conversation| {
            let is_answer = conversation.is_asked && question.is_none();
            let comparison = conversation.session.smp(now, Recipient::Best)?;
            if !is_answer {
                return comparison.start(secret, question.as_deref());
            }
            comparison.respond(secret)?;
            conversation.is_asked = false;
            Ok(())
        });
    }

    /// Who it is, as far as one can see.
    fn identify(&mut self, key: &[u8]) {
        let ours = self.account.fingerprint();
        let Some(conversation) = self.conversations.get_mut(key) else { return };
        let secured = conversation.secured();
        let known = conversation.session.known_fingerprints();
        let trust = secured.map(|secured| known.classify(&secured.fingerprint));
        let lines = wording::of_identity(&printable(&conversation.nick), ours, secured, trust);
        lines.into_iter().for_each(|line| self.say(line));
    }

    /// Verifies the fingerprint of the session, or takes that back. One that is given must be that of the session: what was
    /// compared is then what is trusted.
    fn trust(&mut self, key: &[u8], given: &[u8], trust: &str) {
        let Some(conversation) = self.conversations.get_mut(key) else { return };
        let nick = printable(&conversation.nick);
        let Some(secured) = conversation.secured() else {
            return self.say(format_args!("{nick}: {}", Error::NotEncrypted));
        };
        let fingerprint = secured.fingerprint;
        if !given.is_empty()
            && String::from_utf8_lossy(given).parse::<Fingerprint>().ok() != Some(fingerprint)
        {
            return self.say(format_args!("NOT trusted: the fingerprint of {nick} is {fingerprint}"));
        }
        conversation.session.known_fingerprints_mut().set(fingerprint, trust);
        self.remember(key);
        let verb = if trust.is_empty() { "not trusted any more" } else { "trusted" };
        self.say(format_args!("{verb}: {nick} with the fingerprint {fingerprint}"));
    }

    fn status_of_all(&mut self) {
        let keys: Vec<_> =
            self.conversations.iter().filter(|(_, who)| !who.is_idle()).map(|(key, _)| key.clone()).collect();
        if keys.is_empty() {
            self.say("no conversation is encrypted");
        }
        keys.iter().for_each(|key| self.status(key));
    }

    fn status(&mut self, key: &[u8]) {
        let Some(conversation) = self.conversations.get_mut(key) else { return };
        let nick = printable(&conversation.nick);
        let known = conversation.session.known_fingerprints();
        let clients: Vec<_> = conversation.session.instances().collect();
        let encrypted: Vec<_> = clients.iter().filter_map(|client| client.secured).collect();
        let mut lines: Vec<_> = encrypted
            .iter()
            .map(|secured| {
                let trust = match known.classify(&secured.fingerprint) {
                    Trust::Trusted => "verified",
                    _ => "NOT VERIFIED",
                };
                let version = secured.version.number();
                format!("{nick}: encrypted (OTR {version}), fingerprint {}, {trust}", secured.fingerprint)
            })
            .collect();
        if lines.is_empty() {
            let is_finished = clients.iter().any(|client| client.message_state == MessageState::Finished);
            lines.push(match &conversation.moved_to {
                Some(new) => format!("{nick}: is called {} now, nothing is sent", printable(new)),
                None if is_finished => format!("{nick}: ended by them, nothing is sent"),
                None if conversation.is_clear() => format!("{nick}: in clear"),
                None => format!("{nick}: not encrypted yet, nothing is sent in clear"),
            });
        }
        lines.into_iter().for_each(|line| self.say(line));
    }
}

/// The first word, and what follows it.
fn word(text: &[u8]) -> (&[u8], &[u8]) {
    let text = text.trim_ascii();
    let end = text.iter().position(u8::is_ascii_whitespace).unwrap_or(text.len());
    let (word, rest) = text.split_at_checked(end).unwrap_or((text, b""));
    (word, rest.trim_ascii())
}
