//! Encrypted messages, and the comparisons in them.

use std::sync::Arc;

use otr_protocol::traits::Element;
use otr_protocol::wire::{Body, Tlv, Version};
use otr_protocol::{Event, Problem, Recipient, SmpEvent};

use super::{NOTHING, cost, named, party, powers};
use crate::data::with_peer_of;
use crate::smp::checks::{smp1, value};
use crate::smp::told;
use crate::support::counting::Counting;
use crate::support::party::VERSIONS;
use crate::support::peer::{Peer, Said};
use crate::support::wire::{alter, forge, kinds};
use crate::support::{Name, Pair, Party, Side};

/// A party in a session with a peer made by hand, the party's public value of the exchange, and what its work costs.
fn session(version: Version) -> (Party, Peer, Element, Arc<Counting>) {
    let (bob, backend) = party(version, |config| config.heartbeat = None);
    let (bob, peer, theirs) = with_peer_of(bob, version, 1);
    cost(&backend);
    (bob, peer, theirs, backend)
}

/// The key that a message of the party's announces.
fn announced(text: &[u8]) -> Element {
    let mut next = None;
    alter(text, |message| {
        if let Body::Data(data) = &message.body {
            next = Element::from_be_bytes(data.next_y);
        }
    });
    next.unwrap()
}

/// The shared secret of a pair when it is first used, and a new pair of our own when the peer has used ours.
#[test]
fn s_33_a_message_costs_no_more_than_two_powers_and_most_cost_none() {
    for version in VERSIONS {
        let (mut bob, peer, theirs, backend) = session(version);
        let first = peer.data(0, &theirs, &peer.saying(b"one"));
        assert_eq!((bob.hear(&first).messages(), cost(&backend)), (vec!["one".to_owned()], powers(1)));
        // Replayed, forged, and under keys that nobody has.
        for bad in [
            first.clone(),
            forge(&first, &[1; 20], |data| data.flags = 2),
            alter(&first, |message| {
                if let Body::Data(data) = &mut message.body {
                    data.sender_keyid = 9;
                }
            }),
        ] {
            assert_eq!((bob.hear(&bad).problems(), cost(&backend)), (vec![Problem::Unreadable], NOTHING));
        }
        let next = announced(&bob.say("two")[0]);
        cost(&backend);
        let said = Said {
            sender_keyid: 2,
            recipient_keyid: 2,
            next_y: peer.pairs[2].public().clone(),
            ..peer.saying(b"three")
        };
        let rotates = peer.data(1, &next, &said);
        assert_eq!((bob.hear(&rotates).messages(), cost(&backend)), (vec!["three".to_owned()], powers(2)));
        bob.say("four");
        assert_eq!(cost(&backend), powers(1), "the shared secret of the pair that we send with");
        bob.say("five");
        assert_eq!(cost(&backend), NOTHING);
    }
}

/// However many are forged, each pair of keys is derived once.
#[test]
fn s_33_forged_messages_cost_no_more_than_the_pairs_that_there_are() {
    let (mut bob, peer, theirs, backend) = session(Version::V3);
    let first = peer.data(0, &theirs, &peer.saying(b"one"));
    bob.hear(&first);
    cost(&backend);
    for _ in 0..100 {
        for [sender, recipient] in [[0, 1], [1, 1], [1, 2], [2, 1], [2, 2], [3, 3], [u32::MAX, 0]] {
            let forged = forge(&first, &[1; 20], |data| {
                (data.sender_keyid, data.recipient_keyid) = (sender, recipient);
            });
            assert_eq!(bob.hear(&forged).messages(), [""; 0]);
        }
    }
    assert_eq!(cost(&backend), powers(3));
    let said = Said { counter: 2, ..peer.saying(b"two") };
    assert_eq!(bob.hear(&peer.data(0, &theirs, &said)).messages(), ["two"]);
}

