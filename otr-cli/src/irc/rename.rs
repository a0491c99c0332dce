//! People who change their nick, or go.

use std::fmt::Display;

use otr_protocol::Instant;
use otr_store::TrustStore;

use super::conversation::Conversation;
use super::names::is_nick;
use super::proxy::Proxy;
use crate::text::printable;

impl<T: TrustStore<Error: Display>> Proxy<T> {
    /// Somebody, perhaps we, is called something else from now on: the server says so, and it can lie.
    ///
    /// An encrypted conversation goes on under the new name, with the same keys, so no text leaves in clear because of a new
    /// name. Trust does not follow: a fingerprint is verified for a name. And it does not take the place of somebody
    /// else: where the new name has an encrypted conversation of its own, or another verified fingerprint, the old
    /// conversation ends. Under the old name nothing is sent until the user says whom it means now.
    pub(super) fn renamed(&mut self, now: Instant, old: &[u8], new: &[u8]) {
        let (from, to) = (self.network.canonical(old), self.network.canonical(new));
        if from == self.network.canonical(&self.us) {
            self.is_called(new);
            return;
        }
        if from == to || !is_nick(new) {
            return;
        }
        let Some(mut conversation) = self.conversations.remove(&from) else { return };
        if conversation.moved_to.is_some() && !conversation.has_session() {
            // What stands under this name is a warning about it, and stays.
            self.conversations.insert(from, conversation);
            return;
        }
        let had_session = conversation.has_session();
        let Some(place) = self.fresh(&to, new) else { return };
        let known = place.session.known_fingerprints();
        let is_taken = self.conversations.get(&to).is_some_and(Conversation::has_session);
        let (shown_old, shown_new) = (printable(old), printable(new));
        if had_session && (is_taken || conversation.would_be_changed(known)) {
            // The farewell goes to whom the server says it is now.
            conversation.nick = new.to_vec();
            self.conversations.insert(from.clone(), conversation);
            self.with(now, &from, |conversation| conversation.session.end_all(now));
            self.conversations.remove(&from);
            self.say(format_args!(
                "{shown_old} is called {shown_new} now, who is somebody else to you: the encrypted conversation has ended"
            ));
        } else {
            conversation.whose = place.whose;
            *conversation.session.known_fingerprints_mut() = known.clone();
            for fingerprint in conversation.fingerprints() {
                if known.get(&fingerprint).is_none() {
                    conversation.session.known_fingerprints_mut().set(fingerprint, "");
                }
            }
            conversation.nick = new.to_vec();
            conversation.source = new.to_vec();
            let size = self.room_for(new);
            self.conversations.insert(to.clone(), conversation);
            self.with(now, &to, |conversation| conversation.session.set_max_message_size(Some(size)));
            if had_session {
                self.remember(&to);
                self.say(format_args!(
                    "{shown_old} is called {shown_new} now, and the conversation goes on encrypted under this name"
                ));
            }
        }
        if had_session && let Some(mut guard) = self.fresh(&from, old) {
            guard.moved_to = Some(new.to_vec());
            self.conversations.insert(from, guard);
        }
    }
    /// Somebody has left the network. Their client may have forgotten the session, which the server cannot end.
    pub(super) fn gone(&mut self, nick: &[u8]) {
        if self.has_session(nick) {
            let nick = printable(nick);
            self.say(format_args!(
                "{nick} has left without ending the encrypted conversation: when they are back, say \"start {nick}\""
            ));
        }
    }
}
