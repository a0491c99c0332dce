//! Events: one JSON object a line.

use data_encoding::{BASE64, HEXLOWER};
use otr_protocol::traits::{Backend, Secret};
use otr_protocol::wire::Versions;
use otr_protocol::{
    Account, Direction, EndedBy, Error, Event, Half, InstanceTag, Instant, NotSentReason, Outgoing, Problem,
    SmpEvent, Trust,
};
use serde::{Serialize, Serializer};
use zeroize::Zeroizing;

use super::command::Refusal;
use crate::backend::Shared;

/// An event, as the driver reads it. The fields go out in this order.
#[derive(Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub(super) enum Report {
    /// Once, first.
    Ready {
        fingerprint: String,
        instance: String,
        backend: &'static str,
        backend_version: String,
    },
    /// Send this to the peer.
    Wire {
        #[serde(flatten)]
        text: Text,
        last: bool,
    },
    Message {
        #[serde(flatten)]
        text: Text,
        protected: bool,
        instance: String,
    },
    Query {
        versions: Vec<u8>,
    },
    WhitespaceTag {
        versions: Vec<u8>,
    },
    Secured {
        version: u8,
        fingerprint: String,
        trust: &'static str,
        session_id: String,
        our_half: &'static str,
        /// There if it is true.
        #[serde(skip_serializing_if = "std::ops::Not::not")]
        own_key: bool,
        refreshed: bool,
        instance: String,
    },
    Ended {
        by: &'static str,
        instance: String,
    },
    Smp {
        state: &'static str,
        /// What the peer asks, with the state `asked` only: null, or a text.
        #[serde(flatten)]
        question: Option<Question>,
        percent: u8,
        instance: String,
    },
    ExtraKey {
        direction: &'static str,
        r#use: u32,
        #[serde(flatten)]
        data: Data,
        /// In hexadecimal.
        #[serde(serialize_with = "expose")]
        key: Zeroizing<String>,
        instance: String,
    },
    Held {
        #[serde(flatten)]
        text: Text,
    },
    Resent {
        #[serde(flatten)]
        text: Text,
        instance: String,
    },
    NotSent {
        #[serde(flatten)]
        text: Text,
        reason: &'static str,
    },
    Heartbeat {
        direction: &'static str,
        instance: String,
    },
    /// A record of a type that OTR does not define.
    Tlv {
        r#type: u16,
        #[serde(flatten)]
        data: Data,
        instance: String,
    },
    /// Version 2, although there has been version 3.
    Downgraded {
        instance: String,
    },
    Problem {
        kind: &'static str,
        #[serde(flatten)]
        text: Option<Text>,
        #[serde(skip_serializing_if = "Option::is_none")]
        instance: Option<String>,
    },
    /// The driver's mistake, or the backend's failure.
    Error {
        command: Option<String>,
        message: String,
    },
    /// Nothing more until the next line, or this moment in milliseconds.
    Idle {
        deadline: Option<u64>,
    },
}

/// An event, with what the driver calls the command that it comes of.
#[derive(Serialize)]
pub(super) struct Told {
    #[serde(flatten)]
    pub(super) report: Report,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) id: Option<String>,
}

/// `"question"`, or `"question_bytes"` in base64 for what is not UTF-8.
#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Question {
    Question(Option<String>),
    QuestionBytes(String),
}

/// `"data"`, or `"data_bytes"` in base64 for what is not UTF-8.
#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Data {
    Data(String),
    DataBytes(String),
}

/// `"text"`, or `"bytes"` in base64 for what is not UTF-8.
#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Text {
    Text(String),
    Bytes(String),
}

impl Report {
    pub(super) fn ready(account: &Account<Shared>) -> Self {
        Self::Ready {
            fingerprint: account.fingerprint().to_hex(),
            instance: account.instance_tag().to_string(),
            backend: account.backend().name(),
            backend_version: account.backend().version(),
        }
    }

    pub(super) fn idle(deadline: Option<Instant>) -> Self {
        Self::Idle { deadline: deadline.map(Instant::as_millis) }
    }

    /// The extra symmetric key, and who asked for its use.
    pub(super) fn extra_key(
        whose: Direction,
        usage: u32,
        data: Vec<u8>,
        key: &Secret<32>,
        instance: InstanceTag,
    ) -> Self {
        Self::ExtraKey {
            direction: direction(whose),
            r#use: usage,
            data: data.into(),
            key: Zeroizing::new(HEXLOWER.encode(key.expose())),
            instance: instance.to_string(),
        }
    }

    fn smp(event: SmpEvent, instance: InstanceTag) -> Self {
        let percent = event.percent();
        let (state, question) = match event {
            SmpEvent::Aborted => ("aborted", None),
            SmpEvent::Asked { question: None } => ("asked", Some(Question::Question(None))),
            SmpEvent::Asked { question: Some(question) } => ("asked", Some(question.into())),
            SmpEvent::Cheated => ("cheated", None),
            SmpEvent::Failed => ("failed", None),
            SmpEvent::Progress => ("progress", None),
            SmpEvent::Succeeded => ("succeeded", None),
            _ => ("other", None),
        };
        Self::Smp { state, question, percent, instance: instance.to_string() }
    }
}

impl From<Refusal> for Report {
    fn from(Refusal { command, message, .. }: Refusal) -> Self {
        Self::Error { command, message }
    }
}

