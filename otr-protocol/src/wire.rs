//! The bytes on the wire: data types, messages, armour and texts (WIRE-*, TAG-*).
//!
//! One struct per table of the specification, fields in wire order. A parser fails with a unit [`Malformed`],
//! because explaining a parse error to an attacker helps nobody.

mod armor;
mod codec;
mod header;
mod message;
mod text;
mod tlv;

pub use armor::{armor, dearmor};
pub(crate) use armor::{armored_length, find, start_of};
pub use codec::{Malformed, Reader, Writer};
pub use header::{Header, InstanceTag, Version, Versions};
pub use message::{Body, Data, DhCommit, DhKey, Message, RevealSignature, Signature, flags};
pub use text::{ERROR_PREFIX, Kind, Text, query, whitespace_tag};
pub(crate) use tlv::text_length;
pub use tlv::{Plaintext, Tlv};
