//! What leaves: texts in clear and encrypted, fragments, and the end of a session.

use memchr::memchr;
use otr_traits::Backend;

use super::{Offer, Session};
use crate::ake::AuthState;
use crate::fragment::{self, Fragments};
use crate::instance::Channel;
use crate::logging::debug;
use crate::wire::{self, Header, InstanceTag, Plaintext, Text, Tlv, Version, armor, armored_length, flags};
use crate::{Direction, EndedBy, Error, Event, Instant, MessageState, Policy, Recipient, Result};

impl<B: Backend> Session<B> {
    /// MSG-10, MSG-11, MSG-15.
    pub(super) fn send_plaintext(&mut self, now: Instant, to: Recipient, text: &[u8]) -> Result<()> {
        let policy = self.config.policy;
        if policy.contains(Policy::REQUIRE_ENCRYPTION) {
            return self.hold(now, to, text);
        }
        if !matches!(Text::classify(text, self.config.strict_markers), Text::Plain | Text::Tagged { .. }) {
            return Err(Error::LooksLikeOtr);
        }
        let mut text = text.to_vec();
        if policy.contains(Policy::SEND_WHITESPACE_TAG) && self.offer != Offer::Rejected {
            text.extend_from_slice(&wire::whitespace_tag(policy.versions()));
            if self.offer == Offer::NotSent {
                self.offer = Offer::Sent;
            }
        }
        let order = self.instances.tick();
        self.instances.base.sent = order;
        self.outbox.send(text);
        Ok(())
    }

    /// Sends given flags and records, whatever they mean to the peer: what a recorded party did to provoke another
    /// one is done again in a replay. No part of the interface.
    ///
    /// # Errors
    /// As [`send`](Self::send); [`Error::NotEncrypted`] without a session.
    #[cfg(feature = "test-door")]
    #[doc(hidden)]
    pub fn send_records(
        &mut self,
        now: Instant,
        to: Recipient,
        flags: u8,
        plaintext: Plaintext<'_>,
    ) -> Result<()> {
        let now = self.tick(now);
        let status = self.select(to)?;
        status.secured.ok_or(Error::NotEncrypted)?;
        self.send_encrypted(now, status.tag, flags, plaintext)
    }

    /// A text of the user, for a slot that is ENCRYPTED (MSG-12).
    pub(super) fn send_text(&mut self, now: Instant, tag: InstanceTag, text: &[u8]) -> Result<()> {
        self.send_encrypted(now, tag, 0, Plaintext { text, tlvs: Vec::new() })?;
        let id = self.outbox.cause();
        if let Some(Channel::Encrypted(session)) = self.instances.get(tag).map(|slot| &mut slot.channel) {
            session.last_text.remember(now, text, id);
        }
        Ok(())
    }

    /// An empty message (MSG-40).
    pub(super) fn heartbeat(&mut self, now: Instant, tag: InstanceTag) -> Result<()> {
        let nothing = Plaintext { text: b"", tlvs: Vec::new() };
        self.send_encrypted(now, tag, flags::IGNORE_UNREADABLE, nothing)?;
        self.outbox.event(Event::Heartbeat { direction: Direction::Sent, instance: tag });
        Ok(())
    }

    /// Encrypts a message for a slot that is ENCRYPTED, and queues it.
    pub(super) fn send_encrypted(
        &mut self,
        now: Instant,
        tag: InstanceTag,
        flags: u8,
        plaintext: Plaintext<'_>,
    ) -> Result<()> {
        check_text(plaintext.text)?;
        let zeros = vec![0; self.config.padding.into()];
        let plaintext = plaintext.padded(&zeros);
        let order = self.instances.tick();
        let slot = self.instances.get(tag).ok_or(Error::NoSuchInstance(tag))?;
        let version = slot.channel.secured().map_or(Version::V3, |secured| secured.version);
        let header = slot.header(version, self.account.instance_tag());
        let Channel::Encrypted(session) = &mut slot.channel else { return Err(Error::NoSuchInstance(tag)) };
        if let Some(size) = self.config.max_message_size {
            let length = armored_length(session.sealed_length(plaintext.encoded_length()));
            fragment::count(length, &header, size)?;
        }
        debug!("encrypts {} bytes for {tag}", plaintext.encoded_length());
        match session.seal(self.account.backend(), &header, flags, &plaintext) {
            Ok(message) => {
                slot.sent = order;
                session.last_sent = now;
                self.send_message(&header, &message)
            }
            Err(error) => {
                if error == Error::CounterExhausted {
                    self.finish(tag, EndedBy::Error);
                }
                Err(error)
            }
        }
    }

    /// Armours a message, cuts it if need be (FRAG-02), and queues it.
    pub(super) fn send_message(&mut self, header: &Header, message: &[u8]) -> Result<()> {
        let text = armor(message);
        match self.config.max_message_size {
            Some(size) if text.len() > size => {
                self.outbox.send_fragments(Fragments::of(text, header, size)?);
            }
            _ => self.outbox.send(text),
        }
        Ok(())
    }

    /// MSG-60, for one slot.
    pub(super) fn end_slot(&mut self, tag: InstanceTag, tell_the_peer: bool) -> Result<()> {
        self.drop_smp(tag);
        let Some(slot) = self.instances.get(tag) else { return Err(Error::NoSuchInstance(tag)) };
        slot.auth = AuthState::None;
        self.offer = Offer::NotSent;
        let version = slot.channel.secured().map_or(Version::V3, |secured| secured.version);
        let header = slot.header(version, self.account.instance_tag());
        let channel = core::mem::take(&mut slot.channel);
        let state = channel.state();
        let mut result = Ok(());
        if let (Channel::Encrypted(session), true) = (channel, tell_the_peer) {
            let farewell = Plaintext { text: b"", tlvs: vec![Tlv { kind: Tlv::DISCONNECTED, value: b"" }] };
            let backend = self.account.backend();
            let sealed = session.seal_last(backend, &header, flags::IGNORE_UNREADABLE, &farewell);
            result = sealed.and_then(|message| self.send_message(&header, &message));
        }
        if state != MessageState::Plaintext {
            self.outbox.confirm(Event::Ended { by: EndedBy::Us, instance: tag });
        }
        result
    }
}

/// A text ends at its first zero byte: what follows would be read as records (MSG-16).
pub(super) fn check_text(text: &[u8]) -> Result<()> {
    match memchr(0, text) {
        Some(offset) => Err(Error::ContainsNul { offset }),
        None => Ok(()),
    }
}
