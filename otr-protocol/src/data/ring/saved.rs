//! Saving the key ring, and restoring it.

use std::sync::Arc;

use otr_traits::{Backend, Element, Exponent, Purpose, Secret};

use super::{Pair, Ring, Two, Usage};
use crate::keys::DhPair;
use crate::saved::{Bytes, SavedError, SavedRing, SavedUsage};

impl Ring {
    pub(in crate::data) fn save(&self) -> SavedRing {
        let of = |row: &Two<Pair>| [row.previous.usage.save(), row.current.usage.save()];
        SavedRing {
            our_keyid: self.our_keyid,
            our_previous: self.our_previous.private().expose().into(),
            our_current: self.our_current.private().expose().into(),
            their_keyid: self.their_keyid,
            their_previous: self.their_previous.as_ref().map(|key| key.as_be_bytes().into()),
            their_current: self.their_current.as_be_bytes().into(),
            usage: [of(&self.pairs.previous), of(&self.pairs.current)],
            dead_keys: self.dead_keys.iter().map(|key| key.expose().into()).collect(),
        }
    }

    /// Every counter goes on a random number ahead, so that no key stream serves twice even if the same copy is restored
    /// again (DATA-11). So do the counters of pairs that our keys of the time will make with later keys of the peer: the
    /// message that brings such a key can be shown to every copy.
    pub(in crate::data) fn restore(backend: &impl Backend, saved: &SavedRing) -> Result<Self, SavedError> {
        if saved.our_keyid < 2 || saved.their_keyid < 1 {
            return Err(SavedError::Content("a keyid is below 1"));
        }
        let dead_key = |key: &Bytes| {
            Secret::from_slice(key.as_slice()).ok_or(SavedError::Content("a MAC key has 20 bytes"))
        };
        let mut ring = Self {
            our_previous: Arc::new(our_pair(backend, &saved.our_previous)?),
            our_current: Arc::new(our_pair(backend, &saved.our_current)?),
            our_keyid: saved.our_keyid,
            their_previous: saved.their_previous.as_ref().map(their_key).transpose()?,
            their_current: their_key(&saved.their_current)?,
            their_keyid: saved.their_keyid,
            pairs: Two::default(),
            starts: Two { previous: ahead(backend)?, current: ahead(backend)? },
            dead_keys: saved.dead_keys.iter().map(dead_key).collect::<Result<_, _>>()?,
        };
        let [previous, current] = &saved.usage;
        let rows = [
            (&mut ring.pairs.previous, &ring.our_previous, previous),
            (&mut ring.pairs.current, &ring.our_current, current),
        ];
        for (row, ours, [with_previous, with_current]) in rows {
            row.current.resume(backend, ours, &ring.their_current, *with_current)?;
            if let Some(theirs) = &ring.their_previous {
                row.previous.resume(backend, ours, theirs, *with_previous)?;
            }
        }
        Ok(ring)
    }
}

impl Usage {
    fn save(&self) -> SavedUsage {
        SavedUsage { sent: self.sent, received: self.received, mac_used: self.mac_used }
    }
}

impl Pair {
    fn resume(
        &mut self,
        backend: &impl Backend,
        ours: &DhPair,
        theirs: &Element,
        saved: SavedUsage,
    ) -> Result<(), SavedError> {
        self.usage = Usage {
            sent: saved.sent.saturating_add(ahead(backend)?),
            received: saved.received,
            mac_used: saved.mac_used,
        };
        if saved.mac_used {
            // It will have to be revealed.
            self.live(backend, ours, theirs)?;
        }
        Ok(())
    }
}

/// How far ahead counters go on: a random number below 2^48.
fn ahead(backend: &impl Backend) -> otr_traits::Result<u64> {
    let mut ahead = [0; 8];
    let [_, _, random @ ..] = &mut ahead;
    backend.fill(Purpose::Saved, random)?;
    Ok(u64::from_be_bytes(ahead))
}

fn our_pair(backend: &impl Backend, private: &Bytes) -> Result<DhPair, SavedError> {
    const WIDTH: usize = 40;
    let strong = |private: &&[u8; WIDTH]| private.iter().take(8).any(|byte| *byte != 0);
    let private = private.as_slice().try_into().ok().filter(strong);
    let private = private.and_then(|private| Exponent::from_be_bytes(private));
    let private = private.ok_or(SavedError::Content("a Diffie-Hellman private has 320 bits"))?;
    Ok(DhPair::from_private(backend, private)?)
}

fn their_key(key: &Bytes) -> Result<Element, SavedError> {
    let key = Some(key.as_slice()).filter(|key| key.len() == 192).and_then(Element::from_be_bytes);
    key.filter(Element::is_in_range).ok_or(SavedError::Content("a public value is out of range"))
}
