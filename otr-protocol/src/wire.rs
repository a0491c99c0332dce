//! The bytes on the wire: data types, messages, armour and texts (WIRE-*, TAG-*).
//!
//! One struct per table of the specification, fields in wire order. A parser fails with a unit [`Malformed`],
//! because explaining a parse error to an attacker helps nobody.

// S-15: no length wraps, on 32 bits either. The tests do as they please.
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects, clippy::cast_possible_truncation))]

mod armor;
mod codec;
mod header;
mod message;
mod text;
mod tlv;

pub(crate) use armor::{after, armored_length, start_of};
pub use armor::{armor, dearmor};
pub use codec::{Malformed, Reader, Writer};
pub use header::{Header, InstanceTag, Version, Versions};
pub use message::{Body, Data, DhCommit, DhKey, Message, RevealSignature, Signature, flags};
pub use text::{ERROR_PREFIX, Kind, Text, query, whitespace_tag};
pub(crate) use tlv::text_length;
pub use tlv::{Plaintext, Tlv};
