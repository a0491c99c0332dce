//! Attacks on a conversation, each as a test that it fails.
//!
//! Here stand those that no other file is about; `SECURITY.md` and `docs/security-testing.md` say where the others are.

mod middle;

use otr_protocol::wire::Version;
use otr_protocol::{Config, Error, Event, MessageState, Policy, Problem, Recipient, SmpEvent};

use crate::smp::told;
use crate::support::party::VERSIONS;
use crate::support::wire::{alter, kinds};
use crate::support::{Name, Pair, Party, Side};

/// S-02: whoever takes version 3 out of an offer gets version 2 at most, and nothing where version 2 is not allowed. A
/// commit answers an offer only in a version that was offered.
#[test]
fn s_02_an_edited_offer_gains_no_version_that_is_not_allowed() {
    let with = |name, policy| {
        let mut config = Config::default();
        config.policy = policy;
        Party::with(name, config, std::sync::Arc::new(otr_protocol::RustCrypto))
    };
    let both = Policy::ALLOW_V2 | Policy::ALLOW_V3;
    for (policy, offer, answer) in [
        (both, "?OTRv23?", "C"),
        (both, "?OTRv2?", "C"),
        (both, "?OTR?", ""),
        (both, "?OTRv1?", ""),
        (both, "?OTR?v2?", "C"),
        (Policy::ALLOW_V3, "?OTRv2?", ""),
        (Policy::ALLOW_V3, "?OTR?v2?", ""),
        (Policy::ALLOW_V2, "?OTRv3?", ""),
    ] {
        let mut bob = with(Name::Bob, policy);
        assert_eq!(kinds(&bob.hear(offer.as_bytes()).sent), answer, "{offer}");
    }

    // Alice allows version 3 only. A commit that was edited into version 2 moves nothing.
    let (mut alice, mut bob) = (with(Name::Alice, Policy::ALLOW_V3), with(Name::Bob, both));
    let commit = bob.hear(b"?OTRv2?").sent.remove(0);
    let heard = alice.hear(&commit);
    assert_eq!((heard.sent.len(), heard.problems()), (0, vec![Problem::UnsupportedVersion]));
}

/// S-28: an answer is for one question. None can be given before it was asked or for the next one, so that whoever guesses
/// must have the user answer again for each guess.
#[test]
fn s_28_every_question_takes_an_answer_of_its_own() {
    let mut pair = Pair::secured(Version::V3);
    let answer = |party: &mut Party| {
        party.session.smp(party.now, Recipient::Best).unwrap().respond("the secret that is guessed")
    };
    assert_eq!(answer(&mut pair.bob), Err(Error::NobodyAsked));
    for guess in ["boat", "red boat", "the red boat"] {
        pair.alice.session.smp(pair.alice.now, Recipient::Best).unwrap().start(guess, Some("?")).unwrap();
        let (alice, bob) = pair.run();
        assert_eq!(
            (told(&bob).len(), bob.sent.len(), told(&alice).len()),
            (1, 0, 0),
            "it waits for the user"
        );
        assert_eq!(answer(&mut pair.bob), Ok(()));
        let (alice, bob) = pair.run();
        assert_eq!(
            (told(&alice).last(), told(&bob).last()),
            (Some(&SmpEvent::Failed), Some(&SmpEvent::Failed))
        );
        assert_eq!(answer(&mut pair.bob), Err(Error::NobodyAsked), "and not by the answer before");
    }
}

/// S-36, MSG-40: two programs that do nothing but keep the time send a sign of life a minute each, at most, and none at all
/// if nobody writes.
#[test]
fn s_36_heartbeats_do_not_answer_each_other() {
    for version in VERSIONS {
        let mut pair = Pair::secured(version);
        pair.tell(Side::Alice, "the only text");
        let mut sent = 0;
        for _ in 0..600 {
            pair.alice.wait(1);
            pair.bob.wait(1);
            let (alice, bob) = pair.run();
            sent += alice.sent.len() + bob.sent.len();
        }
        assert_eq!(sent, 0);
        // A text a second, one way, for ten minutes: the other side answers with its signs of life alone.
        let mut beats = 0;
        for _ in 0..600 {
            pair.alice.wait(1);
            pair.bob.wait(1);
            let text = pair.alice.say("again").remove(0);
            pair.to_bob.push_back(text);
            let (alice, bob) = pair.run();
            assert_eq!(alice.sent.len(), 0, "an empty message is not answered");
            beats += bob.sent.len();
        }
        assert!((5..=10).contains(&beats), "{beats} in ten minutes");
    }
}

