//! Texts that wait: held until a session begins, and said again when the peer could not read them.

use otr_traits::Backend;
use zeroize::Zeroizing;

use super::Session;
use super::send::check_text;
use crate::instance::Channel;
use crate::resend::Typed;
use crate::wire::{self, InstanceTag, Plaintext};
use crate::{Error, Event, Instant, NotSentReason, Recipient, Result, Secured, Trust};

impl<B: Backend> Session<B> {
    /// MSG-11: a text that must not leave in clear waits, and the peer is asked for OTR. One for a particular client waits
    /// for that client.
    pub(super) fn hold(&mut self, now: Instant, to: Recipient, text: &[u8]) -> Result<()> {
        let query = wire::query(self.config.policy.versions()).ok_or(Error::NoVersionAllowed)?;
        check_text(text)?; // What cannot be sent later is refused now.
        let to = match to {
            Recipient::Instance(tag) if tag != InstanceTag::BASE => Some(tag),
            _ => None,
        };
        self.held.push(now, text, to, self.outbox.cause())?;
        self.outbox.event(Event::Held { text: text.to_vec() });
        let is_under_way = self.instances.iter().any(|slot| slot.auth.is_under_way());
        if !is_under_way {
            self.outbox.send(query.into_bytes());
        }
        Ok(())
    }

    /// Sends what was held, as soon as there is a session with somebody it may go to (MSG-50, MSG-51).
    pub(super) fn release(&mut self, now: Instant) -> Result<()> {
        if self.held.is_empty() {
            return Ok(());
        }
        let listeners = self.listeners();
        while let Some((Typed { text, id, .. }, tag)) = self.held.pop_for(&listeners) {
            let sent = self.with_cause(id, |session| {
                session
                    .send_text(now, tag, &text)
                    .inspect_err(|_| session.give_back(&text, NotSentReason::Failed))
            });
            sent?;
        }
        Ok(())
    }

    /// A text for a session that texts held before it go to as well, as soon as the application has polled: it waits for them.
    /// Whether it does (MSG-50).
    pub(super) fn queue_behind_held(&mut self, now: Instant, tag: InstanceTag, text: &[u8]) -> Result<bool> {
        if self.held.is_empty() || !self.held.has_for(tag, &self.listeners()) {
            return Ok(false);
        }
        check_text(text)?;
        self.held.push(now, text, Some(tag), self.outbox.cause())?;
        Ok(true)
    }

    /// Gives all held texts back instead of sending them, as [`Event::NotSent`]: for a user who would rather not wait, or who
    /// sees by [`Event::Secured`] that the session is not with whom they had in mind.
    pub fn take_back(&mut self, now: Instant) {
        self.tick(now);
        while let Some(Typed { text, id, .. }) = self.held.pop() {
            self.with_cause(id, |session| session.give_back(&text, NotSentReason::TakenBack));
        }
    }

    /// Gives back what has been held too long.
    pub(super) fn expire_held(&mut self, now: Instant) {
        while let Some(Typed { text, id, .. }) = self.held.pop_expired(now, self.config.hold_for) {
            self.with_cause(id, |session| session.give_back(&text, NotSentReason::Expired));
        }
    }

    fn give_back(&mut self, text: &[u8], reason: NotSentReason) {
        self.outbox.event(Event::NotSent { text: text.to_vec(), reason });
    }

    /// MSG-52: what the peer could not read in the session before is sent again, once: it is not remembered any more.
    pub(super) fn resend(&mut self, now: Instant, tag: InstanceTag, typed: Typed) -> Result<()> {
        let text = Zeroizing::new([self.config.resend_prefix.as_bytes(), &typed.text].concat());
        self.with_cause(typed.id, |session| {
            // It is the user's, however many answers to the peer wait.
            session.outbox.set_answering(false);
            let sent = session.send_encrypted(now, tag, 0, Plaintext { text: &text, tlvs: Vec::new() });
            session.outbox.set_answering(true);
            sent?;
            session.outbox.event(Event::Resent { text: text.to_vec(), instance: tag });
            Ok(())
        })
    }

    /// An Error message makes the last text of every session eligible, whichever it was about (MSG-52).
    pub(super) fn mark_last_texts(&mut self) {
        for slot in self.instances.iter_mut() {
            if let Channel::Encrypted(session) = &mut slot.channel {
                session.last_text.mark();
            }
        }
    }

    /// With whom there is a session that held texts may go to.
    fn listeners(&self) -> Vec<InstanceTag> {
        let may_hear = |secured: &Secured| self.may_hear(secured);
        let listeners =
            self.instances.iter().filter(|slot| slot.channel.secured().as_ref().is_some_and(may_hear));
        listeners.map(|slot| slot.tag).collect()
    }

    fn may_hear(&self, secured: &Secured) -> bool {
        match self.known.classify(&secured.fingerprint) {
            Trust::Trusted => true,
            Trust::New | Trust::Known => !self.config.hold_until_trusted,
            Trust::Changed => false,
        }
    }
}
