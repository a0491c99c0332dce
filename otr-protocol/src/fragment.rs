//! Cutting messages into fragments, and putting fragments together (FRAG-*).
//!
//! A [`Session`](crate::Session) does both by itself; this is for whoever has messages and no session.
//!
//! ```
//! use otr_protocol::fragment::{Fragment, Reassembler, Step, split};
//! use otr_protocol::wire::{Header, InstanceTag, Version};
//! use otr_protocol::Instant;
//!
//! # fn main() -> otr_protocol::Result<()> {
//! let header = Header { version: Version::V3, sender: InstanceTag::new(0x100), receiver: InstanceTag::new(0x200) };
//! let pieces = split(b"?OTR:AAMD.", &header, 42)?;
//! assert_eq!(pieces, [b"?OTR|00000100|00000200,00001,00002,?OTR:,", b"?OTR|00000100|00000200,00002,00002,AAMD.,"]);
//!
//! let mut reassembler = Reassembler::default();
//! let mut steps = pieces.iter().filter_map(|piece| Fragment::parse(piece)).map(|fragment| {
//!     reassembler.accept(Instant::from_millis(0), &fragment, 256 * 1024)
//! });
//! assert_eq!(steps.next(), Some(Step::Incomplete));
//! assert_eq!(steps.next(), Some(Step::Complete(b"?OTR:AAMD.".to_vec())));
//! # Ok(())
//! # }
//! ```

// S-15: no length wraps, on 32 bits either. The tests do as they please.
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects, clippy::cast_possible_truncation))]

use core::time::Duration;

use memchr::memchr;

use crate::logging::debug;
use crate::wire::{Header, InstanceTag, Version, after};
use crate::{Error, Instant, Result};

/// The length of a fragment without its piece, in bytes (FRAG-01).
#[must_use]
pub const fn overhead(header: &Header) -> usize {
    // One more than is needed, as libotr has it: so the pieces are the same as libotr's (FRAG-02).
    match header.version {
        Version::V2 => 19,
        Version::V3 => 37,
    }
}

/// Cuts an armoured message into fragments of at most `max_size` bytes each, headers included.
///
/// # Errors
/// [`Error::MessageSizeTooSmall`] if not one byte fits, [`Error::TooLong`] if it takes more than 65535 fragments.
pub fn split(message: &[u8], header: &Header, max_size: usize) -> Result<Vec<Vec<u8>>> {
    Ok(Fragments::of(message.to_vec(), header, max_size)?.collect())
}

/// The fragments of a message, made one by one.
#[derive(PartialEq, Eq)]
pub(crate) struct Fragments {
    message: Vec<u8>,
    piece_size: usize,
    /// What precedes the number of a fragment, and what follows it.
    start: Vec<u8>,
    count: [u8; 7],
    index: u16,
}

impl Fragments {
    /// As [`split`].
    pub(crate) fn of(message: Vec<u8>, header: &Header, max_size: usize) -> Result<Self> {
        let piece_size = piece_size(header, max_size)?;
        let [a, b, c, d, e] = digits(count(message.len(), header, max_size)?);
        let start = match header.version {
            Version::V2 => "?OTR,".to_owned(),
            Version::V3 => format!("?OTR|{:08x}|{:08x},", header.sender.number(), header.receiver.number()),
        };
        Ok(Self {
            message,
            piece_size,
            start: start.into_bytes(),
            count: [b',', a, b, c, d, e, b','],
            index: 0,
        })
    }

    /// How many are left.
    pub(crate) fn len(&self) -> usize {
        self.rest().len().div_ceil(self.piece_size)
    }

    fn rest(&self) -> &[u8] {
        self.message.get(usize::from(self.index).saturating_mul(self.piece_size)..).unwrap_or_default()
    }
}

impl Iterator for Fragments {
    type Item = Vec<u8>;

    fn next(&mut self) -> Option<Vec<u8>> {
        let piece = self.rest().chunks(self.piece_size).next()?;
        let index = self.index.checked_add(1)?;
        let fragment = [&self.start, digits(index).as_slice(), &self.count, piece, b","].concat();
        self.index = index;
        Some(fragment)
    }
}

/// The five digits of a number (FRAG-01).
fn digits(number: u16) -> [u8; 5] {
    let mut rest = number;
    let mut digits = [b'0'; 5];
    for digit in digits.iter_mut().rev() {
        *digit |= (rest % 10) as u8;
        rest /= 10;
    }
    digits
}

/// How many fragments an armoured message of `length` bytes makes.
///
/// # Errors
/// As [`split`].
pub fn count(length: usize, header: &Header, max_size: usize) -> Result<u16> {
    let piece_size = piece_size(header, max_size)?;
    let limit = piece_size.saturating_mul(usize::from(u16::MAX));
    u16::try_from(length.div_ceil(piece_size)).map_err(|_| Error::TooLong { length, limit })
}

