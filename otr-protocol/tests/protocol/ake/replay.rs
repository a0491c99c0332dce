//! Everything that was ever sent is sent again.

use std::sync::Arc;

use otr_protocol::wire::{Header, InstanceTag, Version};
use otr_protocol::{Config, Problem, Recipient};
use proptest::prelude::*;

use crate::support::party::{VERSIONS, only};
use crate::support::peer::Peer;
use crate::support::wire::{from_instance, kind, kinds, negative};
use crate::support::{Name, Pair, Party, Side, Watching};

/// Two parties whose key streams are watched.
fn watched(version: Version) -> (Pair, [Arc<Watching>; 2]) {
    let backends = [Arc::new(Watching::default()), Arc::new(Watching::default())];
    let mut config = Config::default();
    config.policy = only(version);
    let alice = Party::with(Name::Alice, config.clone(), backends[0].clone());
    let bob = Party::with(Name::Bob, config, backends[1].clone());
    (Pair::of(alice, bob), backends)
}

/// S-06: answers to our commit, replayed under another tag, must not establish the same keys a second time. Their
/// counters would start again, and two texts share a key stream.
#[test]
fn ake_73_a_replay_under_another_tag_repeats_no_key_stream() {
    let (mut pair, [_, watching]) = watched(Version::V3);
    pair.alice.session.start(pair.alice.now).unwrap();
    let (alice, _) = pair.run();
    pair.bob.say("attack at dawn");
    let mut replayed = 0;
    for text in alice.sent.iter().filter(|text| kind(text) != '.') {
        replayed += 1;
        let heard = pair.bob.hear(&from_instance(text, 0xbad));
        assert_eq!(heard.secured(), 0);
    }
    assert_eq!(replayed, 2);
    pair.bob.session.send(pair.bob.now, Recipient::Best, "attack at noon").unwrap();
    assert_eq!(watching.reused_key_streams(), 0);
    assert!(watching.key_streams() > 4);
}

/// INST-12: every second x makes a value and its negative the same secret. A forger who puts one in the place of the other, under
/// another tag, would see what we sign encrypted twice with one key stream; a peer would have two sessions with the same keys.
#[test]
fn ake_73_the_negative_of_an_answer_is_the_same_answer() {
    let [peer, other] = [0x100, 0x101].map(|tag| Peer {
        header: Header {
            sender: InstanceTag::new(tag),
            ..Peer::new(Name::Alice, Version::V3, Name::Bob).header
        },
        ..Peer::new(Name::Alice, Version::V3, Name::Bob)
    });
    for _ in 0..8 {
        let (mut pair, [_, watching]) = watched(Version::V3);
        pair.bob.hear(b"?OTRv3?");
        assert_eq!(kinds(&pair.bob.hear(&peer.dh_key()).sent), "R");
        let heard = pair.bob.hear(&other.dh_key_of(&negative(peer.public())));
        assert_eq!((heard.problems(), heard.sent.len()), (vec![Problem::SetupFailed], 0));
        assert_eq!(watching.reused_key_streams(), 0);
        assert_eq!(kinds(&pair.bob.hear(&other.dh_key()).sent), "R");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    /// After a session, and one that replaced it, every old message in any order, from any tag: no session comes
    /// of it, no key stream is used twice, and the session goes on.
    #[test]
    fn ake_73_data_11_no_replay_establishes_a_session_or_repeats_a_key_stream(
        v3 in any::<bool>(),
        refreshed in any::<bool>(),
        picks in prop::collection::vec((any::<prop::sample::Index>(), 0..4u32, any::<bool>()), 1..24),
    ) {
        let (mut pair, backends) = watched(VERSIONS[usize::from(v3)]);
        let mut recorded = [Vec::new(), Vec::new()];
        for _ in 0..=usize::from(refreshed) {
            pair.alice.session.start(pair.alice.now).unwrap();
            let (alice, bob) = pair.run();
            prop_assert_eq!((alice.secured(), bob.secured()), (1, 1));
            recorded[0].extend(alice.sent.into_iter().filter(|text| kind(text) != '.'));
            recorded[1].extend(bob.sent.into_iter().filter(|text| kind(text) != '.'));
            recorded[0].extend(pair.alice.say("first text"));
            recorded[1].extend(pair.bob.say("second text"));
            pair.tell(Side::Alice, "third text");
            pair.tell(Side::Bob, "fourth text");
        }
        for (pick, tag, from_alice) in picks {
            let (texts, party) = match from_alice {
                true => (&recorded[0], &mut pair.bob),
                false => (&recorded[1], &mut pair.alice),
            };
            let text = pick.get(texts);
            let text = if v3 && tag > 0 { from_instance(text, 0x2000 + tag) } else { text.clone() };
            // The first texts of each side were never delivered; all others were.
            let heard = party.hear(&text);
            prop_assert_eq!(heard.secured(), 0);
            party.session.send(party.now, Recipient::Best, "and on").unwrap();
            party.drain();
        }
        pair.tell(Side::Alice, "still here");
        pair.tell(Side::Bob, "still here");
        for backend in backends {
            prop_assert_eq!(backend.reused_key_streams(), 0);
        }
    }
}
