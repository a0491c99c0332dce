//! What arrives: told apart, put together, checked for its addressee, and handed on.

use otr_traits::Backend;

use super::{Offer, Session};
use crate::ake::Fault;
use crate::fragment::{Fragment, Step};
use crate::logging::{debug, trace};
use crate::wire::{self, Body, Header, Kind, Message, Text, Version, Versions, dearmor};
use crate::{Event, InstanceTag, Instant, MessageState, Policy, Problem, Result, governs_display};

impl<B: Backend> Session<B> {
    /// Takes in whatever arrived from the peer: any bytes. What it meant comes out of [`poll`](Self::poll) as events
    /// and texts to be sent.
    ///
    /// ```
    /// # use otr_protocol::{Account, DefaultBackend, Event, Instant, Output, Problem};
    /// # fn main() -> otr_protocol::Result<()> {
    /// # let mut session = Account::generate(DefaultBackend::default())?.session();
    /// # let now = Instant::from_millis(0);
    /// session.receive(now, b"?OTR:not base64.")?; // whatever arrives is no error
    /// let Output::Event(Event::Problem { kind, .. }) = session.poll(now)? else { panic!() };
    /// assert_eq!(kind, Problem::Unrecognized);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// If the backend fails; the session is as it was then, or has ended, as its events say. Never because of
    /// what arrived.
    pub fn receive(&mut self, now: Instant, text: &[u8]) -> Result<()> {
        let now = self.tick(now);
        self.outbox.set_answering(true);
        let result = self.take_in(now, text);
        self.outbox.set_answering(false);
        result
    }

    fn take_in(&mut self, now: Instant, text: &[u8]) -> Result<()> {
        if self.is_transparent() {
            self.outbox.event(Event::Plaintext { text: text.to_vec() });
            return Ok(());
        }
        let kind = Text::classify(text, self.config.strict_markers);
        debug!("receives {kind:?}, {} bytes", text.len());
        match kind {
            Text::Fragment(version) => self.on_fragment(now, text, version),
            whole => {
                self.fragments.reset(InstanceTag::BASE); // FRAG-14
                self.on_text(now, text, whole)
            }
        }
    }

    /// A text that is no fragment, or was put together from some (FRAG-16).
    fn on_text(&mut self, now: Instant, raw: &[u8], text: Text<'_>) -> Result<()> {
        self.offer = match (&text, self.offer) {
            (Text::Plain, Offer::Sent) => Offer::Rejected,
            (Text::Plain, offer) => offer,
            _ => Offer::Accepted, // TAG-14
        };
        match text {
            Text::Plain => self.on_plaintext(raw.to_vec()),
            Text::Tagged { text, versions } => return self.on_tagged(now, text, versions),
            Text::Query(versions) => return self.on_query(now, versions),
            Text::Error(words) => self.on_error(now, words),
            Text::Encoded(version, kind) => return self.on_encoded(now, raw, version, kind),
            Text::UnsupportedVersion => self.problem(Problem::UnsupportedVersion, raw, None),
            Text::Fragment(_) | Text::Unknown => self.problem(Problem::Unrecognized, raw, None),
        }
        Ok(())
    }

    fn on_fragment(&mut self, now: Instant, raw: &[u8], version: Version) -> Result<()> {
        if !self.config.policy.versions().contains(version) {
            self.problem(Problem::UnsupportedVersion, raw, None);
            return Ok(());
        }
        let Some(fragment) = Fragment::parse(raw) else {
            self.problem(Problem::Fragment, raw, None);
            return Ok(());
        };
        if let Some((sender, receiver)) = fragment.tags {
            // Any content may be for everybody; the message inside is checked again (FRAG-15).
            if let Err(problem) = self.check_tags(sender, receiver, true) {
                self.problem(problem, raw, Some(sender));
                return Ok(());
            }
        }
        let step = self.fragments.accept(now, &fragment, self.config.max_reassembled_size);
        trace!("{fragment:?}: {step:?}");
        match step {
            Step::Incomplete => Ok(()),
            Step::TooLong => {
                self.problem(Problem::Limit, raw, fragment.tags.map(|(sender, _)| sender));
                Ok(())
            }
            Step::Complete(whole) => {
                if let Some(tags) = fragment.tags
                    && !agrees(tags, &whole)
                {
                    self.problem(Problem::Malformed, &whole, Some(tags.0));
                    return Ok(());
                }
                self.on_text(now, &whole, Text::classify(&whole, self.config.strict_markers))
            }
        }
    }

