//! The party under test.

use core::time::Duration;
use std::collections::BTreeMap;

use otr_protocol::wire::{Plaintext, Tlv};
use otr_protocol::{
    Account, Config, Error, Event, Fingerprint, InstanceTag, Instant, Output, Policy, Recipient, Session,
};
use otr_traits::{Backend, Secret};

use super::policy;
use super::sent::Sent;
use super::state::Slot;
use crate::scripted::{Draw, Log, Scripted};
use crate::transcript::{self, Damaged, Operation, Step, Transcript};

pub(super) struct Party<'a> {
    account: Account<Scripted<&'a dyn Backend>>,
    session: Session<Scripted<&'a dyn Backend>>,
    now: Instant,
    is_online: bool,
    /// When each instance was last heard of: libotr looks at whole seconds.
    heard: BTreeMap<u32, Instant>,
}

/// What came of a step.
pub(super) struct Observed {
    pub(super) sent: Vec<Sent>,
    pub(super) events: Vec<Event>,
    /// The fingerprints that were not known before.
    pub(super) new_fingerprints: Vec<Fingerprint>,
    /// The extra symmetric key, if the application asked for it.
    pub(super) extra_key: Option<Secret<32>>,
    /// Why the library refused, if it did.
    pub(super) refusal: Option<Error>,
    pub(super) log: Log,
}

impl<'a> Party<'a> {
    /// A party with what the recorded one had, and the settings of REPLAY 3.
    pub(super) fn new(
        backend: &'a dyn Backend,
        transcript: &Transcript,
        role: &str,
        recorded: &transcript::Party,
    ) -> Result<Self, Damaged> {
        let mut draws = Vec::new();
        for step in transcript.steps.iter().filter(|step| step.actor == role) {
            draws.extend(step.randoms.iter().map(|random| Draw {
                step: step.n,
                label: random.purpose.clone(),
                bytes: random.hex.0.clone(),
            }));
        }
        let mut config = Config::default();
        config.policy = policy::at_the_start(transcript, role, recorded)?;
        config.max_message_size = recorded.max_message_size.filter(|size| *size > 0);
        config.damping = false;
        config.extra_key_v2 = true;
        let minute = Duration::from_secs(60);
        (config.heartbeat, config.hold_for, config.resend_within) = (Some(minute), minute, minute);
        // Version 2 has no tags, so that any will do.
        let tag = InstanceTag::new(recorded.instance_tag.unwrap_or(0x100));
        let account = Account::new(Scripted::new(backend, draws), recorded.dsa.secret()?, tag, config);
        let account = account.map_err(|error| Damaged(format!("{role}: {error}")))?;
        let fingerprint = account.fingerprint();
        if recorded.fingerprint.as_ref().is_some_and(|recorded| recorded.0 != fingerprint.as_bytes()) {
            return Err(Damaged(format!("{role}: the fingerprint is not that of the key")));
        }
        Ok(Self {
            session: account.session(),
            account,
            now: Instant::default(),
            is_online: true,
            heard: BTreeMap::new(),
        })
    }

