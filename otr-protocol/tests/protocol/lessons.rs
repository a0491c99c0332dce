//! Mistakes that are easily made in an implementation of OTR, each as a test that this one does not make it.
//!
//! Here stand those that no other file is about. The rest:
//!
//! | mistake | tested in |
//! |---|---|
//! | a counter taken from a message before its MAC is checked | `data_22_a_forged_counter_does_not_block_the_session` |
//! | counters kept for a session, or lost when keys rotate | `data_10_to_28_keyids_and_counters_follow_the_worked_example` |
//! | a message accepted twice | `data_24_a_message_is_accepted_once_and_never_after_a_later_one` |
//! | a D-H Key that moves a session, or replays that repeat one | `ake_43_…`, `ake_73_…` |
//! | a text resent, or released, to somebody else | `msg_52_…`, `inst_15_…` |
//! | a second commit ignored, or the states of 5.9 mixed up | `ake/matrix.rs` |
//! | a text typed after the end that appears in the next session | `msg_50_52_what_a_new_session_releases` |
//! | only the last of several held texts kept, or more than fit | `msg_50_…` |
//! | values or D out of range in a comparison | `smp_10_each_wrong_number_of_message_1_is_cheating`, `smp/checks.rs` |
//! | a proof of a comparison that is not checked | `smp_16_…` |
//! | an abort, instead of the last message, for secrets that differ | `smp_25_both_learn_the_result_…` |
//! | a comparison that hangs or breaks when it is started twice | `smp_21_…`, `smp_23_…`, `smp_26_…` |
//! | a digest truncated instead of reduced | `key_05_…` in otr-traits and each backend |
//! | numbers with leading zeros | `wire_04_…`, and recorded conversations |
//! | only one instance of a peer; fragments mixed between them | `ake/instances.rs`, `frag_13_14_…` |
//! | fragments without bound, or in quadratic time | `frag_17_…` |
//! | fragments longer than the size asked for; sizes that break the arithmetic | `frag_01_02_…`, `frag_03_…` |
//! | memory for a length that a message only claims | `wire_02_…` |
//! | a message of another version shown as text | `wire_13_…`, `wire_23_…` |
//! | unknown records refused, and everything taken for a file | `msg_31_41_…`, `extra_key.rs` |
//! | the smallest instance tag read as decimal | `inst_02_…` |
//! | two programs that answer errors with errors | `err_04_…`, `err_03_…` |
//! | control messages that provoke errors | `msg_60_…`, `smp_…`, MSG-42 |
//! | texts that panic, throw or break a parser | `bad_input.rs` |

use std::sync::Arc;

use otr_protocol::traits::{Backend, Purpose, Result, Rng, delegate};
use otr_protocol::wire::{Version, whitespace_tag};
use otr_protocol::{Config, Event, MessageState, Policy, Recipient, RustCrypto, SmpEvent};

use crate::support::party::{VERSIONS, only};
use crate::support::peer::{Peer, public_in};
use crate::support::wire::kinds;
use crate::support::{Name, Pair, Party, Side};

/// A source of random bytes whose keys of commitments begin with zeros.
struct ZerosFirst(RustCrypto);

impl Rng for ZerosFirst {
    fn fill(&self, purpose: Purpose, buf: &mut [u8]) -> Result<()> {
        self.0.fill(purpose, buf)?;
        if purpose == Purpose::R {
            buf[..3].fill(0);
        }
        Ok(())
    }
}

delegate! { impl[] ModExp, Dsa, AesCtr, Hash, Backend for ZerosFirst => |self| self.0 }

fn with(name: Name, version: Version, backend: Arc<dyn Backend>) -> Party {
    let mut config = Config::default();
    config.policy = only(version);
    Party::with(name, config, backend)
}

/// S-25, AKE-01, WIRE-06: r is 16 bytes, zeros and all, for whoever draws it and whoever receives it.
#[test]
fn ake_01_a_commitment_opens_although_its_key_begins_with_zeros() {
    for version in VERSIONS {
        let bob = with(Name::Bob, version, Arc::new(ZerosFirst(RustCrypto)));
        let mut pair = Pair::of(Party::new(Name::Alice, version), bob);
        pair.secure();
        pair.check();

        let mut alice = Party::new(Name::Alice, version);
        let mut peer = Peer::new(Name::Bob, version, Name::Alice);
        peer.r = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];
        let key = alice.hear(&peer.commit());
        assert_eq!(alice.hear(&peer.reveal(key.only())).secured(), 1);
    }
}

/// AKE-71, AKE-72: as often as one likes, whatever keys have rotated before, by a query or after an end.
#[test]
fn ake_72_sessions_follow_each_other_after_keys_have_rotated() {
    for version in VERSIONS {
        let mut pair = Pair::secured(version);
        for round in 0..4 {
            for _ in 0..=round {
                pair.tell(Side::Alice, "to and fro");
                pair.tell(Side::Bob, "fro and to");
            }
            if round % 2 == 1 {
                for text in pair.alice.end().sent {
                    pair.bob.hear(&text);
                }
                pair.bob.end();
            }
            let asker = if round < 2 { &mut pair.alice } else { &mut pair.bob };
            asker.session.start(asker.now).unwrap();
            let (alice, bob) = pair.run();
            assert_eq!((alice.secured(), bob.secured()), (1, 1), "round {round}");
            pair.check();
            compare(&mut pair);
        }
    }
}