    /// MSG-01: text in clear is set apart where one would expect protected text.
    fn on_plaintext(&mut self, text: Vec<u8>) {
        self.instances.heard_of(InstanceTag::BASE);
        let is_secret = |slot: &crate::instance::Instance| slot.channel.state() != MessageState::Plaintext;
        if self.config.policy.contains(Policy::REQUIRE_ENCRYPTION) || self.instances.iter().any(is_secret) {
            self.problem(Problem::Unencrypted, &text, None);
        } else {
            self.outbox.event(Event::Plaintext { text });
        }
    }

    /// MSG-02, TAG-13.
    fn on_tagged(&mut self, now: Instant, text: Vec<u8>, versions: Versions) -> Result<()> {
        self.on_plaintext(text);
        self.outbox.event(Event::WhitespaceTagReceived { versions });
        let is_encrypted = |slot: &crate::instance::Instance| slot.channel.state() == MessageState::Encrypted;
        if self.config.policy.contains(Policy::WHITESPACE_START_AKE)
            && !self.instances.iter().any(is_encrypted)
        {
            return self.start_exchange(now, versions);
        }
        Ok(())
    }

    /// TAG-03.
    fn on_query(&mut self, now: Instant, versions: Versions) -> Result<()> {
        self.outbox.event(Event::QueryReceived { versions });
        self.start_exchange(now, versions)
    }

    /// ERR-02. Anyone on the way can have written it: it changes nothing.
    fn on_error(&mut self, now: Instant, words: &[u8]) {
        const MAX_LENGTH: usize = 1000;
        let printable: String = String::from_utf8_lossy(words)
            .chars()
            .filter(|c| !governs_display(*c))
            .take(MAX_LENGTH)
            .collect();
        self.problem(Problem::PeerError, printable.as_bytes(), None);
        self.mark_last_texts();
        let policy = self.config.policy;
        if policy.contains(Policy::ERROR_START_AKE) && self.may_answer(now, self.last_error_query) {
            self.last_error_query = Some(now);
            if let Some(query) = wire::query(policy.versions()) {
                self.outbox.send(query.into_bytes());
            }
        }
    }

    fn on_encoded(&mut self, now: Instant, raw: &[u8], version: Version, kind: Kind) -> Result<()> {
        if !self.config.policy.versions().contains(version) {
            self.problem(Problem::UnsupportedVersion, raw, None); // WIRE-23
            return Ok(());
        }
        let bytes = dearmor(raw);
        let message = match bytes.as_deref().map(Message::decode) {
            Ok(Ok(message)) => message,
            _ => {
                if kind == Kind::Data {
                    self.on_malformed_data(now, raw, version, bytes.as_deref().unwrap_or_default());
                } else {
                    self.problem(Problem::Malformed, raw, None);
                }
                return Ok(());
            }
        };
        let Header { version, sender, receiver } = message.header;
        if version == Version::V3 {
            let to_anyone = matches!(message.body, Body::DhCommit(_));
            if let Err(problem) = self.check_tags(sender, receiver, to_anyone) {
                self.problem(problem, raw, Some(sender));
                return Ok(());
            }
            self.fragments.reset(sender); // FRAG-14
        }
        let result = match message.body {
            Body::Data(data) => self.on_data(now, raw, &message.header, &data),
            body => self.on_exchange_message(now, &message.header, body),
        };
        match result {
            Err(Fault::Backend(error)) => Err(error.into()),
            Err(Fault::Peer(problem)) => {
                self.problem(problem, raw, Some(sender));
                Ok(())
            }
            Ok(()) => Ok(()),
        }
    }

    /// INST-04 … INST-06.
    fn check_tags(
        &self,
        sender: InstanceTag,
        receiver: InstanceTag,
        to_anyone: bool,
    ) -> core::result::Result<(), Problem> {
        let ours = self.account.instance_tag();
        let is_absent = receiver == InstanceTag::BASE;
        if !sender.is_valid() || !(receiver.is_valid() || is_absent) {
            Err(Problem::Malformed)
        } else if sender == ours {
            Err(Problem::Reflected)
        } else if receiver == ours || is_absent && to_anyone {
            Ok(())
        } else {
            Err(Problem::ForOtherInstance)
        }
    }

    pub(super) fn problem(&mut self, kind: Problem, text: &[u8], instance: Option<InstanceTag>) {
        self.outbox.event(Event::Problem { kind, text: Some(text.to_vec()), instance });
    }
}

/// Whether the tags of fragments are those of the message inside; 0 agrees with all (FRAG-15).
fn agrees((sender, receiver): (InstanceTag, InstanceTag), whole: &[u8]) -> bool {
    let Some(start) = wire::start_of(whole) else { return true };
    match Header::decode(&mut wire::Reader::new(&start)) {
        Ok((inner, _)) if inner.version == Version::V3 => {
            let either_absent = [receiver, inner.receiver].contains(&InstanceTag::BASE);
            sender == inner.sender && (receiver == inner.receiver || either_absent)
        }
        _ => true,
    }
}
