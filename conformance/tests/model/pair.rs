//! Conversations of two of ours.

use std::sync::LazyLock;

use otr_protocol::RustCrypto;
use otr_protocol::traits::{Dsa, SecretKey};
use proptest::prelude::*;

use crate::ours::Ours;
use crate::script::Script;
use crate::scripts::scripts;
use crate::world::World;

/// One of ours, with a key that is made once.
pub(crate) fn ours(side: usize, script: &Script) -> Box<Ours<RustCrypto>> {
    static KEYS: LazyLock<[SecretKey; 2]> = LazyLock::new(|| [0, 1].map(|_| RustCrypto.generate().unwrap()));
    Box::new(Ours::new(side, script, RustCrypto, KEYS[side].duplicate()))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(256), failure_persistence: None, ..ProptestConfig::default() })]

    /// DATA-11, DATA-24, AKE-73, MSG-11, MSG-12, SMP-26 and whatever else: see the top.
    #[test]
    fn two_of_ours_get_through_anything(script in scripts()) {
        World::new(ours(0, &script), ours(1, &script)).run(&script);
    }
}

/// How many conversations.
pub(crate) fn cases(default: u32) -> u32 {
    let given = std::env::var("PROPTEST_CASES").ok();
    given.map_or(default, |number| number.parse().unwrap())
}