fn piece_size(header: &Header, max_size: usize) -> Result<usize> {
    let least = overhead(header).saturating_add(1);
    match max_size.saturating_sub(overhead(header)) {
        0 => Err(Error::MessageSizeTooSmall { size: max_size, least }),
        piece_size => Ok(piece_size),
    }
}

/// One fragment: piece `index` of `count`.
#[derive(Clone, PartialEq, Eq)]
pub struct Fragment<'a> {
    /// The tags of a version 3 fragment: sender and receiver, not yet checked. None in version 2.
    pub tags: Option<(InstanceTag, InstanceTag)>,
    /// Which piece, from 1.
    pub index: u16,
    /// Of how many.
    pub count: u16,
    /// The piece: at least one byte.
    pub piece: &'a [u8],
}

impl<'a> Fragment<'a> {
    /// Parses the fragment that follows the first `?OTR` of a text: no signs, blanks or `0x` are accepted, and no
    /// number wraps (FRAG-10). Whatever this refuses is to be discarded, and nothing stored with it (FRAG-11).
    #[must_use]
    pub fn parse(text: &'a [u8]) -> Option<Self> {
        let text = after(text, b"?OTR")?;
        let (tags, text) = match text.strip_prefix(b"|") {
            Some(text) => {
                let (sender, text) = number(text, b'|', 16, 8)?;
                let (receiver, text) = number(text, b',', 16, 8)?;
                (Some((InstanceTag::new(sender), InstanceTag::new(receiver))), text)
            }
            None => (None, text.strip_prefix(b",")?),
        };
        let (index, text) = number(text, b',', 10, 10)?;
        let (count, text) = number(text, b',', 10, 10)?;
        let piece = text.get(..memchr(b',', text)?)?;
        let (index, count) = (u16::try_from(index).ok()?, u16::try_from(count).ok()?);
        let legal = index > 0 && index <= count && !piece.is_empty();
        legal.then_some(Self { tags, index, count, piece })
    }
}

/// A number of 1 to `digits` digits up to the first `end`, and what follows that.
fn number(text: &[u8], end: u8, radix: u32, digits: usize) -> Option<(u32, &[u8])> {
    let (number, rest) = text.split_at_checked(memchr(end, text)?)?;
    if !(1..=digits).contains(&number.len()) {
        return None;
    }
    // Not `from_str_radix`, which would take a sign.
    let number = number.iter().try_fold(0_u32, |number, byte| {
        number.checked_mul(radix)?.checked_add(char::from(*byte).to_digit(radix)?)
    })?;
    Some((number, rest.get(1..)?))
}

/// The incomplete messages of a conversation: one for version 2, one for each sender in version 3 (FRAG-13).
#[derive(Clone, Default)]
pub struct Reassembler {
    buffers: Vec<Buffer>,
}

#[derive(Clone)]
struct Buffer {
    sender: InstanceTag,
    index: u16,
    count: u16,
    text: Vec<u8>,
    last: Instant,
}

/// What a fragment led to.
#[derive(Clone, PartialEq, Eq)]
pub enum Step {
    /// More are needed.
    Incomplete,
    /// This is the message.
    Complete(Vec<u8>),
    /// The message would grow too long: all of it was dropped (FRAG-17).
    TooLong,
}

/// Without the text: it may be one in clear (S-48).
impl core::fmt::Debug for Fragment<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let Self { tags, index, count, piece } = self;
        write!(f, "Fragment {{ tags: {tags:?}, {index} of {count}, {} bytes }}", piece.len())
    }
}

/// Without the text, as above.
impl core::fmt::Debug for Step {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Incomplete => f.write_str("Incomplete"),
            Self::Complete(text) => write!(f, "Complete({} bytes)", text.len()),
            Self::TooLong => f.write_str("TooLong"),
        }
    }
}

impl Reassembler {
    /// The most incomplete messages that are kept; the one that waited longest makes room (FRAG-17).
    pub const MAX_BUFFERS: usize = 8;

    /// Takes a fragment in; its tags must have been checked (FRAG-12).
    pub fn accept(&mut self, now: Instant, fragment: &Fragment<'_>, max_size: usize) -> Step {
        let sender = fragment.tags.map_or(InstanceTag::BASE, |(sender, _)| sender);
        let stored = self.buffers.iter().position(|buffer| buffer.sender == sender);
        let mut buffer = match stored.map(|at| self.buffers.swap_remove(at)) {
            Some(stored)
                if stored.count == fragment.count && stored.index.checked_add(1) == Some(fragment.index) =>
            {
                stored
            }
            _ if fragment.index == 1 => {
                Buffer { sender, index: 0, count: fragment.count, text: Vec::new(), last: now }
            }
            // Out of order: whatever was stored is dropped with it.
            _ => return Step::Incomplete,
        };
        let length = buffer.text.len().saturating_add(fragment.piece.len());
        if length > max_size {
            return Step::TooLong;
        }
        if length > buffer.text.capacity() {
            // Twice as much as is needed, so that no piece is copied often, but never more than a message may have.
            let room = length.saturating_mul(2).min(max_size);
            buffer.text.reserve_exact(room.saturating_sub(buffer.text.len()));
        }
        buffer.text.extend_from_slice(fragment.piece);
        buffer.index = fragment.index;
        buffer.last = now;
        if buffer.index == buffer.count {
            return Step::Complete(buffer.text);
        }
        if self.buffers.len() == Self::MAX_BUFFERS {
            let oldest = self.buffers.iter().enumerate().min_by_key(|(_, buffer)| buffer.last);
            if let Some((oldest, _)) = oldest {
                self.buffers.swap_remove(oldest);
            }
        }
        self.buffers.push(buffer);
        Step::Incomplete
    }

