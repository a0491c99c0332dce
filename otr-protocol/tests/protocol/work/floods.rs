//! Floods: whatever anyone sends, and however often, an exchange with the true peer comes about soon afterwards (S-33).

use core::time::Duration;

use otr_protocol::wire::{Version, armor};
use otr_protocol::{Config, Event, Instant, Policy, Problem};

use super::{Cost, NOTHING, cost, party, powers};
use crate::ake::matrix::Stage;
use crate::support::party::VERSIONS;
use crate::support::peer::Peer;
use crate::support::wire::{alter, binary, from_instance};
use crate::support::{Name, Pair, Party};

/// Everything that costs a power if it is answered; version 3's from ever new instances.
fn flood(version: Version, peer: &Peer) -> Vec<Vec<u8>> {
    let forged = peer.reveal(&peer.dh_key());
    let texts = [format!("?OTRv{version}?").into_bytes(), peer.commit(), peer.dh_key(), forged];
    let tagged = [b"hello".as_slice(), &otr_protocol::wire::whitespace_tag(Policy::MANUAL.versions())];
    let numbers = 0x1000..0x1040;
    let from_all = |text: &Vec<u8>| match version {
        Version::V3 if text.starts_with(b"?OTR:") => {
            numbers.clone().map(|tag| from_instance(text, tag)).collect()
        }
        _ => vec![text.clone()],
    };
    texts.iter().flat_map(from_all).chain([tagged.concat()]).collect()
}

fn limited(events: &[Event]) -> bool {
    events.iter().any(|event| matches!(event, Event::Problem { kind: Problem::Limit, .. }))
}

#[test]
fn s_33_a_flood_costs_so_many_steps_and_the_application_is_told() {
    for version in VERSIONS {
        let (mut bob, backend) = party(version, |config| {
            config.policy |= Policy::WHITESPACE_START_AKE;
            config.exchange_steps = 20;
        });
        let peer = Peer::new(Name::Alice, version, Name::Bob);
        let texts = flood(version, &peer);
        let mut was_told = false;
        for _ in 0..50 {
            for text in &texts {
                was_told |= limited(&bob.hear(text).events);
            }
        }
        let Cost { powers, signed, .. } = cost(&backend);
        assert!(was_told && powers == 20 && signed <= 20, "{powers} powers, {signed} signatures");
        // Nothing of it is kept back for later.
        bob.wait(60);
        assert!(bob.drain().is_silent());
        assert_eq!(cost(&backend), NOTHING);
    }
}

/// What costs nothing takes no step: an exchange under way goes on.
#[test]
fn s_33_what_is_refused_anyway_takes_no_step() {
    for version in VERSIONS {
        for state in crate::ake::matrix::STATES {
            let (bob, backend) = party(version, |config| config.exchange_steps = 2);
            // Whoever has come far has taken steps already.
            let mut stage = Stage::of(bob, version, state);
            stage.bob.wait(10);
            let mut broken = binary(&stage.next());
            broken.push(0);
            let forged = alter(&stage.signature(), |message| message.header.version = version);
            cost(&backend);
            for _ in 0..100 {
                stage.bob.hear(&armor(&broken));
                if state != otr_protocol::AuthStateKind::AwaitingSig {
                    stage.bob.hear(&forged);
                }
                stage.bob.hear(
                    &stage.peer.dh_key_of(&otr_protocol::traits::Element::from_be_bytes(&[1]).unwrap()),
                );
            }
            assert_eq!(cost(&backend), NOTHING);
            stage.go_on();
        }
    }
}

/// One who writes in others' names keeps nobody out for longer than the flood and ten seconds.
#[test]
fn s_33_the_true_peer_gets_through_ten_seconds_after_a_flood() {
    for version in VERSIONS {
        let (bob, _) = party(version, |_| {});
        let mut pair = Pair::of(Party::new(Name::Alice, version), bob);
        let stranger = Peer::new(Name::Mallory, version, Name::Bob);
        let texts = flood(version, &stranger);
        for millis in 0..20_000_u64 {
            pair.bob.now = Instant::from_secs(1000).after(Duration::from_millis(millis));
            let text = texts.iter().cycle().nth(usize::try_from(millis).unwrap() % texts.len()).unwrap();
            pair.bob.hear(text);
        }
        pair.bob.wait(10);
        pair.secure();
        pair.check();
    }
}

/// A live session does not notice, and neither does its ratchet.
#[test]
fn s_33_a_session_is_untouched_by_a_flood() {
    for version in VERSIONS {
        let mut pair = Pair::secured(version);
        for text in flood(version, &Peer::new(Name::Mallory, version, Name::Bob)) {
            pair.bob.hear(&text);
        }
        pair.check();
    }
}

/// S-55: a clock that jumps forward fills the bucket once, one that jumps back empties it for no longer than it takes to fill.
#[test]
fn s_55_a_clock_that_jumps_neither_opens_the_flood_gates_nor_shuts_them() {
    let query = b"?OTRv3?";
    let (mut bob, backend) = party(Version::V3, |_| {});
    let burst = |bob: &mut Party, at: Instant| {
        bob.now = at;
        for _ in 0..100 {
            bob.hear(query);
        }
        cost(&backend)
    };
    let second = Instant::from_secs;
    assert_eq!(burst(&mut bob, second(1000)), powers(20));
    assert_eq!(burst(&mut bob, Instant::from_millis(u64::MAX)), powers(20));
    assert_eq!(burst(&mut bob, second(0)), NOTHING);
    assert_eq!(burst(&mut bob, second(5)), powers(10));
    assert_eq!(burst(&mut bob, Instant::from_millis(u64::MAX)), powers(20));
    assert_eq!(burst(&mut bob, second(0)), NOTHING);
}

/// Recorded conversations are replayed faster than they took place.
#[test]
fn s_33_without_damping_nothing_is_limited() {
    let changes: [fn(&mut Config); 2] = [|config| config.damping = false, |config| config.exchange_steps = 0];
    for change in changes {
        let (mut bob, backend) = party(Version::V3, change);
        for _ in 0..100 {
            assert!(!limited(&bob.hear(b"?OTRv3?").events));
        }
        assert_eq!(cost(&backend), powers(100));
    }
}
