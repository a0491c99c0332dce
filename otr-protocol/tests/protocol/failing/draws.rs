//! Every single draw of random bytes fails in turn, and leaves nothing, half of them or all of them in the buffer.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::thread;

use otr_protocol::InstanceTag;
use otr_protocol::traits::{Backend, Error};

use super::talk::{Manners, Talk};
use crate::support::party::VERSIONS;
use crate::support::short::{Left, Short};

/// AKE-01, SMP-03, DATA-30: what the draw left in the buffer becomes no key and no exponent, then or later, and whoever made
/// it is told. (The nonces of signatures are the backend's own matter: KEY-07.)
#[test]
fn s_46_nothing_is_made_of_random_bytes_that_are_not_there() {
    let purposes: BTreeSet<String> = thread::scope(|scope| {
        let sides = [0, 1].map(|whose| {
            scope.spawn(move || {
                let versions = VERSIONS.map(|version| Manners { version, holds: false, insists: false });
                versions.into_iter().flat_map(|manners| draws_of(manners, whose)).collect::<Vec<_>>()
            })
        });
        sides.into_iter().flat_map(|side| side.join().unwrap()).collect()
    });
    let all = "dh_private r smp_a2 smp_a3 smp_b2 smp_b3 smp_r2 smp_r3 smp_r4 smp_r5 smp_r6 smp_r7";
    assert_eq!(purposes.into_iter().collect::<Vec<_>>().join(" "), all);
}

/// What the draws of one side are for, after each of them has failed in every way.
fn draws_of(manners: Manners, whose: usize) -> Vec<String> {
    let (mut whole, backends) = talk(manners);
    backends[whose].fail_at(0, Left::Nothing);
    whole.converse();
    let mut purposes = Vec::new();
    for n in 1..=backends[whose].draws() {
        for left in [Left::Nothing, Left::Half, Left::Everything] {
            let (mut talk, backends) = talk(manners);
            backends[whose].fail_at(n, left);
            talk.converse();
            let purpose = backends[whose].failed_for().unwrap();
            assert!(talk.failures > 0 || talk.is_over(), "nobody is told: {manners:?}, {purpose} of {whose}");
            backends[whose].fail_at(0, left);
            talk.recover(false);
            assert_eq!(backends[whose].uses(), 0, "{purpose}, {left:?} left, was used");
            purposes.push(purpose.to_string());
        }
    }
    purposes
}

fn talk(manners: Manners) -> (Talk, [Arc<Short>; 2]) {
    let backends: [Arc<Short>; 2] = Default::default();
    let talk = Talk::new(manners, backends.clone().map(|backend| backend as Arc<dyn Backend>));
    (talk, backends)
}

/// INST-02.
#[test]
fn s_46_without_random_bytes_there_is_no_instance_tag() {
    for left in [Left::Nothing, Left::Half, Left::Everything] {
        let backend = Short::default();
        backend.fail_at(1, left);
        assert_eq!(InstanceTag::generate(&backend), Err(Error::Rng));
    }
}

/// DATA-11: a saved session is not encrypted with a salt that is not random, and not restored with counters that another copy
/// of it may have.
#[cfg(feature = "serde")]
#[test]
fn s_46_without_random_bytes_nothing_is_saved_or_restored() {
    use otr_protocol::traits::{Purpose, Secret};
    use otr_protocol::{Account, Config, SavedError, Version};

    use crate::support::{Name, Pair, Party};

    let backend = Arc::<Short>::default();
    let shared: Arc<dyn Backend> = backend.clone();
    let mut pair = Pair::of(
        Party::with(Name::Alice, Config::default(), shared.clone()),
        Party::new(Name::Bob, Version::V3),
    );
    pair.secure();
    let now = pair.alice.now;
    let saved = pair.alice.session.save(now).session;
    let key = Secret::from([7; 32]);
    backend.fail_at(1, Left::Everything);
    assert_eq!(saved.encrypt(&shared, &key), Err(SavedError::Backend(Error::Rng)));
    let account =
        Account::new(shared, Name::Alice.key(), InstanceTag::new(Name::Alice.tag()), Config::default());
    backend.fail_at(1, Left::Everything);
    let restored = account.unwrap().restore(now, saved);
    assert_eq!(restored.err(), Some(SavedError::Backend(Error::Rng)));
    assert_eq!(backend.failed_for(), Some(Purpose::Saved));
}