    /// Drops what is stored of one sender, because a whole message arrived (FRAG-14).
    pub fn reset(&mut self, sender: InstanceTag) {
        self.buffers.retain(|buffer| buffer.sender != sender);
    }

    /// Drops what has waited longer than `patience`.
    pub fn expire(&mut self, now: Instant, patience: Duration) {
        self.buffers.retain(|buffer| {
            let is_awaited = now.since(buffer.last) < patience;
            if !is_awaited {
                debug!("gives up a message after fragment {} of {}", buffer.index, buffer.count);
            }
            is_awaited
        });
    }

    /// When something would expire next.
    #[must_use]
    pub fn deadline(&self, patience: Duration) -> Option<Instant> {
        self.buffers.iter().map(|buffer| buffer.last.after(patience)).min()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const V3: Header = Header {
        version: Version::V3,
        sender: InstanceTag::new(0x1234_5678),
        receiver: InstanceTag::new(0xabcd),
    };

    #[test]
    fn frag_01_02_pieces_fit_with_their_header() {
        let fragments = split(b"?OTR:AAMD.", &V3, 40).unwrap();
        assert_eq!(fragments[0], b"?OTR|12345678|0000abcd,00001,00004,?OT,");
        assert!(fragments.iter().all(|fragment| fragment.len() <= 40));
        let v2 = split(b"?OTR:AAID.", &Header::to_nobody(Version::V2), 25).unwrap();
        assert_eq!(v2, [b"?OTR,00001,00002,?OTR:A,".as_slice(), b"?OTR,00002,00002,AID.,"]);
    }

    #[test]
    fn frag_03_too_small_a_size_or_too_many_pieces_is_an_error() {
        assert_eq!(split(b"x", &V3, 37), Err(Error::MessageSizeTooSmall { size: 37, least: 38 }));
        assert_eq!(split(b"x", &V3, 0), Err(Error::MessageSizeTooSmall { size: 0, least: 38 }));
        assert!(matches!(split(&[b'x'; 65536], &V3, 38), Err(Error::TooLong { limit: 65535, .. })));
        assert_eq!(split(&[b'x'; 65535], &V3, 38).unwrap().len(), 65535);
    }

    #[test]
    fn frag_10_11_what_is_not_exactly_a_fragment_is_refused() {
        for bad in [
            "?OTR,0,3,a,",
            "?OTR,1,0,a,",
            "?OTR,4,3,a,",
            "?OTR,1,3,,",
            "?OTR,1,3,a",
            "?OTR,+1,3,a,",
            "?OTR, 1,3,a,",
            "?OTR,1,65536,a,",
            "?OTR,65537,65537,a,",
            "?OTR,1,99999999999,a,",
            "?OTR|0x1|2,1,3,a,",
            "?OTR|123456789|2,1,3,a,",
            "?OTR||2,1,3,a,",
            "?OTR,1,,a,",
            "?OTR,",
            "?OTR|",
        ] {
            assert_eq!(Fragment::parse(bad.as_bytes()), None, "{bad}");
        }
        let tags = Some((InstanceTag::new(0xab), InstanceTag::new(2)));
        let expected = Fragment { tags, index: 1, count: 3, piece: b"a" };
        assert_eq!(Fragment::parse(b"x?OTR|AB|2,0000000001,3,a,y"), Some(expected));
    }

    #[test]
    fn frag_17_buffers_are_bounded_in_size_number_and_time() {
        let mut reassembler = Reassembler::default();
        let part = |sender, index| Fragment {
            tags: Some((InstanceTag::new(sender), InstanceTag::BASE)),
            index,
            count: 3,
            piece: b"piece",
        };
        for sender in 0..1000 {
            let now = Instant::from_millis(u64::from(sender));
            assert_eq!(reassembler.accept(now, &part(sender, 1), 100), Step::Incomplete);
            assert!(reassembler.buffers.len() <= Reassembler::MAX_BUFFERS);
        }
        let now = Instant::from_secs(1);
        assert_eq!(reassembler.accept(now, &part(999, 2), 9), Step::TooLong);
        assert_eq!(reassembler.accept(now, &part(998, 2), 10), Step::Incomplete);
        reassembler.expire(Instant::from_secs(61), Duration::from_secs(60));
        assert!(reassembler.buffers.is_empty());
    }
}