    /// Does what a step asks for. `text` is what arrives in it, and `sender` from whom; `receiver` is whom the recorded
    /// party sent its message to.
    pub(super) fn carry_out(
        &mut self,
        step: &Step,
        operation: Operation<'_>,
        (text, sender): (&[u8], Option<u32>),
        receiver: Option<u32>,
    ) -> Result<Observed, Damaged> {
        self.account.backend().go_to(step.n);
        if let Some(time) = step.time {
            self.now = Instant::from_secs(time);
        }
        let now = self.now;
        let known = self.session.known_fingerprints().clone();
        self.heard.extend(sender.map(|sender| (sender, now)));
        let mut extra_key = None;
        let result = match operation {
            Operation::Start => self.session.start(now),
            Operation::Send { instance, text } => {
                self.session.send(now, self.recipient(instance, receiver), text)
            }
            Operation::SendRecords { instance, text, flags, records } => {
                let tlvs = records.iter().map(|(kind, value)| Tlv { kind: *kind, value: &value.0 }).collect();
                let plaintext = Plaintext { text: text.as_bytes(), tlvs };
                self.session.send_records(now, self.recipient(instance, receiver), flags, plaintext)
            }
            Operation::SmpStart { instance, secret, question } => self
                .session
                .smp(now, self.recipient(instance, receiver))
                .and_then(|smp| smp.allow_empty_secret().start(secret, question)),
            Operation::SmpRespond { instance, secret } => self
                .session
                .smp(now, self.recipient(instance, receiver))
                .and_then(|smp| smp.allow_empty_secret().respond(secret)),
            Operation::SmpAbort { instance } => {
                self.session.smp(now, self.recipient(instance, receiver)).and_then(|smp| smp.abort())
            }
            Operation::ExtraKey { instance, usage, data } => {
                let key = self.session.extra_key(now, self.recipient(instance, receiver), usage, data);
                key.map(|key| extra_key = Some(key))
            }
            Operation::Receive(_) => self.session.receive(now, text),
            Operation::Disconnect if self.is_online => self.session.end_all(now),
            Operation::Disconnect => {
                self.session.abandon(now);
                Ok(())
            }
            Operation::Poll => Ok(()),
            Operation::Set { what: "loggedin", value } => {
                self.is_online = value != 0;
                Ok(())
            }
            Operation::Set { what: "now", value } => {
                self.now = Instant::from_secs(value);
                Ok(())
            }
            Operation::Set { what: "max_message_size", value } => {
                let size = usize::try_from(value).ok().filter(|size| *size > 0);
                self.session.set_max_message_size(size)
            }
            Operation::Set { what: "policy", value } => {
                let bits =
                    u8::try_from(value).map_err(|error| Damaged(format!("step {}: {error}", step.n)))?;
                self.session.set_policy(Policy::from_bits(bits))
            }
            Operation::Set { what, .. } => {
                return Err(Damaged(format!("step {}: unknown setting `{what}`", step.n)));
            }
        };
        let observed = self.drain(result.err());
        let is_new = |fingerprint: &&Fingerprint| known.get(fingerprint).is_none();
        let fingerprints = self.session.known_fingerprints().iter().map(|(fingerprint, _)| fingerprint);
        let new_fingerprints = fingerprints.filter(is_new).copied().collect();
        Ok(Observed { new_fingerprints, extra_key, ..observed })
    }

    pub(super) fn policy(&self) -> Policy {
        self.session.policy()
    }

    /// Our slots as they are.
    pub(super) fn slots(&self) -> Vec<Slot> {
        let known = self.session.known_fingerprints();
        self.session.instances().map(|status| Slot::ours(&status, known)).collect()
    }

    /// Whom libotr's meta-instances mean (INST-13); every other number is a tag. Where no instance is named, or several
    /// are equally good for a clock of whole seconds, it is whom the recorded party has sent its message to.
    fn recipient(&self, instance: Option<u32>, receiver: Option<u32>) -> Recipient {
        const BEST: u32 = 1;
        let receiver = receiver.filter(|receiver| self.is_as_good_as_any(*receiver) || instance.is_none());
        match (instance.unwrap_or(BEST), receiver) {
            (BEST, Some(receiver)) => Recipient::Instance(InstanceTag::new(receiver)),
            (BEST, None) => Recipient::Best,
            (2, _) => Recipient::Recent,
            (3, _) => Recipient::RecentReceived,
            (4, _) => Recipient::RecentSent,
            (tag, _) => Recipient::Instance(InstanceTag::new(tag)),
        }
    }

    /// Whether no encrypted session is better than this one: trusted, or heard of in a later second.
    fn is_as_good_as_any(&self, tag: u32) -> bool {
        let slots = self.slots();
        let rank = |slot: &Slot| {
            let trust = slot.session.as_ref()?.trust.as_ref();
            Some((trust.is_some_and(|trust| !trust.is_empty()), self.heard.get(&slot.tag).copied()))
        };
        let ours = slots.iter().find(|slot| slot.tag == tag).and_then(rank);
        ours.is_some() && slots.iter().all(|slot| rank(slot) <= ours)
    }

    fn drain(&mut self, mut refusal: Option<Error>) -> Observed {
        let (mut sent, mut events, mut pieces) = (Vec::new(), Vec::new(), Vec::new());
        loop {
            match self.session.poll(self.now) {
                Ok(Output::Send(outgoing)) => {
                    pieces.push(outgoing.text);
                    if outgoing.last {
                        sent.push(Sent::joined(core::mem::take(&mut pieces)));
                    }
                }
                Ok(Output::Event(event)) => events.push(event),
                Ok(Output::Idle(_)) => break,
                Err(error) => {
                    refusal = refusal.or(Some(error));
                    break;
                }
            }
        }
        Observed {
            sent,
            events,
            new_fingerprints: Vec::new(),
            extra_key: None,
            refusal,
            log: self.account.backend().take_log(),
        }
    }
}
