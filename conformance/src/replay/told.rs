//! What the application was told, in words that fit both libotr's callbacks and our events.
//!
//! Three of our events have no counterpart: that a query or a whitespace tag arrived (the corpora show that they
//! are read rightly, and what follows from them is sent and compared), and that our own user ended a session (the
//! state shows it). libotr's `LOG_*`, `write_fingerprints` and `timer_control` are for its application's innards.

use otr_protocol::wire::Tlv;
use otr_protocol::wire::{Kind, Text};
use otr_protocol::{Direction, EndedBy, Error, Event, Problem, SmpEvent};

use super::difference::{About, Difference};
use super::{Scene, state};
use crate::hex::show;
use crate::transcript::{Callback, Outcome, Step};

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Notice {
    /// A text for the user.
    Text(Protection, String),
    /// A session was established, or its keys were refreshed.
    Secured { instance: u32, version: u8, session_id: String, half: u8, refreshed: bool },
    /// A fingerprint was seen for the first time.
    NewFingerprint(String),
    /// The peer, or an error, ended a session.
    Ended(EndedBy),
    /// Something that arrived could not be used.
    Problem(Problem),
    /// A comparison of secrets went on, or came to an end.
    Smp(Comparison),
    /// The peer wants the extra symmetric key to be used: what for, more about it, and the key.
    ExtraKey(u32, String, String),
    /// The key that the application asked for.
    OwnExtraKey(String),
    /// A text waits for a session to begin.
    Held,
    /// A text that has waited is given back.
    NotSent(String),
    /// A text was sent once more.
    Resent,
    /// A message without text was sent, or arrived.
    Heartbeat(Direction),
    /// The user asked for something that was refused.
    Refused(Error),
}

/// What became of a comparison of secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Comparison {
    /// The peer asks, perhaps a question.
    Asked(Option<String>),
    Progress,
    Succeeded,
    Failed,
    Cheated,
    Aborted,
    /// A message that libotr did not expect or could not read, of which it leaves the consequences to its application.
    Error,
}

impl Notice {
    /// Whether what the recorded party was told and what we tell mean the same.
    fn is(&self, ours: &Self, scene: &Scene<'_>) -> bool {
        match (self, ours) {
            // What becomes of it is left to libotr's application.
            (Self::Smp(Comparison::Error), Self::Smp(Comparison::Aborted | Comparison::Cheated)) => true,
            // libotr has one event for a message of an exchange that does not parse and one that does not verify.
            (Self::Problem(Problem::SetupFailed), Self::Problem(Problem::Malformed)) => {
                is_of_exchange(&scene.whole)
            }
            _ => self == ours,
        }
    }
}

/// How a text was protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Protection {
    /// Encrypted and authenticated, by this instance of the peer.
    Encrypted(u32),
    /// In clear, as was to be expected.
    Plain,
    /// In clear, where one would expect protection.
    Unencrypted,
}

/// What only one of the two was told.
pub(super) fn compare(step: &Step, scene: &Scene<'_>) -> Vec<Difference> {
    let mut differences = Vec::new();
    if step.events.is_none() {
        return differences;
    }
    let mut ours = ours(scene);
    for notice in recorded(step, scene) {
        match ours.iter().position(|other| notice.is(other, scene)) {
            Some(index) => {
                ours.remove(index);
            }
            None => {
                let expected = format!("{notice:?}");
                differences.push(Difference::new(About::NotTold(notice), expected, "nothing like it"));
            }
        }
    }
    differences.extend(ours.into_iter().map(|notice| {
        let got = format!("{notice:?}");
        Difference::new(About::ToldToo(notice), "nothing like it", got)
    }));
    differences
}

/// What the recorded party told.
pub(super) fn recorded(step: &Step, scene: &Scene<'_>) -> Vec<Notice> {
    let nothing = Outcome::default();
    let Outcome { display, tlvs } = step.result.as_ref().unwrap_or(&nothing);
    let mut notices: Vec<_> = step.events.iter().flatten().filter_map(from_callback).collect();
    if let Some(display) = display {
        // What comes in clear while a slot is ENCRYPTED, libotr does not show but hands over in an event.
        let encrypted = scene.recorded_before.iter().find(|slot| slot.session.is_some());
        let protection = match (&scene.message, encrypted) {
            (_, None) => Protection::Plain,
            (Some(message), _) => Protection::Encrypted(message.sender()),
            (None, Some(slot)) => Protection::Encrypted(slot.tag),
        };
        let shown = if display == "(unchanged)" { scene.text } else { display.as_bytes() };
        notices.push(Notice::Text(protection, readable(shown)));
    }
    if tlvs.iter().any(|tlv| tlv.kind == Tlv::DISCONNECTED) {
        notices.push(Notice::Ended(EndedBy::Peer));
    }
    if tlvs.iter().any(|tlv| tlv.kind != Tlv::PADDING) {
        // libotr calls every message without text a heartbeat, whatever else is in it.
        notices.retain(|notice| *notice != Notice::Heartbeat(Direction::Received));
    }
    notices
}

