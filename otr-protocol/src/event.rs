//! What a session tells the application.

use crate::keys::Fingerprint;
use crate::trust::Trust;
use crate::wire::{InstanceTag, Version, Versions};
use crate::{Half, Instant, SessionId};

/// What [`Session::poll`](crate::Session::poll) hands out, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// Send this to the peer.
    Send(Outgoing),
    /// Something happened.
    Event(Event),
    /// Nothing more until an input arrives, or until this moment: poll again then.
    Idle(Option<Instant>),
}

/// One text for the transport.
#[derive(Clone, PartialEq, Eq)]
pub struct Outgoing {
    /// Exactly these bytes.
    pub text: Vec<u8>,
    /// Whether the message is complete with this text: false while fragments of it follow.
    pub last: bool,
}

/// Something that happened in a conversation. Only a peer, or time, causes events.
///
/// `instance` is the tag of the peer's client ([`InstanceTag::BASE`] in version 2).
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// An encrypted session has ended. After `by: Peer` the state is FINISHED: nothing can be sent until the
    /// application ends the session too, or starts a new one.
    Ended {
        /// Who ended it.
        by: EndedBy,
        /// In which instance.
        instance: InstanceTag,
    },
    /// A text arrived encrypted and authenticated. It is the peer's, but it may contain anything: show it as
    /// untrusted markup (MSG-25).
    Message {
        /// The text.
        text: Vec<u8>,
        /// From which instance.
        instance: InstanceTag,
    },
    /// A text arrived in clear, and nothing led one to expect otherwise. Anyone on the way can have written it.
    Plaintext {
        /// The text, without whitespace tag.
        text: Vec<u8>,
    },
    /// Something arrived that could not be used.
    Problem {
        /// What was wrong with it.
        kind: Problem,
        /// What arrived, or for [`Problem::PeerError`] the peer's words: unauthenticated.
        text: Option<Vec<u8>>,
        /// From which instance, where that is known.
        instance: Option<InstanceTag>,
    },
    /// The peer asked for OTR. If the policy allows a version of it, a key exchange has been started (TAG-03).
    QueryReceived {
        /// The versions offered.
        versions: Versions,
    },
    /// A session is established, or its keys were refreshed by a new key exchange (AKE-70, AKE-71).
    Secured {
        /// The version of the protocol.
        version: Version,
        /// The fingerprint of the peer's long-term key.
        fingerprint: Fingerprint,
        /// What is known about this fingerprint.
        trust: Trust,
        /// The session id, for comparison over another channel (KEY-10).
        session_id: SessionId,
        /// The half of the session id that our side reads aloud.
        our_half: Half,
        /// Whether there was an encrypted session with the same fingerprint before.
        refreshed: bool,
        /// With which instance.
        instance: InstanceTag,
    },
    /// A text in clear carried an offer of OTR (TAG-13).
    WhitespaceTagReceived {
        /// The versions offered.
        versions: Versions,
    },
}

/// Who ended a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndedBy {
    /// The peer: the state is now FINISHED.
    Peer,
    /// The application: the state is now PLAINTEXT.
    Us,
    /// The library, because it could not go on safely (DATA-30, DATA-32): the state is now FINISHED.
    Error,
}

/// What was wrong with something that arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Problem {
    /// A fragment that does not parse (FRAG-11).
    Fragment,
    /// A message for another client of this account (INST-04).
    ForOtherInstance,
    /// A bound was reached and something was dropped (FRAG-17, INST-11).
    Limit,
    /// A message that does not parse (WIRE-02).
    Malformed,
    /// An encrypted message, but there is no session to read it with (MSG-22).
    NoSession,
    /// An Error message from the peer, or from anyone on the way (ERR-02).
    PeerError,
    /// Our own message came back (AKE-08, INST-06).
    Reflected,
    /// A key exchange failed: a value out of range, a wrong MAC or signature (AKE-06, AKE-40).
    SetupFailed,
    /// A text in clear although the session is encrypted or ended, or encryption is required (MSG-01).
    Unencrypted,
    /// An encrypted message that cannot be read: wrong keys, forged, replayed or out of order (MSG-21).
    Unreadable,
    /// A text with an OTR marker that is no known message (MSG-05).
    Unrecognized,
    /// A message of a version that is not spoken or not allowed (WIRE-13, WIRE-23).
    UnsupportedVersion,
}

/// Without the texts: events end up in logs (S-48).
impl core::fmt::Debug for Event {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Ended { by, instance } => write!(f, "Ended {{ by: {by:?}, instance: {instance} }}"),
            Self::Message { text, instance } => {
                write!(f, "Message {{ {} bytes, instance: {instance} }}", text.len())
            }
            Self::Plaintext { text } => write!(f, "Plaintext {{ {} bytes }}", text.len()),
            Self::Problem { kind, instance, .. } => {
                write!(f, "Problem {{ kind: {kind:?}, instance: {instance:?} }}")
            }
            Self::QueryReceived { versions } => write!(f, "QueryReceived {{ versions: {versions:?} }}"),
            Self::Secured { version, fingerprint, trust, refreshed, instance, .. } => write!(
                f,
                "Secured {{ version: {version:?}, fingerprint: {fingerprint}, trust: {trust:?}, \
                 refreshed: {refreshed}, instance: {instance} }}"
            ),
            Self::WhitespaceTagReceived { versions } => {
                write!(f, "WhitespaceTagReceived {{ versions: {versions:?} }}")
            }
        }
    }
}

impl core::fmt::Debug for Outgoing {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Outgoing {{ {} bytes, last: {} }}", self.text.len(), self.last)
    }
}
