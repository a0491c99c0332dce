//! Texts in clear, queries, offers, errors, and the policies that rule them.

use std::sync::Arc;

use otr_protocol::wire::{Version, Versions, whitespace_tag};
use otr_protocol::{Config, Error, Event, MessageState, Policy, Problem, Recipient, RustCrypto};

use crate::support::party::VERSIONS;
use crate::support::peer::Peer;
use crate::support::wire::{kind, kinds};
use crate::support::{Heard, Name, Pair, Party, Side};

fn with(policy: Policy) -> Party {
    configured(|config| config.policy = policy)
}

fn configured(change: impl FnOnce(&mut Config)) -> Party {
    let mut config = Config::default();
    change(&mut config);
    Party::with(Name::Bob, config, Arc::new(RustCrypto))
}

fn plaintext(text: &[u8]) -> Vec<Event> {
    vec![Event::Plaintext { text: text.to_vec() }]
}

fn unencrypted(heard: &Heard, text: &[u8]) -> bool {
    let expected = Event::Problem { kind: Problem::Unencrypted, text: Some(text.to_vec()), instance: None };
    heard.events.contains(&expected) && !heard.events.contains(&plaintext(text)[0])
}

#[test]
fn pol_03_where_no_version_is_allowed_everything_passes_unchanged() {
    let mut bob = with(Policy::NEVER);
    let tagged = [b"hi".as_slice(), &whitespace_tag(Policy::MANUAL.versions())].concat();
    let commit = Peer::new(Name::Alice, Version::V2, Name::Bob).commit();
    for text in [b"hi".as_slice(), b"?OTRv23?", b"?OTR Error: x", b"?OTR,1,2,a,", b"\0\xff", &tagged, &commit]
    {
        let heard = bob.hear(text);
        assert_eq!((heard.events, heard.sent.len()), (plaintext(text), 0));
        bob.session.send(bob.now, Recipient::Best, text).unwrap();
        assert_eq!(bob.drain().sent, [text]);
    }
    assert_eq!(bob.session.start(bob.now), Err(Error::NoVersionAllowed));
}

/// POL-05: nor does taking the versions away turn a session into clear text.
#[test]
fn msg_11_12_no_policy_sends_clear_text_around_a_session() {
    for version in VERSIONS {
        for policy in
            [Policy::NEVER, Policy::REQUIRE_ENCRYPTION, Policy::SEND_WHITESPACE_TAG, Policy::OPPORTUNISTIC]
        {
            let mut pair = Pair::secured(version);
            pair.bob.session.set_policy(policy).unwrap();
            assert!(unencrypted(&pair.bob.hear(b"in clear"), b"in clear"));
            assert_eq!(kinds(&pair.bob.say("secret")), "D");
        }
    }
    let mut bob = with(Policy::REQUIRE_ENCRYPTION);
    assert_eq!(bob.session.send(bob.now, Recipient::Best, "secret"), Err(Error::NoVersionAllowed));
    assert!(bob.drain().is_silent());
}

#[test]
fn msg_11_where_encryption_is_required_nothing_leaves_in_clear() {
    for version in VERSIONS {
        let mut pair = Pair::new(version);
        let policy =
            crate::support::party::only(version) | Policy::REQUIRE_ENCRYPTION | Policy::SEND_WHITESPACE_TAG;
        pair.bob.session.set_policy(policy).unwrap();
        let refuse = |pair: &mut Pair, expected: usize| {
            pair.bob.session.send(pair.bob.now, Recipient::Best, "secret").unwrap();
            let Heard { sent, events } = pair.bob.drain();
            assert_eq!(events, [Event::Held { text: b"secret".to_vec() }]);
            assert_eq!(sent, vec![format!("?OTRv{version}?").into_bytes(); expected]);
        };
        refuse(&mut pair, 1);
        assert!(unencrypted(&pair.bob.hear(b"hi"), b"hi"));
        // While an exchange is under way there is no need for another.
        pair.bob.hear(format!("?OTRv{version}?").as_bytes());
        refuse(&mut pair, 0);
        pair.secure();
        pair.check();
        pair.bob.end();
        // Our old commit is kept for other instances, but no session will come of it by itself.
        refuse(&mut pair, 1);
    }
}

#[test]
fn msg_01_text_in_clear_is_set_apart_during_and_after_a_session() {
    for version in VERSIONS {
        let mut pair = Pair::new(version);
        assert_eq!(pair.bob.hear(b"hi\0\xff").events, plaintext(b"hi\0\xff"));
        pair.secure();
        assert!(unencrypted(&pair.bob.hear(b"hi"), b"hi"));
        let tagged = [b"hi".as_slice(), &whitespace_tag(Policy::MANUAL.versions())].concat();
        assert!(unencrypted(&pair.bob.hear(&tagged), b"hi"));
        for text in pair.alice.end().sent {
            pair.bob.hear(&text);
        }
        assert!(unencrypted(&pair.bob.hear(b"hi"), b"hi"));
        pair.bob.end();
        assert_eq!(pair.bob.hear(b"hi").events, plaintext(b"hi"));
    }
}

