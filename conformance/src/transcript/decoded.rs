//! The witness: the fields of a message, as an independent program re-derived them.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::Damaged;
use crate::hex::{Bytes, Number};

/// The fields of one message, by name. Binary values are in hexadecimal.
#[derive(Clone, Debug, Deserialize)]
#[serde(transparent)]
pub(crate) struct Decoded(Map<String, Value>);

impl Decoded {
    /// Whether the message is one piece of several.
    pub(crate) fn is_fragment(&self) -> bool {
        self.0.contains_key("fragment")
    }

    /// The whole message, in its last piece.
    pub(crate) fn completes(&self) -> Option<Self> {
        self.0.get("completes").and_then(Value::as_object).cloned().map(Self)
    }

    /// Whether the message could not be re-derived, so that its header is all there is.
    pub(crate) fn is_header_only(&self) -> bool {
        self.0.contains_key("note")
    }

    /// Whether a Data message has a text, and the types of its records.
    pub(crate) fn content(&self) -> Option<(String, Vec<u16>)> {
        let text = self.0.get("text")?.as_str()?;
        let tlvs = self.0.get("tlvs")?.as_array()?.iter();
        let kind = |tlv: &Value| tlv.get("type")?.as_u64()?.try_into().ok();
        Some((text.to_owned(), tlvs.map(kind).collect::<Option<_>>()?))
    }

    /// The records of a Data message: type and value.
    pub(crate) fn records(&self) -> Vec<(u16, Vec<u8>)> {
        let record = |tlv: &Value| {
            let kind = tlv.get("type")?.as_u64()?.try_into().ok()?;
            Some((kind, parse::<Bytes>(tlv.get("value")?)?.0))
        };
        let records = self.0.get("tlvs").and_then(Value::as_array);
        records.into_iter().flatten().filter_map(record).collect()
    }

    /// A number.
    pub(crate) fn int(&self, name: &str) -> Result<u32, Damaged> {
        let number = self.0.get(name).and_then(Value::as_u64).and_then(|number| number.try_into().ok());
        number.ok_or_else(|| Damaged(format!("a message without the number {name:?}")))
    }

    /// A string of bytes.
    pub(crate) fn bytes(&self, name: &str) -> Result<Vec<u8>, Damaged> {
        self.hex::<Bytes>(name).map(|bytes| bytes.0)
    }

    /// A number in hexadecimal.
    pub(crate) fn number(&self, name: &str) -> Result<Number, Damaged> {
        self.hex(name)
    }

    /// A list of strings of bytes.
    pub(crate) fn list(&self, name: &str) -> Result<Vec<Vec<u8>>, Damaged> {
        let damaged = || Damaged(format!("a message without the list {name:?}"));
        let list = self.0.get(name).and_then(Value::as_array).ok_or_else(damaged)?;
        list.iter().map(|item| Ok(parse::<Bytes>(item).ok_or_else(damaged)?.0)).collect()
    }

    fn hex<T: TryFrom<String>>(&self, name: &str) -> Result<T, Damaged> {
        let value = self.0.get(name).and_then(parse);
        value.ok_or_else(|| Damaged(format!("a message without the bytes {name:?}")))
    }
}

fn parse<T: TryFrom<String>>(value: &Value) -> Option<T> {
    value.as_str()?.to_owned().try_into().ok()
}
