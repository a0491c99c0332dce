//! What may happen to a message on its way.

use std::collections::VecDeque;
use std::sync::Arc;

use fastrand::Rng;
use otr_protocol::SessionId;
use otr_protocol::wire::{Body, Message, dearmor, flags};

/// A message: one text, or its fragments.
pub(super) struct Unit {
    pub(super) frames: Vec<Vec<u8>>,
    /// In the order of sending.
    pub(super) number: u64,
    /// The sender's session when it was sent.
    pub(super) session: Option<SessionId>,
    /// The text of a user that is in it.
    pub(super) text: Option<u64>,
}

/// A message on its way: more than once, if the network repeats it.
pub(super) struct Copy {
    pub(super) unit: Arc<Unit>,
    pub(super) is_first: bool,
    pub(super) fault: Option<Fault>,
    /// The turn in which it arrives.
    due: u64,
}

/// What has become of it.
#[derive(Clone, Copy)]
pub(super) enum Fault {
    /// One byte of one frame has changed.
    Changed { frame: usize, at: usize, by: u8 },
    /// One fragment is missing.
    Incomplete { frame: usize },
}

/// What the network does.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    Arrive,
    Lose,
    Repeat,
    Delay,
    Damage,
}

/// The way to one of the two.
#[derive(Default)]
pub(super) struct Way {
    flying: VecDeque<Copy>,
}

impl Fate {
    /// One message in 20 suffers.
    pub(super) fn draw(rng: &mut Rng) -> Self {
        match rng.u32(..1000) {
            0..15 => Self::Lose,
            15..25 => Self::Repeat,
            25..40 => Self::Delay,
            40..50 => Self::Damage,
            _ => Self::Arrive,
        }
    }
}

impl Way {
    /// Sends a message on its way. It is not on its way if it is lost.
    pub(super) fn enter(&mut self, unit: Unit, fate: Fate, turn: u64, rng: &mut Rng) {
        let unit = Arc::new(unit);
        let copy = |is_first, fault, due| Copy { unit: Arc::clone(&unit), is_first, fault, due };
        match fate {
            Fate::Arrive => self.flying.push_back(copy(true, None, turn)),
            Fate::Lose => {}
            Fate::Repeat => {
                self.flying.push_back(copy(true, None, turn));
                self.flying.push_back(copy(false, None, turn + rng.u64(..3)));
            }
            Fate::Delay => self.flying.push_back(copy(true, None, turn + rng.u64(1..4))),
            Fate::Damage => {
                let fault = Fault::draw(&unit, rng);
                self.flying.push_back(copy(true, Some(fault), turn));
            }
        }
    }

    /// The next message that arrives.
    pub(super) fn next(&mut self, turn: u64) -> Option<Copy> {
        if self.flying.is_empty() {
            // An empty way takes no memory, which is to show what the sessions take.
            self.flying = VecDeque::new();
        }
        let next = self.flying.iter().position(|copy| copy.due <= turn)?;
        self.flying.remove(next)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.flying.is_empty()
    }
}

impl Fault {
    fn draw(unit: &Unit, rng: &mut Rng) -> Self {
        let frame = rng.usize(..unit.frames.len());
        if unit.frames.len() > 1 && rng.bool() {
            return Self::Incomplete { frame };
        }
        let length = unit.frames.get(frame).map_or(1, Vec::len).max(1);
        Self::Changed { frame, at: rng.usize(..length), by: rng.u8(1..) }
    }
}

impl Copy {
    /// The texts that arrive.
    pub(super) fn frames(&self) -> Vec<Vec<u8>> {
        let mut frames = self.unit.frames.clone();
        match self.fault {
            Some(Fault::Incomplete { frame }) => drop(frames.remove(frame)),
            Some(Fault::Changed { frame, at, by }) => {
                if let Some(byte) = frames.get_mut(frame).and_then(|frame| frame.get_mut(at)) {
                    *byte ^= by;
                }
            }
            None => {}
        }
        frames
    }

    /// Whether nobody need be told of it although it cannot be read: what is damaged may say so of itself (MSG-21), and
    /// fragments that never become a message are none.
    pub(super) fn may_be_silent(&self, frames: &[Vec<u8>]) -> bool {
        let ([whole], [_]) = (frames, self.unit.frames.as_slice()) else { return self.fault.is_some() };
        let Ok(bytes) = dearmor(whole) else { return false };
        match Message::decode(&bytes).map(|message| message.body) {
            Ok(Body::Data(data)) => data.flags & flags::IGNORE_UNREADABLE != 0,
            _ => false,
        }
    }
}