/// S-18: a message may carry any number of comparisons; one is worked on, and one answer is sent.
#[test]
fn smp_28_a_message_costs_no_more_than_one_comparison_does() {
    let good = value(&smp1());
    for (kind, value, expected, events, sent) in [
        (Tlv::SMP_1, good.as_slice(), 4, vec![SmpEvent::Asked { question: None }], ""),
        (Tlv::SMP_1, b"malformed".as_slice(), 0, vec![SmpEvent::Cheated], "D"),
        (Tlv::SMP_2, b"", 0, vec![SmpEvent::Aborted], "D"),
        (Tlv::SMP_3, &good, 0, vec![SmpEvent::Aborted], "D"),
        (Tlv::SMP_4, &good, 0, vec![SmpEvent::Aborted], "D"),
        (Tlv::SMP_1Q, b"no end", 0, vec![SmpEvent::Cheated], "D"),
        (Tlv::SMP_ABORT, b"", 0, vec![], ""),
    ] {
        let (mut bob, peer, theirs, backend) = session(Version::V3);
        bob.hear(&peer.data(0, &theirs, &peer.saying(b"hello")));
        bob.say("hello");
        cost(&backend);
        let tlvs = vec![Tlv { kind, value }; 50];
        let heard = bob.hear(&peer.data(0, &theirs, &Said { tlvs, counter: 2, ..peer.saying(b"") }));
        assert_eq!((told(&heard), kinds(&heard.sent).as_str()), (events, sent), "{kind}");
        assert_eq!(cost(&backend), powers(expected), "{kind}");
    }
}

/// An abort and a new question may come in one message, whichever was under way.
#[test]
fn smp_21_an_abort_makes_room_for_a_question_in_the_same_message() {
    let (mut bob, peer, theirs, _) = session(Version::V3);
    bob.session.smp(bob.now, Recipient::Best).unwrap().start("s", None).unwrap();
    bob.drain();
    let good = value(&smp1());
    let tlvs = vec![Tlv { kind: Tlv::SMP_ABORT, value: b"" }, Tlv { kind: Tlv::SMP_1, value: &good }];
    let heard = bob.hear(&peer.data(0, &theirs, &Said { tlvs, ..peer.saying(b"") }));
    assert_eq!(told(&heard), [SmpEvent::Aborted, SmpEvent::Asked { question: None }]);
    assert!(heard.sent.is_empty());
}

/// S-16: the application is told of so many records and no more.
#[test]
fn msg_31_a_flood_of_records_in_one_message_is_bounded() {
    let (mut bob, peer, theirs, _) = session(Version::V3);
    for (n, kind) in [(1, Tlv::EXTRA_KEY), (2, 9), (3, u16::MAX)] {
        let tlvs = vec![Tlv { kind, value: &[0; 4] }; 5000];
        let heard = bob.hear(&peer.data(0, &theirs, &Said { tlvs, counter: n, ..peer.saying(b"") }));
        assert_eq!((heard.events.len(), heard.problems()), (65, vec![Problem::Limit]));
        let limit = Event::Problem {
            kind: Problem::Limit,
            text: None,
            instance: Some(otr_protocol::InstanceTag::new(Name::Alice.tag())),
        };
        assert_eq!(heard.events.last(), Some(&limit));
        assert_eq!(heard.sent.len(), 0);
    }
    let said = Said { counter: 4, ..peer.saying(b"still here") };
    assert_eq!(bob.hear(&peer.data(0, &theirs, &said)).messages(), ["still here"]);
}

/// SMP-10 to SMP-13: what each message of a comparison costs whoever reads it and answers, without the ratchet's powers.
#[test]
fn smp_28_each_message_of_a_comparison_has_its_cost() {
    let (alice, of_alice) = named(Name::Alice, Version::V3, |_| {});
    let (bob, of_bob) = named(Name::Bob, Version::V3, |_| {});
    let mut pair = Pair::of(alice, bob);
    pair.secure();
    pair.check();
    let smp = |backend: &Counting| {
        let of_the_ratchet = |what: &str| what.ends_with("^320") || !what.contains('^');
        backend.take().iter().filter(|(what, _)| !of_the_ratchet(what)).map(|(_, times)| times).sum::<usize>()
    };
    let [ask, answer] = ["start", "respond"];
    let mut spent = Vec::new();
    for act in [ask, "reads 1", answer, "reads 2", "reads 3", "reads 4"] {
        smp(&of_alice);
        smp(&of_bob);
        let (alice, bob) = (&mut pair.alice, &mut pair.bob);
        match act {
            "start" => alice.session.smp(alice.now, Recipient::Best).unwrap().start("s", None).unwrap(),
            "respond" => bob.session.smp(bob.now, Recipient::Best).unwrap().respond("s").unwrap(),
            "reads 1" | "reads 3" => drop(pair.step(Side::Bob).unwrap()),
            _ => drop(pair.step(Side::Alice).unwrap()),
        }
        pair.flush();
        spent.push((act, smp(&of_alice) + smp(&of_bob)));
    }
    let expected = [(ask, 4), ("reads 1", 4), (answer, 10), ("reads 2", 18), ("reads 3", 13), ("reads 4", 5)];
    assert_eq!(spent, expected);
}
