//! Saving a session, and restoring it.

use std::sync::Arc;

use otr_traits::Backend;

use super::{Offer, Session};
use crate::data::Encrypted;
use crate::instance::{Channel, Instance, Instances};
use crate::resend::Typed;
use crate::saved::{Saved, SavedChannel, SavedError, SavedSession, SavedSlot, SavedText, fingerprint};
use crate::wire::Version;
use crate::{Account, Config, Id, InstanceTag, Instant, Policy};

impl<B: Backend> Session<B> {
    /// Takes the session apart, so that it can be stored. It says nothing to the peer, who will not notice. Messages that
    /// arrive until it is restored are to be kept for it.
    #[must_use = "the session is gone; this is all that is left of it"]
    pub fn save(mut self, now: Instant) -> Saved {
        self.tick(now);
        let tags: Vec<_> = self.instances.iter().map(|slot| slot.tag).collect();
        for tag in tags {
            self.drop_smp(tag);
        }
        let mut held = Vec::new();
        while let Some(Typed { text, id, to, .. }) = self.held.pop() {
            held.push(SavedText {
                text: text.as_slice().into(),
                id: id.map(|id| id.as_str().to_owned()),
                to: to.map(InstanceTag::number),
            });
        }
        let session = SavedSession {
            format: SavedSession::FORMAT,
            fingerprint: self.account.fingerprint().as_bytes().into(),
            instance_tag: self.account.instance_tag().number(),
            policy: self.config.policy.bits(),
            max_message_size: self.config.max_message_size,
            known: self.known.iter().map(|(key, trust)| (key.as_bytes().into(), trust.to_owned())).collect(),
            offer: self.offer as u8,
            had_v3: self.had_v3,
            held,
            slots: self.instances.iter().map(save_slot).collect(),
        };
        Saved { session, outputs: self.outbox.into_outputs() }
    }
}

impl<B: Backend> Account<B> {
    /// Puts a saved session together again, with the settings of the account, but the session's own policy and maximum
    /// size. From now on the saved one must not be used any more.
    ///
    /// # Errors
    /// [`SavedError::OtherAccount`] if it is not this account's; [`SavedError::Content`] if it makes no sense;
    /// [`SavedError::Settings`]; [`SavedError::Backend`].
    pub fn restore(&self, now: Instant, saved: SavedSession) -> Result<Session<B>, SavedError> {
        saved.check_owner(self)?;
        let mut session = self.session();
        let now = session.tick(now);
        let policy = Policy::from_bits(saved.policy);
        let config = Config { policy, max_message_size: saved.max_message_size, ..self.config().clone() };
        config.check().map_err(SavedError::Settings)?;
        session.config = Arc::new(config);
        for (key, trust) in &saved.known {
            session.known.set(fingerprint(key)?, trust);
        }
        let offers = [Offer::NotSent, Offer::Sent, Offer::Rejected, Offer::Accepted];
        let offer = offers.into_iter().find(|offer| *offer as u8 == saved.offer);
        session.offer = offer.ok_or(SavedError::Content("an offer is of four kinds"))?;
        session.had_v3 = saved.had_v3;
        for SavedText { text, id, to } in &saved.held {
            let (id, to) = (id.as_ref().map(Id::from), to.map(InstanceTag::new));
            let held = session.held.push(now, text.as_slice(), to, id);
            held.map_err(|_| SavedError::Content("too many texts are held"))?;
        }
        restore_slots(&mut session.instances, self.backend(), &saved.slots, now)?;
        Ok(session)
    }
}

fn save_slot(slot: &Instance) -> SavedSlot {
    let channel = match &slot.channel {
        Channel::Plaintext => SavedChannel::Plaintext,
        Channel::Finished => SavedChannel::Finished,
        Channel::Encrypted(session) => SavedChannel::Encrypted(Box::new(session.save())),
    };
    SavedSlot { tag: slot.tag.number(), received: slot.received, sent: slot.sent, channel }
}

fn restore_slots(
    instances: &mut Instances,
    backend: &impl Backend,
    saved: &[SavedSlot],
    now: Instant,
) -> Result<(), SavedError> {
    let is_base = |slot: &SavedSlot| InstanceTag::new(slot.tag) == InstanceTag::BASE;
    if !saved.first().is_some_and(is_base) || saved.len() > Instances::MAX + 1 {
        return Err(SavedError::Content("the slots begin with the base slot, and are no more than 33"));
    }
    let mut last = 0;
    for (index, slot) in saved.iter().enumerate() {
        let tag = InstanceTag::new(slot.tag);
        if index > 0 && (!tag.is_valid() || instances.get(tag).is_some()) {
            return Err(SavedError::Content("every slot but the first has a tag of its own"));
        }
        last = last.max(slot.received).max(slot.sent);
        let channel = match &slot.channel {
            SavedChannel::Plaintext => Channel::Plaintext,
            SavedChannel::Finished => Channel::Finished,
            SavedChannel::Encrypted(session) => {
                let session = Encrypted::restore(backend, session, now)?;
                if (session.secured.version == Version::V2) != (index == 0) {
                    return Err(SavedError::Content(
                        "version 2 belongs in the base slot, version 3 in others",
                    ));
                }
                Channel::Encrypted(Box::new(session))
            }
        };
        let restored = instances.get_or_create(tag).ok_or(SavedError::Content("there are too many slots"))?;
        (restored.received, restored.sent, restored.channel) = (slot.received, slot.sent, channel);
    }
    instances.resume(last).ok_or(SavedError::Content("the order of things is too long"))
}
