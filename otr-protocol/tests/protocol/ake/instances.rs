//! Several clients of one peer.

use std::sync::Arc;

use otr_protocol::AuthStateKind::{AwaitingDhKey, AwaitingSig};
use otr_protocol::traits::Element;
use otr_protocol::wire::{InstanceTag, Version};
use otr_protocol::{Config, MessageState, Policy, Problem, Recipient, RustCrypto};

use super::matrix::Stage;
use crate::support::peer::{Peer, public_opened};
use crate::support::wire::{from_instance, kinds};
use crate::support::{Name, Pair, Party, Side};

fn other(tag: u32) -> Peer {
    let mut peer = Peer::new(Name::Alice, Version::V3, Name::Bob);
    peer.header.sender = InstanceTag::new(tag);
    peer
}

/// Two parties with a session, of which Bob works on any number of exchanges: what bounds them otherwise is S-33.
fn undamped() -> Pair {
    let mut config = Config::default();
    (config.policy, config.damping) = (Policy::V3_ONLY, false);
    let bob = Party::with(Name::Bob, config, Arc::new(RustCrypto));
    let mut pair = Pair::of(Party::new(Name::Alice, Version::V3), bob);
    pair.secure();
    pair
}

#[test]
fn inst_12_several_instances_may_answer_one_commit() {
    let mut stage = Stage::reach(Version::V3, AwaitingDhKey);
    let peers = [other(0x100), other(0x101), other(u32::MAX)];
    let reveals = peers.each_ref().map(|peer| stage.bob.hear(&peer.dh_key()));
    for (peer, reveal) in peers.iter().zip(&reveals) {
        let ours = public_opened(&stage.sent[0], reveal.only());
        assert_eq!(stage.bob.hear(&peer.signature(&ours)).secured(), 1);
        let text = peer.data(0, &ours, &peer.saying(b"hello"));
        assert_eq!(stage.bob.hear(&text).messages(), ["hello"]);
    }
    // Each once (AKE-73), and for a minute.
    let again = Peer { header: peers[0].header, ..other(0) };
    assert!(stage.bob.hear(&again.dh_key()).is_silent());
    stage.bob.wait(60);
    assert!(stage.bob.hear(&other(0x102).dh_key()).is_silent());
}

#[test]
fn inst_10_instances_do_not_disturb_one_another() {
    let mut pair = Pair::secured(Version::V3);
    let tag = InstanceTag::new(0x100);
    pair.bob.wait(60);
    let peer = other(0x100);
    let key = pair.bob.hear(&peer.commit());
    pair.tell(Side::Alice, "one text");
    assert_eq!(pair.bob.hear(&peer.reveal(key.only())).secured(), 1);
    pair.tell(Side::Alice, "two texts");
    let (bob, now) = (&mut pair.bob.session, pair.bob.now);
    bob.end(now, Recipient::Instance(tag)).unwrap();
    assert_eq!(kinds(&pair.bob.drain().sent), "D");
    pair.tell(Side::Bob, "three texts");
    pair.check();
}

/// The last text to arrive was one in clear, which anyone can send: nothing may follow it into the clear.
#[test]
fn msg_14_no_recipient_but_a_named_one_gets_around_a_session() {
    for recipient in [Recipient::Best, Recipient::Recent, Recipient::RecentReceived, Recipient::RecentSent] {
        let mut pair = Pair::new(Version::V3);
        pair.bob.say("hello?");
        pair.secure();
        pair.bob.hear(b"I am not encrypted");
        pair.bob.session.send(pair.bob.now, recipient, "secret").unwrap();
        assert_eq!(kinds(&pair.bob.drain().sent), "D", "{recipient:?}");
        for text in pair.alice.end().sent {
            pair.bob.hear(&text);
        }
        pair.bob.hear(b"I am not encrypted");
        assert!(pair.bob.session.send(pair.bob.now, recipient, "secret").is_err(), "{recipient:?}");
    }
}

/// S-32: neither sessions nor memory suffer, and who comes late still gets an answer.
#[test]
fn inst_11_a_flood_of_commits_is_bounded_and_keeps_nobody_out() {
    for with_commit in [false, true] {
        let mut pair = undamped();
        if with_commit {
            pair.bob.hear(b"?OTRv3?");
        } else {
            pair.bob.wait(60);
        }
        let flood = other(0).commit();
        for tag in 0x1000..0x1100 {
            pair.bob.hear(&from_instance(&flood, tag));
            assert!(pair.bob.session.instances().count() <= 33);
        }
        // Our own commit, if its hash was higher, is answered as long as it lives.
        let late = other(0x100);
        let answer = pair.bob.hear(&late.commit());
        let heard = match kinds(&answer.sent).as_str() {
            "K" => pair.bob.hear(&late.reveal(answer.only())),
            "C" => {
                let reveal = pair.bob.hear(&late.dh_key());
                pair.bob.hear(&late.signature(&public_opened(answer.only(), reveal.only())))
            }
            _ => panic!("{answer:?}"),
        };
        assert_eq!(heard.secured(), 1);
        pair.tell(Side::Alice, "still here");
    }
}

