//! The key ring of a session: two of our keys, up to two of theirs, and what belongs to each pair of them.
//!
//! ```text
//!                      their previous      their current
//!    our previous       receives           receives, SENDS
//!    our current        receives           receives
//! ```
//!
//! When the peer uses our current key, our previous one dies (DATA-27); when they use their current key, which
//! they announced before, their previous one dies (DATA-28). With a key die the two pairs it is in, and the MAC
//! keys of those that verified anything are revealed in the next message: from then on anyone can forge what was
//! said under them, and nothing else (DATA-29, DATA-31).

#[cfg(feature = "serde")]
mod saved;

use std::sync::Arc;

use otr_traits::{Backend, Element, PreparedKey, Secret};

use crate::ake::OUR_KEYID;
use crate::keys::{DataKeys, DhPair};
use crate::logging::debug;
use crate::{Error, Result};

/// See the module.
#[derive(Debug)]
pub(super) struct Ring {
    our_previous: Arc<DhPair>,
    our_current: Arc<DhPair>,
    /// The id of our current key; the previous one's is one less.
    our_keyid: u32,
    their_previous: Option<Element>,
    their_current: Element,
    /// The id of their current key; the previous one's is one less.
    their_keyid: u32,
    /// By our key, then by theirs.
    pairs: Two<Two<Pair>>,
    /// By our key: the counter that new pairs with it go on after. 0, unless the key is older than a restart: other copies
    /// of the session may then have it too, and meet the same keys of the peer.
    starts: Two<u64>,
    /// Secrets until they are revealed: a session may end before that.
    dead_keys: Vec<Secret<20>>,
}

/// What belongs to one of our keys and one of theirs. It moves when they rotate, and is wiped when either dies (DATA-36).
#[derive(Debug, Default)]
struct Pair {
    /// Derived when first needed: not every pair is ever used.
    keys: Option<Box<Keys>>,
    usage: Usage,
}

/// The keys of a pair. The backend may keep something with them, for one message follows another.
#[derive(Debug)]
pub(super) struct Keys {
    pub(super) sending_aes: PreparedKey<16>,
    pub(super) sending_mac: PreparedKey<20>,
    pub(super) receiving_aes: PreparedKey<16>,
    pub(super) receiving_mac: PreparedKey<20>,
    pub(super) extra: Secret<32>,
}

/// How a pair of keys has been used.
#[derive(Debug, Default)]
pub(super) struct Usage {
    /// The counter of the last message sent.
    pub(super) sent: u64,
    /// The counter of the last message accepted.
    pub(super) received: u64,
    /// Whether the receiving MAC key has verified a message (DATA-23).
    pub(super) mac_used: bool,
}

/// The pair that we send with.
pub(super) struct Sending<'a> {
    /// The ids of our key and of theirs (DATA-10).
    pub(super) sender_keyid: u32,
    pub(super) recipient_keyid: u32,
    /// The public key that we announce.
    pub(super) next_y: &'a Element,
    pub(super) keys: &'a mut Keys,
    pub(super) usage: &'a mut Usage,
}

/// A pair that something was received with.
pub(super) struct Receiving<'a> {
    /// The public key that the peer has announced last, and the one before.
    pub(super) announced: &'a Element,
    pub(super) before: Option<&'a Element>,
    /// Whether the peer uses the key announced last, so that the message announces one more.
    pub(super) is_newest: bool,
    pub(super) keys: &'a mut Keys,
    pub(super) usage: &'a mut Usage,
}

#[derive(Debug, Default)]
struct Two<T> {
    previous: T,
    current: T,
}

impl Ring {
    /// The most MAC keys that wait to be revealed. An honest peer, whose keys rotate when it hears from us, makes us keep a
    /// few; one that rotates them while we say nothing would have our next message grow until it cannot be sent. What it
    /// said under keys that are not revealed is only its own loss.
    pub(super) const MAX_DEAD_KEYS: usize = 256;

    /// The ring after a key exchange (AKE-72).
    pub(super) fn new(
        pair: Arc<DhPair>,
        next_pair: DhPair,
        their_public: Element,
        their_keyid: u32,
        dead_keys: Vec<Secret<20>>,
    ) -> Self {
        Self {
            our_previous: pair,
            our_current: Arc::new(next_pair),
            our_keyid: OUR_KEYID + 1,
            their_previous: None,
            their_current: their_public,
            their_keyid,
            pairs: Two::default(),
            starts: Two::default(),
            dead_keys,
        }
    }

