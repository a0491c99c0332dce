//! Time: what happens when it passes, and when it jumps.

use core::time::Duration;
use std::sync::Arc;

use otr_protocol::wire::{Version, flags};
use otr_protocol::{
    AuthStateKind, Config, EndedBy, Error, Event, Instant, MessageState, NotSentReason, Output, Policy,
    Recipient, RustCrypto,
};
use proptest::prelude::*;

use crate::support::party::{VERSIONS, only};
use crate::support::wire::{alter, kinds};
use crate::support::{Heard, Name, Pair, Party, Side};

fn party(name: Name, version: Version, change: impl Fn(&mut Config)) -> Party {
    let mut config = Config::default();
    config.policy = only(version);
    change(&mut config);
    Party::with(name, config, Arc::new(RustCrypto))
}

fn pair(version: Version, change: impl Fn(&mut Config)) -> Pair {
    Pair::of(party(Name::Alice, version, &change), party(Name::Bob, version, &change))
}

fn deadline(party: &mut Party) -> Option<Instant> {
    loop {
        if let Output::Idle(deadline) = party.session.poll(party.now).unwrap() {
            return deadline;
        }
    }
}

fn ended(heard: &Heard) -> Vec<EndedBy> {
    let by = |event: &Event| match event {
        Event::Ended { by, .. } => Some(*by),
        _ => None,
    };
    heard.events.iter().filter_map(by).collect()
}

/// MSG-60: the peer is told; nothing can be sent in clear instead, since nobody wished the end.
#[test]
fn an_idle_session_is_ended_if_the_settings_say_so() {
    for version in VERSIONS {
        let mut pair = pair(version, |config| config.idle_timeout = Some(Duration::from_secs(600)));
        pair.secure();
        pair.bob.wait(599);
        pair.alice.wait(599);
        pair.tell(Side::Alice, "still there?");
        // Sent and received count alike, and the deadline says when it will be too late.
        for party in [&mut pair.alice, &mut pair.bob] {
            let now = party.now;
            party.session.take_back(now);
            let until = [60, 600].map(|seconds| Some(now.after(Duration::from_secs(seconds))));
            assert!(until.contains(&deadline(party)));
            party.wait(599);
            assert!(party.drain().is_silent());
        }
        pair.alice.wait(1);
        let heard = pair.alice.drain();
        assert_eq!((ended(&heard), kinds(&heard.sent).as_str()), (vec![EndedBy::Idle], "D"));
        assert_eq!(pair.alice.state(), MessageState::Finished);
        let result = pair.alice.session.send(pair.alice.now, Recipient::Best, "too late");
        assert_eq!(result, Err(Error::Finished));
        assert_eq!(deadline(&mut pair.alice), None);
        assert_eq!(ended(&pair.bob.hear(heard.only())), [EndedBy::Peer]);
        pair.secure();
        pair.check();
    }
}

#[test]
fn a_session_is_not_ended_for_idleness_by_default() {
    let mut pair = Pair::secured(Version::V3);
    pair.alice.wait(1_000_000);
    assert!(pair.alice.drain().is_silent());
    pair.check();
}

/// otr.js spaces the fragments of one message only; here every text waits for its turn.
#[test]
fn the_send_interval_holds_between_texts_too() {
    let mut alice = party(Name::Alice, Version::V3, |config| config.send_interval = Duration::from_secs(2));
    let mut times = Vec::new();
    for text in ["one", "two"] {
        alice.session.send(alice.now, Recipient::Best, text).unwrap();
    }
    for second in 0..8 {
        times.extend(alice.drain().sent.iter().map(|text| (text.clone(), alice.now)));
        alice.wait(1);
        if second == 2 {
            alice.session.send(alice.now, Recipient::Best, "three").unwrap();
        }
    }
    let start = Instant::from_secs(1000);
    let expected = [("one", 0), ("two", 2), ("three", 4)];
    let expected =
        expected.map(|(text, at)| (text.as_bytes().to_vec(), start.after(Duration::from_secs(at))));
    assert_eq!(times, expected);
}

fn query(party: &mut Party) -> Heard {
    party.hear(b"?OTRv3?")
}

/// AKE-24: within a second the same commit is sent again; a later one, and one of another version, is new.
#[test]
fn ake_24_queries_can_be_coalesced() {
    let both = |config: &mut Config| config.policy = Policy::ALLOW_V2 | Policy::ALLOW_V3;
    let mut bob = party(Name::Bob, Version::V3, |config| {
        both(config);
        config.coalesce_queries = true;
    });
    let first = query(&mut bob).sent;
    assert_eq!(kinds(&first), "C");
    bob.now = bob.now.after(Duration::from_millis(999));
    assert_eq!(query(&mut bob).sent, first);
    let other_version = bob.hear(b"?OTRv2?").sent;
    assert_ne!(other_version, first);
    assert_ne!(query(&mut bob).sent, first);
    bob.wait(1);
    let before = query(&mut bob).sent;
    bob.wait(1);
    assert_ne!(query(&mut bob).sent, before);

    let mut eager = party(Name::Bob, Version::V3, both);
    assert_ne!(query(&mut eager).sent, query(&mut eager).sent);
}

/// S-02, POL-04: nothing protects an offer, so the application is warned.
#[test]
fn pol_04_version_2_after_version_3_is_a_warning() {
    let downgraded =
        |heard: &Heard| heard.events.iter().filter(|event| matches!(event, Event::Downgraded { .. })).count();
    let mut pair = pair(Version::V3, |config| config.policy = Policy::ALLOW_V2 | Policy::ALLOW_V3);
    let exchange = |pair: &mut Pair, query: &[u8]| {
        pair.to_bob.push_back(query.to_vec());
        let (alice, bob) = pair.run();
        (alice.secured() + bob.secured(), downgraded(&alice) + downgraded(&bob))
    };
    assert_eq!(exchange(&mut pair, b"?OTRv2?"), (2, 0));
    assert_eq!(exchange(&mut pair, b"?OTRv3?"), (2, 0));
    for party in [&mut pair.alice, &mut pair.bob] {
        party.session.end_all(party.now).unwrap();
        party.drain();
    }
    assert_eq!(exchange(&mut pair, b"?OTRv2?"), (2, 2));
}