#[test]
fn inst_11_a_flood_of_dh_keys_is_bounded() {
    let mut pair = undamped();
    pair.bob.hear(b"?OTRv3?");
    let flood = other(0).dh_key();
    let answers = (0x1000..0x1100).map(|tag| pair.bob.hear(&from_instance(&flood, tag)).sent.len());
    assert_eq!(answers.sum::<usize>(), 1, "one value is answered once");
    let generator = pair.alice.session.instances().count();
    assert_eq!(generator, 2);
    let mut problems = Vec::new();
    for tag in 0x2000..0x2028 {
        problems.extend(pair.bob.hear(&other(tag).dh_key()).problems());
        assert!(pair.bob.session.instances().count() <= 33);
    }
    assert!(problems.contains(&Problem::Limit));
    pair.tell(Side::Alice, "still here");
    pair.bob.wait(60);
    pair.secure();
}

/// INST-11, MSG-23, FRAG-18: these make no slot.
#[test]
fn inst_11_nothing_but_an_exchange_makes_a_slot() {
    let mut stage = Stage::reach(Version::V3, AwaitingSig);
    let peer = other(0x1234);
    let key = peer.dh_key();
    let before = stage.bob.session.instances().count();
    let said = peer.saying(b"hi");
    let data = peer.data(0, stage.peer.public(), &said);
    for text in [&peer.reveal(&stage.peer.dh_key()), &peer.signature(stage.peer.public()), &data] {
        stage.bob.hear(text);
        assert_eq!(stage.bob.session.instances().count(), before);
    }
    stage.bob.hear(b"?OTR|00001235|00000b0b,00001,00002,abc,");
    stage.bob.hear(&key[..key.len() - 1]);
    assert_eq!(stage.bob.session.instances().count(), before);
    stage.go_on();
}

/// AKE-35: a commit to another instance too.
#[test]
fn inst_04_05_a_message_with_wrong_tags_is_dropped() {
    let commit = |sender: u32, receiver: u32| {
        let mut peer = other(sender);
        peer.header.receiver = InstanceTag::new(receiver);
        (peer.commit(), peer.dh_key())
    };
    let bob = Name::Bob.tag();
    for (sender, receiver, problem) in [
        (0, bob, Problem::Malformed),
        (0xff, bob, Problem::Malformed),
        (0x100, 1, Problem::Malformed),
        (0x100, 0xff, Problem::Malformed),
        (0x100, 0x100, Problem::ForOtherInstance),
        (0x100, bob + 1, Problem::ForOtherInstance),
        (bob, bob, Problem::Reflected),
        (bob, 0, Problem::Reflected),
    ] {
        let mut stage = Stage::reach(Version::V3, AwaitingDhKey);
        for text in <[Vec<u8>; 2]>::from(commit(sender, receiver)) {
            let heard = stage.bob.hear(&text);
            assert_eq!((heard.problems(), heard.sent.len()), (vec![problem], 0), "{sender:x} {receiver:x}");
        }
        stage.go_on();
    }
    // Only a commit may be to nobody in particular.
    let mut stage = Stage::reach(Version::V3, AwaitingDhKey);
    let (to_nobody, key) = commit(0x100, 0);
    assert_eq!(stage.bob.hear(&key).problems(), [Problem::ForOtherInstance]);
    assert_ne!(kinds(&stage.bob.hear(&to_nobody).sent), "");
}

/// INST-14: version 2 lives in the base slot, beside version 3.
#[test]
fn pol_04_a_version_2_session_does_not_replace_one_of_version_3() {
    let mut pair = Pair::secured(Version::V3);
    pair.bob.session.set_policy(Policy::MANUAL).unwrap();
    let mallory = Peer::new(Name::Mallory, Version::V2, Name::Bob);
    pair.bob.wait(60);
    let key = pair.bob.hear(&mallory.commit());
    assert_eq!(pair.bob.hear(&mallory.reveal(key.only())).secured(), 1);
    let secured: Vec<_> = pair.bob.session.instances().filter_map(|slot| slot.secured).collect();
    assert_eq!(secured.iter().map(|secured| secured.version).collect::<Vec<_>>(), [Version::V2, Version::V3]);
    let fingerprint = secured[1].fingerprint;
    pair.bob.session.known_fingerprints_mut().set(fingerprint, "verified");
    pair.tell(Side::Bob, "to the one I trust");
}

#[test]
fn msg_61_all_sessions_end_at_once() {
    let mut pair = Pair::secured(Version::V3);
    pair.bob.wait(60);
    let peer = other(0x100);
    let key = pair.bob.hear(&peer.commit());
    pair.bob.hear(&peer.reveal(key.only()));
    pair.bob.session.end_all(pair.bob.now).unwrap();
    assert_eq!(kinds(&pair.bob.drain().sent), "DD");
    assert_eq!(pair.bob.state(), MessageState::Plaintext);
    let _: Party = pair.bob;
}

