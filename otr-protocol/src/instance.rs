//! The slots of a conversation: one for plaintext and version 2, one for each of the peer's clients in version 3
//! (INST-10).

use core::cmp::Reverse;

use crate::ake::{AuthState, AuthStateKind};
use crate::data::{Encrypted, Secured};
use crate::wire::{Header, InstanceTag, Version};

/// One slot.
#[derive(Debug, Default)]
pub(crate) struct Instance {
    /// The peer's tag; [`InstanceTag::BASE`] in the base slot.
    pub(crate) tag: InstanceTag,
    pub(crate) auth: AuthState,
    pub(crate) channel: Channel,
    /// When it last received and sent anything, in the order of things. Of what is received, only what proves who sent it
    /// counts, or anybody could steer where texts go; in the base slot, clear text does too, since it is nobody's word.
    pub(crate) received: u64,
    pub(crate) sent: u64,
}

/// The message state, with what it needs. It changes on three events only: a key exchange completes, the peer
/// ends the session, the user ends it (AKE-43).
#[derive(Debug, Default)]
pub(crate) enum Channel {
    #[default]
    Plaintext,
    Encrypted(Box<Encrypted>),
    Finished,
}

/// The message state of a slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum MessageState {
    /// Text is sent in clear.
    Plaintext,
    /// The peer has ended the session: nothing is sent until the user ends it too, or a new one begins.
    Finished,
    /// Text is sent encrypted.
    Encrypted,
}

/// Which of the peer's clients is meant (INST-13).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Recipient {
    /// An encrypted one before a finished one before one in plaintext; then a trusted one; then the one last heard
    /// of.
    #[default]
    Best,
    /// The one last heard of or written to; one in plaintext only if all are.
    Recent,
    /// The one last heard of; one in plaintext only if all are.
    RecentReceived,
    /// The one last written to; one in plaintext only if all are.
    RecentSent,
    /// This one. [`InstanceTag::BASE`] is the slot for plaintext and version 2: to name it is to send in clear, if there is no
    /// session of version 2, whatever sessions there are in other slots.
    Instance(InstanceTag),
}

/// What a slot shows of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct InstanceStatus {
    /// The peer's tag; [`InstanceTag::BASE`] for the base slot.
    pub tag: InstanceTag,
    /// The message state.
    pub message_state: MessageState,
    /// The state of the key exchange.
    pub auth_state: AuthStateKind,
    /// The encrypted session, if there is one.
    pub secured: Option<Secured>,
}

impl Instance {
    pub(crate) fn status(&self) -> InstanceStatus {
        InstanceStatus {
            tag: self.tag,
            message_state: self.channel.state(),
            auth_state: self.auth.kind(),
            secured: self.channel.secured(),
        }
    }

    /// The header of what we send to this slot.
    pub(crate) fn header(&self, version: Version, our_tag: InstanceTag) -> Header {
        match version {
            Version::V2 => Header::to_nobody(version),
            Version::V3 => Header { version, sender: our_tag, receiver: self.tag },
        }
    }

    /// Whether nothing would be lost with this slot but a key exchange that has just begun (INST-11).
    fn is_idle(&self) -> bool {
        matches!(self.channel, Channel::Plaintext) && !matches!(self.auth, AuthState::AwaitingSig(_))
    }
}

impl Channel {
    pub(crate) fn state(&self) -> MessageState {
        match self {
            Self::Plaintext => MessageState::Plaintext,
            Self::Encrypted(_) => MessageState::Encrypted,
            Self::Finished => MessageState::Finished,
        }
    }

    pub(crate) fn secured(&self) -> Option<Secured> {
        match self {
            Self::Encrypted(session) => Some(session.secured),
            _ => None,
        }
    }
}

/// All slots of a conversation.
#[derive(Debug)]
pub(crate) struct Instances {
    /// For plaintext, version 2, and a commit of version 3 to nobody in particular.
    pub(crate) base: Instance,
    others: Vec<Instance>,
    clock: u64,
}

impl Instances {
    /// The most slots besides the base slot (INST-11).
    pub(crate) const MAX: usize = 32;

    pub(crate) fn new() -> Self {
        Self { base: Instance::default(), others: Vec::new(), clock: 0 }
    }

    /// The base slot first.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Instance> {
        core::iter::once(&self.base).chain(&self.others)
    }

    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Instance> {
        core::iter::once(&mut self.base).chain(&mut self.others)
    }

    pub(crate) fn get(&mut self, tag: InstanceTag) -> Option<&mut Instance> {
        self.iter_mut().find(|instance| instance.tag == tag)
    }

    /// Notes that something arrived for a slot and was authentic.
    pub(crate) fn heard_of(&mut self, tag: InstanceTag) {
        let order = self.tick();
        if let Some(slot) = self.get(tag) {
            slot.received = order;
        }
    }

    /// Whether an instance has begun an exchange and we have sent our D-H Key.
    pub(crate) fn is_answered(&self, tag: InstanceTag) -> bool {
        let is_answered = |slot: &Instance| matches!(slot.auth, AuthState::AwaitingRevealSig(_));
        self.iter().any(|slot| slot.tag == tag && is_answered(slot))
    }

    /// The slot of a tag, made if need be; none if there is no room (INST-11).
    pub(crate) fn get_or_create(&mut self, tag: InstanceTag) -> Option<&mut Instance> {
        if self.get(tag).is_none() {
            if self.others.len() == Self::MAX {
                let idle = self.others.iter().enumerate().filter(|(_, instance)| instance.is_idle());
                let (oldest, _) = idle.min_by_key(|(_, instance)| instance.received.max(instance.sent))?;
                self.others.swap_remove(oldest);
            }
            // Heard of just now: it must not be the first to make room.
            let received = self.tick();
            // Hardly anybody has more than one client, so there is no room for others in advance.
            self.others.reserve_exact(1);
            self.others.push(Instance { tag, received, ..Instance::default() });
        }
        self.get(tag)
    }

    /// Whom the application means (INST-13); `is_trusted` says so of a session.
    pub(crate) fn select(
        &mut self,
        recipient: Recipient,
        is_trusted: impl Fn(&Secured) -> bool,
    ) -> Option<&mut Instance> {
        // Whoever does not name an instance never gets around a session (MSG-14): clear text, which anyone can send,
        // makes the base slot the one last heard of.
        let is_secret = |instance: &Instance| instance.channel.state() != MessageState::Plaintext;
        let rank = |instance: &Instance| match recipient {
            Recipient::Best => {
                let trusted = instance.channel.secured().is_some_and(|secured| is_trusted(&secured));
                (Some(instance.channel.state()), trusted, instance.received)
            }
            Recipient::Recent => (None, is_secret(instance), instance.received.max(instance.sent)),
            Recipient::RecentReceived => (None, is_secret(instance), instance.received),
            Recipient::RecentSent => (None, is_secret(instance), instance.sent),
            Recipient::Instance(tag) => (None, instance.tag == tag, 0),
        };
        // The first of equals: without any session, the base slot.
        let best = self.iter_mut().min_by_key(|instance| Reverse(rank(instance)))?;
        match recipient {
            Recipient::Instance(tag) if best.tag != tag => None,
            _ => Some(best),
        }
    }

    /// Goes on after this number in the order of things; none if it would soon come to an end.
    #[cfg(feature = "serde")]
    pub(crate) fn resume(&mut self, last: u64) -> Option<()> {
        self.clock = Some(last).filter(|last| *last < u64::MAX / 2)?;
        Some(())
    }

    /// The next number in the order of things.
    pub(crate) fn tick(&mut self) -> u64 {
        self.clock += 1;
        self.clock
    }
}
