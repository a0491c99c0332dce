//! Keyids, counters and keys, one message at a time.

use std::sync::Arc;

use otr_protocol::traits::{Element, PRIME};
use otr_protocol::wire::Version;
use otr_protocol::{Config, EndedBy, Error, Event, MessageState, Problem, Recipient};

use super::{with_peer, with_peer_of};
use crate::support::backend::Dry;
use crate::support::party::VERSIONS;
use crate::support::peer::Said;
use crate::support::wire::{alter, forge, head, negative};
use crate::support::{Failing, Name, Pair, Party, Side, Watching};

/// The worked example at the end of REQUIREMENTS 7, a little further.
#[test]
fn data_10_to_28_keyids_and_counters_follow_the_worked_example() {
    for version in VERSIONS {
        let mut pair = Pair::secured(version);
        let mut revealed = Vec::new();
        let expected = [
            (Side::Alice, (1, 1, 1), 0),
            (Side::Bob, (1, 2, 1), 0),
            (Side::Alice, (2, 2, 1), 0),
            (Side::Bob, (2, 3, 1), 1),
            (Side::Alice, (3, 3, 1), 1),
            (Side::Bob, (3, 4, 1), 1),
        ];
        for (step, (from, keyids, keys)) in expected.into_iter().enumerate() {
            let (sender, receiver) = match from {
                Side::Alice => (&mut pair.alice, &mut pair.bob),
                Side::Bob => (&mut pair.bob, &mut pair.alice),
            };
            let text = sender.say("and so on").remove(0);
            let (sender_keyid, recipient_keyid, counter, now_revealed) = head(&text);
            assert_eq!((sender_keyid, recipient_keyid, counter), keyids, "{step}");
            assert_eq!(now_revealed.len(), keys, "{step}");
            assert!(now_revealed.iter().all(|key| !revealed.contains(key)));
            revealed.extend(now_revealed);
            assert_eq!(receiver.hear(&text).messages(), ["and so on"]);
        }
    }
}

#[test]
fn data_11_the_counter_of_a_pair_goes_up_by_one_while_no_reply_arrives() {
    let mut pair = Pair::secured(Version::V3);
    for counter in 1..5 {
        let text = pair.alice.say("hello?").remove(0);
        assert_eq!(head(&text), (1, 1, counter, vec![]));
        pair.bob.hear(&text);
    }
}

/// The keys of a pair are derived when something is first sent or received with it, and never again; when keys rotate,
/// nothing is computed but the next pair of our own (DATA-14).
#[test]
fn data_14_session_keys_are_derived_when_they_are_first_used() {
    let backends: [Arc<Failing>; 2] = Default::default();
    let [alice, bob] = [(Name::Alice, &backends[0]), (Name::Bob, &backends[1])]
        .map(|(name, backend)| Party::with(name, Config::default(), backend.clone()));
    let mut pair = Pair::of(alice, bob);
    pair.secure();
    let mut calls = |from: Side| {
        let (sender, receiver, [sending, receiving]) = match from {
            Side::Alice => (&mut pair.alice, &mut pair.bob, [&backends[0], &backends[1]]),
            Side::Bob => (&mut pair.bob, &mut pair.alice, [&backends[1], &backends[0]]),
        };
        backends.iter().for_each(|backend| backend.fail_at(0));
        let text = sender.say("hi").remove(0);
        assert_eq!(receiver.hear(&text).messages(), ["hi"]);
        (sending.calls(), receiving.calls())
    };
    // A cipher and a MAC. Whatever a first use takes more is the derivation, the same on both sides.
    let (first, heard) = calls(Side::Alice);
    let derivation = first - 2;
    assert!(derivation > 0);
    assert_eq!(heard, 2 + derivation, "their key rotates, for which nothing is computed");
    assert_eq!(calls(Side::Alice), (2, 2));
    assert_eq!(calls(Side::Alice), (2, 2));
    // Ours rotates too: random bytes and a power for the next pair.
    assert_eq!(calls(Side::Bob), (2 + derivation, 2 + derivation + 2));
    assert_eq!(calls(Side::Bob), (2, 2));
    assert_eq!(calls(Side::Alice), (2 + derivation, 2 + derivation + 2));
}