/// AKE-42: an exchange that the instance has begun goes on, although we have asked everybody for one since.
#[test]
fn inst_12_an_instance_whose_own_exchange_we_have_answered_cannot_use_our_commit() {
    let mut pair = Pair::new(Version::V3);
    let peer = other(0x100);
    let key = pair.bob.hear(&peer.commit());
    let ours = pair.bob.hear(b"?OTRv3?");
    assert_eq!(kinds(&ours.sent), "C");
    assert!(pair.bob.hear(&peer.dh_key()).is_silent());
    assert_eq!(pair.bob.hear(&peer.reveal(key.only())).secured(), 1);
    // Another may, and the same one in a new exchange.
    assert_eq!(kinds(&pair.bob.hear(&other(0x101).dh_key()).sent), "R");
    assert_eq!(kinds(&pair.bob.hear(&other(0x100).dh_key()).sent), "R");
}

/// MSG-11, MSG-50: a text for one client is not for another.
#[test]
fn inst_15_a_text_held_for_one_instance_goes_to_that_one() {
    let mut config = Config::default();
    config.policy = Policy::V3_ONLY | Policy::REQUIRE_ENCRYPTION;
    let bob = Party::with(Name::Bob, config, Arc::new(RustCrypto));
    let mut pair = Pair::of(Party::new(Name::Alice, Version::V3), bob);
    let peer = other(0x100);
    let key = pair.bob.hear(&peer.commit());
    let to = Recipient::Instance(InstanceTag::new(0x100));
    pair.bob.session.send(pair.bob.now, to, "for one").unwrap();
    pair.bob.session.send(pair.bob.now, Recipient::Best, "for anyone").unwrap();
    pair.alice.session.start(pair.alice.now).unwrap();
    let (alice, _) = pair.run();
    assert_eq!(alice.messages(), ["for anyone"]);
    assert_eq!(kinds(&pair.bob.hear(&peer.reveal(key.only())).sent), "SD");
}

/// INST-13: which of two encrypted clients is meant.
#[test]
fn inst_13_recipients_are_chosen_by_trust_and_by_who_was_heard_or_written_to_last() {
    let mut pair = Pair::secured(Version::V3);
    // The commit that Bob sent to nobody in particular is spent by then, so that the second one's meets none.
    pair.bob.wait(60);
    let mut second = Peer::new(Name::Mallory, Version::V3, Name::Bob);
    second.header.sender = InstanceTag::new(0x777);
    let key = pair.bob.hear(&second.commit());
    assert_eq!(pair.bob.hear(&second.reveal(key.only())).secured(), 1);
    let [first_tag, second_tag] = [Name::Alice.tag(), 0x777].map(InstanceTag::new);
    let now = pair.bob.now;
    let chosen = |bob: &mut Party| {
        [Recipient::Best, Recipient::Recent, Recipient::RecentReceived, Recipient::RecentSent]
            .map(|recipient| bob.session.resolve(recipient).unwrap())
    };
    // Heard last: the second. Written to last: the first, so that both differ.
    pair.bob.session.send(now, Recipient::Instance(second_tag), "to the second").unwrap();
    pair.bob.session.send(now, Recipient::Instance(first_tag), "to the first").unwrap();
    pair.bob.drain();
    assert_eq!(chosen(&mut pair.bob), [second_tag, first_tag, second_tag, first_tag]);
    // The other way round.
    let sent = pair.alice.say("from the first");
    pair.bob.hear(&sent[0]);
    pair.bob.session.send(now, Recipient::Instance(second_tag), "to the second").unwrap();
    pair.bob.drain();
    assert_eq!(chosen(&mut pair.bob), [first_tag, second_tag, first_tag, second_tag]);
    // What anybody can have written in the second one's name steers nothing.
    let heard = pair.bob.hear(&second.data(0, &Element::generator(), &second.saying(b"forged")));
    assert_eq!(heard.problems(), [Problem::Unreadable]);
    assert_eq!(chosen(&mut pair.bob), [first_tag, second_tag, first_tag, second_tag]);
    // Trust comes before all that.
    let fingerprint = |bob: &Party, tag| {
        let slot = bob.session.instances().find(|slot| slot.tag == tag);
        slot.and_then(|slot| slot.secured).unwrap().fingerprint
    };
    let of_second = fingerprint(&pair.bob, second_tag);
    pair.bob.session.known_fingerprints_mut().set(of_second, "verified");
    assert_eq!(chosen(&mut pair.bob)[0], second_tag);
    // Who is not there cannot be chosen.
    let nobody = InstanceTag::new(0x999);
    assert_eq!(
        pair.bob.session.resolve(Recipient::Instance(nobody)),
        Err(otr_protocol::Error::NoSuchInstance(nobody))
    );
}