/// S-17.
#[test]
fn msg_15_typed_markers_are_refused_in_clear_and_sent_encrypted() {
    let typed = ["?OTRv23?", "what does ?OTR mean", "?OTR:AAMD.", "?OTR Error: no", "?OTR,1,1,a,"];
    let mut bob = with(Policy::MANUAL);
    for text in typed {
        assert_eq!(bob.session.send(bob.now, Recipient::Best, text), Err(Error::LooksLikeOtr));
    }
    assert!(bob.drain().is_silent());
    assert_eq!(bob.say("?otr"), [b"?otr"]);
    let mut pair = Pair::secured(Version::V3);
    for text in typed {
        pair.tell(Side::Bob, text);
    }
}

#[test]
fn msg_16_no_nul_and_no_endless_text_is_encrypted() {
    let mut pair = Pair::secured(Version::V3);
    let bob = &mut pair.bob;
    let refused = bob.session.send(bob.now, Recipient::Best, "ab\0\0\x01\0\0");
    assert_eq!(refused, Err(Error::ContainsNul { offset: 2 }));
    let limit = Config::default().max_text_size;
    let refused = bob.session.send(bob.now, Recipient::Best, vec![b'a'; limit + 1]);
    assert_eq!(refused, Err(Error::TooLong { length: limit + 1, limit }));
    assert!(bob.drain().is_silent());
    pair.tell(Side::Bob, &"a".repeat(limit));
}

/// MSG-03: a query is an event, never a text.
#[test]
fn tag_03_of_all_versions_offered_and_allowed_the_highest_is_used() {
    let cases = [
        ("?OTRv23?", Policy::MANUAL, Some(b'M')),
        ("?OTRv32?", Policy::MANUAL, Some(b'M')),
        ("?OTR?v2?", Policy::MANUAL, Some(b'I')),
        ("?OTRv23?", Policy::ALLOW_V2, Some(b'I')),
        ("?OTRv2?", Policy::V3_ONLY, None),
        ("?OTR?", Policy::MANUAL, None),
        ("?OTRv?", Policy::MANUAL, None),
        ("?OTRv49x?", Policy::MANUAL, None),
        ("<i>?OTRv2?</i>", Policy::MANUAL, Some(b'I')),
    ];
    for (query, policy, version) in cases {
        let heard = with(policy).hear(query.as_bytes());
        assert!(matches!(heard.events[..], [Event::QueryReceived { .. }]), "{query}");
        let sent: Vec<_> = heard.sent.iter().map(|text| text[7]).collect();
        assert_eq!(sent, Vec::from_iter(version), "{query}");
    }
}

/// MSG-10.
#[test]
fn tag_11_14_offers_stop_when_the_peer_has_no_otr_and_go_on_when_it_has() {
    let tagged = [b"hi".as_slice(), &whitespace_tag(Policy::MANUAL.versions())].concat();
    let policy = Policy::MANUAL | Policy::SEND_WHITESPACE_TAG;
    let mut bob = with(policy);
    bob.hear(b"nothing sent yet, so nothing rejected");
    assert_eq!([bob.say("hi"), bob.say("hi")].concat(), [tagged.clone(), tagged.clone()]);
    bob.hear(b"no otr here");
    assert_eq!(bob.say("hi"), [b"hi"]);
    bob.hear(b"?OTR Error: or so");
    assert_eq!(bob.say("hi").concat(), tagged);
    bob.hear(b"accepted once is accepted");
    assert_eq!(bob.say("hi").concat(), tagged);
    let mut bob = with(policy);
    bob.say("hi");
    bob.hear(b"no otr here");
    bob.end();
    assert_eq!(bob.say("hi"), [tagged], "an end begins anew");
}

/// MSG-02: the text arrives without the offer.
#[test]
fn tag_13_an_offer_starts_an_exchange_unless_there_is_a_session() {
    for version in VERSIONS {
        let only = crate::support::party::only(version);
        let tagged = [b"a".as_slice(), &whitespace_tag(only.versions()), b"b"].concat();
        let mut pair = Pair::new(version);
        let heard = pair.bob.hear(&tagged);
        assert_eq!((heard.sent.len(), &heard.events[..1]), (0, &plaintext(b"ab")[..]));
        pair.bob.session.set_policy(only | Policy::WHITESPACE_START_AKE).unwrap();
        assert_eq!(kinds(&pair.bob.hear(&tagged).sent), "C");
        pair.secure();
        assert!(pair.bob.hear(&tagged).sent.is_empty());
        for text in pair.alice.end().sent {
            pair.bob.hear(&text);
        }
        assert_eq!(kinds(&pair.bob.hear(&tagged).sent), "C");
        assert_eq!(pair.bob.state(), MessageState::Finished);
    }
}

