//! Long messages in pieces.

use std::sync::Arc;

use otr_protocol::fragment::{Fragment, split};
use otr_protocol::wire::{Header, InstanceTag, Version, armor};
use otr_protocol::{Account, Config, Error, Event, Policy, Problem, Recipient, RustCrypto};

use crate::support::party::{VERSIONS, only};
use crate::support::peer::Peer;
use crate::support::wire::kinds;
use crate::support::{Heard, Name, Pair, Party, Side};

fn limited(version: Version, size: usize) -> Pair {
    let party = |name| {
        let mut config = Config::default();
        config.policy = only(version);
        config.max_message_size = Some(size);
        Party::with(name, config, Arc::new(RustCrypto))
    };
    Pair::of(party(Name::Alice), party(Name::Bob))
}

fn v3(sender: u32, receiver: u32) -> Header {
    Header { version: Version::V3, sender: InstanceTag::new(sender), receiver: InstanceTag::new(receiver) }
}

#[test]
fn frag_01_02_everything_long_is_cut_into_pieces_that_fit_header_included() {
    for (version, sizes) in [(Version::V2, [20, 60, 140]), (Version::V3, [38, 60, 200])] {
        for size in sizes {
            let mut pair = limited(version, size);
            pair.alice.session.start(pair.alice.now).unwrap();
            let mut sent = Vec::new();
            for _ in 0..3 {
                let (alice, bob) = pair.run_long();
                sent.extend(alice.sent.into_iter().chain(bob.sent));
            }
            sent.extend(pair.alice.say("hello"));
            sent.extend(pair.alice.end().sent);
            assert!(sent.iter().all(|text| text.len() <= size));
            let fragments = sent.iter().filter_map(|text| Fragment::parse(text));
            let messages = fragments.filter(|fragment| fragment.index == 1).count();
            assert_eq!(messages, 6, "four of the exchange, one text, one farewell");
        }
    }
}

#[test]
fn frag_03_a_size_that_holds_nothing_is_refused_at_once() {
    for (policy, least) in [(Policy::ALLOW_V2, 20), (Policy::V3_ONLY, 38), (Policy::MANUAL, 38)] {
        for size in 0..least {
            let mut config = Config::default();
            config.policy = policy;
            config.max_message_size = Some(size);
            let tag = InstanceTag::new(0x100);
            let refused = Account::new(RustCrypto, Name::Alice.key(), tag, config).err();
            assert_eq!(refused, Some(Error::MessageSizeTooSmall { size, least }));
        }
    }
    let mut pair = limited(Version::V3, 38);
    pair.alice.session.start(pair.alice.now).unwrap();
    pair.run_long();
    let text = "a".repeat(50_000);
    let refused = pair.alice.session.send(pair.alice.now, Recipient::Best, text);
    assert!(matches!(refused, Err(Error::TooLong { limit: 65_535, .. })));
    assert!(pair.alice.drain().is_silent());
}

#[test]
fn frag_03_the_largest_size_there_is_cuts_nothing() {
    let mut pair = limited(Version::V3, usize::MAX);
    pair.secure();
    pair.check();
}

#[test]
fn frag_13_14_messages_in_pieces_do_not_disturb_one_another() {
    let mut bob = Party::new(Name::Bob, Version::V3);
    bob.session.set_policy(Policy::MANUAL).unwrap();
    let peers = [0x100, 0x101].map(|tag| {
        let mut peer = Peer::new(Name::Alice, Version::V3, Name::Bob);
        peer.header.sender = InstanceTag::new(tag);
        split(&peer.commit(), &peer.header, 200).unwrap()
    });
    let old = Peer::new(Name::Mallory, Version::V2, Name::Bob);
    let v2 = split(&old.commit(), &old.header, 200).unwrap();
    assert_eq!([peers[0].len(), peers[1].len(), v2.len()], [3, 3, 2]);
    let order = [&peers[0][0], &v2[0], &peers[1][0], &peers[0][1], &peers[1][1]];
    assert!(order.into_iter().all(|text| bob.hear(text).is_silent()));
    let last = [&v2[1], &peers[1][2], &peers[0][2]];
    assert_eq!(last.map(|text| kinds(&bob.hear(text).sent)), ["K", "K", "K"]);
}

#[test]
fn frag_14_a_whole_text_drops_the_pieces_of_version_2_only() {
    let peer = Peer::new(Name::Alice, Version::V3, Name::Bob);
    let old = Peer::new(Name::Mallory, Version::V2, Name::Bob);
    let pieces = split(&peer.commit(), &peer.header, 200).unwrap();
    let v2 = split(&old.commit(), &old.header, 200).unwrap();
    let other = crate::support::wire::from_instance(&peer.dh_key(), 0x999);
    for between in [b"hello".to_vec(), b"?OTR?".to_vec(), other] {
        let mut bob = Party::new(Name::Bob, Version::V3);
        bob.session.set_policy(Policy::MANUAL).unwrap();
        for text in [&pieces[0], &v2[0], &between, &pieces[1], &v2[1]] {
            assert!(bob.hear(text).sent.is_empty());
        }
        assert_eq!(kinds(&bob.hear(&pieces[2]).sent), "K");
    }
    let mut bob = Party::new(Name::Bob, Version::V3);
    for text in [&pieces[0], &pieces[1], &peer.dh_key(), &pieces[2]] {
        assert!(bob.hear(text).sent.is_empty());
    }
}