/// A failure that no command is to blame for.
impl From<Error> for Report {
    fn from(error: Error) -> Self {
        Self::Error { command: None, message: error.to_string() }
    }
}

impl From<Outgoing> for Report {
    fn from(Outgoing { text, last }: Outgoing) -> Self {
        Self::Wire { text: text.into(), last }
    }
}

impl From<Event> for Report {
    fn from(event: Event) -> Self {
        match event {
            Event::Ended { by, instance } => Self::Ended { by: ended_by(by), instance: instance.to_string() },
            Event::Message { text, instance } => {
                Self::Message { text: text.into(), protected: true, instance: instance.to_string() }
            }
            Event::Plaintext { text } => {
                Self::Message { text: text.into(), protected: false, instance: InstanceTag::BASE.to_string() }
            }
            Event::Problem { kind, text, instance } => Self::Problem {
                kind: problem(kind),
                text: text.map(Text::from),
                instance: instance.map(|instance| instance.to_string()),
            },
            Event::QueryReceived { versions } => Self::Query { versions: numbers(versions) },
            Event::Secured {
                version,
                fingerprint,
                trust,
                session_id,
                our_half,
                own_key,
                refreshed,
                instance,
            } => Self::Secured {
                version: version.number(),
                fingerprint: fingerprint.to_hex(),
                trust: known(trust),
                session_id: session_id.to_hex(),
                our_half: half(our_half),
                own_key,
                refreshed,
                instance: instance.to_string(),
            },
            Event::WhitespaceTagReceived { versions } => Self::WhitespaceTag { versions: numbers(versions) },
            Event::Smp { event, instance } => Self::smp(event, instance),
            Event::ExtraKey { usage, data, key, instance } => {
                Self::extra_key(Direction::Received, usage, data, &key, instance)
            }
            Event::Held { text } => Self::Held { text: text.into() },
            Event::Resent { text, instance } => {
                Self::Resent { text: text.into(), instance: instance.to_string() }
            }
            Event::NotSent { text, reason } => Self::NotSent { text: text.into(), reason: not_sent(reason) },
            Event::Heartbeat { direction: whose, instance } => {
                Self::Heartbeat { direction: direction(whose), instance: instance.to_string() }
            }
            Event::UnknownTlv { kind, value, instance } => {
                Self::Tlv { r#type: kind, data: value.into(), instance: instance.to_string() }
            }
            Event::Downgraded { instance } => Self::Downgraded { instance: instance.to_string() },
            newer => Self::Error { command: None, message: format!("this program cannot tell of {newer:?}") },
        }
    }
}

impl From<Vec<u8>> for Text {
    fn from(text: Vec<u8>) -> Self {
        match String::from_utf8(text) {
            Ok(text) => Self::Text(text),
            Err(not_utf8) => Self::Bytes(BASE64.encode(not_utf8.as_bytes())),
        }
    }
}

impl From<Vec<u8>> for Question {
    fn from(question: Vec<u8>) -> Self {
        match question.into() {
            Text::Text(text) => Self::Question(Some(text)),
            Text::Bytes(bytes) => Self::QuestionBytes(bytes),
        }
    }
}

impl From<Vec<u8>> for Data {
    fn from(data: Vec<u8>) -> Self {
        match data.into() {
            Text::Text(text) => Self::Data(text),
            Text::Bytes(bytes) => Self::DataBytes(bytes),
        }
    }
}

/// The driver is told all.
fn expose<S: Serializer>(secret: &Zeroizing<String>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(secret)
}

fn direction(direction: Direction) -> &'static str {
    match direction {
        Direction::Sent => "sent",
        Direction::Received => "received",
    }
}

fn not_sent(reason: NotSentReason) -> &'static str {
    match reason {
        NotSentReason::Expired => "expired",
        NotSentReason::Failed => "failed",
        NotSentReason::TakenBack => "taken_back",
        _ => "other",
    }
}

fn numbers(versions: Versions) -> Vec<u8> {
    versions.numbers().collect()
}

fn ended_by(by: EndedBy) -> &'static str {
    match by {
        EndedBy::Peer => "peer",
        EndedBy::Us => "us",
        EndedBy::Error => "error",
        EndedBy::Idle => "idle",
        _ => "other",
    }
}

fn half(half: Half) -> &'static str {
    match half {
        Half::First => "first",
        Half::Second => "second",
    }
}

fn known(trust: Trust) -> &'static str {
    match trust {
        Trust::New => "new",
        Trust::Known => "known",
        Trust::Trusted => "trusted",
        Trust::Changed => "changed",
    }
}

fn problem(kind: Problem) -> &'static str {
    match kind {
        Problem::Fragment => "fragment",
        Problem::ForOtherInstance => "for_other_instance",
        Problem::Limit => "limit",
        Problem::Malformed => "malformed",
        Problem::NoSession => "no_session",
        Problem::PeerError => "peer_error",
        Problem::Reflected => "reflected",
        Problem::SetupFailed => "setup_failed",
        Problem::Unencrypted => "unencrypted",
        Problem::Unreadable => "unreadable",
        Problem::Unrecognized => "unrecognized",
        Problem::UnsupportedVersion => "unsupported_version",
        _ => "other",
    }
}
