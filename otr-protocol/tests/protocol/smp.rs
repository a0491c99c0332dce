//! The Socialist Millionaires' Protocol between two parties of ours: every way a comparison can go.
//!
//! That its numbers are right, recordings of libotr and live conversations show (conformance).

mod cheats;
pub(crate) mod checks;
mod costs;
mod failing;

use otr_protocol::{Error, Event, Recipient, SmpEvent, Trust};

use crate::support::party::VERSIONS;
use crate::support::{Heard, Pair, Party};

/// What a party was told of comparisons.
pub(crate) fn told(heard: &Heard) -> Vec<SmpEvent> {
    let smp = |event: &Event| match event {
        Event::Smp { event, .. } => Some(event.clone()),
        _ => None,
    };
    heard.events.iter().filter_map(smp).collect()
}

fn start(party: &mut Party, secret: &str, question: Option<&str>) {
    party.session.smp(party.now, Recipient::Best).unwrap().start(secret, question).unwrap();
}

fn respond(party: &mut Party, secret: &str) {
    party.session.smp(party.now, Recipient::Best).unwrap().respond(secret).unwrap();
}

fn asked(question: Option<&str>) -> [SmpEvent; 1] {
    [SmpEvent::Asked { question: question.map(|question| question.as_bytes().to_vec()) }]
}

/// The trust that a party has in its only peer.
fn trust(party: &Party) -> String {
    let known: Vec<_> =
        party.session.known_fingerprints().iter().map(|(_, trust)| trust.to_owned()).collect();
    assert_eq!(known.len(), 1);
    known.concat()
}

/// SMP-02, SMP-15, SMP-22, SMP-25: both sides learn the same; whoever answered a question gains no trust by it. SMP-11 to
/// SMP-14 hold on the way.
#[test]
fn smp_25_both_learn_the_result_and_only_the_asker_of_a_question_gains_trust() {
    for version in VERSIONS {
        for question in [None, Some("Where did we meet?")] {
            for equal in [true, false] {
                let mut pair = Pair::secured(version);
                start(&mut pair.bob, "on the boat", question);
                let (alice, bob) = pair.run();
                assert_eq!((told(&alice).as_slice(), told(&bob).len()), (asked(question).as_slice(), 0));
                assert_eq!(told(&alice)[0].percent(), 25);

                respond(&mut pair.alice, if equal { "on the boat" } else { "On the boat" });
                let (alice, bob) = pair.run();
                let result = if equal { SmpEvent::Succeeded } else { SmpEvent::Failed };
                // Each learns of progress when the other's message arrives, and then of the result.
                assert_eq!(told(&bob), [SmpEvent::Progress, result.clone()]);
                assert_eq!(told(&alice).last(), Some(&result));
                assert_eq!((SmpEvent::Progress.percent(), result.percent()), (60, 100));

                let expected = if equal { "smp" } else { "" };
                assert_eq!(trust(&pair.bob), expected);
                assert_eq!(trust(&pair.alice), if question.is_none() { expected } else { "" });
                pair.check();
            }
        }
    }
}

/// FILE-12: what follows from a comparison is a trust like any other.
#[test]
fn smp_25_a_success_is_trust_in_the_next_session() {
    let mut pair = Pair::secured(VERSIONS[1]);
    start(&mut pair.bob, "s", None);
    pair.run();
    respond(&mut pair.alice, "s");
    pair.run();
    pair.bob.session.start(pair.bob.now).unwrap();
    let (alice, bob) = pair.run();
    for heard in [alice, bob] {
        let trusted = |event: &Event| matches!(event, Event::Secured { trust: Trust::Trusted, .. });
        assert!(heard.events.iter().any(trusted), "{heard:?}");
    }
}

/// SMP-03: a comparison can be made again, by either side, with exponents of its own.
#[test]
fn smp_23_comparisons_follow_each_other_in_both_directions() {
    let mut pair = Pair::secured(VERSIONS[0]);
    for (secret, answer, result) in
        [("a", "b", SmpEvent::Failed), ("a", "a", SmpEvent::Succeeded), ("b", "b", SmpEvent::Succeeded)]
    {
        start(&mut pair.alice, secret, None);
        pair.run();
        respond(&mut pair.bob, answer);
        let (alice, bob) = pair.run();
        assert_eq!((told(&alice).last(), told(&bob).last()), (Some(&result), Some(&result)));
        start(&mut pair.bob, secret, None);
        pair.run();
        respond(&mut pair.alice, answer);
        let (alice, bob) = pair.run();
        assert_eq!((told(&alice).last(), told(&bob).last()), (Some(&result), Some(&result)));
    }
}