/// S-38: there are no callbacks, and so no input arrives in the middle of another. What the application answers too late,
/// when the session of the question is gone, is an error.
#[test]
fn s_38_an_answer_to_a_conversation_that_is_gone_is_an_error() {
    for version in VERSIONS {
        let gone: [fn(&mut Pair, Version); 4] = [
            |pair, _| drop(pair.bob.end()),
            |pair, _| pair.bob.session.abandon(pair.bob.now),
            |pair, _| {
                for text in pair.alice.end().sent {
                    pair.bob.hear(&text);
                }
            },
            |pair, version| pair.bob = Party::new(Name::Bob, version),
        ];
        for leave in gone {
            let mut pair = Pair::secured(version);
            pair.alice.session.smp(pair.alice.now, Recipient::Best).unwrap().start("s", None).unwrap();
            assert_eq!(told(&pair.run().1).len(), 1);
            leave(&mut pair, version);
            assert!(matches!(pair.bob.session.smp(pair.bob.now, Recipient::Best), Err(Error::NotEncrypted)));
        }
    }
}

/// S-39, MSG-32, MSG-60, SMP-29: whichever way a session is left, its comparison is left with it, wherever that stands.
/// The next session knows nothing of it: a message of the old run is out of turn.
#[test]
fn s_39_no_comparison_survives_its_session() {
    for version in VERSIONS {
        for answered in [false, true] {
            for ended_by_alice in [false, true] {
                let mut pair = Pair::secured(version);
                pair.alice.session.smp(pair.alice.now, Recipient::Best).unwrap().start("s", None).unwrap();
                pair.run();
                if answered {
                    pair.bob.session.smp(pair.bob.now, Recipient::Best).unwrap().respond("s").unwrap();
                    // The answer is on its way, and lost.
                    pair.bob.drain();
                }
                let (leaving, left) = if ended_by_alice {
                    (&mut pair.alice, &mut pair.bob)
                } else {
                    (&mut pair.bob, &mut pair.alice)
                };
                let ended = leaving.end();
                assert_eq!(told(&ended), [SmpEvent::Aborted]);
                assert_eq!(told(&left.hear(ended.only())), [SmpEvent::Aborted]);
                left.end();
                pair.secure();
                for party in [&mut pair.alice, &mut pair.bob] {
                    let handle = party.session.smp(party.now, Recipient::Best).unwrap();
                    assert_eq!(handle.respond("s"), Err(Error::NobodyAsked));
                }
                pair.check();
            }
        }
    }
}

/// S-54: the network can keep texts from arriving, or change their order. What arrives and cannot be read is told, and
/// nothing acknowledges what did arrive.
#[test]
fn s_54_what_cannot_be_read_is_told_and_nothing_is_acknowledged() {
    for version in VERSIONS {
        let mut pair = Pair::secured(version);
        let [first, second, third] = ["one", "two", "three"].map(|text| pair.alice.say(text).remove(0));
        assert_eq!(pair.bob.hear(&third).messages(), ["three"]);
        assert!(pair.bob.drain().is_silent(), "no acknowledgement");
        for late in [first, second] {
            assert_eq!(pair.bob.hear(&late).problems(), [Problem::Unreadable]);
        }
    }
}

/// S-37, MSG-01: whatever the network makes of a text, it never arrives as one that was protected.
#[test]
fn s_37_nothing_in_clear_looks_encrypted() {
    for version in VERSIONS {
        let mut pair = Pair::secured(version);
        let genuine = pair.alice.say("genuine").remove(0);
        let in_clear = [
            b"genuine".to_vec(),
            [b"genuine".as_slice(), &genuine].concat()[..40].to_vec(),
            otr_protocol::wire::armor(b"genuine"),
            b"?OTR Error: genuine".to_vec(),
            b"?OTRv23? genuine".to_vec(),
            b"?OTR,1,1,genuine,".to_vec(),
            b"?OTR|00000100|00000100,1,1,genuine,".to_vec(),
            alter(&genuine, |message| {
                message.header.version = if version == Version::V2 { Version::V3 } else { Version::V2 }
            }),
        ];
        for text in in_clear {
            let heard = pair.bob.hear(&text);
            let shown = |event: &Event| matches!(event, Event::Message { .. } | Event::Plaintext { .. });
            assert!(!heard.events.iter().any(shown), "{}: {heard:?}", String::from_utf8_lossy(&text));
            pair.bob.wait(60);
        }
        assert_eq!(pair.bob.state(), MessageState::Encrypted);
        assert_eq!(pair.bob.hear(&genuine).messages(), ["genuine"]);
    }
}
