//! Data messages that arrive (MSG-20 … MSG-32).

use otr_traits::{Backend, Secret};

use super::Session;
use crate::ake::Fault;
use crate::data::Opened;
use crate::instance::Channel;
use crate::logging::{debug, trace};
use crate::wire::{Data, ERROR_PREFIX, Header, InstanceTag, Tlv, Version, flags};
use crate::{Direction, EndedBy, Event, Instant, MessageState, Problem};

/// The words of our Error messages. They say nothing about which check failed (ERR-05).
const UNREADABLE: &str = "You transmitted an unreadable encrypted message.";
const MALFORMED: &str = "You transmitted a malformed data message.";
const UNEXPECTED: &str = "You sent encrypted data, which was not expected.";

/// The most records of one message that the application is told of: extra keys, and types that OTR does not define.
const MAX_RECORDS: usize = 64;

impl<B: Backend> Session<B> {
    pub(super) fn on_data(
        &mut self,
        now: Instant,
        raw: &[u8],
        header: &Header,
        data: &Data<'_>,
    ) -> Result<(), Fault> {
        let tag = header.sender;
        let is_silent = data.flags & flags::IGNORE_UNREADABLE != 0;
        let session = match self.instances.get(tag).map(|slot| &mut slot.channel) {
            Some(Channel::Encrypted(session)) if session.secured.version == header.version => session,
            // No slot is made for it (MSG-23).
            _ => {
                if !is_silent {
                    self.problem(Problem::NoSession, raw, Some(tag));
                    let answers = match header.version {
                        Version::V2 => self.config.error_reply_v2,
                        Version::V3 => self.config.error_reply_v3,
                    };
                    if answers {
                        self.send_error(now, UNEXPECTED);
                    }
                }
                return Ok(());
            }
        };
        match session.open(self.account.backend(), data) {
            Ok(opened) => {
                session.last_received = now;
                self.instances.heard_of(tag);
                self.on_opened(now, tag, opened)
            }
            Err(Fault::Peer(_)) if is_silent => Ok(()),
            Err(fault) => {
                if matches!(fault, Fault::Peer(_)) {
                    self.send_error(now, UNREADABLE);
                }
                Err(fault)
            }
        }
    }

    /// A message that was authentic.
    fn on_opened(&mut self, now: Instant, tag: InstanceTag, opened: Opened) -> Result<(), Fault> {
        let Opened { text, records, must_end, extra_key } = opened;
        debug!("reads a message from {tag}: {} bytes of text, {} of TLVs", text.len(), records.len());
        let has_text = !text.is_empty();
        if has_text {
            // An empty one is a sign of life and is never shown (MSG-41).
            self.outbox.event(Event::Message { text, instance: tag });
        }
        if Tlv::all(&records).any(|tlv| tlv.kind == Tlv::DISCONNECTED) {
            self.finish(tag, EndedBy::Peer);
            return Ok(()); // MSG-32: other records in it do not count.
        }
        if must_end {
            self.finish(tag, EndedBy::Error);
        }
        self.on_records(now, tag, &records, extra_key.as_ref())?;
        let has_more = Tlv::all(&records).any(|tlv| tlv.kind != Tlv::PADDING);
        self.answer_with_heartbeat(now, tag, has_text, has_more)
    }

    /// The records of a message, of which so many are worked on that neither powers, nor answers, nor events are out of
    /// proportion: aborts, but no more than one other message of a comparison (SMP-28), and [`MAX_RECORDS`] that the
    /// application is told of.
    fn on_records(
        &mut self,
        now: Instant,
        tag: InstanceTag,
        records: &[u8],
        extra_key: Option<&Secret<32>>,
    ) -> Result<(), Fault> {
        let (mut has_compared, mut told) = (false, 0);
        for tlv in Tlv::all(records) {
            trace!("a TLV of type {}, {} bytes", tlv.kind, tlv.value.len());
            match tlv.kind {
                Tlv::PADDING => {}
                Tlv::SMP_ABORT => self.on_smp(now, tag, &tlv)?,
                Tlv::SMP_1 | Tlv::SMP_1Q | Tlv::SMP_2 | Tlv::SMP_3 | Tlv::SMP_4 => {
                    if !core::mem::replace(&mut has_compared, true) {
                        self.on_smp(now, tag, &tlv)?;
                    }
                }
                _ if told == MAX_RECORDS => {
                    self.outbox.event(Event::Problem {
                        kind: Problem::Limit,
                        text: None,
                        instance: Some(tag),
                    });
                    return Ok(());
                }
                Tlv::EXTRA_KEY => {
                    told += 1;
                    self.on_extra_key(tag, tlv.value, extra_key);
                }
                kind => {
                    told += 1;
                    let value = tlv.value.to_vec();
                    self.outbox.event(Event::UnknownTlv { kind, value, instance: tag }); // MSG-31
                }
            }
        }
        Ok(())
    }

    /// A Data message that does not parse: what can be read of it decides whether anybody is told (MSG-21).
    pub(super) fn on_malformed_data(&mut self, now: Instant, raw: &[u8], version: Version, bytes: &[u8]) {
        let mut reader = crate::wire::Reader::new(bytes);
        let header = Header::decode(&mut reader).map(|(header, _)| header);
        let tag = match (version, header) {
            (Version::V2, _) => InstanceTag::BASE,
            (Version::V3, Ok(header)) if header.receiver == self.account.instance_tag() => header.sender,
            (Version::V3, _) => {
                self.problem(Problem::Malformed, raw, None);
                return;
            }
        };
        let is_silent = Data::peek_flags(bytes).is_some_and(|flags| flags & flags::IGNORE_UNREADABLE != 0);
        self.problem(Problem::Malformed, raw, Some(tag));
        let is_encrypted =
            self.instances.get(tag).is_some_and(|slot| slot.channel.state() == MessageState::Encrypted);
        if is_encrypted && !is_silent {
            self.send_error(now, MALFORMED);
        }
    }

    /// A text after a long silence of ours is answered, so that keys can rotate; what has no text is not, or two
    /// programs would go on for ever (MSG-40).
    fn answer_with_heartbeat(
        &mut self,
        now: Instant,
        tag: InstanceTag,
        had_text: bool,
        had_more: bool,
    ) -> Result<(), Fault> {
        let Some(Channel::Encrypted(session)) = self.instances.get(tag).map(|slot| &slot.channel) else {
            return Ok(());
        };
        let silence = now.since(session.last_sent);
        if !had_text {
            if !had_more {
                self.outbox.event(Event::Heartbeat { direction: Direction::Received, instance: tag });
            }
        } else if self.config.heartbeat.is_some_and(|interval| silence > interval) {
            self.heartbeat(now, tag).map_err(super::exchange::backend_fault)?;
        }
        Ok(())
    }

    /// At most one in ten seconds (ERR-04).
    fn send_error(&mut self, now: Instant, words: &str) {
        if self.may_answer(now, self.last_error) {
            self.last_error = Some(now);
            self.outbox.send(format!("{ERROR_PREFIX}{words}").into_bytes());
        }
    }
}
