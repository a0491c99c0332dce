//! Who takes part.

use std::sync::Arc;

use anstyle::{AnsiColor, Style};
use otr_protocol::traits::Secret;
use otr_protocol::{Account, Fingerprint, InstanceTag, Recipient, Secured, Session, SmpEvent};

use super::observer::Observer;
use crate::backend::Shared;

/// One party, and what it knows.
pub(super) struct Party {
    pub(super) fingerprint: Fingerprint,
    tag: InstanceTag,
    pub(super) session: Session<Shared>,
    /// Who reads what this party sends.
    pub(super) observer: Observer,
    pub(super) seen: Seen,
}

/// What a party has seen last.
#[derive(Default)]
pub(super) struct Seen {
    pub(super) text: Option<Vec<u8>>,
    pub(super) smp: Option<SmpEvent>,
    /// Data and key.
    pub(super) extra_key: Option<(Vec<u8>, Arc<Secret<32>>)>,
}

impl Party {
    pub(super) fn new(account: &Account<Shared>) -> Self {
        Self {
            fingerprint: account.fingerprint(),
            tag: account.instance_tag(),
            session: account.session(),
            observer: Observer::default(),
            seen: Seen::default(),
        }
    }

    /// The session that it is in with that party.
    pub(super) fn secured_with(&self, peer: &Self) -> Option<Secured> {
        let mine =
            self.session.instances().filter(|slot| slot.tag == peer.tag || slot.tag == InstanceTag::BASE);
        mine.filter_map(|slot| slot.secured).last()
    }

    /// How others address it in particular.
    pub(super) fn recipient(&self) -> Recipient {
        Recipient::Instance(self.tag)
    }
}

/// Which of them.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Alice,
    Bob,
    /// Bob's other client.
    Phone,
}

impl Side {
    /// Whom it talks with first of all.
    pub(super) fn peer(self) -> Self {
        match self {
            Self::Alice => Self::Bob,
            Self::Bob | Self::Phone => Self::Alice,
        }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Alice => "alice",
            Self::Bob => "bob",
            Self::Phone => "bob2",
        }
    }

    pub(super) fn style(self) -> Style {
        match self {
            Self::Alice => AnsiColor::Cyan.on_default(),
            Self::Bob => AnsiColor::Yellow.on_default(),
            Self::Phone => AnsiColor::Magenta.on_default(),
        }
    }
}
