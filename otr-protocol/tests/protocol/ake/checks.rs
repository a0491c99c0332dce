//! What a peer must prove, and what happens if it cannot.

use std::sync::Arc;

use otr_protocol::AuthStateKind::{AwaitingDhKey, AwaitingRevealSig, AwaitingSig, None};
use otr_protocol::keys::encode_public_key;
use otr_protocol::traits::{Element, PRIME, PublicKey};
use otr_protocol::wire::{Body, RevealSignature, Signature, Version, Writer};
use otr_protocol::{Config, Event, Half, Policy, Problem, RustCrypto, Trust};

use super::matrix::Stage;
use crate::support::party::VERSIONS;
use crate::support::peer::{Peer, public_in, seal_identity};
use crate::support::wire::{alter, kinds};
use crate::support::{Name, Pair, Party};

#[test]
fn ake_05_a_keyid_is_anything_but_0_and_the_last_number() {
    for version in VERSIONS {
        for (keyid, ok) in
            [(0, false), (1, true), (2, true), (77, true), (u32::MAX - 1, true), (u32::MAX, false)]
        {
            let mut stage = Stage::reach(version, AwaitingRevealSig);
            stage.peer.keyid = keyid;
            let heard = stage.bob.hear(&stage.peer.reveal(&stage.sent[0]));
            assert_eq!(heard.secured(), usize::from(ok), "{keyid}");
            if ok {
                let theirs = public_in(&stage.sent[0]);
                let text = stage.peer.data(0, &theirs, &stage.peer.saying(b"hi"));
                assert_eq!(stage.bob.hear(&text).messages(), ["hi"], "{keyid}");
            } else {
                assert_eq!(heard.problems(), [Problem::SetupFailed]);
                stage.peer.keyid = 1;
                stage.go_on();
            }
        }
    }
}

/// S-20: 0, 1, p − 1, p and more, behind a commitment that opens as it should.
#[test]
fn ake_06_a_value_out_of_range_behind_a_commit_fails() {
    let mut p_minus_1 = PRIME;
    p_minus_1[191] -= 1;
    for bad in [&[1][..], &p_minus_1, &PRIME, &[0xff; 192]] {
        let mut stage = Stage::reach(Version::V3, AwaitingRevealSig);
        stage.bob.hear(&stage.peer.commit_to(&Element::from_be_bytes(bad).unwrap()));
        let heard = stage.bob.hear(&stage.peer.reveal(&stage.sent[0]));
        assert_eq!((heard.problems(), heard.sent.len()), (vec![Problem::SetupFailed], 0));
        stage.bob.hear(&stage.peer.commit());
        stage.go_on();
    }
}

/// X as the peer would make it, changed, and encrypted and authenticated properly: only what stands in X is wrong.
#[track_caller]
fn refuses(name: &str, change: impl Fn(&mut Vec<u8>)) {
    for version in VERSIONS {
        let mut stage = Stage::reach(version, AwaitingRevealSig);
        let keys = stage.peer.ake_keys(&public_in(&stage.sent[0])).reveal;
        let reveal = stage.peer.reveal(&stage.sent[0]);
        let forged = alter(&reveal, |message| {
            let Body::RevealSignature(RevealSignature { encrypted, mac, .. }) = &mut message.body else {
                panic!()
            };
            let mut x = seal_identity(&keys, encrypted.clone()).encrypted;
            change(&mut x);
            Signature { encrypted: *encrypted, mac: *mac } = seal_identity(&keys, x);
        });
        let heard = stage.bob.hear(&forged);
        assert_eq!((heard.problems(), heard.sent.len()), (vec![Problem::SetupFailed], 0), "{name}");
        stage.go_on();
    }
}

#[test]
fn ake_06_whatever_stands_in_x_is_checked() {
    refuses("a type that is not DSA", |x| x[1] = 1);
    refuses("a byte too many", |x| x.push(0));
    refuses("a byte too few", |x| x.truncate(x.len() - 1));
    refuses("nothing", Vec::clear);
    refuses("another keyid than the signed one", |x| {
        let at = x.len() - 41;
        x[at] = 9;
    });
    refuses("r = 0", |x| {
        let at = x.len() - 40;
        x[at..at + 20].fill(0);
    });
    refuses("s = 0", |x| {
        let at = x.len() - 20;
        x[at..].fill(0);
    });
    refuses("r above q", |x| {
        let at = x.len() - 40;
        x[at..at + 20].fill(0xff);
    });
}

/// S-08: a signature by one key, shown with another.
#[test]
fn ake_03_the_key_shown_must_be_the_key_that_signed() {
    refuses("somebody else's key", |x| {
        let mut theirs = Writer::default();
        encode_public_key(Name::Mallory.key().public(), &mut theirs);
        let after = x.split_off(x.len() - 44);
        *x = [theirs.as_slice(), &after].concat();
    });
}

/// S-23: values of y and g for which signatures can be made up.
#[test]
fn key_04_degenerate_keys_are_refused() {
    let key = Name::Alice.key();
    let good = key.public();
    let number = |n: u8| {
        let mut number = [0; 128];
        number[127] = n;
        number
    };
    let mut minus_1 = *good.p();
    minus_1[127] -= 1;
    let keys = [(*good.g(), minus_1), (minus_1, *good.y()), (*good.g(), number(2)), (number(2), *good.y())];
    for (g, y) in keys {
        let degenerate = PublicKey::new(*good.p(), *good.q(), g, y).unwrap();
        refuses("a degenerate key", |x| {
            let mut public = Writer::default();
            encode_public_key(&degenerate, &mut public);
            let after = x.split_off(x.len() - 44);
            *x = [public.as_slice(), &after].concat();
        });
    }
}