/// SMP-02, SMP-26: a comparison is about the session that there is now.
fn compare(pair: &mut Pair) {
    let now = pair.alice.now;
    pair.alice.session.smp(now, Recipient::Best).unwrap().start("secret", None).unwrap();
    pair.run();
    pair.bob.session.smp(now, Recipient::Best).unwrap().respond("secret").unwrap();
    let (alice, bob) = pair.run();
    for heard in [alice, bob] {
        let succeeded = |event: &Event| matches!(event, Event::Smp { event: SmpEvent::Succeeded, .. });
        assert!(heard.events.iter().any(succeeded), "{heard:?}");
    }
}

/// AKE-24, AKE-33: many queries at once, from both sides, end in one session, if the settings make them one. Otherwise
/// each side may give way to an old commit of the other's.
#[test]
fn ake_24_a_flood_of_queries_ends_in_one_session() {
    for version in VERSIONS {
        for _ in 0..8 {
            let party = |name| {
                let mut config = Config::default();
                config.policy = only(version);
                config.coalesce_queries = true;
                Party::with(name, config, Arc::new(RustCrypto))
            };
            let mut pair = Pair::of(party(Name::Alice), party(Name::Bob));
            for _ in 0..5 {
                pair.alice.session.start(pair.alice.now).unwrap();
                pair.bob.session.start(pair.bob.now).unwrap();
            }
            pair.run();
            pair.check();
        }
    }
}

/// AKE-24: a query right after a session began is not answered with the commit that this session was made with, which the
/// peer could not use again: a new session begins.
#[test]
fn ake_24_a_commit_that_was_used_is_not_sent_again() {
    for version in VERSIONS {
        let party = |name| {
            let mut config = Config::default();
            config.policy = only(version);
            config.coalesce_queries = true;
            Party::with(name, config, Arc::new(RustCrypto))
        };
        let mut pair = Pair::of(party(Name::Alice), party(Name::Bob));
        pair.alice.session.start(pair.alice.now).unwrap();
        pair.run();
        pair.alice.session.end_all(pair.alice.now).unwrap();
        pair.run();
        pair.alice.session.start(pair.alice.now).unwrap();
        pair.run();
        pair.check();
    }
}

/// WIRE-14, TAG-02, TAG-12: markers that are no messages, with a policy that reacts to everything it can.
#[test]
fn tag_02_12_odd_offers_start_nothing_and_break_nothing() {
    let policy = Policy::OPPORTUNISTIC;
    let base = &whitespace_tag(policy.versions())[..16];
    let mut bob = Party::new(Name::Bob, Version::V3);
    for (text, starts) in [
        ("?OTR is nice".into(), ""),
        ("do you have ?OTR?".into(), ""),
        ("?OTR??".into(), ""),
        ("?OTRv?".into(), ""),
        ("?OTRv24x?".into(), "C"),
        ("?OTRv3".into(), "C"),
        ([b"an offer of nothing".as_slice(), base].concat(), ""),
        ([base, b"        "].concat(), ""),
        ([base, &base[..9]].concat(), ""),
    ] {
        bob.session.set_policy(policy).unwrap();
        let heard = bob.hear(&text);
        assert_eq!(kinds(&heard.sent), starts, "{}", text.escape_ascii());
        bob.session.end_all(bob.now).unwrap();
        bob.drain();
    }
}

/// FRAG-11: a last piece that belongs to nothing is no text, and nothing that follows is disturbed.
#[test]
fn frag_11_a_stray_piece_is_nothing() {
    for text in ["?OTR,3,3,x,", "?OTR,2,2,x,", "?OTR,65535,65535,x,", "?OTR,4294967297,4294967298,x,"] {
        let mut bob = Party::new(Name::Bob, Version::V2);
        let heard = bob.hear(text.as_bytes());
        assert!(heard.sent.is_empty());
        assert!(!heard.events.iter().any(|event| matches!(event, Event::Plaintext { .. })), "{text}");
        let mut pair = Pair::of(Party::new(Name::Alice, Version::V2), bob);
        pair.secure();
        pair.check();
    }
}

/// MSG-42, MSG-60, SMP-20: what nobody typed does not provoke an Error when it cannot be read.
#[test]
fn msg_42_control_messages_provoke_no_errors() {
    for version in VERSIONS {
        let mut pair = Pair::secured(version);
        let now = pair.alice.now;
        let mut stranger = Party::new(Name::Bob, version);
        pair.alice.session.send_heartbeat(now, Recipient::Best).unwrap();
        pair.alice.session.smp(now, Recipient::Best).unwrap().start("secret", Some("?")).unwrap();
        pair.alice.session.smp(now, Recipient::Best).unwrap().abort().unwrap();
        if version == Version::V3 {
            pair.alice.session.extra_key(now, Recipient::Best, 1, b"name").unwrap();
        }
        pair.alice.session.end(now, Recipient::Best).unwrap();
        let sent = pair.alice.drain().sent;
        assert!(sent.len() > 3);
        for text in sent {
            assert!(stranger.hear(&text).is_silent());
        }
    }
}

/// AKE-72: the peer's first keyid is whatever they say it is, and a D-H Key does not make a session.
#[test]
fn ake_72_a_peer_may_begin_with_any_keyid() {
    let mut peer = Peer::new(Name::Alice, Version::V3, Name::Bob);
    peer.keyid = 40_000;
    let mut bob = Party::new(Name::Bob, Version::V3);
    let key = bob.hear(&peer.commit());
    assert_eq!(bob.state(), MessageState::Plaintext);
    bob.hear(&peer.reveal(key.only()));
    let theirs = public_in(key.only());
    let first = peer.data(0, &theirs, &peer.saying(b"one"));
    assert_eq!(bob.hear(&first).messages(), ["one"]);
    for _ in 0..3 {
        assert_eq!(bob.hear(&first).messages(), [""; 0]);
    }
}
