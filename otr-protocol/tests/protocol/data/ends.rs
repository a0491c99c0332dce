//! The ends of sessions, and messages that nobody can read.

use otr_protocol::wire::{Body, Tlv, Version, flags};
use otr_protocol::{EndedBy, Error, Event, MessageState, Problem, Recipient};

use super::with_peer;
use crate::support::party::VERSIONS;
use crate::support::peer::{Peer, Said};
use crate::support::wire::{alter, forge, kinds};
use crate::support::{Heard, Name, Pair, Party, Side};

fn ended(heard: &Heard) -> Option<EndedBy> {
    heard.events.iter().find_map(|event| match event {
        Event::Ended { by, .. } => Some(*by),
        _ => None,
    })
}

#[test]
fn msg_60_a_session_ends_with_one_message_and_never_by_itself_in_clear() {
    for version in VERSIONS {
        let mut pair = Pair::secured(version);
        let heard = pair.alice.end();
        assert_eq!((ended(&heard), kinds(&heard.sent).as_str()), (Some(EndedBy::Us), "D"));
        alter(heard.only(), |message| {
            let Body::Data(data) = &message.body else { panic!() };
            assert_eq!(data.flags, flags::IGNORE_UNREADABLE, "MSG-42");
        });
        assert_eq!(pair.alice.state(), MessageState::Plaintext);
        assert_eq!(ended(&pair.bob.hear(heard.only())), Some(EndedBy::Peer));
        assert_eq!(pair.bob.state(), MessageState::Finished);
        // MSG-13
        assert_eq!(pair.bob.session.send(pair.bob.now, Recipient::Best, "secret"), Err(Error::Finished));
        assert!(pair.bob.drain().is_silent());
        assert!(pair.bob.hear(heard.only()).is_silent(), "the farewell again");
        assert_eq!(ended(&pair.bob.end()), Some(EndedBy::Us));
        assert_eq!(pair.bob.say("in clear"), [b"in clear"]);
        assert!(pair.bob.end().is_silent(), "there is nothing to end");
        pair.bob.wait(60);
        pair.secure();
        pair.check();
    }
}

#[test]
fn msg_60_abandoning_tells_the_application_only() {
    let mut pair = Pair::secured(Version::V3);
    pair.bob.session.abandon(pair.bob.now);
    let heard = pair.bob.drain();
    assert_eq!((ended(&heard), heard.sent.len()), (Some(EndedBy::Us), 0));
    assert_eq!(pair.bob.state(), MessageState::Plaintext);
}

#[test]
fn msg_32_text_beside_the_farewell_is_delivered_and_other_records_do_not_matter() {
    for version in VERSIONS {
        let (mut bob, peer, theirs) = with_peer(version, 1);
        let record = |kind, value| Tlv { kind, value };
        let tlvs =
            vec![record(0, b"padding"), record(99, b"unknown"), record(1, b"any value"), record(1, b"")];
        let heard = bob.hear(&peer.data(0, &theirs, &Said { tlvs, ..peer.saying(b"bye") }));
        assert_eq!((heard.messages(), ended(&heard)), (vec!["bye".to_owned()], Some(EndedBy::Peer)));
        assert_eq!(heard.events.len(), 2);
        assert_eq!(bob.state(), MessageState::Finished);
    }
}

/// S-16, MSG-20, MSG-30, MSG-31: in order, after the text; what the protocol knows is not among them.
#[test]
fn msg_31_unknown_records_are_offered_to_the_application() {
    for version in VERSIONS {
        let (mut bob, peer, theirs) = with_peer(version, 1);
        let record = |kind, value| Tlv { kind, value };
        let tlvs = vec![
            record(9, b"nine"),
            record(0, b"padding"),
            record(0xffff, b""),
            record(6, b""),
            record(8, b"too"),
            record(9, b"again"),
        ];
        let heard = bob.hear(&peer.data(0, &theirs, &Said { tlvs, ..peer.saying(b"text") }));
        let instance = peer.header.sender;
        let unknown = |kind, value: &[u8]| Event::UnknownTlv { kind, value: value.to_vec(), instance };
        let text = Event::Message { text: b"text".to_vec(), instance };
        let records = [unknown(9, b"nine"), unknown(0xffff, b""), unknown(9, b"again")];
        assert_eq!(heard.events, [&[text], records.as_slice()].concat());
        assert_eq!(heard.sent, [b""; 0]);
    }
}

#[test]
fn msg_31_41_padding_and_empty_texts_show_nothing() {
    let (mut bob, peer, theirs) = with_peer(Version::V3, 1);
    let tlvs = vec![Tlv { kind: 0, value: &[0; 300] }, Tlv { kind: 6, value: b"" }];
    assert!(bob.hear(&peer.data(0, &theirs, &Said { tlvs, ..peer.saying(b"") })).is_silent());
    let records = vec![Tlv { kind: 0, value: b"" }; 16_000];
    let many = Said { tlvs: records, counter: 2, ..peer.saying(b"many") };
    assert_eq!(bob.hear(&peer.data(0, &theirs, &many)).messages(), ["many"]);
}

