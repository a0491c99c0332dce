//! What messages cost: the table in the documentation of `Session`, counted on a backend (S-33, SMP-28).

mod exchanges;
mod floods;
mod messages;

use std::sync::Arc;

use otr_protocol::Config;
use otr_protocol::wire::Version;

use crate::support::counting::Counting;
use crate::support::party::only;
use crate::support::{Name, Party};

/// Powers modulo the prime of OTR, and what is done with long-term keys.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Cost {
    powers: usize,
    signed: usize,
    verified: usize,
    validated: usize,
}

const NOTHING: Cost = Cost { powers: 0, signed: 0, verified: 0, validated: 0 };

const fn powers(powers: usize) -> Cost {
    Cost { powers, ..NOTHING }
}

/// A party, and what its work costs.
fn party(version: Version, change: impl FnOnce(&mut Config)) -> (Party, Arc<Counting>) {
    named(Name::Bob, version, change)
}

fn named(name: Name, version: Version, change: impl FnOnce(&mut Config)) -> (Party, Arc<Counting>) {
    let mut config = Config::default();
    config.policy = only(version);
    change(&mut config);
    let backend = Arc::<Counting>::default();
    (Party::with(name, config, backend.clone()), backend)
}

/// What was done since the last time.
fn cost(backend: &Counting) -> Cost {
    let mut cost = NOTHING;
    for (what, times) in backend.take() {
        match what.as_str() {
            "sign" => cost.signed += times,
            "verify" => cost.verified += times,
            "validate" => cost.validated += times,
            power if power.contains('^') => cost.powers += times,
            _ => {}
        }
    }
    cost
}