/// MSG-04.
#[test]
fn err_02_04_an_error_changes_nothing_and_is_answered_seldom() {
    let mut pair = Pair::secured(Version::V3);
    pair.bob.session.set_policy(Policy::V3_ONLY | Policy::ERROR_START_AKE).unwrap();
    let heard = pair.bob.hear(b"x ?OTR Error: \x1b[31mbad\x07 \xff");
    assert_eq!(heard.sent, [b"?OTRv3?"]);
    let words = "[31mbad \u{fffd}".as_bytes().to_vec();
    let expected = Event::Problem { kind: Problem::PeerError, text: Some(words), instance: None };
    assert_eq!(heard.events, [expected]);
    for _ in 0..3 {
        assert!(pair.bob.hear(b"?OTR Error: again").sent.is_empty());
    }
    pair.bob.wait(10);
    assert_eq!(pair.bob.hear(b"?OTR Error: later").sent.len(), 1);
    let long = [b"?OTR Error:".as_slice(), &[b'x'; 100_000]].concat();
    let Event::Problem { text: Some(words), .. } = &pair.bob.hear(&long).events[0] else { panic!() };
    assert_eq!(words.len(), 1000);
    pair.tell(Side::Alice, "still here");
}

#[test]
fn wire_23_a_version_that_is_not_allowed_is_ignored() {
    for version in VERSIONS {
        let other = if version == Version::V2 { Version::V3 } else { Version::V2 };
        let mut pair = Pair::secured(version);
        let peer = Peer::new(Name::Alice, other, Name::Bob);
        let fragment = if other == Version::V2 { "?OTR,1,2,a," } else { "?OTR|a11ce|b0b,1,2,a," };
        let data = peer.authenticate(&peer.saying(b""), b"", &[0; 20]);
        for text in [peer.commit(), peer.dh_key(), data, fragment.into()] {
            let heard = pair.bob.hear(&text);
            assert_eq!((heard.problems(), heard.sent.len()), (vec![Problem::UnsupportedVersion], 0));
        }
        pair.check();
        // POL-05: a session whose version is taken away goes deaf, and stays.
        let text = pair.alice.say("hi").remove(0);
        pair.bob.session.set_policy(crate::support::party::only(other)).unwrap();
        assert_eq!(pair.bob.hear(&text).problems(), [Problem::UnsupportedVersion]);
        assert_eq!(pair.bob.state(), MessageState::Encrypted);
    }
}

#[test]
fn wire_14_in_strict_mode_a_marker_counts_at_the_start_only() {
    let mut bob = configured(|config| config.strict_markers = true);
    for text in [b"see ?OTRv3?".as_slice(), b"<b>?OTRv3?</b>", b"x?OTR,1,1,a,"] {
        assert_eq!(bob.hear(text).events, plaintext(text));
    }
    assert_eq!(bob.say("see ?OTRv3?"), [b"see ?OTRv3?"]);
    assert_eq!(kinds(&bob.hear(b" \n?OTRv3?").sent), "C");
}

#[test]
fn ake_22_starting_sends_a_query_and_nothing_else() {
    for (policy, query) in
        [(Policy::MANUAL, "?OTRv23?"), (Policy::ALLOW_V2, "?OTRv2?"), (Policy::V3_ONLY, "?OTRv3?")]
    {
        let mut bob = with(policy);
        bob.session.start(bob.now).unwrap();
        let heard = bob.drain();
        assert_eq!((heard.sent, heard.events.len()), (vec![query.into()], 0));
        assert_eq!(bob.auth(0), otr_protocol::AuthStateKind::None);
    }
}

#[test]
fn tag_12_offers_of_strange_versions_start_nothing() {
    let mut bob = with(Policy::MANUAL | Policy::WHITESPACE_START_AKE);
    let base = whitespace_tag(Versions::NONE);
    let text = [b"hi".as_slice(), &base, b"\t\t\t\t\t\t\t\t \t"].concat();
    let heard = bob.hear(&text);
    assert_eq!((heard.sent.len(), &heard.events[..1]), (0, &plaintext(b"hi \t")[..]));
    assert!(heard.sent.iter().all(|text| kind(text) == '.'));
}
