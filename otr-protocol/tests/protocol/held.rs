//! Texts that wait for a session, and texts that are said again.

use core::time::Duration;
use std::sync::Arc;

use otr_protocol::wire::InstanceTag;
use otr_protocol::{Config, Event, Id, NotSentReason, Output, Policy, Problem, Recipient, Version};

use crate::support::party::{VERSIONS, only};
use crate::support::peer::Peer;
use crate::support::{Heard, Name, Pair, Party};

/// Bob must not speak in clear.
fn pair(version: Version, change: impl Fn(&mut Config)) -> Pair {
    let mut config = Config::default();
    config.policy = only(version) | Policy::REQUIRE_ENCRYPTION;
    change(&mut config);
    let bob = Party::with(Name::Bob, config, Arc::new(otr_protocol::RustCrypto));
    Pair::of(Party::new(Name::Alice, version), bob)
}

fn hold(party: &mut Party, text: &str) -> Heard {
    let send = |session: &mut otr_protocol::Session<_>| session.send(party.now, Recipient::Best, text);
    party.session.with_id(text, send).unwrap();
    party.drain()
}

fn not_sent(text: &str, reason: NotSentReason) -> Event {
    Event::NotSent { text: text.into(), reason }
}

/// The texts and ids of everything that waits.
fn ids(party: &mut Party) -> Vec<(bool, Option<Id>)> {
    let mut ids = Vec::new();
    loop {
        match party.session.poll_with_id(party.now).unwrap() {
            (Output::Idle(_), _) => return ids,
            (output, id) => ids.push((matches!(output, Output::Send(_)), id)),
        }
    }
}

/// MSG-11, MSG-51: in order, unmodified, after the application has learned with whom; and each with its id.
#[test]
fn msg_50_held_texts_are_sent_in_order_once_there_is_a_session() {
    for version in VERSIONS {
        let mut pair = pair(version, |_| {});
        for text in ["one", "two", "three"] {
            let heard = hold(&mut pair.bob, text);
            assert_eq!(heard.events, [Event::Held { text: text.into() }]);
            assert!(heard.sent.iter().all(|sent| sent.starts_with(b"?OTRv")), "{heard:?}");
        }
        pair.alice.session.start(pair.alice.now).unwrap();
        let (alice, bob) = pair.run();
        assert_eq!(alice.messages(), ["one", "two", "three"]);
        assert!(bob.events.iter().all(|event| !matches!(event, Event::NotSent { .. })));
        // Once.
        pair.alice.session.start(pair.alice.now).unwrap();
        assert_eq!(pair.run().0.messages(), [""; 0]);
        pair.check();
    }
}

#[test]
fn msg_50_a_text_that_waits_too_long_is_given_back_with_its_id() {
    let mut pair = pair(Version::V3, |_| {});
    hold(&mut pair.bob, "early");
    pair.bob.wait(30);
    hold(&mut pair.bob, "late");
    let Output::Idle(Some(deadline)) = pair.bob.session.poll(pair.bob.now).unwrap() else {
        panic!("no deadline")
    };
    assert_eq!(deadline, pair.bob.now.after(core::time::Duration::from_secs(30)));
    pair.bob.now = deadline;
    assert_eq!(ids(&mut pair.bob), [(false, Some(Id::from("early")))]);
    // A clock that jumps back gives nothing back early, and loses nothing.
    pair.bob.now = otr_protocol::Instant::from_secs(1);
    assert!(pair.bob.drain().is_silent());
    pair.bob.session.take_back(pair.bob.now);
    assert_eq!(pair.bob.drain().events, [not_sent("late", NotSentReason::TakenBack)]);
    pair.secure();
    pair.check();
}

/// MSG-51: a stranger's key is told, and gets nothing while another one is trusted.
#[test]
fn msg_51_held_texts_go_to_nobody_who_is_not_to_read_them() {
    for (hold_until_trusted, trusted_other, expected) in
        [(false, false, vec!["secret"]), (true, false, vec![]), (false, true, vec![])]
    {
        let mut pair = pair(Version::V3, |config| config.hold_until_trusted = hold_until_trusted);
        if trusted_other {
            let other = otr_protocol::Fingerprint::from_bytes([9; 20]);
            pair.bob.session.known_fingerprints_mut().set(other, "verified");
        }
        hold(&mut pair.bob, "secret");
        pair.alice.session.start(pair.alice.now).unwrap();
        let (alice, _) = pair.run();
        assert_eq!(alice.messages(), expected);
        // Once the user trusts the key, it goes.
        let (fingerprint, _) = pair.bob.session.known_fingerprints().iter().last().unwrap();
        let fingerprint = *fingerprint;
        pair.bob.session.known_fingerprints_mut().set(fingerprint, "verified");
        let (alice, _) = pair.run();
        assert_eq!(alice.messages().is_empty(), !expected.is_empty());
    }
}

/// MSG-16, POL-05: what could not be sent later is refused now.
#[test]
fn msg_50_what_can_never_be_sent_is_not_held() {
    let mut pair = pair(Version::V3, |_| {});
    let bad = pair.bob.session.send(pair.bob.now, Recipient::Best, "a\0b");
    assert_eq!(bad, Err(otr_protocol::Error::ContainsNul { offset: 1 }));
    for n in 0..32 {
        pair.bob.session.send(pair.bob.now, Recipient::Best, format!("{n}")).unwrap();
    }
    let full = pair.bob.session.send(pair.bob.now, Recipient::Best, "one too many");
    assert_eq!(full, Err(otr_protocol::Error::HeldQueueFull));
}

