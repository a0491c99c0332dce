//! What a comparison costs, counted in powers: a regression shows here before it shows on a clock.

use std::sync::Arc;

use otr_protocol::{Config, Recipient, SmpEvent, Version};

use super::{asked, told};
use crate::support::counting::{Costs, Counting};
use crate::support::party::only;
use crate::support::{Name, Pair, Party};

fn pair() -> (Pair, [Arc<Counting>; 2]) {
    let backends = [Arc::<Counting>::default(), Arc::<Counting>::default()];
    let party = |name, backend: &Arc<Counting>| {
        let mut config = Config::default();
        config.policy = only(Version::V3);
        Party::with(name, config, backend.clone())
    };
    let mut pair = Pair::of(party(Name::Alice, &backends[0]), party(Name::Bob, &backends[1]));
    pair.secure();
    // Keys rotate with the first texts; from then on every message costs the same.
    pair.check();
    (pair, backends)
}

/// Powers of exponents wider than a private key's: those of the comparison, not of the ratchet.
fn comparison(backend: &Counting) -> Vec<(String, usize)> {
    let of_the_ratchet = |what: &str| what.ends_with("^320");
    let costs: Costs = backend.take();
    costs.into_iter().filter(|(what, _)| !of_the_ratchet(what)).collect()
}

fn costs(costs: &[(&str, usize)]) -> Vec<(String, usize)> {
    costs.iter().map(|(what, count)| ((*what).to_owned(), *count)).collect()
}

/// SMP-10 to SMP-13: one secret power of an element without a table is left on each side, that of the other's Rb or Ra.
#[test]
fn smp_10_a_whole_comparison_costs_one_power_without_a_table_on_each_side() {
    let (mut pair, [alice, bob]) = pair();
    alice.take();
    bob.take();
    pair.alice.session.smp(pair.alice.now, Recipient::Best).unwrap().start("s", None).unwrap();
    pair.run();
    pair.bob.session.smp(pair.bob.now, Recipient::Best).unwrap().respond("s").unwrap();
    let (heard, _) = pair.run();
    assert_eq!(told(&heard).last(), Some(&SmpEvent::Succeeded));

    let initiator = costs(&[
        ("e^1536", 1),
        ("e^256 public", 3),
        ("g^1536", 7),
        ("g^1536 public", 4),
        ("inversions", 1),
        ("t^1536", 8),
        ("t^1536 public", 1),
        ("t^256 public", 3),
        ("tables", 3),
    ]);
    assert_eq!(comparison(&alice), initiator);
    let responder = costs(&[
        ("e^1536", 1),
        ("e^256 public", 5),
        ("g^1536", 7),
        ("g^1536 public", 4),
        ("inversions", 1),
        ("t^1536", 8),
        ("t^1536 public", 1),
        ("t^256 public", 1),
        ("tables", 3),
    ]);
    assert_eq!(comparison(&bob), responder);
}

/// Of an answer that was prepared, Q alone is left: one power with a table. Preparing twice costs nothing more, sends nothing,
/// and changes nothing about the result.
#[test]
fn smp_11_a_prepared_answer_leaves_one_power_for_when_the_secret_is_known() {
    let (mut pair, [_, bob]) = pair();
    pair.alice.session.smp(pair.alice.now, Recipient::Best).unwrap().start("s", Some("?")).unwrap();
    let (_, heard) = pair.run();
    assert_eq!(told(&heard), asked(Some("?")));
    bob.take();

    let now = pair.bob.now;
    pair.bob.session.smp(now, Recipient::Best).unwrap().prepare_answer().unwrap();
    assert!(pair.bob.drain().is_silent());
    assert_eq!(comparison(&bob), costs(&[("g^1536", 6), ("t^1536", 3), ("tables", 2)]));
    pair.bob.session.smp(now, Recipient::Best).unwrap().prepare_answer().unwrap();
    assert_eq!(comparison(&bob), []);
    pair.bob.session.smp(now, Recipient::Best).unwrap().respond("s").unwrap();
    assert_eq!(comparison(&bob), costs(&[("t^1536", 1)]));
    let (heard, _) = pair.run();
    assert_eq!(told(&heard), [SmpEvent::Progress, SmpEvent::Succeeded]);
}

/// There is nothing to prepare unless the peer has asked.
#[test]
fn smp_11_only_an_answer_can_be_prepared() {
    let (mut pair, _) = pair();
    let now = pair.alice.now;
    let result = pair.alice.session.smp(now, Recipient::Best).unwrap().prepare_answer();
    assert_eq!(result, Err(otr_protocol::Error::NobodyAsked));
    pair.alice.session.smp(now, Recipient::Best).unwrap().start("s", None).unwrap();
    let result = pair.alice.session.smp(now, Recipient::Best).unwrap().prepare_answer();
    assert_eq!(result, Err(otr_protocol::Error::NobodyAsked));
}
