//! What a session tells the application.

use std::sync::Arc;

use otr_traits::Secret;
use zeroize::Zeroize;

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
    /// A session of version 2 was established, although this conversation has had one of version 3: somebody on the way
    /// may have removed version 3 from an offer (POL-04). [`Event::Secured`] follows.
    Downgraded {
        /// With which instance.
        instance: InstanceTag,
    },
    /// An encrypted session has ended. After `by: Peer` the state is FINISHED: nothing can be sent until the
    /// application ends the session too, or starts a new one.
    Ended {
        /// Who ended it.
        by: EndedBy,
        /// In which instance.
        instance: InstanceTag,
    },
    /// The peer wants the extra symmetric key to be used (XKEY-02); see
    /// [`Session::extra_key`](crate::Session::extra_key).
    ExtraKey {
        /// What for: as the two applications have agreed.
        usage: u32,
        /// More about it: untrusted bytes.
        data: Vec<u8>,
        /// The key, the same in both directions.
        key: Arc<Secret<32>>,
        /// From which instance.
        instance: InstanceTag,
    },
    /// A sign of life, without text (MSG-40).
    Heartbeat {
        /// Whose.
        direction: Direction,
        /// To or from which instance.
        instance: InstanceTag,
    },
    /// A text is held until a session begins, because encryption is required (MSG-50).
    Held {
        /// The text.
        text: Vec<u8>,
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
    /// A held text is given back: it was not sent, and will not be (MSG-50).
    NotSent {
        /// The text.
        text: Vec<u8>,
        /// Why not.
        reason: NotSentReason,
    },
    /// Something arrived that could not be used.
    Problem {
        /// What was wrong with it.
        kind: Problem,
        /// What arrived, or for [`Problem::PeerError`] the peer's words: unauthenticated. None where a bound was reached that
        /// is not about one text.
        text: Option<Vec<u8>>,
        /// From which instance, where that is known.
        instance: Option<InstanceTag>,
    },
    /// The peer asked for OTR. If the policy allows a version of it, a key exchange has been started (TAG-03), unless
    /// [`Problem::Limit`] follows.
    QueryReceived {
        /// The versions offered.
        versions: Versions,
    },
    /// A text that the peer may not have been able to read was sent again, in a new session (MSG-52).
    Resent {
        /// The text, with what preceded it.
        text: Vec<u8>,
        /// To which instance.
        instance: InstanceTag,
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
        /// Whether the fingerprint is our own: it is another client with our account's key that has answered. If that was not
        /// to be expected, somebody hands on what we say to ourselves (AKE-08).
        own_key: bool,
        /// Whether there was an encrypted session with the same fingerprint before.
        refreshed: bool,
        /// With which instance.
        instance: InstanceTag,
    },
    /// A comparison of secrets made progress or came to an end (SMP-*).
    Smp {
        /// How it stands.
        event: SmpEvent,
        /// With which instance.
        instance: InstanceTag,
    },
    /// An encrypted message contained a record of a type that OTR does not define (MSG-31): for applications that have
    /// agreed on one.
    UnknownTlv {
        /// The type.
        kind: u16,
        /// The value: untrusted bytes.
        value: Vec<u8>,
        /// From which instance.
        instance: InstanceTag,
    },
    /// A text in clear carried an offer of OTR (TAG-13).
    WhitespaceTagReceived {
        /// The versions offered.
        versions: Versions,
    },
}

impl Event {
    /// Wipes the texts in it.
    pub(crate) fn wipe(&mut self) {
        match self {
            Self::Held { text }
            | Self::Message { text, .. }
            | Self::Plaintext { text }
            | Self::NotSent { text, .. }
            | Self::Resent { text, .. } => text.zeroize(),
            Self::ExtraKey { data, .. } => data.zeroize(),
            Self::Problem { text, .. } => text.zeroize(),
            Self::Smp { event: SmpEvent::Asked { question }, .. } => question.zeroize(),
            Self::UnknownTlv { value, .. } => value.zeroize(),
            Self::Downgraded { .. }
            | Self::Ended { .. }
            | Self::Heartbeat { .. }
            | Self::QueryReceived { .. }
            | Self::Secured { .. }
            | Self::Smp { .. }
            | Self::WhitespaceTagReceived { .. } => {}
        }
    }

