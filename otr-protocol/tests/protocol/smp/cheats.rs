//! A cheat in the middle of a comparison: a proof that does not hold, in each of the messages that answer one.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use otr_protocol::traits::{Hash, Result, delegate};
use otr_protocol::{Config, RustCrypto, SmpEvent, Version};

use super::{respond, start, told, trust};
use crate::support::party::{VERSIONS, only};
use crate::support::wire::kinds;
use crate::support::{Name, Pair, Party};

/// Computes one of the challenges of a comparison wrongly: that with this version byte (SMP-01), none if it is 0.
#[derive(Default)]
struct Lying {
    inner: RustCrypto,
    about: AtomicU8,
}

impl Hash for Lying {
    fn sha1(&self, parts: &[&[u8]], out: &mut [u8; 20]) -> Result<()> {
        self.inner.sha1(parts, out)
    }

    fn sha256(&self, parts: &[&[u8]], out: &mut [u8; 32]) -> Result<()> {
        self.inner.sha256(parts, out)?;
        let about = self.about.load(Ordering::Relaxed);
        if about != 0 && parts.concat().first() == Some(&about) {
            out[31] ^= 1;
        }
        Ok(())
    }

    fn hmac_sha1(&self, key: &[u8], parts: &[&[u8]], out: &mut [u8; 20]) -> Result<()> {
        self.inner.hmac_sha1(key, parts, out)
    }

    fn hmac_sha256(&self, key: &[u8], parts: &[&[u8]], out: &mut [u8; 32]) -> Result<()> {
        self.inner.hmac_sha256(key, parts, out)
    }
}

delegate! { impl[] ModExp, Dsa, AesCtr, Rng, Backend for Lying => |self| self.inner }

/// Two parties in a session, and what each may lie with.
fn pair(version: Version) -> (Pair, [Arc<Lying>; 2]) {
    let backends = [Arc::<Lying>::default(), Arc::default()];
    let party = |name, backend: &Arc<Lying>| {
        let mut config = Config::default();
        config.policy = only(version);
        Party::with(name, config, backend.clone())
    };
    let mut pair = Pair::of(party(Name::Alice, &backends[0]), party(Name::Bob, &backends[1]));
    pair.secure();
    (pair, backends)
}

/// SMP-11, SMP-12, SMP-13: the challenges 3 to 5 are in message 2, 6 and 7 in message 3, 8 in message 4. Whoever checks
/// one that does not hold says so, sends an abort, keeps nothing and trusts nobody: the next comparison works.
/// S-22.
#[test]
fn smp_16_a_false_proof_in_any_message_ends_the_comparison_and_nothing_else() {
    for version in VERSIONS {
        for (challenge, alice_lies) in [(3, false), (4, false), (5, false), (6, true), (7, true), (8, false)]
        {
            let (mut pair, [alice, bob]) = pair(version);
            let liar = if alice_lies { alice } else { bob };
            liar.about.store(challenge, Ordering::Relaxed);
            start(&mut pair.alice, "s", None);
            pair.run();
            respond(&mut pair.bob, "s");
            let (alice, bob) = pair.run();
            let (cheated, cheat) = if alice_lies { (&bob, &alice) } else { (&alice, &bob) };
            assert_eq!(told(cheated).last(), Some(&SmpEvent::Cheated), "challenge {challenge}");
            assert!(!told(cheated).contains(&SmpEvent::Succeeded));
            assert!(kinds(&cheated.sent).ends_with('D'), "an abort");
            let learned = told(cheat);
            // Bob has seen that the secrets are equal when he lies in the last message.
            let result = if challenge == 8 { SmpEvent::Succeeded } else { SmpEvent::Aborted };
            assert!(learned.contains(&result), "challenge {challenge}: {learned:?}");
            assert_eq!(trust(if alice_lies { &pair.bob } else { &pair.alice }), "");

            liar.about.store(0, Ordering::Relaxed);
            pair.check();
            for _ in 0..2 {
                start(&mut pair.alice, "s", None);
                pair.run();
                respond(&mut pair.bob, "s");
                let (alice, bob) = pair.run();
                for heard in [alice, bob] {
                    assert_eq!(told(&heard).last(), Some(&SmpEvent::Succeeded));
                }
            }
        }
    }
}
