//! Comparing secrets.

use super::*;

#[test]
fn smp_25_whoever_asks_learns_who_it_is() {
    let mut pair = Pair::connected();
    pair.alice_types("/smp Where did we meet?");
    assert!(pair.alice.engine.status().prompt.is_some());
    pair.alice_types("on the red boat");
    assert!(pair.bob.saw("they ask: Where did we meet?"));
    assert_eq!((work(&mut pair.alice), work(&mut pair.bob)), (Some(10), Some(25)));
    pair.bob_types("/answer");
    assert!(pair.bob.engine.status().prompt.is_some());
    pair.bob_types("on the red boat");
    assert_eq!(pair.channels(), [Channel::Verified, Channel::Unverified]);
    assert!(pair.alice.saw("the secrets are equal: it is them"));
    assert!(pair.bob.saw("they know now that it is you"));
    assert_eq!((work(&mut pair.alice), work(&mut pair.bob)), (None, None));
    let theirs = account(1, policy(false)).fingerprint();
    assert_eq!(pair.alice.remembered.get(&theirs), Some("smp"));
    assert!(!pair.alice.saw("red boat") && !pair.bob.saw("red boat") && !pair.leaked("red boat"));
    // Without a question, both learn it.
    pair.bob_types("/smp");
    pair.bob_types("swordfish");
    pair.alice_types("/answer swordfish");
    assert_eq!(pair.channels(), [Channel::Verified; 2]);
}

/// Whoever answers before anything was prepared is not told that nobody asked.
#[test]
fn an_answer_can_be_quicker_than_its_preparation() {
    let mut pair = Pair::connected();
    pair.alice.type_line(pair.now, "/smp");
    pair.alice.type_line(pair.now, "secret");
    for frame in pair.alice.settle(pair.now) {
        pair.bob.engine.receive(pair.now, Some(frame));
    }
    pair.bob.settle(pair.now);
    pair.bob_types("/answer secret");
    assert!(pair.bob.saw("the secrets are equal") && !pair.bob.saw("has not asked"), "{:?}", pair.bob.shown);
}

#[test]
fn secrets_that_differ_fail_and_take_trust_away() {
    let mut pair = Pair::connected();
    pair.alice_types("/trust");
    pair.alice_types("/smp Where?");
    pair.alice_types("here");
    pair.bob_types("/answer there");
    assert!(pair.alice.saw("the secrets differ") && pair.bob.saw("the secrets differ"));
    assert_eq!(pair.channels(), [Channel::Unverified; 2]);
    assert_eq!(pair.alice.remembered.get(&account(1, policy(false)).fingerprint()), Some(""));
}

#[test]
fn a_comparison_can_be_given_up_by_either_side() {
    let mut pair = Pair::connected();
    pair.alice_types("/smp");
    pair.alice_types("");
    assert!(pair.alice.saw("never mind") && work(&mut pair.bob).is_none());
    for abort in [Pair::alice_types, Pair::bob_types] {
        pair.alice_types("/smp");
        pair.alice_types("secret");
        assert_eq!(work(&mut pair.bob), Some(25));
        abort(&mut pair, "/abort");
        assert_eq!((work(&mut pair.alice), work(&mut pair.bob)), (None, None));
    }
    assert!(
        pair.alice.saw("stopped before there was a result")
            && pair.bob.saw("stopped before there was a result")
    );
    pair.bob_types("/answer secret");
    assert!(pair.bob.saw("they have not asked for a secret"));
}

/// S-28: the comparison is over while the user is still typing the answer.
#[test]
fn s_28_a_secret_never_becomes_a_text() {
    let mut pair = Pair::connected();
    pair.alice_types("/smp Where?");
    pair.alice_types("here");
    pair.bob_types("/answer");
    pair.alice_types("/abort");
    pair.bob_types("here, of course");
    assert!(pair.bob.saw("no secret is asked for; nothing was sent"));
    assert!(!pair.alice.saw("of course") && !pair.bob.saw("of course"));
    // Afterwards it is as before.
    assert!(pair.bob.engine.status().prompt.is_none());
    pair.bob_types("what was it?");
    assert!(pair.alice.saw("them: what was it?"));
}

/// S-28: nobody asks, and the user has typed the secret already.
#[test]
fn s_28_a_secret_that_is_refused_is_thrown_away() {
    let mut pair = Pair::apart(policy(false));
    pair.alice_types("/smp Where?");
    assert!(pair.alice.saw("in an encrypted session only"));
    pair.alice_types("swordfish");
    pair.connect();
    pair.bob_types("/answer");
    assert!(pair.bob.saw("they have not asked for a secret"));
    pair.bob_types("swordfish");
    for side in [&mut pair.alice, &mut pair.bob] {
        assert!(!side.saw("swordfish") && side.engine.status().prompt.is_none());
    }
}

fn work(side: &mut Side) -> Option<u8> {
    side.engine.status().work.first().map(|work| work.percent)
}
