//! A recorded conversation, as `vectors/README.md` describes it.

mod decoded;

use std::collections::BTreeMap;

use otr_traits::{PublicKey, Secret, SecretKey};
use serde::Deserialize;
use serde_json::Value;

pub(crate) use decoded::Decoded;

use crate::hex::{Bytes, Number};

/// A recording that contradicts its own format.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Damaged(pub(crate) String);

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Transcript {
    pub(crate) format: String,
    pub(crate) parties: BTreeMap<String, Party>,
    pub(crate) steps: Vec<Step>,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Party {
    pub(crate) instance_tag: u32,
    /// libotr's bits.
    pub(crate) policy: u8,
    /// In bytes; 0 means unlimited.
    pub(crate) max_message_size: usize,
    pub(crate) dsa: DsaKey,
    pub(crate) fingerprint: Bytes,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct DsaKey {
    p: Number,
    q: Number,
    g: Number,
    y: Number,
    x: Number,
}

/// What one party did or received, and what came of it.
#[derive(Clone, Debug, Deserialize)]
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
    instance: Option<u32>,
    text: Option<String>,
    what: Option<String>,
    value: Option<Value>,
    #[serde(default)]
    pub(crate) randoms: Vec<Random>,
    #[serde(default)]
    pub(crate) signatures: Vec<DsaSignature>,
    #[serde(default)]
    pub(crate) keys_used: Vec<KeyUsed>,
    #[serde(default)]
    pub(crate) emitted: Vec<Emitted>,
    #[serde(default)]
    pub(crate) events: Vec<Callback>,
    #[serde(default)]
    pub(crate) result: Outcome,
    /// None after a `set`, which recorded none.
    pub(crate) state: Option<Vec<Context>>,
}

/// What a step asks for (REPLAY 2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operation<'a> {
    /// The user asks for OTR.
    Start,
    /// The user types a text, for one of libotr's instances.
    Send { instance: u32, text: &'a str },
    /// A text arrives.
    Receive(Incoming<'a>),
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
    pub(crate) wire: String,
    /// None for what is no message.
    pub(crate) decoded: Option<Decoded>,
}

/// What libotr told its application.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Callback {
    pub(crate) callback: String,
    pub(crate) name: Option<String>,
    pub(crate) msg: Option<String>,
    pub(crate) fp: Option<Bytes>,
    pub(crate) ssid: Option<Bytes>,
    pub(crate) bold_half: Option<u8>,
    pub(crate) their_instance: Option<u32>,
    pub(crate) version: Option<u8>,
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
    pub(crate) msgstate: String,
    pub(crate) authstate: String,
    pub(crate) version: u8,
    pub(crate) ssid: Option<Bytes>,
    pub(crate) bold_half: Option<u8>,
    pub(crate) peer_fp: Option<Bytes>,
    pub(crate) trust: Option<String>,
}

impl Transcript {
    /// The text of a recorded message.
    pub(crate) fn emitted(&self, id: &str) -> Option<&Emitted> {
        self.steps.iter().flat_map(|step| &step.emitted).find(|emitted| emitted.id == id)
    }
}

impl Step {
    /// What the step asks for.
    pub(crate) fn operation(&self) -> Result<Operation<'_>, Damaged> {
        let lacks = |field: &str| Damaged(format!("step {}: `{}` without `{field}`", self.n, self.op));
        Ok(match self.op.as_str() {
            "send" => match self.text.as_deref().ok_or_else(|| lacks("text"))? {
                "?OTR?" => Operation::Start,
                text => Operation::Send { instance: self.instance.ok_or_else(|| lacks("instance"))?, text },
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
                value: self.value.as_ref().and_then(Value::as_u64).ok_or_else(|| lacks("value"))?,
            },
            other => return Err(Damaged(format!("step {}: unknown operation `{other}`", self.n))),
        })
    }
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
        let x = self.x.padded::<20>().ok_or_else(|| Damaged("a DSA key with too long an x".to_owned()))?;
        SecretKey::new(self.public()?, Secret::from(x)).map_err(|error| Damaged(error.to_string()))
    }
}