/// S-02.
#[test]
fn ake_21_no_message_of_another_version_moves_an_exchange() {
    for version in VERSIONS {
        for state in [AwaitingDhKey, AwaitingRevealSig, AwaitingSig] {
            let mut stage = Stage::reach(version, state);
            let both = Policy::MANUAL;
            stage.bob.session.set_policy(both).unwrap();
            let other = if version == Version::V2 { Version::V3 } else { Version::V2 };
            let peer = Peer::new(Name::Alice, other, Name::Bob);
            let key = peer.dh_key();
            for text in [&key, &peer.reveal(&key.clone()), &peer.signature(stage.peer.public())] {
                // The peer's own value stands in for one that is never used.
                assert!(stage.bob.hear(text).sent.is_empty());
            }
            stage.go_on();
        }
    }
}

#[test]
fn ake_21_a_version_2_commit_supersedes_a_version_3_commit_until_that_is_answered() {
    let commit = Peer::new(Name::Alice, Version::V2, Name::Bob).commit();
    let mut stage = Stage::reach(Version::V3, AwaitingDhKey);
    stage.bob.session.set_policy(Policy::MANUAL).unwrap();
    assert_eq!(kinds(&stage.bob.hear(&commit).sent), "K");
    assert_eq!(stage.bob.auth(0), AwaitingRevealSig);

    let mut stage = Stage::reach(Version::V3, AwaitingSig);
    stage.bob.session.set_policy(Policy::MANUAL).unwrap();
    assert!(stage.bob.hear(&commit).is_silent());
    stage.go_on();
}

/// AKE-70, KEY-10: all that the event says; and each side reads its own half aloud.
#[test]
fn ake_71_a_session_says_who_the_peer_is_and_whether_they_are_new() {
    for version in VERSIONS {
        let mut pair = Pair::new(version);
        let secured = |pair: &mut Pair| {
            pair.alice.session.start(pair.alice.now).unwrap();
            let (alice, bob) = pair.run();
            [alice, bob].map(|heard| {
                let event = heard.events.into_iter().find(|event| matches!(event, Event::Secured { .. }));
                let Some(Event::Secured {
                    fingerprint,
                    trust,
                    own_key: false,
                    refreshed,
                    our_half,
                    session_id,
                    ..
                }) = event
                else {
                    panic!()
                };
                ((fingerprint, trust, refreshed, our_half), session_id)
            })
        };
        let fingerprint = |party: &Party| {
            let key = party.name.key();
            otr_protocol::Fingerprint::of(key.public(), &RustCrypto).unwrap()
        };
        let [(alice, id), (bob, same_id)] = secured(&mut pair);
        assert_eq!(alice, (fingerprint(&pair.bob), Trust::New, false, Half::Second));
        assert_eq!(bob, (fingerprint(&pair.alice), Trust::New, false, Half::First));
        assert_eq!(id, same_id);
        let of_bob = fingerprint(&pair.bob);
        pair.alice.session.known_fingerprints_mut().set(of_bob, "verified");
        let [(alice, new_id), (bob, _)] = secured(&mut pair);
        assert_eq!((alice.1, alice.2, bob.1, bob.2), (Trust::Trusted, true, Trust::Known, true));
        assert_ne!(id, new_id);

        // Somebody else in Bob's place.
        let mut mallory = Stage::reach(version, None);
        mallory.bob = pair.alice;
        mallory.peer = Peer::new(Name::Mallory, version, Name::Alice);
        mallory.peer.header.sender = Peer::new(Name::Bob, version, Name::Alice).header.sender;
        let key = mallory.bob.hear(&mallory.peer.commit());
        let heard = mallory.bob.hear(&mallory.peer.reveal(key.only()));
        let changed =
            |event: &Event| matches!(event, Event::Secured { trust: Trust::Changed, refreshed: false, .. });
        assert!(heard.events.iter().any(changed), "{heard:?}");
    }
}

/// One account on two clients: the same long-term key, but other values. Both are told.
#[test]
fn ake_08_our_own_key_with_another_value_is_legitimate() {
    let mut config = Config::default();
    config.policy = Policy::V3_ONLY;
    let alice = Party::new(Name::Alice, Version::V3);
    let account = otr_protocol::Account::new(
        Arc::new(RustCrypto) as Arc<dyn otr_protocol::traits::Backend>,
        Name::Alice.key(),
        otr_protocol::InstanceTag::new(0x999),
        config,
    );
    let mut other = Party::new(Name::Alice, Version::V3);
    other.session = account.unwrap().session();
    let mut pair = Pair::of(alice, other);
    pair.alice.session.start(pair.alice.now).unwrap();
    let (alice, other) = pair.run();
    let is_own = |event: &Event| matches!(event, Event::Secured { own_key: true, .. });
    assert!(alice.events.iter().any(is_own) && other.events.iter().any(is_own));
    pair.check();
}
