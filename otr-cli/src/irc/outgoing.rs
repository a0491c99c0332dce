//! What the user writes.

use std::fmt::Display;

use otr_protocol::Instant;
use otr_store::TrustStore;

use super::line::{Line, carry};
use super::names::{Target, target};
use super::proxy::{MAX_WAITING, Proxy};
use super::text::{Meant, lines, meant, written};
use crate::text::printable;

impl<T: TrustStore<Error: Display>> Proxy<T> {
    /// A message or notice to any number of targets.
    pub(super) fn message_from_client(&mut self, now: Instant, bytes: &[u8], line: &Line) {
        let (command, has_channel) = match line.command.as_str() {
            "CPRIVMSG" => ("PRIVMSG", true),
            "CNOTICE" => ("NOTICE", true),
            other => (other, false),
        };
        let (targets, text) = match line.params.as_slice() {
            [targets, _, text, ..] if has_channel => (targets, text),
            [targets, text, ..] if !has_channel => (targets, text),
            // Without a text: the server will complain.
            _ => return self.forward(now, bytes),
        };
        for name in targets.split(|byte| *byte == b',') {
            match target(name) {
                Target::Otr => self.command(now, text),
                Target::Many => self.forward(now, &carry(&line.tags, b"", command, name, text)),
                Target::Person if self.is_service(name) => {
                    self.forward(now, &carry(&line.tags, b"", command, name, text));
                }
                Target::Person if command == "NOTICE" => self.notice_to(now, name, text),
                Target::Person => self.text_to(now, name, text),
                Target::Unclear => {
                    let name = printable(name);
                    self.say(format_args!("not sent: write to a person by nick, not to {name:?}"));
                }
            }
        }
    }

    /// Programs answer requests by notices. Others must not go round an encrypted conversation.
    fn notice_to(&mut self, now: Instant, nick: &[u8], text: &[u8]) {
        if meant(text) == Meant::Words && !self.is_clear_with(nick) {
            let nick = printable(nick);
            self.say(format_args!("not sent: a notice would go to {nick} in clear; send it as a message"));
        } else {
            self.forward(now, &carry(b"", b"", "NOTICE", nick, text));
        }
    }

    /// A private text.
    fn text_to(&mut self, now: Instant, nick: &[u8], text: &[u8]) {
        const LONGEST_TAG: usize = 40;
        let shown = printable(nick);
        if self.pace.len() >= MAX_WAITING {
            self.say(format_args!("not sent to {shown}: too much is waiting to be sent"));
            return;
        }
        let is_clear = self.is_clear_with(nick);
        let kind = meant(text);
        if kind == Meant::Request {
            if is_clear {
                self.pace.push(carry(b"", b"", "PRIVMSG", nick, text));
            } else {
                self.say(format_args!("not sent: a request (CTCP) would go to {shown} in clear"));
            }
            return;
        }
        let Some(key) = self.conversation(nick) else { return };
        let new_name = self.conversations.get(&key).and_then(|who| who.moved_to.as_deref()).map(printable);
        if let Some(new_name) = new_name {
            self.say(format_args!(
                "not sent: {shown} is called {new_name} now, and who is called {shown} may be somebody else; \
                 if you mean them, say \"start {shown}\" or \"end {shown}\""
            ));
            return;
        }
        let room = self.room_for(nick);
        self.with(now, &key, |conversation| match kind {
            // An offer after the end of an action would break it.
            Meant::Action(_) if is_clear => conversation.send(now, text, false),
            Meant::Action(action) => conversation.send(now, &written(action), true),
            _ if is_clear => lines(text, room)
                .into_iter()
                .try_for_each(|line| conversation.send(now, &line, line.len() + LONGEST_TAG <= room)),
            _ => conversation.send(now, text, true),
        });
    }

    /// Whether a text to somebody would leave in clear now, and may.
    fn is_clear_with(&mut self, nick: &[u8]) -> bool {
        let key = self.network.canonical(nick);
        match self.conversations.get(&key) {
            Some(conversation) => conversation.is_clear() && conversation.moved_to.is_none(),
            None => !self.account.config().policy.contains(otr_protocol::Policy::REQUIRE_ENCRYPTION),
        }
    }
}
