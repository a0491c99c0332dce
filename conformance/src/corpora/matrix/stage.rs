//! Two parties, brought into the state of a cell.

use otr_protocol::wire::{
    Body, DhKey, Header, InstanceTag, Kind, Message, Text, Version, Versions, armor, query, whitespace_tag,
};
use otr_protocol::{Account, Config, Event, Instant, Output, Policy, Recipient, Result, Session};
use otr_traits::{Backend, Element};

use super::{Cell, Outcome, refused, sent, told};
use crate::anatomy::Anatomy;
use crate::corpora::units;

/// The subject is the party that is looked at.
pub(super) struct Stage<'a> {
    version: Version,
    subject: Party<'a>,
    peer: Party<'a>,
    /// What the subject has sent so far, and the message of the exchange that it has received last.
    sent: Vec<Vec<u8>>,
    received: Vec<u8>,
}

struct Party<'a> {
    account: Account<&'a dyn Backend>,
    session: Session<&'a dyn Backend>,
}

const NOW: Instant = Instant::from_secs(1_000_000_000);

impl<'a> Party<'a> {
    fn new(backend: &'a dyn Backend, key: &units::Pair, tag: u32, version: Version) -> Result<Self> {
        let other = match version {
            Version::V2 => Policy::ALLOW_V3,
            Version::V3 => Policy::ALLOW_V2,
        };
        let mut config = Config::default();
        config.policy = Policy::OPPORTUNISTIC.without(other);
        config.damping = false;
        let account = Account::new(backend, key.duplicate(), InstanceTag::new(tag), config)?;
        Ok(Self { session: account.session(), account })
    }

    /// The same account in a conversation that has nothing to do with the other.
    fn again(&self) -> Self {
        Self { session: self.account.session(), account: self.account.clone() }
    }

    fn receive(&mut self, text: &[u8]) -> Result<Vec<Vec<u8>>> {
        self.session.receive(NOW, text)?;
        Ok(self.take()?.0)
    }

    /// The message that answers one.
    fn answer(&mut self, text: &[u8]) -> Result<Vec<u8>> {
        Ok(self.receive(text)?.pop().unwrap_or_default())
    }

    fn take(&mut self) -> Result<(Vec<Vec<u8>>, Vec<Event>)> {
        let (mut texts, mut events) = (Vec::new(), Vec::new());
        loop {
            match self.session.poll(NOW)? {
                Output::Send(outgoing) => texts.push(outgoing.text),
                Output::Event(event) => events.push(event),
                Output::Idle(_) => return Ok((texts, events)),
            }
        }
    }
}

impl<'a> Stage<'a> {
    /// Brings the subject into the state of a cell.
    pub(super) fn set(backend: &'a dyn Backend, keys: &[units::Pair; 2], cell: &Cell) -> Result<Self> {
        let version = if cell.version == 2 { Version::V2 } else { Version::V3 };
        let [ours, theirs] = keys;
        let subject = Party::new(backend, ours, 0x1111_1111, version)?;
        let peer = Party::new(backend, theirs, 0x2222_2222, version)?;
        let mut stage = Self { version, subject, peer, sent: Vec::new(), received: Vec::new() };
        if cell.msgstate != "PLAINTEXT" {
            let commit = stage.peer.answer(&stage.query())?;
            stage.exchange(&commit)?;
        }
        if cell.msgstate == "FINISHED" {
            stage.peer.session.end_all(NOW)?;
            let farewell = stage.peer.take()?.0.concat();
            stage.subject.receive(&farewell)?;
        }
        match cell.authstate.as_str() {
            "AWAITING_DHKEY" => stage.receive(&stage.query())?,
            "AWAITING_REVEALSIG" => {
                let commit = stage.peer.answer(&stage.query())?;
                stage.receive(&commit)?;
            }
            "AWAITING_SIG" => {
                stage.receive(&stage.query())?;
                let key = stage.peer.answer(&stage.last())?;
                stage.receive(&key)?;
            }
            _ => {}
        }
        Ok(stage)
    }

