//! What makes a conversation deniable, and an adversary who makes the most of it (S-03, S-04, S-52).

mod adversary;
mod model;

use std::sync::{Arc, Mutex};

use otr_protocol::RustCrypto;
use otr_protocol::toolkit::{Captured, PairKeys};
use otr_protocol::traits::{
    Digest, Dsa, KeyGeneration, PublicKey, Result, Secret, SecretKey, Signature, Thoroughness, delegate,
};
use otr_protocol::{Config, Event, Problem};

use crate::support::party::{VERSIONS, only};
use crate::support::wire::{forge, head};
use crate::support::{Name, Pair, Party, Side};
use model::Drawn;

/// DATA-31: Alice's message is held back while the two go on. Once its key is known, anyone can make it say anything, as the
/// toolkit shows; and from that moment, whatever it says and whatever it is numbered, Bob does not believe it.
#[test]
fn s_03_what_is_held_back_until_its_key_is_known_can_be_rewritten_and_is_not_believed() {
    for version in VERSIONS {
        for rounds in 0..=5 {
            let drawn: [Arc<Drawn>; 2] = Default::default();
            let mut config = Config::default();
            config.policy = only(version);
            let alice = Party::with(Name::Alice, config.clone(), drawn[0].clone());
            let mut pair = Pair::of(alice, Party::with(Name::Bob, config, drawn[1].clone()));
            pair.secure();
            let held_back = pair.alice.say("attack at dawn").remove(0);
            let captured = Captured::decode(&held_back).unwrap();
            pair.tell(Side::Alice, "what is sent under the same keys, and arrives");
            let mut revealed = Vec::new();
            for _ in 0..rounds {
                for side in [Side::Bob, Side::Alice] {
                    revealed.extend(tell(&mut pair, side));
                }
            }
            let rewrite = |key: &[u8; 20]| {
                captured.modify(&RustCrypto, &Secret::from(*key), b"dawn", b"noon", 10).unwrap()
            };
            let rewritten: Vec<_> = revealed.iter().filter_map(|key| Some((key, rewrite(key)?))).collect();
            // Bob's keys change when he hears of Alice's, whose change when she hears of his.
            assert_eq!(rewritten.len(), usize::from(rounds > 1), "{rounds}");
            for (key, text) in rewritten {
                let theirs = drawn[1].pair(1);
                let keys = PairKeys::derive(&RustCrypto, drawn[0].private(1), theirs.public()).unwrap().keys;
                let read = Captured::decode(&text).unwrap().read(&RustCrypto, &keys.sending_aes).unwrap();
                assert_eq!(**read.unwrap(), *b"attack at noon");
                let later = forge(&text, key, |data| data.counter = [0xff; 8]);
                for lie in [&text, &later, &held_back] {
                    assert_eq!(pair.bob.hear(lie).problems(), [Problem::Unreadable]);
                }
            }
            pair.check();
        }
    }
}

/// Says something that must arrive; the keys that it reveals.
fn tell(pair: &mut Pair, from: Side) -> Vec<[u8; 20]> {
    let (sender, receiver) = match from {
        Side::Alice => (&mut pair.alice, &mut pair.bob),
        Side::Bob => (&mut pair.bob, &mut pair.alice),
    };
    let sent = sender.say("and so on").remove(0);
    assert_eq!(receiver.hear(&sent).messages(), ["and so on"]);
    head(&sent).3
}

/// A backend that remembers what it signs.
#[derive(Default)]
struct Signing {
    inner: RustCrypto,
    signed: Mutex<Vec<[u8; 20]>>,
}

impl Dsa for Signing {
    fn generation(&self) -> Result<Box<dyn KeyGeneration>> {
        self.inner.generation()
    }

    fn sign(&self, key: &SecretKey, digest: &Digest) -> Result<Signature> {
        self.signed.lock().unwrap().push(*digest.as_bytes());
        self.inner.sign(key, digest)
    }

    fn verify(&self, key: &PublicKey, digest: &Digest, signature: &Signature) -> Result<()> {
        self.inner.verify(key, digest, signature)
    }

    fn validate(&self, key: &PublicKey, thoroughness: Thoroughness) -> Result<()> {
        self.inner.validate(key, thoroughness)
    }

    fn validate_secret(&self, key: &SecretKey) -> Result<()> {
        self.inner.validate_secret(key)
    }
}

delegate! { impl[] ModExp, AesCtr, Hash, Rng, Backend for Signing => |self| self.inner }

/// One signature for each exchange, always another; whatever is said and done afterwards, nothing more is signed. So a
/// transcript has no signature that depends on a text.
#[test]
fn s_52_nothing_is_signed_but_the_values_of_an_exchange() {
    for version in VERSIONS {
        let backends: [Arc<Signing>; 2] = Default::default();
        let mut config = Config::default();
        config.policy = only(version);
        config.extra_key_v2 = true;
        let [alice, bob] = [(Name::Alice, &backends[0]), (Name::Bob, &backends[1])]
            .map(|(name, backend)| Party::with(name, config.clone(), backend.clone()));
        let mut pair = Pair::of(alice, bob);
        for exchanges in 1..=3 {
            pair.secure();
            pair.check();
            pair.alice.session.extra_key(pair.alice.now, Default::default(), 1, b"data").unwrap();
            pair.alice
                .session
                .smp(pair.alice.now, Default::default())
                .unwrap()
                .start("s", Some("?"))
                .unwrap();
            pair.run();
            pair.bob.session.smp(pair.bob.now, Default::default()).unwrap().respond("s").unwrap();
            let (alice, _) = pair.run();
            assert!(alice.events.iter().any(|event| matches!(event, Event::Smp { .. })));
            pair.bob.session.send_heartbeat(pair.bob.now, Default::default()).unwrap();
            pair.run();
            for backend in &backends {
                let mut signed = backend.signed.lock().unwrap().clone();
                signed.dedup();
                assert_eq!(signed.len(), exchanges);
            }
        }
        pair.alice.end();
        assert_eq!(backends[0].signed.lock().unwrap().len(), 3);
    }
}
