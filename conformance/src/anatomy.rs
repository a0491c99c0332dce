//! Which bytes of a message are which field: a second, lenient reading, so that the library's own parser is not
//! what it is judged by.

use data_encoding::BASE64;
use otr_protocol::wire::Kind;

use crate::hex::Number;

/// A message taken apart (WIRE-20, WIRE-21). Nothing in it is checked but that the lengths fit.
#[derive(Clone, Debug)]
pub(crate) struct Anatomy {
    pub(crate) version: u32,
    pub(crate) kind: Kind,
    /// Sender and receiver, in version 3.
    pub(crate) tags: Option<(u32, u32)>,
    fields: Vec<(&'static str, Shape, Vec<u8>)>,
    /// All bytes, and how many of them stand before the MAC.
    raw: Vec<u8>,
    before_mac: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    /// So many bytes.
    Fixed(usize),
    /// A length and so many bytes.
    Data,
    /// A length and the magnitude of a number.
    Mpi,
}

/// The fields of a message in wire order, by the names of the recordings.
type Layout = &'static [(&'static str, Shape)];

const LAYOUTS: [(u8, Kind, Layout); 5] = [
    (0x02, Kind::DhCommit, &[("encgx", Shape::Data), ("hashgx", Shape::Data)]),
    (0x0a, Kind::DhKey, &[("gy", Shape::Mpi)]),
    (
        0x11,
        Kind::RevealSignature,
        &[("r", Shape::Data), ("encrypted", Shape::Data), ("mac", Shape::Fixed(20))],
    ),
    (0x12, Kind::Signature, &[("encrypted", Shape::Data), ("mac", Shape::Fixed(20))]),
    (
        0x03,
        Kind::Data,
        &[
            ("flags", Shape::Fixed(1)),
            ("sender_keyid", Shape::Fixed(4)),
            ("recipient_keyid", Shape::Fixed(4)),
            ("next_y", Shape::Mpi),
            ("ctr", Shape::Fixed(8)),
            ("encrypted", Shape::Data),
            ("mac", Shape::Fixed(20)),
            ("revealed", Shape::Data),
        ],
    ),
];

impl Anatomy {
    /// The message that a text carries; none if it carries none, or if a length in it does not fit.
    pub(crate) fn of_text(text: &[u8]) -> Option<Self> {
        let start = text.windows(5).position(|window| window == b"?OTR:")? + 5;
        let base64 = text.get(start..)?;
        let base64 = base64.get(..base64.iter().position(|byte| *byte == b'.')?)?;
        let base64: Vec<_> = base64.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect();
        Self::of_bytes(&BASE64.decode(&base64).ok()?)
    }

    fn of_bytes(bytes: &[u8]) -> Option<Self> {
        let mut rest = bytes;
        let mut before_mac = 0;
        let version = int(take(&mut rest, 2)?);
        let message_type = int(take(&mut rest, 1)?);
        let tags = match version {
            3 => Some((int(take(&mut rest, 4)?), int(take(&mut rest, 4)?))),
            _ => None,
        };
        let (_, kind, layout) =
            LAYOUTS.into_iter().find(|(number, ..)| u32::from(*number) == message_type)?;
        let mut fields = Vec::with_capacity(layout.len());
        for (name, shape) in layout {
            if *name == "mac" {
                before_mac = bytes.len() - rest.len();
            }
            let length = match shape {
                Shape::Fixed(length) => *length,
                Shape::Data | Shape::Mpi => usize::try_from(int(take(&mut rest, 4)?)).ok()?,
            };
            fields.push((*name, *shape, take(&mut rest, length)?.to_vec()));
        }
        rest.is_empty().then_some(Self { version, kind, tags, fields, raw: bytes.to_vec(), before_mac })
    }

    /// The bytes of a field, without their length; none for a field that this kind of message does not have.
    pub(crate) fn bytes(&self, name: &str) -> &[u8] {
        let field = self.fields.iter().find(|(field, ..)| *field == name);
        field.map_or(&[], |(.., bytes)| bytes.as_slice())
    }

    /// A field as a number.
    pub(crate) fn number(&self, name: &str) -> Number {
        Number::from_bytes(self.bytes(name))
    }

    /// A field as a number that fits into four bytes.
    pub(crate) fn int(&self, name: &str) -> u32 {
        int(self.bytes(name))
    }

    /// What the MAC of a Data message covers (DATA-10).
    pub(crate) fn authenticated(&self) -> &[u8] {
        self.raw.get(..self.before_mac).unwrap_or_default()
    }

    /// All bytes of the message.
    pub(crate) fn raw(&self) -> &[u8] {
        &self.raw
    }

    /// The sender's tag; 0 in version 2.
    pub(crate) fn sender(&self) -> u32 {
        self.tags.map_or(0, |(sender, _)| sender)
    }

    /// The receiver's tag; 0 in version 2, and for nobody in particular.
    pub(crate) fn receiver(&self) -> u32 {
        self.tags.map_or(0, |(_, receiver)| receiver)
    }

    /// Whether a number in it starts with a zero byte (WIRE-04).
    pub(crate) fn has_padded_number(&self) -> bool {
        self.fields.iter().any(|(_, shape, bytes)| *shape == Shape::Mpi && bytes.first() == Some(&0))
    }
}

fn take<'a>(rest: &mut &'a [u8], length: usize) -> Option<&'a [u8]> {
    let (bytes, after) = rest.split_at_checked(length)?;
    *rest = after;
    Some(bytes)
}

fn int(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0, |number, byte| number << 8 | u32::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wire_21_fields_stand_in_their_order() {
        let signature = [&[0, 3, 0x12, 0, 0, 1, 2, 0, 0, 3, 4, 0, 0, 0, 2, 7, 8][..], &[9; 20]].concat();
        let anatomy = Anatomy::of_bytes(&signature).unwrap();
        assert_eq!((anatomy.version, anatomy.kind, anatomy.tags), (3, Kind::Signature, Some((0x102, 0x304))));
        assert_eq!((anatomy.bytes("encrypted"), anatomy.bytes("mac")), (&[7, 8][..], &[9; 20][..]));
        assert!(Anatomy::of_bytes(&signature[..36]).is_none());
        assert!(Anatomy::of_bytes(&[signature, vec![0]].concat()).is_none());
    }

    #[test]
    fn wire_04_a_padded_number_is_seen() {
        let key = |mpi: &[u8]| Anatomy::of_bytes(&[&[0, 2, 0x0a], mpi].concat()).unwrap();
        assert!(key(&[0, 0, 0, 2, 0, 5]).has_padded_number());
        assert!(!key(&[0, 0, 0, 1, 5]).has_padded_number());
        assert_eq!(key(&[0, 0, 0, 2, 0, 5]).number("gy"), key(&[0, 0, 0, 1, 5]).number("gy"));
    }
}
