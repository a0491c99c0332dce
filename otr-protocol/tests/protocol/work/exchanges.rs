//! The messages of an exchange, in every state of one.

use otr_protocol::AuthStateKind::{self, AwaitingDhKey, AwaitingRevealSig, AwaitingSig, None};
use otr_protocol::InstanceTag;
use otr_protocol::traits::{Element, PRIME};
use otr_protocol::wire::{Body, Message, Version, armor};

use super::{Cost, NOTHING, cost, party, powers};
use crate::ake::matrix::{STATES, Stage, hear_commit};
use crate::support::party::VERSIONS;
use crate::support::peer::{Peer, public_in};
use crate::support::wire::{alter, binary};
use crate::support::{Heard, Name};

/// What the answer to an event costs, in the order of the [`STATES`].
#[track_caller]
fn check(name: &str, event: impl Fn(&mut Stage) -> Heard, row: [Cost; 4]) {
    for version in VERSIONS {
        for (state, expected) in STATES.into_iter().zip(row) {
            let (mut stage, spent) = reach(version, state, |stage| drop(event(stage)));
            assert_eq!(spent, expected, "{name}, version {version}, {state:?}");
            assert!(stage.bob.drain().is_silent());
        }
    }
}

/// A party in a state of an exchange, and what an event costs it there.
fn reach(version: Version, state: AuthStateKind, event: impl Fn(&mut Stage)) -> (Stage, Cost) {
    let (bob, backend) = party(version, |_| {});
    let mut stage = Stage::of(bob, version, state);
    cost(&backend);
    event(&mut stage);
    (stage, cost(&backend))
}

/// Checks who the peer is, and makes the next pair.
const LAST: Cost = Cost { powers: 1, signed: 0, verified: 1, validated: 1 };
const REVEAL: Cost = Cost { signed: 1, ..powers(1) };
const SIGN: Cost = Cost { powers: 2, signed: 1, ..LAST };

#[test]
fn s_33_a_query_costs_one_power() {
    check("query", |stage| stage.bob.hear(&stage.query()), [powers(1); 4]);
    let [other, malformed] = [&b"?OTRv1?"[..], b"?OTR Error: what?"];
    for text in [other, malformed, b"?OTR", b"hello", b"?OTR:AAMDAA==."] {
        check("no query", |stage| stage.bob.hear(text), [NOTHING; 4]);
    }
}

/// AKE-31: the same D-H Key again costs nothing, and so does our own commit.
#[test]
fn s_33_ake_31_a_commit_costs_one_power_or_none() {
    check("commit", |stage| hear_commit(stage, true), [powers(1), powers(1), NOTHING, powers(1)]);
    let row = [powers(1), NOTHING, NOTHING, powers(1)];
    check("lower commit", |stage| hear_commit(stage, false), row);
}

/// AKE-41: the same Reveal Signature again costs nothing.
#[test]
fn s_33_ake_41_a_dh_key_costs_a_power_and_a_signature_once() {
    let row = [NOTHING, REVEAL, NOTHING, NOTHING];
    check("D-H Key", |stage| stage.bob.hear(&stage.peer.dh_key()), row);
    let other = |stage: &mut Stage| stage.bob.hear(&stage.peer.dh_key_of(stage.peer.pairs[1].public()));
    check("another D-H Key", other, row);
    for bad in [&[][..], &[1], &PRIME, &[0xff; 192]] {
        let bad = Element::from_be_bytes(bad).unwrap();
        check("D-H Key out of range", |stage| stage.bob.hear(&stage.peer.dh_key_of(&bad)), [NOTHING; 4]);
    }
}

#[test]
fn s_33_a_reveal_signature_costs_nothing_unless_it_opens_the_commit() {
    check("Reveal Signature", |stage| stage.bob.hear(&stage.reveal()), [NOTHING, NOTHING, SIGN, NOTHING]);
    let bad = |change: fn(&mut Message<'_>)| {
        move |stage: &mut Stage| stage.bob.hear(&alter(&stage.reveal(), change))
    };
    let shut = |message: &mut Message<'_>| {
        if let Body::RevealSignature(reveal) = &mut message.body {
            reveal.r[0] ^= 1;
        }
    };
    check("does not open", bad(shut), [NOTHING; 4]);
    let forged = |message: &mut Message<'_>| {
        if let Body::RevealSignature(reveal) = &mut message.body {
            reveal.mac[0] ^= 1;
        }
    };
    check("forged", bad(forged), [NOTHING, NOTHING, powers(1), NOTHING]);
    let own = |stage: &mut Stage| {
        if stage.state == AwaitingRevealSig {
            stage.bob.hear(&stage.peer.commit_to(&public_in(&stage.sent[0])));
        }
        stage.bob.hear(&stage.reveal())
    };
    check("opens to our own value", own, [NOTHING; 4]);
}

#[test]
fn s_33_a_forged_signature_costs_nothing() {
    check("Signature", |stage| stage.bob.hear(&stage.signature()), [NOTHING, NOTHING, NOTHING, LAST]);
    let forged = |stage: &mut Stage| {
        let change = |message: &mut Message<'_>| {
            if let Body::Signature(signature) = &mut message.body {
                signature.mac[0] ^= 1;
            }
        };
        stage.bob.hear(&alter(&stage.signature(), change))
    };
    check("forged Signature", forged, [NOTHING; 4]);
}

/// MSG-22: without a session no key is derived.
#[test]
fn s_33_a_data_message_without_a_session_costs_nothing() {
    let data = |stage: &mut Stage| {
        let text = stage.peer.data(0, stage.peer.public(), &stage.peer.saying(b"hello"));
        let heard = stage.bob.hear(&text);
        let bytes = binary(&text);
        stage.bob.hear(&armor(&bytes[..bytes.len() - 1]));
        heard
    };
    for state in [None, AwaitingDhKey, AwaitingRevealSig, AwaitingSig] {
        for version in VERSIONS {
            assert_eq!(reach(version, state, |stage| drop(data(stage))).1, NOTHING);
        }
    }
}

/// Messages of the other version, and for or from somebody else, are refused before anything is computed.
#[test]
fn s_33_what_is_not_for_us_costs_nothing() {
    for version in VERSIONS {
        let other = VERSIONS.into_iter().find(|other| *other != version).unwrap();
        for state in STATES {
            let (_, spent) = reach(version, state, |stage| {
                let stranger = Peer::new(Name::Alice, other, Name::Bob);
                stage.bob.hear(&stranger.commit());
                stage.bob.hear(&stranger.dh_key());
                if version == Version::V3 {
                    stage.peer.header.receiver = InstanceTag::new(0x777);
                    stage.bob.hear(&stage.peer.commit());
                    stage.bob.hear(&stage.peer.dh_key());
                    stage.bob.hear(&stage.reveal());
                }
            });
            assert_eq!(spent, NOTHING);
        }
    }
}