/// S-26: a counter counts only once its message is known to be authentic.
#[test]
fn data_22_a_forged_counter_does_not_block_the_session() {
    for version in VERSIONS {
        let mut pair = Pair::secured(version);
        let text = pair.alice.say("genuine").remove(0);
        let forged = forge(&text, &[0; 20], |data| data.counter = [0xff; 8]);
        assert_eq!(pair.bob.hear(&forged).problems(), [Problem::Unreadable]);
        assert_eq!(pair.bob.hear(&text).messages(), ["genuine"]);
    }
}

#[test]
fn data_24_a_message_is_accepted_once_and_never_after_a_later_one() {
    for version in VERSIONS {
        let mut pair = Pair::secured(version);
        let [first, second, third] = ["one", "two", "three"].map(|text| pair.alice.say(text).remove(0));
        assert_eq!(pair.bob.hear(&second).messages(), ["two"]);
        for old in [&first, &second] {
            assert_eq!(pair.bob.hear(old).problems(), [Problem::Unreadable]);
        }
        assert_eq!(pair.bob.hear(&third).messages(), ["three"]);
        let (bob, peer, theirs) = &mut with_peer(version, 1);
        let zero = Said { counter: 0, ..peer.saying(b"zero") };
        assert_eq!(bob.hear(&peer.data(0, theirs, &zero)).problems(), [Problem::Unreadable]);
        let last = Said { counter: u64::MAX, ..peer.saying(b"last") };
        assert_eq!(bob.hear(&peer.data(0, theirs, &last)).messages(), ["last"]);
    }
}

/// The MAC is right in all of them: only the keyids name keys that are not there.
#[test]
fn data_21_a_keyid_outside_the_window_is_unreadable() {
    for keyid in [1, 7] {
        let (mut bob, peer, theirs) = with_peer(Version::V3, keyid);
        let keyids = [(keyid - 1, 1), (keyid + 1, 1), (keyid, 0), (keyid, 3), (0, 0), (u32::MAX, u32::MAX)];
        for (sender_keyid, recipient_keyid) in keyids {
            let said = Said { sender_keyid, recipient_keyid, ..peer.saying(b"hi") };
            let heard = bob.hear(&peer.data(0, &theirs, &said));
            assert_eq!(heard.problems(), [Problem::Unreadable], "{sender_keyid}, {recipient_keyid}");
        }
        assert_eq!(bob.hear(&peer.data(0, &theirs, &peer.saying(b"hi"))).messages(), ["hi"]);
    }
}

/// S-21: a peer, or whoever has stolen its keys, announces a key that makes everything readable to all.
#[test]
fn data_25_the_next_key_must_be_in_range() {
    let mut p_minus_1 = PRIME;
    p_minus_1[191] -= 1;
    let (mut bob, peer, theirs) = with_peer(Version::V3, 1);
    for bad in [&[][..], &[1], &p_minus_1, &PRIME, &[0xff; 192]] {
        let said = Said { next_y: Element::from_be_bytes(bad).unwrap(), ..peer.saying(b"hi") };
        assert_eq!(bob.hear(&peer.data(0, &theirs, &said)).problems(), [Problem::Unreadable]);
    }
    assert_eq!(bob.hear(&peer.data(0, &theirs, &peer.saying(b"hi"))).messages(), ["hi"]);
}

/// DATA-31: a peer whose random numbers repeat, or who means ill, announces a key that it has used, or its negative, which every
/// second private of ours makes the same secret. Key streams would serve twice, and revealed MAC keys be valid again.
#[test]
fn data_11_a_key_that_comes_back_is_refused_and_no_key_stream_serves_twice() {
    for is_negative in [false, true] {
        let watching = Arc::<Watching>::default();
        let party = Party::with(Name::Bob, Config::default(), watching.clone());
        let (mut bob, peer, theirs) = with_peer_of(party, Version::V3, 1);
        let used = peer.pairs[0].public();
        let again = if is_negative { negative(used) } else { used.clone() };
        bob.say("one text");
        for (sender_keyid, pair) in [(1, 0), (2, 1)] {
            let said = |counter, next_y: &Element| {
                let said = Said { counter, sender_keyid, next_y: next_y.clone(), ..peer.saying(b"hi") };
                peer.data(pair, &theirs, &said)
            };
            assert_eq!(bob.hear(&said(1, &again)).problems(), [Problem::Unreadable]);
            bob.say("another one");
            assert_eq!(bob.hear(&said(2, peer.pairs[pair + 1].public())).messages(), ["hi"]);
            bob.say("and one more");
        }
        assert_eq!(watching.reused_for_data(), 0);
    }
}