/// The application has learned with whom it speaks, and says something to them before it polls on.
#[test]
fn msg_50_no_text_overtakes_those_that_were_held() {
    for version in VERSIONS {
        let mut pair = pair(version, |_| {});
        let query = hold(&mut pair.bob, "one");
        hold(&mut pair.bob, "two");
        let commit = pair.alice.hear(query.only());
        let key = pair.bob.hear(commit.only());
        let reveal = pair.alice.hear(key.only());
        let Party { session: bob, now, .. } = &mut pair.bob;
        bob.receive(*now, reveal.only()).unwrap();
        let mut sent = Vec::new();
        loop {
            match bob.poll(*now).unwrap() {
                Output::Event(Event::Secured { .. }) => bob.send(*now, Recipient::Best, "three").unwrap(),
                Output::Event(_) => {}
                Output::Send(outgoing) => sent.push(outgoing.text),
                Output::Idle(_) => break,
            }
        }
        let heard: Vec<_> = sent.iter().flat_map(|text| pair.alice.hear(text).messages()).collect();
        assert_eq!(heard, ["one", "two", "three"]);
    }
}

/// MSG-53 is where these are kept (`resend.rs`). ERR-02: an Error makes the last text eligible; DATA-34 is why it is needed.
#[test]
fn msg_52_the_last_text_is_said_again_to_the_same_key_once() {
    for version in VERSIONS {
        let mut pair = Pair::secured(version);
        pair.tell(crate::support::Side::Alice, "hello");
        let lost = pair.alice.session.with_id("7", |session| {
            session.send(otr_protocol::Instant::from_secs(1000), Recipient::Best, "lost")
        });
        lost.unwrap();
        pair.alice.drain();
        pair.alice.hear(b"?OTR Error: what?");
        pair.bob.session.start(pair.bob.now).unwrap();
        let (alice, bob) = pair.run();
        assert_eq!(bob.messages(), ["[resent] lost"]);
        let resent = |event: &&Event| matches!(event, Event::Resent { text, .. } if text == b"[resent] lost");
        assert_eq!(alice.events.iter().filter(resent).count(), 1);
        // Not twice, neither soon nor later.
        for seconds in [1, 61] {
            pair.alice.hear(b"?OTR Error: what?");
            pair.alice.wait(seconds);
            pair.bob.wait(seconds);
            pair.bob.session.start(pair.bob.now).unwrap();
            assert_eq!(pair.run().1.messages(), [""; 0]);
        }
    }
}

/// MSG-52, S-33: a forger asks for so many answers that no more are kept for the send interval. An exchange that cannot be answered
/// does not go on, so what is told to be said again is read.
#[test]
fn msg_52_what_is_said_again_is_read_even_after_a_flood() {
    let mut pair = pair(Version::V3, |config| {
        (config.send_interval, config.exchange_steps) = (Duration::from_millis(100), 1000);
    });
    let settle = |pair: &mut Pair| {
        let (mut to_alice, mut to_bob) = (Heard::default(), Heard::default());
        for _ in 0..80 {
            let (alice, bob) = pair.run();
            to_alice.events.extend(alice.events);
            to_bob.events.extend(bob.events);
            pair.bob.now = pair.bob.now.after(Duration::from_millis(100));
        }
        (to_alice, to_bob)
    };
    pair.alice.session.start(pair.alice.now).unwrap();
    assert_eq!(settle(&mut pair).0.secured(), 1);
    assert_eq!(pair.bob.say("lost").len(), 1);
    pair.bob.hear(b"?OTR Error: what?");

    pair.bob.wait(1);
    let commit = pair.alice.hear(b"?OTRv3?");
    let key = pair.bob.hear(commit.only());
    let reveal = pair.alice.hear(key.only());
    let mut forger = Peer::new(Name::Alice, Version::V3, Name::Bob);
    for client in 0x600..0x664 {
        forger.header.sender = InstanceTag::new(client);
        pair.bob.session.receive(pair.bob.now, &forger.commit()).unwrap();
    }
    pair.to_bob.push_back(reveal.only().to_vec());
    let (_, bob) = settle(&mut pair);
    assert!(bob.secured() == 0 && bob.problems().contains(&Problem::Limit));
    pair.bob.session.start(pair.bob.now).unwrap();
    let (alice, bob) = settle(&mut pair);
    let resent = |event: &&Event| matches!(event, Event::Resent { .. });
    assert_eq!(
        (alice.messages(), bob.events.iter().filter(resent).count()),
        (vec!["[resent] lost".into()], 1)
    );
}

/// MSG-52 as an attack: whoever injects an Error and answers with another key is handed nothing.
/// S-09.
#[test]
fn msg_52_no_text_is_said_again_to_another_key() {
    for version in VERSIONS {
        let mut pair = Pair::secured(version);
        pair.alice.session.send(pair.alice.now, Recipient::Best, "for Bob only").unwrap();
        pair.alice.drain();
        pair.alice.hear(b"?OTR Error: what?");
        // Mallory in Bob's place: the same tag, another key.
        let mut config = Config::default();
        config.policy = only(version);
        let backend: Arc<dyn otr_protocol::traits::Backend> = Arc::new(otr_protocol::RustCrypto);
        let tag = otr_protocol::InstanceTag::new(Name::Bob.tag());
        let key = otr_protocol::traits::Dsa::generate(&otr_protocol::RustCrypto).unwrap();
        let account = otr_protocol::Account::new(backend, key, tag, config).unwrap();
        pair.bob.session = account.session();
        pair.bob.session.start(pair.bob.now).unwrap();
        let (alice, mallory) = pair.run();
        assert_eq!((alice.secured(), mallory.messages().len()), (1, 0));
        assert!(alice.events.iter().all(|event| !matches!(event, Event::Resent { .. })));
    }
}