#[test]
fn frag_11_12_lost_repeated_and_illegal_pieces() {
    let whole = |order: &[&str]| {
        let mut bob = Party::new(Name::Bob, Version::V3);
        bob.session.set_policy(Policy::MANUAL).unwrap();
        let texts = order.iter().flat_map(|text| bob.hear(text.as_bytes()).events);
        let plaintext = texts.filter_map(|event| match event {
            Event::Plaintext { text } => Some(String::from_utf8(text).unwrap()),
            _ => None,
        });
        plaintext.collect::<Vec<_>>()
    };
    let [one, two, three] = ["?OTR,1,3,a,", "?OTR,00002,00003,b,", "?OTR,3,3,c,"];
    assert_eq!(whole(&[one, two, three]), ["abc"]);
    assert_eq!(whole(&[one, two, three, three]), ["abc"]);
    assert_eq!(whole(&[one, one, two, three]), ["abc"], "a first piece begins anew");
    assert_eq!(
        whole(&[one, "?OTR,0,3,x,", "?OTR,4,3,x,", "?OTR,2,3,,", "?OTR,2,65536,x,", two, three]),
        ["abc"]
    );
    for lost in [&[two, three][..], &[one, three], &[one, two, two, three], &[one, "?OTR,2,4,b,", three]] {
        assert!(whole(lost).is_empty(), "{lost:?}");
    }
}

#[test]
fn frag_15_the_tags_of_pieces_are_checked_and_must_be_those_of_the_message() {
    let commit = Peer::new(Name::Alice, Version::V3, Name::Bob).commit();
    let (alice, bob) = (Name::Alice.tag(), Name::Bob.tag());
    let hear = |header: Header| -> Heard {
        let mut party = Party::new(Name::Bob, Version::V3);
        let pieces = split(&commit, &header, 200).unwrap();
        pieces.iter().map(|piece| party.hear(piece)).last().unwrap()
    };
    for receiver in [bob, 0] {
        assert_eq!(kinds(&hear(v3(alice, receiver)).sent), "K");
    }
    for (header, problem) in [
        (v3(alice, bob + 1), Problem::ForOtherInstance),
        (v3(0xff, bob), Problem::Malformed),
        (v3(alice, 0xff), Problem::Malformed),
        (v3(bob, bob), Problem::Reflected),
        (v3(alice + 1, bob), Problem::Malformed),
    ] {
        let heard = hear(header);
        assert_eq!((heard.problems(), heard.sent.len()), (vec![problem], 0), "{header:?}");
    }
}

#[test]
fn frag_16_pieces_of_pieces_are_not_put_together() {
    let mut bob = Party::new(Name::Bob, Version::V2);
    let inner = split(b"hello", &Header::to_nobody(Version::V2), 40).unwrap();
    assert_eq!(inner, [b"?OTR,00001,00001,hello,"]);
    // A comma ends a piece, so the inner one has none of its own.
    assert_eq!(bob.hear(b"?OTR,1,2,?OTR,").problems(), []);
    assert_eq!(bob.hear(b"?OTR,2,2,|1|2,").problems(), [Problem::Unrecognized]);
    let heard = bob.hear(b"?OTR,1,1,?OTRv2?,");
    assert_eq!(kinds(&heard.sent), "C", "a query in pieces is a query");
    let heard = bob.hear(b"?OTR,1,1,hello,");
    assert_eq!(heard.events, [Event::Plaintext { text: b"hello".to_vec() }]);
}

/// S-13: an endless message, many messages at once, and a message nobody finishes.
#[test]
fn frag_17_what_is_stored_is_bounded_in_size_and_time() {
    let mut bob = Party::new(Name::Bob, Version::V3);
    let piece = "x".repeat(10_000);
    let mut problems = Vec::new();
    for index in 1..=40 {
        problems.extend(bob.hear(format!("?OTR|a11ce|b0b,{index},60000,{piece},").as_bytes()).problems());
    }
    assert_eq!(problems, [Problem::Limit]);
    for sender in 0x100..0x400 {
        bob.hear(format!("?OTR|{sender:x}|b0b,1,2,{piece},").as_bytes());
    }
    bob.hear(b"?OTR|a11ce|b0b,1,2,hel,");
    bob.wait(60);
    assert!(bob.hear(b"?OTR|a11ce|b0b,2,2,lo,").is_silent());
    assert_eq!(bob.session.instances().count(), 1, "FRAG-18");
}

/// 65535 pieces of one byte: quadratic work would take minutes.
#[test]
fn frag_17_the_cost_is_linear_in_the_length() {
    let mut bob = Party::new(Name::Bob, Version::V3);
    let text = armor(&[0; 49_000]);
    let header = v3(Name::Alice.tag(), Name::Bob.tag());
    let pieces = split(&text[..65_000], &header, 38).unwrap();
    assert_eq!(pieces.len(), 65_000);
    let problems: Vec<_> = pieces.iter().flat_map(|piece| bob.hear(piece).problems()).collect();
    assert_eq!(problems, [Problem::Unrecognized]);
}

#[test]
fn frag_02_a_session_works_through_small_pieces_in_both_versions() {
    for version in VERSIONS {
        let mut pair = limited(version, 100);
        pair.alice.session.start(pair.alice.now).unwrap();
        pair.run_long();
        for side in [Side::Alice, Side::Bob, Side::Alice] {
            pair.tell(side, "through the eye of a needle");
        }
    }
}