/// S-55: a text is held for a minute of real time, whatever the clock of the computer is set to meanwhile.
#[test]
fn s_55_what_waits_does_not_wait_longer_for_a_clock_that_is_set_back() {
    let mut bob = party(Name::Bob, Version::V3, |config| {
        config.policy = only(Version::V3) | Policy::REQUIRE_ENCRYPTION;
        config.send_interval = Duration::from_secs(5);
    });
    bob.now = Instant::from_secs(1_000_000);
    bob.session.send(bob.now, Recipient::Best, "held").unwrap();
    assert_eq!(bob.drain().sent, [b"?OTRv3?"]);
    query(&mut bob);

    bob.now = Instant::from_secs(100);
    assert!(bob.drain().is_silent());
    assert_eq!(deadline(&mut bob), Some(Instant::from_secs(105)));
    bob.wait(5);
    assert_eq!(kinds(&bob.drain().sent), "C");
    assert_eq!(bob.auth(0), AuthStateKind::AwaitingDhKey);
    bob.wait(54);
    assert!(bob.drain().is_silent());
    assert_eq!(deadline(&mut bob), Some(Instant::from_secs(160)));
    bob.wait(1);
    let not_sent = Event::NotSent { text: b"held".to_vec(), reason: NotSentReason::Expired };
    assert_eq!(bob.drain().events, [not_sent]);
    assert_eq!(bob.auth(0), AuthStateKind::None, "AKE-80");
}

/// MSG-40: a heartbeat by the session's own clock.
#[test]
fn s_55_heartbeats_do_not_stop_when_the_clock_is_set_back() {
    let mut pair = Pair::secured(Version::V3);
    pair.bob.now = Instant::default();
    let mut beats = 0;
    for _ in 0..8 {
        pair.bob.wait(10);
        let sent = pair.alice.say("are you there?");
        for answer in pair.bob.hear(&sent[0]).sent {
            alter(&answer, |message| {
                let otr_protocol::wire::Body::Data(data) = &message.body else { panic!() };
                assert_eq!(data.flags, flags::IGNORE_UNREADABLE);
            });
            beats += 1;
        }
    }
    assert_eq!(beats, 1);
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Query,
    Say(Side),
    Jump(Side, u64),
    Wait(u64),
}

fn step() -> impl Strategy<Value = Step> {
    let side = prop_oneof![Just(Side::Alice), Just(Side::Bob)];
    let moment = prop_oneof![Just(0), Just(u64::MAX), any::<u64>(), 0..200_000_u64];
    prop_oneof![
        Just(Step::Query),
        side.clone().prop_map(Step::Say),
        (side, moment).prop_map(|(side, moment)| Step::Jump(side, moment)),
        (0..100_000_u64).prop_map(Step::Wait),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// S-55: however clocks jump, texts arrive, once and encrypted or as held texts given back, and a session works.
    #[test]
    fn s_55_a_clock_that_jumps_harms_nothing(steps in proptest::collection::vec(step(), 0..24)) {
        let mut pair = pair(Version::V3, |config| {
            config.policy = only(Version::V3) | Policy::REQUIRE_ENCRYPTION;
            config.send_interval = Duration::from_millis(10);
        });
        let mut said = Vec::new();
        let mut seen: Vec<Vec<u8>> = Vec::new();
        let mut take = |pair: &mut Pair| {
            // As the applications would: each waits until its deadline, as long as something is due soon.
            for _ in 0..400 {
                let (alice, bob) = pair.run();
                for event in alice.events.iter().chain(&bob.events) {
                    match event {
                        Event::Message { text, .. } | Event::NotSent { text, .. } => seen.push(text.clone()),
                        Event::Plaintext { .. } => panic!("in clear"),
                        _ => {}
                    }
                }
                let mut waits = false;
                for party in [&mut pair.alice, &mut pair.bob] {
                    let soon = party.now.after(Duration::from_millis(10));
                    if deadline(party).is_some_and(|deadline| deadline <= soon) {
                        party.now = soon;
                        waits = true;
                    }
                }
                if !waits {
                    return;
                }
            }
            panic!("something is due for ever");
        };
        for (n, step) in steps.into_iter().enumerate() {
            match step {
                Step::Query => pair.alice.session.start(pair.alice.now).unwrap(),
                Step::Say(side) => {
                    let text = format!("text {n}").into_bytes();
                    let party = if side == Side::Alice { &mut pair.alice } else { &mut pair.bob };
                    party.session.send(party.now, Recipient::Best, &text).unwrap();
                    said.push(text);
                }
                Step::Jump(Side::Alice, moment) => pair.alice.now = Instant::from_millis(moment),
                Step::Jump(Side::Bob, moment) => pair.bob.now = Instant::from_millis(moment),
                Step::Wait(millis) => {
                    for party in [&mut pair.alice, &mut pair.bob] {
                        party.now = party.now.after(Duration::from_millis(millis));
                    }
                }
            }
            take(&mut pair);
        }
        pair.alice.session.start(pair.alice.now).unwrap();
        take(&mut pair);
        seen.sort();
        said.sort();
        prop_assert_eq!(seen, said);
        prop_assert_eq!(pair.alice.state(), MessageState::Encrypted);
        prop_assert_eq!(pair.bob.state(), MessageState::Encrypted);
    }
}