fn from_callback(event: &Callback) -> Option<Notice> {
    let hex =
        |bytes: &Option<crate::hex::Bytes>| bytes.as_ref().map(|bytes| show(&bytes.0)).unwrap_or_default();
    Some(match (event.callback.as_str(), event.name.as_deref()) {
        ("new_fingerprint", _) => Notice::NewFingerprint(hex(&event.fp)),
        (secure @ ("gone_secure" | "still_secure"), _) => Notice::Secured {
            instance: event.their_instance.unwrap_or_default(),
            version: event.version.unwrap_or_default(),
            session_id: hex(&event.ssid),
            half: event.bold_half.unwrap_or_default(),
            refreshed: secure == "still_secure",
        },
        ("msg_event", Some(name)) => match name.strip_prefix("OTRL_MSGEVENT_").unwrap_or(name) {
            "ENCRYPTION_REQUIRED" => Notice::Held,
            "LOG_HEARTBEAT_RCVD" => Notice::Heartbeat(Direction::Received),
            "LOG_HEARTBEAT_SENT" => Notice::Heartbeat(Direction::Sent),
            "MSG_REFLECTED" => Notice::Problem(Problem::Reflected),
            "MSG_RESENT" => Notice::Resent,
            "RCVDMSG_UNENCRYPTED" => {
                let text = event.msg.as_deref().unwrap_or_default();
                Notice::Text(Protection::Unencrypted, readable(text.as_bytes()))
            }
            "RCVDMSG_FOR_OTHER_INSTANCE" => Notice::Problem(Problem::ForOtherInstance),
            "RCVDMSG_GENERAL_ERR" => Notice::Problem(Problem::PeerError),
            "RCVDMSG_MALFORMED" => Notice::Problem(Problem::Malformed),
            "RCVDMSG_NOT_IN_PRIVATE" => Notice::Problem(Problem::NoSession),
            "RCVDMSG_UNREADABLE" => Notice::Problem(Problem::Unreadable),
            "RCVDMSG_UNRECOGNIZED" => Notice::Problem(Problem::Unrecognized),
            "SETUP_ERROR" => Notice::Problem(Problem::SetupFailed),
            "CONNECTION_ENDED" => Notice::Refused(Error::Finished),
            _ => return None,
        },
        ("smp_event", Some(name)) => Notice::Smp(match name.strip_prefix("OTRL_SMPEVENT_").unwrap_or(name) {
            "ASK_FOR_SECRET" => Comparison::Asked(None),
            "ASK_FOR_ANSWER" => {
                let question = event.question.as_deref().unwrap_or_default();
                Comparison::Asked(Some(readable(question.as_bytes())))
            }
            "IN_PROGRESS" => Comparison::Progress,
            "SUCCESS" => Comparison::Succeeded,
            "FAILURE" => Comparison::Failed,
            "CHEATED" => Comparison::Cheated,
            "ABORT" => Comparison::Aborted,
            "ERROR" => Comparison::Error,
            _ => return None,
        }),
        ("received_symkey", _) => {
            let data = event.usage_data.as_ref().map(|data| readable(&data.0)).unwrap_or_default();
            Notice::ExtraKey(event.usage.unwrap_or_default(), data, hex(&event.key))
        }
        ("symkey", _) => Notice::OwnExtraKey(event.key.as_ref().map(|key| show(&key.0))?),
        _ => return None,
    })
}

fn ours(scene: &Scene<'_>) -> Vec<Notice> {
    let new = scene.observed.new_fingerprints.iter();
    let mut notices: Vec<_> = new.map(|fingerprint| Notice::NewFingerprint(fingerprint.to_hex())).collect();
    for event in &scene.observed.events {
        let notice = match event {
            Event::Message { text, instance } => {
                Some(Notice::Text(Protection::Encrypted(instance.number()), readable(text)))
            }
            Event::Plaintext { text } => Some(Notice::Text(Protection::Plain, readable(text))),
            Event::Problem { kind: Problem::Unencrypted, text, .. } => {
                let text = text.as_deref().unwrap_or_default();
                Some(Notice::Text(Protection::Unencrypted, readable(text)))
            }
            Event::Problem { kind, .. } => Some(Notice::Problem(*kind)),
            Event::Secured { version, session_id, our_half, refreshed, instance, .. } => {
                Some(Notice::Secured {
                    instance: instance.number(),
                    version: version.number(),
                    session_id: session_id.to_hex(),
                    half: state::half(*our_half),
                    refreshed: *refreshed,
                })
            }
            Event::Smp { event, .. } => comparison(event).map(Notice::Smp),
            Event::ExtraKey { usage, data, key, .. } => {
                Some(Notice::ExtraKey(*usage, readable(data), show(key.expose())))
            }
            Event::Held { .. } => Some(Notice::Held),
            Event::NotSent { text, .. } => Some(Notice::NotSent(readable(text))),
            Event::Resent { .. } => Some(Notice::Resent),
            Event::Heartbeat { direction, .. } => Some(Notice::Heartbeat(*direction)),
            Event::Ended { by: EndedBy::Us, .. } => None,
            Event::Ended { by, .. } => Some(Notice::Ended(*by)),
            _ => None,
        };
        notices.extend(notice);
    }
    let key = scene.observed.extra_key.as_ref();
    notices.extend(key.map(|key| Notice::OwnExtraKey(show(key.expose()))));
    notices.extend(scene.observed.refusal.clone().map(Notice::Refused));
    notices
}

fn comparison(event: &SmpEvent) -> Option<Comparison> {
    Some(match event {
        SmpEvent::Asked { question } => Comparison::Asked(question.as_deref().map(readable)),
        SmpEvent::Progress => Comparison::Progress,
        SmpEvent::Succeeded => Comparison::Succeeded,
        SmpEvent::Failed => Comparison::Failed,
        SmpEvent::Cheated => Comparison::Cheated,
        SmpEvent::Aborted => Comparison::Aborted,
        _ => return None,
    })
}

fn is_of_exchange(text: &[u8]) -> bool {
    matches!(Text::classify(text, false), Text::Encoded(_, kind) if kind != Kind::Data)
}

/// A text that no two different strings of bytes share.
fn readable(text: &[u8]) -> String {
    text.escape_ascii().to_string()
}
