//! Two commits that cross, new exchanges in the middle of a session, and reflections.

use std::collections::VecDeque;

use otr_protocol::wire::{Body, Message, Version};
use otr_protocol::{MessageState, Problem};

use super::matrix::Stage;
use crate::support::party::VERSIONS;
use crate::support::peer::{Peer, public_opened};
use crate::support::wire::{binary, kinds};
use crate::support::{Name, Pair, Party, Side};

/// Delivers texts in the order that the bits of `schedule` say, then all others.
fn interleave(pair: &mut Pair, schedule: u32) -> usize {
    pair.flush();
    let mut secured = 0;
    for bit in 0..5 {
        let side = if schedule >> bit & 1 == 0 { Side::Alice } else { Side::Bob };
        secured += pair.step(side).map_or(0, |heard| heard.secured());
    }
    let (alice, bob) = pair.run();
    secured + alice.secured() + bob.secured()
}

/// S-30.
#[test]
fn ake_33_crossing_commits_always_end_in_one_session() {
    for version in VERSIONS {
        let query = format!("?OTRv{version}?");
        for schedule in 0..1 << 5 {
            let mut pair = Pair::new(version);
            for party in [&mut pair.alice, &mut pair.bob] {
                party.session.receive(party.now, query.as_bytes()).unwrap();
            }
            assert!(interleave(&mut pair, schedule) >= 2, "{version:?}, {schedule:b}");
            pair.check();
        }
    }
}

/// Both ask at once, so both commit, with every order of queries and commits.
/// S-30.
#[test]
fn ake_33_crossing_queries_always_end_in_one_session() {
    for version in VERSIONS {
        for schedule in 0..1 << 5 {
            let mut pair = Pair::new(version);
            for party in [&mut pair.alice, &mut pair.bob] {
                party.session.start(party.now).unwrap();
            }
            interleave(&mut pair, schedule);
            pair.check();
        }
    }
}

#[test]
fn ake_75_the_old_session_works_until_the_new_one_is_there() {
    for version in VERSIONS {
        let mut pair = Pair::secured(version);
        pair.check();
        pair.bob.session.start(pair.bob.now).unwrap();
        pair.flush();
        // Query, commit, D-H Key, Reveal Signature: texts pass in both directions in between.
        for side in [Side::Alice, Side::Bob, Side::Alice] {
            assert_eq!(pair.step(side).unwrap().secured(), 0);
            pair.tell(Side::Alice, "still here");
            pair.tell(Side::Bob, "still here, too");
        }
        let (alice, bob) = pair.run();
        assert_eq!((alice.secured(), bob.secured()), (1, 1));
        pair.check();
    }
}

/// libotr gives way in version 2 whatever the hashes are: it answers our commit, and waits.
/// S-30.
#[test]
fn ake_34_a_peer_that_always_gives_way_does_not_lead_to_a_deadlock() {
    let mut given_way = [0, 0];
    for _ in 0..12 {
        let mut stage = Stage::reach(Version::V2, otr_protocol::AuthStateKind::AwaitingDhKey);
        let libotr = Peer::new(Name::Mallory, Version::V2, Name::Bob);
        let heard = stage.bob.hear(&stage.peer.commit());
        given_way[usize::from(kinds(&heard.sent) == "K")] += 1;
        // It ignores our D-H Key, because it has answered our commit.
        let reveal = stage.bob.hear(&libotr.dh_key());
        assert_eq!(kinds(&reveal.sent), "R");
        let ours = public_opened(&stage.sent[0], reveal.only());
        assert_eq!(stage.bob.hear(&libotr.signature(&ours)).secured(), 1);
    }
    assert_ne!(given_way[0] * given_way[1], 0, "both cases must have occurred: {given_way:?}");
}

#[test]
fn ake_34_nothing_is_rescued_in_version_3() {
    loop {
        let mut stage = Stage::reach(Version::V3, otr_protocol::AuthStateKind::AwaitingDhKey);
        if kinds(&stage.bob.hear(&stage.peer.commit()).sent) == "K" {
            assert!(stage.bob.hear(&stage.peer.dh_key()).is_silent());
            return;
        }
    }
}

/// S-07: whatever we send comes back.
#[test]
fn ake_08_an_echo_leads_to_no_session_and_no_loop() {
    for version in VERSIONS {
        for secured in [false, true] {
            let mut bob = if secured { Pair::secured(version).bob } else { Party::new(Name::Bob, version) };
            let state = bob.state();
            bob.session.start(bob.now).unwrap();
            let mut texts: VecDeque<_> = bob.drain().sent.into();
            if secured {
                texts.extend(bob.say("echo"));
            }
            let mut echoed = 0;
            while let Some(text) = texts.pop_front() {
                echoed += 1;
                assert!(echoed < 20);
                let heard = bob.hear(&text);
                assert_eq!((heard.secured(), heard.messages().len()), (0, 0));
                texts.extend(heard.sent);
            }
            assert_eq!(bob.state(), state);
        }
    }
}

#[test]
fn inst_06_our_own_messages_come_back_are_ignored() {
    let mut stage = Stage::reach(Version::V3, otr_protocol::AuthStateKind::AwaitingSig);
    for text in stage.sent.clone() {
        let heard = stage.bob.hear(&text);
        assert_eq!((heard.problems(), heard.sent.len()), (vec![Problem::Reflected], 0));
    }
    stage.go_on();
}

/// The attacker changes the tags as well, so that only the hash tells whose commit it is.
#[test]
fn ake_33_an_equal_commit_is_a_reflection() {
    for version in VERSIONS {
        let mut stage = Stage::reach(version, otr_protocol::AuthStateKind::AwaitingDhKey);
        let commit = binary(&stage.sent[0]);
        let Body::DhCommit(commit) = Message::decode(&commit).unwrap().body else { panic!() };
        let reflected = stage.peer.text(Body::DhCommit(commit));
        assert!(stage.bob.hear(&reflected).sent.is_empty());
        stage.go_on();
    }
}

/// S-05: a D-H Key, genuine or not, moves nothing but an exchange.
#[test]
fn ake_43_a_dh_key_never_changes_the_message_state() {
    for version in VERSIONS {
        for finished in [false, true] {
            let mut pair = Pair::secured(version);
            if finished {
                for text in pair.alice.end().sent {
                    pair.bob.hear(&text);
                }
            }
            let expected = if finished { MessageState::Finished } else { MessageState::Encrypted };
            let peer = Peer::new(Name::Alice, version, Name::Bob);
            for text in [peer.dh_key(), format!("?OTRv{version}?").into_bytes(), peer.dh_key(), peer.dh_key()]
            {
                pair.bob.hear(&text);
                assert_eq!(pair.bob.state(), expected);
                let sent = pair.bob.session.send(pair.bob.now, otr_protocol::Recipient::Best, "secret");
                assert_eq!(sent.is_err(), finished);
                assert!(pair.bob.drain().sent.iter().all(|text| kinds(&[text]) == "D"));
            }
            if !finished {
                pair.check();
            }
        }
    }
}