    /// Lets the event of a cell happen; none if it is not known.
    pub(super) fn play(mut self, event: &str) -> Result<Option<Outcome>> {
        let mut refusal = None;
        let mut arrived = Vec::new();
        match event {
            "user sends text" => refusal = self.subject.session.send(NOW, Recipient::Best, "typed").err(),
            "user requests OTR" => refusal = self.subject.session.start(NOW).err(),
            "user ends OTR" => refusal = self.subject.session.end_all(NOW).err(),
            _ => {
                let Some(text) = self.text_of(event)? else { return Ok(None) };
                self.subject.session.receive(NOW, &text)?;
                arrived = text;
            }
        }
        let (texts, events) = self.subject.take()?;
        let mut display = events.iter().filter_map(|event| match event {
            Event::Plaintext { text } | Event::Message { text, .. } => Some(text.as_slice()),
            _ => None,
        });
        let display = display.next().map(|text| match text == arrived.as_slice() {
            true => "(unchanged)".to_owned(),
            false => String::from_utf8_lossy(text).into_owned(),
        });
        let mut events: Vec<_> = events.iter().flat_map(told).map(str::to_owned).collect();
        events.extend(refusal.as_ref().map(refused));
        events.sort();
        let sends = texts.iter().map(|text| sent(text, &self.sent)).collect();
        Ok(Some(Outcome { sends, events, display, after: self.states() }))
    }

    /// The text that arrives in an event.
    fn text_of(&mut self, event: &str) -> Result<Option<Vec<u8>>> {
        Ok(Some(match event {
            "plaintext" => b"hello".to_vec(),
            "tagged plaintext" => [b"hello", whitespace_tag(self.versions()).as_slice()].concat(),
            "query" => self.query(),
            "query for another version only" => match self.version {
                Version::V2 => b"?OTRv3?".to_vec(),
                Version::V3 => b"?OTRv2?".to_vec(),
            },
            "error" => b"?OTR Error: something".to_vec(),
            "D-H Commit, new" => self.peer.again().answer(&self.query())?,
            "D-H Commit, hash lower than ours" => self.commit(|theirs, ours| theirs < ours)?,
            "D-H Commit, hash higher than ours" => self.commit(|theirs, ours| theirs > ours)?,
            "D-H Commit, same again" | "D-H Key, same again" => self.received.clone(),
            "D-H Key, new" => {
                let commit = self.subject.again().answer(&self.query())?;
                self.peer.again().answer(&commit)?
            }
            "D-H Key, g^y = 1" => self.trivial_key(),
            "D-H Key, answer to our commit" | "Reveal Signature, valid" | "Signature, valid" => {
                let last = self.last();
                self.peer.answer(&last)?
            }
            "Reveal Signature, MAC wrong" | "Signature, MAC wrong" => {
                let last = self.last();
                spoiled(&self.peer.answer(&last)?)
            }
            "Reveal Signature, any" => self.elsewhere(Kind::RevealSignature)?,
            "Signature, any" => self.elsewhere(Kind::Signature)?,
            "Data, undecryptable" => self.data_elsewhere(false)?,
            "Data, undecryptable, IGNORE_UNREADABLE" => self.data_elsewhere(true)?,
            "Data, valid" => {
                self.peer.session.send(NOW, Recipient::Best, "genuine")?;
                self.peer.take()?.0.concat()
            }
            "Data, valid, disconnected TLV" => {
                self.peer.session.end_all(NOW)?;
                self.peer.take()?.0.concat()
            }
            _ => return Ok(None),
        }))
    }

    fn versions(&self) -> Versions {
        self.subject.session.policy().versions()
    }

    fn query(&self) -> Vec<u8> {
        query(self.versions()).unwrap_or_default().into_bytes()
    }

    /// What the subject has sent last.
    fn last(&self) -> Vec<u8> {
        self.sent.last().cloned().unwrap_or_default()
    }