/// SMP-20: each has a message 1 where it expects a message 2.
#[test]
fn smp_23_two_starts_at_once_abort_both_and_the_next_one_works() {
    let mut pair = Pair::secured(VERSIONS[1]);
    start(&mut pair.alice, "s", None);
    start(&mut pair.bob, "s", Some("?"));
    let (alice, bob) = pair.run();
    assert_eq!(told(&alice), [SmpEvent::Aborted]);
    assert_eq!(told(&bob), [SmpEvent::Aborted]);
    start(&mut pair.alice, "s", None);
    let (_, bob) = pair.run();
    assert_eq!(told(&bob), asked(None));
    respond(&mut pair.bob, "s");
    let (alice, bob) = pair.run();
    assert_eq!(told(&alice), [SmpEvent::Progress, SmpEvent::Succeeded]);
    assert_eq!(told(&bob).last(), Some(&SmpEvent::Succeeded));
}

#[test]
fn smp_21_a_second_start_aborts_the_first_and_an_abort_is_not_answered() {
    let mut pair = Pair::secured(VERSIONS[1]);
    start(&mut pair.alice, "old", None);
    pair.run();
    start(&mut pair.alice, "new", Some("again?"));
    let (alice, bob) = pair.run();
    assert_eq!(told(&bob), [SmpEvent::Aborted, asked(Some("again?"))[0].clone()]);
    assert_eq!((told(&alice).len(), bob.sent.len()), (0, 0));
    respond(&mut pair.bob, "new");
    assert_eq!(told(&pair.run().0).last(), Some(&SmpEvent::Succeeded));

    // Whoever is asked may refuse; an abort out of the blue is not even told.
    start(&mut pair.alice, "s", None);
    pair.run();
    pair.bob.session.smp(pair.bob.now, Recipient::Best).unwrap().abort().unwrap();
    let (alice, bob) = pair.run();
    assert_eq!((told(&alice), told(&bob)), (vec![SmpEvent::Aborted], vec![]));
    assert_eq!(alice.sent.len(), 0);
    pair.bob.session.smp(pair.bob.now, Recipient::Best).unwrap().abort().unwrap();
    assert!(told(&pair.run().0).is_empty());
    assert_eq!(
        pair.bob.session.smp(pair.bob.now, Recipient::Best).unwrap().respond("s"),
        Err(Error::NobodyAsked)
    );
}

/// S-39, SMP-29: the old run is gone, on both sides, and both are told.
#[test]
fn smp_26_a_comparison_does_not_outlive_its_session() {
    for version in VERSIONS {
        let mut pair = Pair::secured(version);
        start(&mut pair.alice, "s", None);
        pair.run();
        pair.alice.session.start(pair.alice.now).unwrap();
        let (alice, bob) = pair.run();
        assert_eq!((told(&alice), told(&bob)), (vec![SmpEvent::Aborted], vec![SmpEvent::Aborted]));
        let refused = pair.bob.session.smp(pair.bob.now, Recipient::Best).unwrap().respond("s");
        assert_eq!(refused, Err(Error::NobodyAsked));

        start(&mut pair.alice, "s", None);
        pair.run();
        let ended = pair.alice.end();
        assert_eq!(told(&ended), [SmpEvent::Aborted]);
        let heard = pair.bob.hear(ended.only());
        assert_eq!(told(&heard), [SmpEvent::Aborted]);
        assert!(matches!(heard.events.last(), Some(Event::Ended { .. })), "{heard:?}");
        for party in [&mut pair.alice, &mut pair.bob] {
            assert!(matches!(party.session.smp(party.now, Recipient::Best), Err(Error::NotEncrypted)));
        }
    }
}

/// SMP-05, SMP-24: the application's mistakes are errors, and nothing has been sent.
#[test]
fn smp_24_secrets_and_questions_that_cannot_be_meant_are_errors() {
    let mut pair = Pair::secured(VERSIONS[1]);
    let too_long = "?".repeat(65_535);
    let handle = |pair: &mut Pair| pair.alice.session.smp(pair.alice.now, Recipient::Best).map(|_| ());
    handle(&mut pair).unwrap();
    for question in ["a\0b", &too_long] {
        let smp = pair.alice.session.smp(pair.alice.now, Recipient::Best).unwrap();
        assert!(matches!(smp.start("s", Some(question)), Err(Error::Question { .. })));
    }
    let smp = pair.alice.session.smp(pair.alice.now, Recipient::Best).unwrap();
    assert_eq!(smp.start("", None), Err(Error::EmptySecret));
    let smp = pair.alice.session.smp(pair.alice.now, Recipient::Best).unwrap();
    assert_eq!(smp.respond("s"), Err(Error::NobodyAsked));
    assert!(pair.alice.drain().is_silent());

    // The longest question that fits arrives whole, in fragments or not; an empty secret may be meant.
    let longest = "?".repeat(65_535 - 6 * 196 - 5);
    let smp = pair.alice.session.smp(pair.alice.now, Recipient::Best).unwrap();
    smp.allow_empty_secret().start("", Some(&longest)).unwrap();
    assert_eq!(told(&pair.run().1), asked(Some(&longest)));
    let smp = pair.bob.session.smp(pair.bob.now, Recipient::Best).unwrap();
    smp.allow_empty_secret().respond("").unwrap();
    assert_eq!(told(&pair.run().0).last(), Some(&SmpEvent::Succeeded));
}
