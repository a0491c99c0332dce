//! Comparisons of secrets.

use otr_protocol::{Event, Recipient, SmpEvent};
use otr_wiping::Talk;

use crate::{each, in_use};

const SAME: [&str; 2] = ["the same on both sides"; 2];
const QUESTION: &str = "a question, which is nobody's business";

/// What belongs to a comparison.
const OF_IT: [&str; 15] = [
    "comparison",
    "product",
    "g1^r4",
    "g2^secret",
    "Rab",
    "a2",
    "a3",
    "b2",
    "b3",
    "r2",
    "r3",
    "r4",
    "r5",
    "r6",
    "r7",
];

/// So many steps of a comparison after its start.
fn begin(talk: &mut Talk, [alices, bobs]: [&'static str; 2], steps: usize) {
    talk.note("text typed for a comparison", alices.as_bytes());
    talk.note("text typed for a comparison", bobs.as_bytes());
    talk.note("question of a comparison", QUESTION.as_bytes());
    let now = talk.alice.now;
    talk.alice.session().smp(now, Recipient::Best).unwrap().start(alices, Some(QUESTION)).unwrap();
    for step in 1..=steps {
        match step {
            1 => assert!(talk.to_bob()),
            2 => talk.bob.session().smp(now, Recipient::Best).unwrap().prepare_answer().unwrap(),
            3 => talk.bob.session().smp(now, Recipient::Best).unwrap().respond(bobs).unwrap(),
            4 => assert!(talk.to_alice()),
            _ => assert!(talk.to_bob()),
        }
    }
}

const STEPS: usize = 5;

/// All of it.
pub(crate) fn compare(talk: &mut Talk, secrets: [&'static str; 2]) {
    begin(talk, secrets, STEPS);
    talk.run();
    let is_equal = secrets[0] == secrets[1];
    for party in [&talk.alice, &talk.bob] {
        let result = if is_equal { SmpEvent::Succeeded } else { SmpEvent::Failed };
        assert_eq!(party.count(|event| matches!(event, Event::Smp { event, .. } if *event == result)), 1);
    }
}

#[test]
fn s_45_smp_29_a_comparison_with_either_result() {
    each(|backend, version| {
        for secrets in [SAME, ["what Alice types", "what Bob has typed"]] {
            let mut talk = Talk::secured(backend, version);
            compare(&mut talk, secrets);
            let left = in_use(&talk, &OF_IT);
            assert!(left.is_empty(), "{left:?}");
            talk.check();
        }
    });
}

#[test]
fn s_45_smp_29_a_comparison_that_is_aborted_after_any_step() {
    each(|backend, version| {
        for steps in 0..=STEPS {
            for by_alice in [true, false] {
                let mut talk = Talk::secured(backend, version);
                begin(&mut talk, SAME, steps);
                let now = talk.alice.now;
                let party = if by_alice { &mut talk.alice } else { &mut talk.bob };
                party.session().smp(now, Recipient::Best).unwrap().abort().unwrap();
                talk.run();
                let left = in_use(&talk, &OF_IT);
                assert!(left.is_empty(), "{steps}: {left:?}");
                talk.check();
            }
        }
    });
}

#[test]
fn s_45_a_session_that_is_dropped_after_any_step_of_a_comparison() {
    each(|backend, version| {
        for steps in 0..=STEPS {
            let mut talk = Talk::secured(backend, version);
            begin(&mut talk, SAME, steps);
            talk.lose();
            talk.check();
        }
    });
}