    fn receive(&mut self, text: &[u8]) -> Result<()> {
        self.received = text.to_vec();
        let texts = self.subject.receive(text)?;
        self.sent.extend(texts);
        Ok(())
    }

    /// The rest of an exchange that the peer has begun.
    fn exchange(&mut self, commit: &[u8]) -> Result<()> {
        let key = self.subject.answer(commit)?;
        let reveal = self.peer.answer(&key)?;
        let signature = self.subject.answer(&reveal)?;
        self.peer.receive(&signature).map(|_| ())
    }

    /// A commit of the peer whose hash is as it should be, compared with the subject's.
    fn commit(&mut self, is_right: fn(&[u8], &[u8]) -> bool) -> Result<Vec<u8>> {
        let hash = |text: &[u8]| Anatomy::of_text(text).map(|message| message.bytes("hashgx").to_vec());
        let ours = hash(&self.last()).unwrap_or_default();
        loop {
            let commit = self.peer.again().answer(&self.query())?;
            if hash(&commit).is_none_or(|theirs| is_right(&theirs, &ours)) {
                return Ok(commit);
            }
        }
    }

    fn trivial_key(&self) -> Vec<u8> {
        let header = match self.version {
            Version::V2 => Header::to_nobody(self.version),
            Version::V3 => Header {
                version: self.version,
                sender: self.peer.account.instance_tag(),
                receiver: self.subject.account.instance_tag(),
            },
        };
        let gy = Element::from_be_bytes(&[1]).unwrap_or_else(Element::generator);
        armor(&Message { header, body: Body::DhKey(DhKey { gy }) }.encode())
    }

    /// A message of an exchange between the same two that has nothing to do with this one; the peer sends it.
    fn elsewhere(&self, kind: Kind) -> Result<Vec<u8>> {
        let (mut subject, mut peer) = (self.subject.again(), self.peer.again());
        if kind == Kind::RevealSignature {
            let commit = peer.answer(&self.query())?;
            let key = subject.answer(&commit)?;
            return peer.answer(&key);
        }
        let commit = subject.answer(&self.query())?;
        let key = peer.answer(&commit)?;
        let reveal = subject.answer(&key)?;
        peer.answer(&reveal)
    }

    /// A Data message of another session.
    fn data_elsewhere(&self, is_silent: bool) -> Result<Vec<u8>> {
        let parties = (self.subject.again(), self.peer.again());
        let mut other = Stage {
            version: self.version,
            subject: parties.0,
            peer: parties.1,
            sent: Vec::new(),
            received: Vec::new(),
        };
        let commit = other.peer.answer(&self.query())?;
        other.exchange(&commit)?;
        if is_silent {
            other.peer.session.send_heartbeat(NOW, Recipient::Best)?;
        } else {
            other.peer.session.send(NOW, Recipient::Best, "elsewhere")?;
        }
        Ok(other.peer.take()?.0.concat())
    }

    fn states(&self) -> [(String, String); 2] {
        let slots: Vec<_> = self.subject.session.instances().collect();
        let known = self.subject.session.known_fingerprints();
        let state = |tag: InstanceTag| {
            let slot = slots.iter().find(|slot| slot.tag == tag);
            slot.map_or_else(
                || ("PLAINTEXT".to_owned(), "NONE".to_owned()),
                |status| {
                    let slot = crate::replay::Slot::ours(status, known);
                    (slot.message_state, slot.auth_state)
                },
            )
        };
        [state(InstanceTag::BASE), state(self.peer.account.instance_tag())]
    }
}

/// A message with the last bit of its MAC changed.
fn spoiled(text: &[u8]) -> Vec<u8> {
    let Some(message) = Anatomy::of_text(text) else { return Vec::new() };
    let mut bytes = message.raw().to_vec();
    if let Some(last) = bytes.last_mut() {
        *last ^= 1;
    }
    debug_assert!(matches!(
        Text::classify(text, false),
        Text::Encoded(_, Kind::RevealSignature | Kind::Signature)
    ));
    armor(&bytes)
}
