//! A recorded conversation, as `vectors/README.md` describes it.

mod decoded;

use std::collections::{BTreeMap, BTreeSet};

use otr_traits::{PublicKey, Secret, SecretKey};
use serde::Deserialize;
use serde_json::Value;

pub(crate) use decoded::Decoded;

use crate::hex::{Bytes, Number};

/// A recording that contradicts its own format.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Damaged(pub(crate) String);

/// A recorded conversation.
#[derive(Clone, Debug)]
pub(crate) struct Transcript {
    pub(crate) parties: BTreeMap<String, Party>,
    pub(crate) steps: Vec<Step>,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Party {
    pub(crate) instance_tag: Option<u32>,
    /// libotr's bits.
    pub(crate) policy: Option<u8>,
    /// In bytes; 0 means unlimited.
    pub(crate) max_message_size: Option<usize>,
    pub(crate) dsa: DsaKey,
    pub(crate) fingerprint: Option<Bytes>,
    /// Whether it is libotr, so that it can be put under test; any other is only listened to.
    #[serde(skip)]
    pub(crate) is_under_test: bool,
}

/// The file as it is. What it holds of a party that is not under test is in that party's own words.
#[derive(Deserialize)]
struct File {
    format: String,
    parties: BTreeMap<String, Party>,
    steps: Vec<Value>,
}

/// The part of a step that is the same for every party.
#[derive(Deserialize)]
struct Heard {
    n: u32,
    actor: String,
    #[serde(default)]
    signatures: Vec<DsaSignature>,
    #[serde(default)]
    emitted: Vec<Emitted>,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct DsaKey {
    p: Number,
    q: Number,
    g: Number,
    y: Number,
    /// None if only the public key is known.
    x: Option<Number>,
}

/// What one party did or received, and what came of it.
#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct Step {
    pub(crate) n: u32,
    pub(crate) actor: String,
    op: String,
    /// In seconds; a `set` has none.
    pub(crate) time: Option<u64>,
    /// The id of a recorded message.
    msg: Option<String>,
    /// The text itself.
    injected: Option<String>,
    /// The correspondent's account.
    to: Option<String>,
    from: Option<String>,
    instance: Option<u32>,
    text: Option<String>,
    flags: Option<u8>,
    /// Type and value in hexadecimal of each record.
    tlvs: Option<Vec<(u16, Bytes)>>,
    secret: Option<String>,
    question: Option<String>,
    #[serde(rename = "use")]
    usage: Option<u32>,
    #[serde(rename = "usedata")]
    usage_data: Option<Bytes>,
    what: Option<String>,
    value: Option<Value>,
    #[serde(default)]
    pub(crate) randoms: Vec<Random>,
    #[serde(default)]
    pub(crate) signatures: Vec<DsaSignature>,
    pub(crate) keys_used: Option<Vec<KeyUsed>>,
    #[serde(default)]
    pub(crate) emitted: Vec<Emitted>,
    pub(crate) events: Option<Vec<Callback>>,
    pub(crate) result: Option<Outcome>,
    /// None after a `set`, which recorded none.
    pub(crate) state: Option<Vec<Context>>,
}

/// What a step asks for (REPLAY 2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operation<'a> {
    /// The user asks for OTR.
    Start,
    /// The user types a text, for one of libotr's instances.
    Send { instance: Option<u32>, text: &'a str },
    /// A message with these flags and records is sent, whatever they mean.
    SendRecords { instance: Option<u32>, text: &'a str, flags: u8, records: &'a [(u16, Bytes)] },
    /// A text arrives.
    Receive(Incoming<'a>),
    /// The user wants to compare secrets.
    SmpStart { instance: Option<u32>, secret: &'a str, question: Option<&'a str> },
    /// The user says the secret that was asked for.
    SmpRespond { instance: Option<u32>, secret: &'a str },
    /// The user does not want to compare secrets any more.
    SmpAbort { instance: Option<u32> },
    /// The application wants the extra symmetric key to be used.
    ExtraKey { instance: Option<u32>, usage: u32, data: &'a [u8] },
    /// The user ends the session.
    Disconnect,
    /// A timer fires.
    Poll,
    /// A setting changes.
    Set { what: &'a str, value: u64 },
}

/// Where a text that arrives comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Incoming<'a> {
    /// The recorded message with this id.
    Recorded(&'a str),
    /// Made for the recording.
    Injected(&'a str),
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Random {
    pub(crate) purpose: String,
    pub(crate) hex: Bytes,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct DsaSignature {
    /// The 32 bytes that were signed, before they were reduced modulo q.
    pub(crate) z: Number,
    pub(crate) r: Number,
    pub(crate) s: Number,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct KeyUsed {
    pub(crate) hex: Bytes,
}

/// A text handed to the transport.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Emitted {
    pub(crate) id: String,
    to: Option<String>,
    pub(crate) wire: String,
    /// None for what is no message.
    pub(crate) decoded: Option<Decoded>,
}

/// What libotr told its application.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Callback {
    #[serde(default)]
    pub(crate) callback: String,
    pub(crate) name: Option<String>,
    pub(crate) msg: Option<String>,
    pub(crate) fp: Option<Bytes>,
    pub(crate) ssid: Option<Bytes>,
    pub(crate) bold_half: Option<u8>,
    pub(crate) their_instance: Option<u32>,
    pub(crate) version: Option<u8>,
    pub(crate) question: Option<String>,
    #[serde(rename = "use")]
    pub(crate) usage: Option<u32>,
    #[serde(rename = "usedata")]
    pub(crate) usage_data: Option<Bytes>,
    pub(crate) key: Option<Bytes>,
}

/// What libotr's function returned.
#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct Outcome {
    /// What to show to the user: `(unchanged)` for what arrived.
    pub(crate) display: Option<String>,
    #[serde(default)]
    pub(crate) tlvs: Vec<Tlv>,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Tlv {
    #[serde(rename = "type")]
    pub(crate) kind: u16,
}

/// The state of one instance of the peer.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Context {
    /// 0 in the base slot.
    pub(crate) their_instance: u32,
    /// The peer's account.
    user: Option<String>,
    pub(crate) msgstate: String,
    pub(crate) authstate: String,
    pub(crate) version: Option<u8>,
    pub(crate) ssid: Option<Bytes>,
    pub(crate) bold_half: Option<u8>,
    pub(crate) peer_fp: Option<Bytes>,
    pub(crate) trust: Option<String>,
}

/// libotr with itself: every party can be put under test.
const OTR_TRANSCRIPT: &str = "otr-transcript/1";
/// libotr with another program: only [`LIBOTR`] can.
const OTR_CROSS_TRANSCRIPT: &str = "otr-cross-transcript/1";
const LIBOTR: &str = "alice";

impl Transcript {
    /// Reads a file.
    pub(crate) fn parse(json: &[u8]) -> Result<Self, Damaged> {
        let damaged = |error: serde_json::Error| Damaged(error.to_string());
        let File { format, mut parties, steps } = serde_json::from_slice(json).map_err(damaged)?;
        let is_under_test: fn(&str) -> bool = match format.as_str() {
            OTR_TRANSCRIPT => |_| true,
            OTR_CROSS_TRANSCRIPT => |role| role == LIBOTR,
            other => return Err(Damaged(format!("unknown format {other:?}"))),
        };
        for (role, party) in &mut parties {
            party.is_under_test = is_under_test(role);
        }
        let mut transcript = Self { parties, steps: Vec::with_capacity(steps.len()) };
        for (place, step) in (1..).zip(steps) {
            let is_under_test = step.get("actor").and_then(Value::as_str).is_some_and(is_under_test);
            let step = if is_under_test { serde_json::from_value(step) } else { Heard::read(step) };
            let step = step.map_err(|error| Damaged(format!("step {place}: {error}")))?;
            if !transcript.parties.contains_key(&step.actor) {
                return Err(Damaged(format!("step {}: no party {:?}", step.n, step.actor)));
            }
            transcript.steps.push(step);
        }
        if !transcript.parties.values().any(|party| party.is_under_test) {
            return Err(Damaged(format!("no party {LIBOTR:?}")));
        }
        Ok(transcript)
    }

    /// The accounts that a party talks with.
    pub(crate) fn correspondents(&self, role: &str) -> BTreeSet<&str> {
        self.steps.iter().filter(|step| step.actor == role).filter_map(Step::correspondent).collect()
    }

    /// The conversation as it is between a party and one of its correspondents.
    pub(crate) fn between(&self, role: &str, correspondent: &str) -> Self {
        let is_with = |other: &Option<String>| other.as_deref().is_none_or(|other| other == correspondent);
        let mut steps = self.steps.clone();
        let concerns = |step: &Step| step.correspondent().is_none_or(|other| other == correspondent);
        steps.retain(|step| step.actor != role || concerns(step));
        for step in steps.iter_mut().filter(|step| step.actor == role) {
            step.emitted.retain(|emitted| is_with(&emitted.to));
            if let Some(state) = &mut step.state {
                state.retain(|context| is_with(&context.user));
            }
        }
        Self { parties: self.parties.clone(), steps }
    }

    /// The text of a recorded message.
    pub(crate) fn emitted(&self, id: &str) -> Option<&Emitted> {
        self.steps.iter().flat_map(|step| &step.emitted).find(|emitted| emitted.id == id)
    }
}

impl Heard {
    /// A step of which only this is known.
    fn read(step: Value) -> serde_json::Result<Step> {
        let Self { n, actor, signatures, emitted } = serde_json::from_value(step)?;
        Ok(Step { n, actor, signatures, emitted, ..Step::default() })
    }
}

impl Step {
    /// The account of the correspondent that the step concerns; none if it concerns all.
    fn correspondent(&self) -> Option<&str> {
        self.to.as_deref().or(self.from.as_deref())
    }

    /// What the step asks for.
    pub(crate) fn operation(&self) -> Result<Operation<'_>, Damaged> {
        let lacks = |field: &str| Damaged(format!("step {}: `{}` without `{field}`", self.n, self.op));
        let instance = self.instance;
        let text = self.text.as_deref().ok_or_else(|| lacks("text"));
        let secret = self.secret.as_deref().ok_or_else(|| lacks("secret"));
        let question = self.question.as_deref();
        Ok(match self.op.as_str() {
            "send" => match text? {
                "?OTR?" => Operation::Start,
                text => Operation::Send { instance, text },
            },
            "tlvsend" => Operation::SendRecords {
                instance,
                text: text?,
                flags: self.flags.unwrap_or_default(),
                records: self.tlvs.as_deref().ok_or_else(|| lacks("tlvs"))?,
            },
            "smp_init" => Operation::SmpStart { instance, secret: secret?, question: None },
            "smp_initq" => {
                let question = Some(question.ok_or_else(|| lacks("question"))?);
                Operation::SmpStart { instance, secret: secret?, question }
            }
            "smp_resp" => Operation::SmpRespond { instance, secret: secret? },
            "smp_abort" => Operation::SmpAbort { instance },
            "symkey" => Operation::ExtraKey {
                instance,
                usage: self.usage.ok_or_else(|| lacks("use"))?,
                data: self.usage_data.as_ref().map(|data| data.0.as_slice()).unwrap_or_default(),
            },
            "recv" => Operation::Receive(match (self.msg.as_deref(), self.injected.as_deref()) {
                (Some(id), None) => Incoming::Recorded(id),
                (None, Some(text)) => Incoming::Injected(text),
                _ => return Err(lacks("msg` or `injected")),
            }),
            "disconnect" => Operation::Disconnect,
            "poll" => Operation::Poll,
            "set" => Operation::Set {
                what: self.what.as_deref().ok_or_else(|| lacks("what"))?,
                value: self.value.as_ref().and_then(number).ok_or_else(|| lacks("value"))?,
            },
            other => return Err(Damaged(format!("step {}: unknown operation `{other}`", self.n))),
        })
    }
}

/// A number, or whether something is so.
fn number(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_bool().map(u64::from))
}

impl DsaKey {
    pub(crate) fn public(&self) -> Result<PublicKey, Damaged> {
        let numbers = (self.p.padded(), self.q.padded(), self.g.padded(), self.y.padded());
        let (Some(p), Some(q), Some(g), Some(y)) = numbers else {
            return Err(Damaged("a DSA key with too long a number".to_owned()));
        };
        PublicKey::new(p, q, g, y).map_err(|error| Damaged(error.to_string()))
    }

    pub(crate) fn secret(&self) -> Result<SecretKey, Damaged> {
        let x = self.x.as_ref().ok_or_else(|| Damaged("a DSA key without x".to_owned()))?;
        let x = x.padded::<20>().ok_or_else(|| Damaged("a DSA key with too long an x".to_owned()))?;
        SecretKey::new(self.public()?, Secret::from(x)).map_err(|error| Damaged(error.to_string()))
    }
}