    /// The pair that we send with.
    pub(super) fn sending(&mut self, backend: &impl Backend) -> otr_traits::Result<Sending<'_>> {
        let (keys, usage) =
            self.pairs.previous.current.live(backend, &self.our_previous, &self.their_current)?;
        Ok(Sending {
            sender_keyid: self.our_keyid - 1,
            recipient_keyid: self.their_keyid,
            next_y: self.our_current.public(),
            keys,
            usage,
        })
    }

    /// The pair that a received message names; none if it names a key that we do not have (DATA-21).
    pub(super) fn receiving(
        &mut self,
        backend: &impl Backend,
        recipient_keyid: u32,
        sender_keyid: u32,
    ) -> otr_traits::Result<Option<Receiving<'_>>> {
        let (row, ours) = match recipient_keyid {
            id if id == self.our_keyid => (&mut self.pairs.current, &self.our_current),
            id if id == self.our_keyid - 1 => (&mut self.pairs.previous, &self.our_previous),
            _ => return Ok(None),
        };
        // A keyid of 0 names no key, even where it is one less than theirs: there is no previous one then.
        let (pair, theirs) = match (sender_keyid, &self.their_previous) {
            (id, _) if id == self.their_keyid => (&mut row.current, &self.their_current),
            (id, Some(previous)) if id == self.their_keyid - 1 => (&mut row.previous, previous),
            _ => return Ok(None),
        };
        let (keys, usage) = pair.live(backend, ours, theirs)?;
        let is_newest = sender_keyid == self.their_keyid;
        let (announced, before) = (&self.their_current, self.their_previous.as_ref());
        Ok(Some(Receiving { announced, before, is_newest, keys, usage }))
    }

    /// Rotates as a message calls for that was authentic and named keys of the ring (DATA-26). `next_y` is the key it
    /// announced, if that is not the one that was announced last.
    pub(super) fn rotate(
        &mut self,
        backend: &impl Backend,
        recipient_keyid: u32,
        sender_keyid: u32,
        next_y: Option<Element>,
    ) -> Result<()> {
        if recipient_keyid == self.our_keyid {
            self.rotate_ours(DhPair::generate(backend)?)?;
        }
        if sender_keyid == self.their_keyid {
            self.rotate_theirs(next_y.unwrap_or_else(|| self.their_current.clone()))?;
        }
        Ok(())
    }

    /// DATA-27. The order of the revealed keys is libotr's.
    fn rotate_ours(&mut self, next: DhPair) -> Result<()> {
        self.our_keyid = self.our_keyid.checked_add(1).ok_or(Error::CounterExhausted)?;
        debug!("our keyid is now {}", self.our_keyid);
        self.our_previous = core::mem::replace(&mut self.our_current, Arc::new(next));
        let Two { previous, current } = self.pairs.rotate(Two::default());
        self.starts.rotate(0);
        self.bury([current, previous]);
        Ok(())
    }

    /// DATA-28. The order of the revealed keys is libotr's.
    fn rotate_theirs(&mut self, next: Element) -> Result<()> {
        self.their_keyid = self.their_keyid.checked_add(1).ok_or(Error::CounterExhausted)?;
        debug!("their keyid is now {}", self.their_keyid);
        self.their_previous = Some(core::mem::replace(&mut self.their_current, next));
        let of_our_current = self.pairs.current.rotate(Pair::after(self.starts.current));
        let of_our_previous = self.pairs.previous.rotate(Pair::after(self.starts.previous));
        self.bury([of_our_current, of_our_previous]);
        Ok(())
    }

    /// How many MAC keys wait to be revealed.
    pub(super) fn dead_keys(&self) -> usize {
        self.dead_keys.len()
    }

    /// The MAC keys to be revealed: each once (DATA-12).
    pub(super) fn take_dead_keys(&mut self) -> Vec<Secret<20>> {
        core::mem::take(&mut self.dead_keys)
    }

    /// All MAC keys to be revealed when the session ends or is replaced: nothing can be received with this ring
    /// any more, so even those that were used just now are dead (MSG-62, AKE-72).
    pub(super) fn into_dead_keys(mut self) -> Vec<Secret<20>> {
        let Two { previous, current } = core::mem::take(&mut self.pairs);
        for Two { previous, current } in [previous, current] {
            self.bury([current, previous]);
        }
        self.dead_keys
    }

    /// Keeps the receiving MAC keys that were used, to be revealed, and drops the rest. Never a sending key
    /// (DATA-29).
    fn bury(&mut self, pairs: [Pair; 2]) {
        for pair in pairs {
            if let Pair { keys: Some(keys), usage: Usage { mac_used: true, .. } } = pair
                && self.dead_keys.len() < Self::MAX_DEAD_KEYS
            {
                self.dead_keys.push(keys.receiving_mac.into_key());
            }
        }
    }
}

impl Pair {
    /// A pair whose counters go on after this one.
    fn after(sent: u64) -> Self {
        Self { keys: None, usage: Usage { sent, ..Usage::default() } }
    }

    fn live(
        &mut self,
        backend: &impl Backend,
        ours: &DhPair,
        theirs: &Element,
    ) -> otr_traits::Result<(&mut Keys, &mut Usage)> {
        let keys = match &mut self.keys {
            Some(keys) => keys,
            none => {
                let shared_secret = ours.shared_secret(backend, theirs)?;
                let keys = DataKeys::derive(backend, ours.public(), theirs, &shared_secret)?;
                none.insert(Box::new(keys.into()))
            }
        };
        Ok((keys, &mut self.usage))
    }
}

impl From<DataKeys> for Keys {
    fn from(keys: DataKeys) -> Self {
        let DataKeys { sending_aes, sending_mac, receiving_aes, receiving_mac, extra } = keys;
        Self {
            sending_aes: sending_aes.into(),
            sending_mac: sending_mac.into(),
            receiving_aes: receiving_aes.into(),
            receiving_mac: receiving_mac.into(),
            extra,
        }
    }
}

impl<T> Two<T> {
    /// The current becomes the previous, which is handed out.
    fn rotate(&mut self, new: T) -> T {
        core::mem::replace(&mut self.previous, core::mem::replace(&mut self.current, new))
    }
}