    /// The name of the file that an [`Event::ExtraKey`] announces: of those with usage
    /// [`FILE_TRANSFER`](crate::Session::FILE_TRANSFER) whose data is UTF-8. Untrusted: it may contain a path.
    #[must_use]
    pub fn file_name(&self) -> Option<&str> {
        match self {
            Self::ExtraKey { usage: FILE_TRANSFER, data, .. } => core::str::from_utf8(data).ok(),
            _ => None,
        }
    }
}

/// The usage of the extra symmetric key by which programs announce a file.
pub(crate) const FILE_TRANSFER: u32 = 1;

/// How a comparison of secrets stands.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum SmpEvent {
    /// It is over without a result: aborted by the peer, or by a message out of turn.
    Aborted,
    /// The peer asks for the secret: answer with [`SmpHandle::respond`](crate::SmpHandle::respond), or abort.
    Asked {
        /// The peer's question: untrusted bytes, to be cleaned before they are shown (SMP-27).
        question: Option<Vec<u8>>,
    },
    /// It is over without a result: the peer sent something that an honest one never sends.
    Cheated,
    /// It is over: the secrets differ.
    Failed,
    /// The peer has answered; the result is on its way.
    Progress,
    /// It is over: the secrets are equal. Whoever answered a *question* has only learned that the other side knows
    /// the answer to its own question (SMP-25).
    Succeeded,
}

impl SmpEvent {
    /// How far it has come, in percent; 0 if there is no result.
    #[must_use]
    pub const fn percent(&self) -> u8 {
        match self {
            Self::Aborted | Self::Cheated => 0,
            Self::Asked { .. } => 25,
            Self::Progress => 60,
            Self::Failed | Self::Succeeded => 100,
        }
    }
}

/// Without the question (S-28).
impl core::fmt::Debug for SmpEvent {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Self::Aborted => "Aborted",
            Self::Asked { question: None } => "Asked",
            Self::Asked { question: Some(_) } => "Asked { question: .. }",
            Self::Cheated => "Cheated",
            Self::Failed => "Failed",
            Self::Progress => "Progress",
            Self::Succeeded => "Succeeded",
        })
    }
}

/// Why a held text was not sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NotSentReason {
    /// The application has taken it back ([`Session::take_back`](crate::Session::take_back)).
    TakenBack,
    /// No session began, or none with somebody who may read it, before its time was over.
    Expired,
    /// It could not be sent in the session that began; an error has said why.
    Failed,
}

/// Whether something was sent or received.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// We sent it.
    Sent,
    /// The peer sent it.
    Received,
}

/// Who ended a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum EndedBy {
    /// The peer: the state is now FINISHED.
    Peer,
    /// The application: the state is now PLAINTEXT.
    Us,
    /// The library, because it could not go on safely (DATA-30, DATA-32): the state is now FINISHED.
    Error,
    /// The library, because nothing was said for too long ([`Config::idle_timeout`](crate::Config::idle_timeout)): the
    /// state is now FINISHED.
    Idle,
}

/// What was wrong with something that arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Problem {
    /// A fragment that does not parse (FRAG-11).
    Fragment,
    /// A message for another client of this account (INST-04).
    ForOtherInstance,
    /// A bound was reached and something was dropped: of fragments (FRAG-17), of the peer's clients (INST-11), of the work
    /// on key exchanges ([`Config::exchange_steps`](crate::Config::exchange_steps)), of answers that wait to be sent, or of
    /// records in one message.
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
            Self::ExtraKey { usage, data, instance, .. } => {
                write!(f, "ExtraKey {{ usage: {usage}, {} bytes, instance: {instance} }}", data.len())
            }
            Self::Heartbeat { direction, instance } => {
                write!(f, "Heartbeat {{ {direction:?}, instance: {instance} }}")
            }
            Self::Held { text } => write!(f, "Held {{ {} bytes }}", text.len()),
            Self::NotSent { text, reason } => {
                write!(f, "NotSent {{ {} bytes, reason: {reason:?} }}", text.len())
            }
            Self::Resent { text, instance } => {
                write!(f, "Resent {{ {} bytes, instance: {instance} }}", text.len())
            }
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
            Self::UnknownTlv { kind, value, instance } => {
                write!(f, "UnknownTlv {{ kind: {kind}, {} bytes, instance: {instance} }}", value.len())
            }
            Self::Downgraded { instance } => write!(f, "Downgraded {{ instance: {instance} }}"),
            Self::Smp { event, instance } => write!(f, "Smp {{ event: {event:?}, instance: {instance} }}"),
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
