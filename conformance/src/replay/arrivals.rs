//! What arrives: texts put together from pieces, and what the independent program saw in them.
//!
//! The pieces are put together as leniently as any program does it. Whether ours had to is another question.

use std::collections::BTreeMap;

use otr_protocol::wire::{Text, Version};

use super::sent::Expected;
use crate::anatomy::Anatomy;
use crate::transcript::Decoded;

pub(super) struct Arrivals {
    /// What is known of each message that was ever sent, by its bytes.
    witnesses: BTreeMap<Vec<u8>, Decoded>,
    /// By sender (0 in version 2): the number of the last piece, and the text so far.
    pieces: BTreeMap<u32, (u32, Vec<u8>)>,
}

/// One text.
#[derive(Default)]
pub(super) struct Arrival {
    /// The text that the last piece completes; else what arrived.
    pub(super) whole: Vec<u8>,
    /// The message that it carries, taken apart.
    pub(super) message: Option<Anatomy>,
    pub(super) decoded: Option<Decoded>,
}

/// A fragment, taken apart.
pub(super) struct Piece<'a> {
    pub(super) sender: u32,
    pub(super) number: u32,
    count: u32,
    content: &'a [u8],
}

impl Arrivals {
    pub(super) fn new(sent: impl Iterator<Item = Expected>) -> Self {
        let witness = |Expected { sent, decoded, .. }: Expected| {
            let message = Anatomy::of_text(&sent.text)?;
            Some((message.raw().to_vec(), decoded?))
        };
        Self { witnesses: sent.filter_map(witness).collect(), pieces: BTreeMap::new() }
    }

    pub(super) fn take(&mut self, text: &[u8]) -> Arrival {
        let whole = match Piece::of(text) {
            Some(piece) => self.put_together(&piece).unwrap_or_else(|| text.to_vec()),
            None => text.to_vec(),
        };
        let message = Anatomy::of_text(&whole);
        let decoded = message.as_ref().and_then(|message| self.witnesses.get(message.raw())).cloned();
        Arrival { whole, message, decoded }
    }

    fn put_together(&mut self, piece: &Piece<'_>) -> Option<Vec<u8>> {
        let (last, text) = match piece.number {
            1 => (0, Vec::new()),
            _ => self.pieces.remove(&piece.sender)?,
        };
        if piece.number != last + 1 {
            return None;
        }
        let text = [text.as_slice(), piece.content].concat();
        if piece.number == piece.count {
            self.pieces.remove(&piece.sender);
            return Some(text);
        }
        self.pieces.insert(piece.sender, (piece.number, text));
        None
    }
}

impl<'a> Piece<'a> {
    pub(super) fn of(text: &'a [u8]) -> Option<Self> {
        let Text::Fragment(version) = Text::classify(text, false) else { return None };
        let start = text.windows(4).position(|window| window == b"?OTR")? + 4;
        let mut parts = text.get(start..)?.splitn(5, |byte| *byte == b',');
        let mut next = || parts.next();
        let (tags, number, count, content, _) = (next()?, next()?, next()?, next()?, next()?);
        let parse =
            |digits: &[u8], radix| u32::from_str_radix(core::str::from_utf8(digits).ok()?, radix).ok();
        let sender = match version {
            Version::V2 => 0,
            Version::V3 => parse(tags.split(|byte| *byte == b'|').nth(1)?, 16)?,
        };
        Some(Self { sender, number: parse(number, 10)?, count: parse(count, 10)?, content })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_make_a_text_if_they_come_in_order() {
        let mut arrivals = Arrivals::new(core::iter::empty());
        let mut take = |text: &str| String::from_utf8(arrivals.take(text.as_bytes()).whole).unwrap();
        assert_eq!(take("?OTR|100|200,1,2,hel,"), "?OTR|100|200,1,2,hel,");
        assert_eq!(take("?OTR,1,3,a,"), "?OTR,1,3,a,");
        assert_eq!(take("<b>?OTR|00000100|00000200,00002,00002,lo,</b>"), "hello");
        assert_eq!(take("?OTR,3,3,c,"), "?OTR,3,3,c,");
        assert_eq!(take("?OTR,2,3,b,"), "?OTR,2,3,b,");
        assert_eq!(take("?OTR,1,1,whole,"), "whole");
        assert_eq!(take("hi"), "hi");
    }
}
