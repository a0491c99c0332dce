//! What goes over the wire, as a listener reads it: leniently, and not with the library's parser, so that it can
//! show which side is wrong.

use otr_protocol::wire::Kind;

use super::Side;
use crate::anatomy::Anatomy;

/// The messages of an exchange, in the order in which they were sent, with their senders.
#[derive(Debug, Default)]
pub struct Tap {
    messages: Vec<(Side, Anatomy)>,
    our_pieces: Vec<u8>,
    their_pieces: Vec<u8>,
}

impl Tap {
    /// The `r` that the Reveal Signature reveals, without its length; a well-formed one has 16 bytes (AKE-06).
    #[must_use]
    pub fn revealed_key(&self) -> Option<&[u8]> {
        let reveal = self.messages.iter().find(|(_, message)| message.kind == Kind::RevealSignature);
        reveal.map(|(_, message)| message.bytes("r"))
    }

    /// The ids of the keys that each data message of a side names: the sender's key, the recipient's key.
    pub fn key_ids(&self, from: Side) -> impl DoubleEndedIterator<Item = (u32, u32)> {
        let sent = self.messages.iter().filter(move |(side, _)| *side == from).map(|(_, message)| message);
        sent.filter(|message| message.kind == Kind::Data)
            .map(|message| (message.int("sender_keyid"), message.int("recipient_keyid")))
    }

    /// Hears a text. Pieces are joined as they come: nobody here loses or reorders any.
    pub(super) fn hear(&mut self, from: Side, text: &[u8]) {
        let Some((number, count, piece)) = fragment(text) else { return self.hear_whole(from, text) };
        let pieces = match from {
            Side::Us => &mut self.our_pieces,
            Side::Peer => &mut self.their_pieces,
        };
        if number == 1 {
            pieces.clear();
        }
        pieces.extend_from_slice(piece);
        if number == count {
            let whole = core::mem::take(pieces);
            self.hear_whole(from, &whole);
        }
    }

    fn hear_whole(&mut self, from: Side, text: &[u8]) {
        if let Some(message) = Anatomy::of_text(text) {
            self.messages.push((from, message));
        }
    }
}

/// Number, count and content of a fragment, of either version.
fn fragment(text: &[u8]) -> Option<(u32, u32, &[u8])> {
    let mut words = text.split(|byte| *byte == b',');
    words.next().filter(|head| head.starts_with(b"?OTR"))?;
    let mut number = || core::str::from_utf8(words.next()?).ok()?.parse().ok();
    Some((number()?, number()?, words.next()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_heard_whole_and_in_pieces() {
        // Reveal Signatures of version 2 with an r of 15 bytes, `enc X` of one, and a MAC.
        let reveal = |r: u8| {
            let fields = [&[0, 2, 0x11, 0, 0, 0, 15][..], &[r; 15], &[0, 0, 0, 1, 7], &[9; 20]].concat();
            format!("?OTR:{}.", data_encoding::BASE64.encode(&fields))
        };
        let (first, second) = (reveal(1), reveal(2));
        let (start, end) = first.split_at(30);
        let mut tap = Tap::default();
        tap.hear(Side::Peer, b"?OTR,1,2,left over,");
        tap.hear(Side::Peer, format!("?OTR|5a73a599|0,00001,00002,{start},").as_bytes());
        assert!(tap.revealed_key().is_none());
        tap.hear(Side::Peer, format!("?OTR,2,2,{end},").as_bytes());
        assert_eq!(tap.revealed_key(), Some(&[1; 15][..]));

        let mut tap = Tap::default();
        tap.hear(Side::Us, second.as_bytes());
        assert_eq!((tap.revealed_key(), tap.key_ids(Side::Us).count()), (Some(&[2; 15][..]), 0));
    }
}
