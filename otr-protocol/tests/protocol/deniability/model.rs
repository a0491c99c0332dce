//! Which MAC keys are alive, which are dead, and which are to be revealed, told from the outside: by the privates that the
//! parties draw and the keyids of the messages they accept, as DATA-21 … DATA-28 have it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use otr_protocol::RustCrypto;
use otr_protocol::keys::{DataKeys, DhPair};
use otr_protocol::traits::{Exponent, Purpose, Result, Rng, delegate};

pub(super) type MacKey = [u8; 20];

/// Our keyid and theirs.
type Keyids = (u32, u32);

/// A backend that remembers the privates it gives, in the order of their keyids as long as there is one session.
#[derive(Default)]
pub(super) struct Drawn {
    inner: RustCrypto,
    privates: Mutex<Vec<Vec<u8>>>,
}

impl Drawn {
    /// The last keyid of this party.
    fn last(&self) -> u32 {
        u32::try_from(self.privates.lock().unwrap().len()).unwrap()
    }

    pub(super) fn private(&self, keyid: u32) -> Exponent {
        let bytes = &self.privates.lock().unwrap()[keyid as usize - 1];
        let mut private = Exponent::zeroed(bytes.len());
        private.expose_mut().copy_from_slice(bytes);
        private
    }

    pub(super) fn pair(&self, keyid: u32) -> DhPair {
        DhPair::from_private(&RustCrypto, self.private(keyid)).unwrap()
    }
}

impl Rng for Drawn {
    fn fill(&self, purpose: Purpose, buf: &mut [u8]) -> Result<()> {
        self.inner.fill(purpose, buf)?;
        if purpose == Purpose::DhPrivate {
            self.privates.lock().unwrap().push(buf.to_vec());
        }
        Ok(())
    }
}

delegate! { impl[] ModExp, Dsa, AesCtr, Hash, Backend for Drawn => |self| self.inner }

/// Both parties' keys.
pub(super) struct Model {
    drawn: [Arc<Drawn>; 2],
    /// By Alice's keyid and Bob's: the MAC keys of what Alice sends, and of what Bob sends.
    keys: BTreeMap<Keyids, [MacKey; 2]>,
    /// The last key of the other one that each knows.
    theirs: [u32; 2],
    /// The pairs of each with which a message has been verified, while they live.
    used: [BTreeSet<Keyids>; 2],
    /// The keys that each is to reveal next.
    dead: [BTreeSet<MacKey>; 2],
    /// The keys that each has revealed.
    pub(super) revealed: [Vec<MacKey>; 2],
}

impl Model {
    /// Of two who have just made a session.
    pub(super) fn new(drawn: [Arc<Drawn>; 2]) -> Self {
        let (keys, used, dead, revealed) = Default::default();
        Self { drawn, keys, theirs: [1; 2], used, dead, revealed }
    }

    /// `who` has sent something that reveals these keys: all that died since the last time, and each for the first time
    /// (DATA-12, DATA-27, DATA-28).
    pub(super) fn sent(&mut self, who: usize, revealed: &[MacKey]) {
        let keys: BTreeSet<_> = revealed.iter().copied().collect();
        assert_eq!(keys.len(), revealed.len(), "the same key twice in one message");
        assert_eq!(keys, std::mem::take(&mut self.dead[who]), "other keys than those that died");
        assert!(revealed.iter().all(|key| !self.revealed[who].contains(key)), "revealed before");
        self.revealed[who].extend(revealed);
    }

    /// `who` has accepted a message from the other one's key with the first keyid to their own with the second.
    pub(super) fn accepted(&mut self, who: usize, sender_keyid: u32, recipient_keyid: u32) {
        self.used[who].insert((recipient_keyid, sender_keyid));
        self.theirs[who] += u32::from(sender_keyid == self.theirs[who]);
        let live = self.live(who);
        for pair in std::mem::take(&mut self.used[who]) {
            if live.contains(&pair) {
                self.used[who].insert(pair);
            } else {
                let key = self.mac_keys(who, pair)[1];
                self.dead[who].insert(key);
            }
        }
    }

    /// DATA-29, DATA-31: nobody has a key, for whatever it serves, that they have revealed; and nobody believes or says
    /// anything under a key that anybody has revealed.
    pub(super) fn check(&mut self) {
        for who in [0, 1] {
            for pair in self.live(who) {
                let [sending, receiving] = self.mac_keys(who, pair);
                let [own, others] = [&self.revealed[who], &self.revealed[1 - who]];
                assert!(!own.contains(&sending) && !own.contains(&receiving), "a live key is revealed");
                assert!(!others.contains(&receiving), "a key that still verifies is revealed");
            }
            let in_use = (self.drawn[who].last() - 1, self.theirs[who]);
            let sending = self.mac_keys(who, in_use)[0];
            assert!(!self.revealed[1 - who].contains(&sending), "a key that serves for sending is revealed");
        }
    }

    /// The pairs that `who` has at the moment: two keys of their own, up to two of the other's.
    fn live(&self, who: usize) -> BTreeSet<Keyids> {
        let (ours, theirs) = (self.drawn[who].last(), self.theirs[who]);
        let pairs = [(ours, theirs), (ours, theirs - 1), (ours - 1, theirs), (ours - 1, theirs - 1)];
        pairs.into_iter().filter(|(_, theirs)| *theirs > 0).collect()
    }

    /// The keys with which `who` sends and receives.
    fn mac_keys(&mut self, who: usize, (ours, theirs): Keyids) -> [MacKey; 2] {
        let (alices, bobs) = if who == 0 { (ours, theirs) } else { (theirs, ours) };
        let drawn = &self.drawn;
        let [alice, bob] = *self.keys.entry((alices, bobs)).or_insert_with(|| {
            let (alice, bob) = (drawn[0].pair(alices), drawn[1].pair(bobs));
            let shared_secret = alice.shared_secret(&RustCrypto, bob.public()).unwrap();
            let keys = DataKeys::derive(&RustCrypto, alice.public(), bob.public(), &shared_secret).unwrap();
            [*keys.sending_mac.expose(), *keys.receiving_mac.expose()]
        });
        if who == 0 { [alice, bob] } else { [bob, alice] }
    }
}