#[test]
fn msg_24_unknown_flags_are_ignored() {
    let (mut bob, peer, theirs) = with_peer(Version::V3, 1);
    let said = Said { flags: 0xff, ..peer.saying(b"hi") };
    assert_eq!(bob.hear(&peer.data(0, &theirs, &said)).messages(), ["hi"]);
}

#[test]
fn msg_21_what_cannot_be_read_is_answered_unless_its_flag_says_no() {
    for version in VERSIONS {
        let mut pair = Pair::secured(version);
        let text = pair.alice.say("hi").remove(0);
        let loud = forge(&text, &[0; 20], |_| {});
        let silent = forge(&text, &[0; 20], |data| data.flags = flags::IGNORE_UNREADABLE | 0x80);
        assert!(pair.bob.hear(&silent).is_silent());
        let heard = pair.bob.hear(&loud);
        assert_eq!(heard.problems(), [Problem::Unreadable]);
        assert_eq!(heard.only(), b"?OTR Error: You transmitted an unreadable encrypted message.");
        // ERR-04
        assert!(pair.bob.hear(&loud).sent.is_empty());
        pair.bob.wait(10);
        assert_eq!(pair.bob.hear(&loud).sent.len(), 1);
        assert_eq!(pair.bob.hear(&text).messages(), ["hi"]);
    }
}

/// ERR-05: which check failed, nobody learns from the answer.
#[test]
fn err_05_all_unreadable_messages_get_the_same_answer() {
    let (mut bob, peer, theirs) = with_peer(Version::V3, 1);
    let said = peer.saying(b"hi");
    let bad_counter = Said { counter: 0, ..said.clone() };
    let bad_keyid = Said { sender_keyid: 9, ..said.clone() };
    let texts = [
        forge(&peer.data(0, &theirs, &said), &[1; 20], |_| {}),
        peer.data(0, &theirs, &bad_counter),
        peer.data(0, &theirs, &bad_keyid),
    ];
    let answers = texts.map(|text| {
        bob.wait(10);
        bob.hear(&text).sent
    });
    assert!(answers.windows(2).all(|two| two[0] == two[1]) && answers[0].len() == 1);
}

#[test]
fn msg_22_23_without_a_session_the_answer_depends_on_the_version() {
    for version in VERSIONS {
        let mut bob = Party::new(Name::Bob, version);
        let peer = Peer::new(Name::Alice, version, Name::Bob);
        let loud = peer.authenticate(&peer.saying(b""), b"unreadable", &[0; 20]);
        let silent = Said { flags: flags::IGNORE_UNREADABLE, ..peer.saying(b"") };
        assert!(bob.hear(&peer.authenticate(&silent, b"unreadable", &[0; 20])).is_silent());
        let heard = bob.hear(&loud);
        assert_eq!(heard.problems(), [Problem::NoSession]);
        assert_eq!(heard.sent.len(), usize::from(version == Version::V3));
        assert_eq!(bob.session.instances().count(), 1);
    }
}

#[test]
fn msg_21_a_malformed_data_message_is_answered_unless_its_flag_says_no() {
    for version in VERSIONS {
        for (flag, answers) in [(0, 1), (flags::IGNORE_UNREADABLE, 0)] {
            let mut pair = Pair::secured(version);
            let text = pair.alice.say("hi").remove(0);
            let mut bytes = crate::support::wire::binary(&text);
            bytes[if version == Version::V3 { 11 } else { 3 }] = flag;
            bytes.pop();
            let heard = pair.bob.hear(&otr_protocol::wire::armor(&bytes));
            assert_eq!((heard.problems(), heard.sent.len()), (vec![Problem::Malformed], answers));
            assert_eq!(pair.bob.hear(&text).messages(), ["hi"]);
        }
    }
}

/// S-34, ERR-04: two that answer everything with everything.
#[test]
fn err_04_errors_do_not_go_round_in_circles() {
    let mut pair = Pair::secured(Version::V3);
    for party in [&mut pair.alice, &mut pair.bob] {
        let policy = otr_protocol::Policy::OPPORTUNISTIC;
        party.session.set_policy(policy).unwrap();
    }
    let text = pair.alice.say("hi").remove(0);
    let forged = forge(&text, &[0; 20], |_| {});
    pair.to_bob.extend([forged.clone(), forged.clone(), forged]);
    let (alice, bob) = pair.run();
    assert!(alice.sent.len() + bob.sent.len() < 12);
    pair.tell(Side::Alice, "still here");
}