/// DATA-33.
#[test]
fn data_33_of_two_announced_keys_the_first_one_counts() {
    let (mut bob, peer, theirs) = with_peer(Version::V3, 1);
    let first = peer.data(0, &theirs, &peer.saying(b"first"));
    let other = Said { counter: 2, next_y: peer.pairs[2].public().clone(), ..peer.saying(b"second") };
    let second = peer.data(0, &theirs, &other);
    assert_eq!(bob.hear(&first).messages(), ["first"]);
    assert_eq!(bob.hear(&second).messages(), ["second"]);
    let next_y = peer.pairs[3].public();
    let said = || Said { sender_keyid: 2, next_y: next_y.clone(), ..peer.saying(b"third") };
    let with = |pair: usize| peer.data(pair, &theirs, &said());
    assert_eq!(bob.hear(&with(2)).problems(), [Problem::Unreadable]);
    assert_eq!(bob.hear(&with(1)).messages(), ["third"]);
}

#[test]
fn data_32_keyids_do_not_overflow() {
    let (mut bob, peer, theirs) = with_peer(Version::V3, u32::MAX - 1);
    assert_eq!(bob.hear(&peer.data(0, &theirs, &peer.saying(b"hi"))).messages(), ["hi"]);
    let last =
        Said { sender_keyid: u32::MAX, next_y: peer.pairs[2].public().clone(), ..peer.saying(b"the last") };
    let heard = bob.hear(&peer.data(1, &theirs, &last));
    assert_eq!(heard.messages(), ["the last"]);
    assert!(matches!(heard.events.last(), Some(Event::Ended { by: EndedBy::Error, .. })));
    assert_eq!(bob.state(), MessageState::Finished);
}

#[test]
fn data_30_without_random_bytes_the_message_arrives_and_the_session_ends() {
    for version in VERSIONS {
        let backend = Arc::new(Dry::default());
        let mut config = Config::default();
        config.policy = crate::support::party::only(version);
        let (mut bob, peer, _) = with_peer_of(Party::with(Name::Bob, config, backend.clone()), version, 1);
        let announced = bob.say("here is my next key").remove(0);
        let next = next_y(&announced);
        backend.dry_up();
        let said = Said { recipient_keyid: 2, ..peer.saying(b"hi") };
        let heard = bob.hear(&peer.data(0, &next, &said));
        assert_eq!(heard.messages(), ["hi"]);
        assert!(matches!(heard.events.last(), Some(Event::Ended { by: EndedBy::Error, .. })));
        assert_eq!(bob.session.send(bob.now, Recipient::Best, "secret"), Err(Error::Finished));
        assert!(bob.drain().sent.is_empty());
    }
}

fn next_y(text: &[u8]) -> Element {
    let mut next = None;
    alter(text, |message| {
        let otr_protocol::wire::Body::Data(data) = &message.body else { panic!() };
        next = Element::from_be_bytes(data.next_y);
    });
    next.unwrap()
}

#[test]
fn data_34_a_message_of_the_session_before_is_unreadable() {
    for version in VERSIONS {
        let mut pair = Pair::secured(version);
        let late = pair.alice.say("late").remove(0);
        pair.secure();
        assert_eq!(pair.bob.hear(&late).problems(), [Problem::Unreadable]);
        pair.check();
    }
}

#[test]
fn data_26_messages_that_cross_are_all_read() {
    for version in VERSIONS {
        let mut pair = Pair::secured(version);
        for round in 0..4 {
            let to_bob = ["one", "two"].map(|text| pair.alice.say(text).remove(0));
            let to_alice = ["three", "four"].map(|text| pair.bob.say(text).remove(0));
            let read =
                |party: &mut Party, texts: [Vec<u8>; 2]| texts.map(|text| party.hear(&text).messages());
            assert_eq!(read(&mut pair.bob, to_bob), [["one"], ["two"]], "{round}");
            assert_eq!(read(&mut pair.alice, to_alice), [["three"], ["four"]], "{round}");
        }
    }
}
