//! Messages in pieces.
//!
//! An input is a script: fragments of any numbers, senders and pieces that are put together, among resets and the passing
//! of time; texts that may be fragments; and a message to be cut.
//!
//! What must hold (FRAG-01 … FRAG-04, FRAG-10 … FRAG-13, FRAG-17, S-13):
//!
//! * a text is parsed as a fragment where the grammar of FRAG-10 says so, here spelled out once more;
//! * what is put together is what a naive model puts together that keeps all pieces;
//! * a message that is cut has pieces that fit, and is the same message when they are put together.

use core::time::Duration;
use std::collections::BTreeMap;

use otr_protocol::Instant;
use otr_protocol::fragment::{Fragment, Reassembler, Step, count, overhead, split};
use otr_protocol::wire::{Header, InstanceTag, Version};

use crate::input::Input;

/// The longest message that is put together here.
const MAX_SIZE: usize = 300;
const PATIENCE: Duration = Duration::from_secs(60);

pub fn run(data: &[u8]) {
    parse(data);
    let mut input = Input::new(data);
    let mut world = World::default();
    while !input.is_empty() {
        world.step(&mut input);
    }
}

/// The library's reassembler, and the model's.
#[derive(Default)]
struct World {
    reassembler: Reassembler,
    model: BTreeMap<u32, Pieces>,
    now: u64,
}

/// What has arrived from one sender, in order.
struct Pieces {
    count: u16,
    pieces: Vec<Vec<u8>>,
    last: u64,
}

impl World {
    fn step(&mut self, input: &mut Input<'_>) {
        // Never twice at the same time: which of two equally old messages makes room is nobody's business.
        self.now += 1;
        match input.byte() % 8 {
            0 => {
                let sender = input.byte() % 12;
                self.reassembler.reset(InstanceTag::new(sender.into()));
                self.model.remove(&sender.into());
            }
            1 => self.wait(1000 * u64::from(input.byte())),
            2 => cut(input),
            3 => self.hear(input.bytes()),
            kind => {
                let (sender, index, count) = (input.byte() % 12, input.byte() % 8, input.byte() % 8);
                let piece = if kind == 4 { input.bytes() } else { b"piece" };
                let start = if sender == 0 { "?OTR".to_owned() } else { format!("?OTR|{sender:x}|0") };
                self.hear(&[format!("{start},{index},{count},").as_bytes(), piece, b","].concat());
            }
        }
    }

    fn wait(&mut self, milliseconds: u64) {
        self.now += milliseconds;
        self.reassembler.expire(self.now(), PATIENCE);
        let now = Duration::from_millis(self.now);
        self.model.retain(|_, pieces| now - Duration::from_millis(pieces.last) < PATIENCE);
        let next = self.model.values().map(|pieces| Instant::from_millis(pieces.last).after(PATIENCE)).min();
        assert_eq!(self.reassembler.deadline(PATIENCE), next);
    }

    fn hear(&mut self, text: &[u8]) {
        parse(text);
        let Some(fragment) = Fragment::parse(text) else { return };
        let step = self.reassembler.accept(self.now(), &fragment, MAX_SIZE);
        assert_eq!(step, self.expected(&fragment));
    }

    /// FRAG-12, FRAG-13, FRAG-17.
    fn expected(&mut self, fragment: &Fragment<'_>) -> Step {
        let sender = fragment.tags.map_or(0, |(sender, _)| sender.number());
        let stored = self.model.remove(&sender);
        let follows = |pieces: &Pieces| {
            pieces.count == fragment.count && pieces.pieces.len() + 1 == usize::from(fragment.index)
        };
        let mut pieces = match stored.filter(follows) {
            Some(pieces) => pieces,
            None if fragment.index == 1 => Pieces { count: fragment.count, pieces: Vec::new(), last: 0 },
            None => return Step::Incomplete,
        };
        pieces.pieces.push(fragment.piece.to_vec());
        pieces.last = self.now;
        if pieces.pieces.concat().len() > MAX_SIZE {
            return Step::TooLong;
        }
        if pieces.pieces.len() == usize::from(pieces.count) {
            return Step::Complete(pieces.pieces.concat());
        }
        if self.model.len() == Reassembler::MAX_BUFFERS {
            let oldest = self.model.iter().min_by_key(|(_, pieces)| pieces.last).map(|(sender, _)| *sender);
            self.model.remove(&oldest.unwrap());
        }
        self.model.insert(sender, pieces);
        Step::Incomplete
    }

    fn now(&self) -> Instant {
        Instant::from_millis(self.now)
    }
}

/// FRAG-10 and FRAG-11, in the plainest way.
fn parse(text: &[u8]) {
    let expected = (|| {
        let start = text.windows(4).position(|window| window == b"?OTR")? + 4;
        let mut parts = text[start..].splitn(5, |byte| *byte == b',');
        let (tags, index, count, piece, _) =
            (parts.next()?, parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        let tags = match tags.split(|byte| *byte == b'|').collect::<Vec<_>>().as_slice() {
            [b""] => None,
            [b"", sender, receiver] => Some((tag(sender)?, tag(receiver)?)),
            _ => return None,
        };
        let (index, count) = (decimal(index)?, decimal(count)?);
        let is_legal = index > 0 && index <= count && !piece.is_empty();
        is_legal.then_some(Fragment { tags, index, count, piece })
    })();
    assert_eq!(Fragment::parse(text), expected);
}

fn tag(digits: &[u8]) -> Option<InstanceTag> {
    let is_tag = digits.len() <= 8 && digits.iter().all(u8::is_ascii_hexdigit);
    let digits = core::str::from_utf8(digits).ok().filter(|_| is_tag)?;
    u32::from_str_radix(digits, 16).ok().map(InstanceTag::new)
}

fn decimal(digits: &[u8]) -> Option<u16> {
    let is_number = digits.len() <= 10 && digits.iter().all(u8::is_ascii_digit);
    core::str::from_utf8(digits).ok().filter(|_| is_number)?.parse().ok()
}

/// A message without commas, as all are that are cut (FRAG-04).
fn cut(input: &mut Input<'_>) {
    let version = if input.flag() { Version::V3 } else { Version::V2 };
    let mut header = Header::to_nobody(version);
    if version == Version::V3 {
        (header.sender, header.receiver) = (InstanceTag::new(input.int()), InstanceTag::new(input.int()));
    }
    let max_size = usize::from(input.byte());
    let message: Vec<u8> =
        input.bytes().iter().map(|byte| if *byte == b',' { b'.' } else { *byte }).collect();
    let Ok(fragments) = split(&message, &header, max_size) else {
        return assert!(max_size <= overhead(&header));
    };
    assert_eq!(fragments.len(), usize::from(count(message.len(), &header, max_size).unwrap()));
    let mut reassembler = Reassembler::default();
    let mut whole = None;
    for fragment in &fragments {
        assert!(fragment.len() <= max_size && whole.is_none());
        let fragment = Fragment::parse(fragment).unwrap();
        assert_eq!(fragment.tags, (version == Version::V3).then_some((header.sender, header.receiver)));
        if let Step::Complete(message) = reassembler.accept(Instant::default(), &fragment, usize::MAX) {
            whole = Some(message);
        }
    }
    assert_eq!(whole.unwrap_or_default(), message);
}
