//! Accounts and sessions that are saved and restored.

use std::sync::Arc;

use otr_protocol::traits::{Backend, Secret};
use otr_protocol::wire::Version;
use otr_protocol::{
    Account, Config, Event, Id, InstanceTag, MessageState, NotSentReason, Output, Policy, Recipient,
    RustCrypto, SavedAccount, SavedError, SavedSession, SmpEvent, Trust,
};
use proptest::prelude::*;

use crate::smp::told;
use crate::support::party::{VERSIONS, only};
use crate::support::wire::head;
use crate::support::{Heard, Name, Pair, Party, Side, Watching};

fn key() -> Secret<32> {
    Secret::from([7; 32])
}

fn account(name: Name, config: Config, backend: Arc<dyn Backend>) -> Account<Arc<dyn Backend>> {
    Account::new(backend, name.key(), InstanceTag::new(name.tag()), config).unwrap()
}

fn config(version: Version) -> Config {
    let mut config = Config::default();
    config.policy = only(version);
    config
}

/// What is left of a session: encrypted, and what it still had to say.
fn save(party: Party) -> (Vec<u8>, Vec<(Output, Option<Id>)>) {
    let saved = party.session.save(party.now);
    (saved.session.encrypt(&RustCrypto, &key()).unwrap(), saved.outputs)
}

fn restore(account: &Account<Arc<dyn Backend>>, name: Name, bytes: &[u8]) -> Party {
    let now = otr_protocol::Instant::from_secs(5);
    let saved = SavedSession::decrypt(&RustCrypto, &key(), bytes).unwrap();
    Party { session: account.restore(now, saved).unwrap(), now, name }
}

/// Saves and restores one side of a pair, on a backend of its own.
fn restart(pair: Pair, side: Side, backend: Arc<dyn Backend>) -> Pair {
    let Pair { alice, bob, to_alice, to_bob } = pair;
    let again = |party: Party| {
        let mut settings = Config::default();
        settings.policy = party.session.policy();
        let (name, (bytes, _)) = (party.name, save(party));
        restore(&account(name, settings, backend), name, &bytes)
    };
    match side {
        Side::Alice => Pair { alice: again(alice), bob, to_alice, to_bob },
        Side::Bob => Pair { alice, bob: again(bob), to_alice, to_bob },
    }
}

/// Every backend there is.
fn backends() -> Vec<Arc<dyn Backend>> {
    vec![
        Arc::new(RustCrypto),
        #[cfg(feature = "openssl")]
        Arc::new(otr_protocol::OpenSsl),
    ]
}

#[test]
fn a_session_goes_on_after_a_restart_on_any_backend() {
    for version in VERSIONS {
        let mut pair = Pair::secured(version);
        for _ in 0..3 {
            for backend in backends() {
                for side in [Side::Alice, Side::Bob] {
                    pair = restart(pair, side, backend.clone());
                    assert_eq!(pair.alice.state(), MessageState::Encrypted);
                    pair.check();
                    pair.tell(Side::Bob, "twice in a row");
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    /// DATA-11, DATA-24: at any moment of a conversation. Nothing is lost or read twice, and no key stream serves twice.
    #[test]
    fn a_session_goes_on_whenever_it_is_saved(
        steps in proptest::collection::vec((0..4_u8, any::<bool>()), 1..24),
        v2 in any::<bool>(),
    ) {
        let version = if v2 { Version::V2 } else { Version::V3 };
        let watching = [Arc::<Watching>::default(), Arc::default()];
        let party = |name, side: Side| Party::with(name, config(version), watching[side as usize].clone());
        let mut pair = Pair::of(party(Name::Alice, Side::Alice), party(Name::Bob, Side::Bob));
        pair.secure();
        let (mut said, mut read) = (0, 0);
        for (step, is_alice) in steps {
            let side = if is_alice { Side::Alice } else { Side::Bob };
            match step {
                0 => pair = restart(pair, side, watching[side as usize].clone()),
                1 | 2 => {
                    said += 1;
                    let text = format!("text {said}");
                    let party = if is_alice { &mut pair.alice } else { &mut pair.bob };
                    party.session.send(party.now, Recipient::Best, text).unwrap();
                    pair.flush();
                }
                _ => read += pair.step(side).map_or(0, |heard| heard.messages().len()),
            }
        }
        let (alice, bob) = pair.run();
        read += alice.messages().len() + bob.messages().len();
        prop_assert_eq!(read, said);
        pair.check();
        prop_assert!(watching.iter().all(|watching| watching.reused_key_streams() == 0));
    }
}

/// DATA-11: one copy, restored twice, and texts of the same length in both.
#[test]
fn data_11_a_copy_restored_twice_repeats_no_key_stream() {
    for version in VERSIONS {
        let watching = Arc::<Watching>::default();
        let bob = Party::with(Name::Bob, config(version), watching.clone());
        let mut pair = Pair::of(Party::new(Name::Alice, version), bob);
        pair.secure();
        pair.bob.say("before");
        let (bytes, _) = save(pair.bob);
        let account = account(Name::Bob, config(version), watching.clone());
        let mut counters = Vec::new();
        for text in ["attack at dawn", "attack at noon", "attack at dusk"] {
            let mut copy = restore(&account, Name::Bob, &bytes);
            let sent = copy.say(text);
            let (sender, recipient, counter, _) = head(&sent[0]);
            assert_eq!((sender, recipient), (1, 1));
            counters.push(counter);
            // The peer accepts a counter that is far ahead.
            if counters.iter().all(|before| *before <= counter) {
                assert_eq!(pair.alice.hear(&sent[0]).messages(), [text]);
            }
        }
        counters.dedup();
        assert_eq!(counters.len(), 3);
        assert_eq!(watching.reused_key_streams(), 0);
    }
}

/// DATA-29: the MAC keys that were used before are revealed after.
#[test]
fn data_29_what_was_used_before_a_restart_is_revealed_after_it() {
    let revealed = |restarts: bool| {
        let mut pair = Pair::secured(Version::V3);
        for _ in 0..2 {
            pair.check();
            if restarts {
                pair = restart(pair, Side::Bob, Arc::new(RustCrypto));
            }
        }
        let sent = pair.bob.end().sent;
        head(&sent[0]).3.len()
    };
    assert!(revealed(false) > 0);
    assert_eq!(revealed(false), revealed(true));
}

/// MSG-50, TAG-14, AKE-71, POL-04, SMP-26: what else outlives a restart, and what does not.
#[test]
fn held_texts_trust_and_policy_are_kept_and_what_was_under_way_is_told() {
    let mut pair = Pair::secured(Version::V3);
    let of_alice = otr_protocol::Fingerprint::of(Name::Alice.key().public(), &RustCrypto).unwrap();
    pair.bob.session.known_fingerprints_mut().set(of_alice, "verified");
    pair.bob.session.smp(pair.bob.now, Recipient::Best).unwrap().start("secret", None).unwrap();
    pair.bob.drain();
    pair.bob.session.end_all(pair.bob.now).unwrap();
    pair.bob.drain();
    pair.bob.session.set_policy(Policy::V3_ONLY | Policy::REQUIRE_ENCRYPTION).unwrap();
    let now = pair.bob.now;
    pair.bob.session.with_id("id 1", |session| session.send(now, Recipient::Best, "held")).unwrap();
    pair.bob.drain();
    let mut pair = restart(pair, Side::Bob, Arc::new(RustCrypto));
    assert_eq!(pair.bob.session.policy(), Policy::V3_ONLY | Policy::REQUIRE_ENCRYPTION);
    pair.alice.end();
    pair.alice.session.start(pair.alice.now).unwrap();
    let (alice, bob) = pair.run();
    assert_eq!(alice.messages(), ["held"]);
    assert!(bob.events.iter().any(|event| matches!(event, Event::Secured { trust: Trust::Trusted, .. })));

    // Under way: a comparison, and a text that waits for its time.
    let mut settings = config(Version::V3);
    settings.send_interval = core::time::Duration::from_secs(10);
    let bob = Party::with(Name::Bob, settings, Arc::new(RustCrypto));
    let mut pair = Pair::of(Party::new(Name::Alice, Version::V3), bob);
    pair.alice.session.start(pair.alice.now).unwrap();
    for _ in 0..6 {
        pair.run();
        pair.bob.wait(10);
    }
    pair.bob.session.smp(pair.bob.now, Recipient::Best).unwrap().start("secret", None).unwrap();
    pair.bob.session.send(pair.bob.now, Recipient::Best, "waits").unwrap();
    let (bytes, outputs) = save(pair.bob);
    let mut heard = Heard::default();
    for (output, _) in outputs {
        match output {
            Output::Send(message) => heard.sent.push(message.text),
            Output::Event(event) => heard.events.push(event),
            Output::Idle(_) => panic!("nothing is idle any more"),
        }
    }
    assert_eq!(told(&heard), [SmpEvent::Aborted]);
    let read: Vec<_> = heard.sent.iter().flat_map(|text| pair.alice.hear(text).messages()).collect();
    assert_eq!(read, ["waits"]);
    let bob = restore(&account(Name::Bob, config(Version::V3), Arc::new(RustCrypto)), Name::Bob, &bytes);
    pair.bob = bob;
    pair.check();
}

/// MSG-50: a held text is given back if nobody comes, also after a restart.
#[test]
fn msg_50_held_texts_wait_anew() {
    let mut settings = config(Version::V3);
    settings.policy = Policy::V3_ONLY | Policy::REQUIRE_ENCRYPTION;
    let mut bob = Party::with(Name::Bob, settings.clone(), Arc::new(RustCrypto));
    bob.session.send(bob.now, Recipient::Best, "held").unwrap();
    bob.drain();
    let (bytes, outputs) = save(bob);
    assert!(outputs.is_empty());
    let mut bob = restore(&account(Name::Bob, settings, Arc::new(RustCrypto)), Name::Bob, &bytes);
    bob.wait(59);
    assert!(bob.drain().is_silent());
    bob.wait(1);
    let expired = Event::NotSent { text: b"held".to_vec(), reason: NotSentReason::Expired };
    assert_eq!(bob.drain().events, [expired]);
}

#[test]
fn s_19_a_wrong_key_damage_and_the_unknown_are_told_apart() {
    let (bytes, _) = save(Pair::secured(Version::V3).bob);
    let open = |bytes: &[u8]| SavedSession::decrypt(&RustCrypto, &key(), bytes).map(drop);
    assert_eq!(open(&bytes), Ok(()));
    let other_key = Secret::from([8; 32]);
    let result = SavedSession::decrypt(&RustCrypto, &other_key, &bytes).map(drop);
    assert_eq!(result, Err(SavedError::Authentication));
    let unrecognized = Err(SavedError::Unrecognized { expected: "session" });
    for at in 0..bytes.len() {
        let mut damaged = bytes.clone();
        damaged[at] ^= 0x10;
        let expected = match at {
            0..9 => unrecognized.clone(),
            9 => Err(SavedError::Format { found: 0x11, known: 1 }),
            _ => Err(SavedError::Authentication),
        };
        assert_eq!(open(&damaged), expected, "byte {at}");
        let expected = if at < 10 { unrecognized.clone() } else { Err(SavedError::Authentication) };
        assert_eq!(open(&bytes[..at]), expected, "{at} bytes");
    }
    // An account is no session.
    let alice = account(Name::Alice, config(Version::V3), Arc::new(RustCrypto));
    assert_eq!(open(&alice.save().encrypt(&RustCrypto, &key()).unwrap()), unrecognized);
    // Nor is Bob's session Alice's.
    let saved = SavedSession::decrypt(&RustCrypto, &key(), &bytes).unwrap();
    let fingerprint = otr_protocol::Fingerprint::of(Name::Bob.key().public(), &RustCrypto).unwrap();
    let tag = InstanceTag::new(Name::Bob.tag());
    let result = alice.restore(otr_protocol::Instant::default(), saved).map(drop);
    assert_eq!(result, Err(SavedError::OtherAccount { fingerprint, tag }));
    // Two times the same: not the same bytes.
    let again = |account: &Account<_>| account.save().encrypt(&RustCrypto, &key()).unwrap();
    assert_ne!(again(&alice), again(&alice));
}

#[test]
fn an_account_is_restored_with_its_key_and_tag() {
    let alice = account(Name::Alice, Config::default(), Arc::new(RustCrypto));
    let bytes = alice.save().encrypt(&RustCrypto, &key()).unwrap();
    for backend in backends() {
        let saved = SavedAccount::decrypt(&backend, &key(), &bytes).unwrap();
        let x = data_encoding::HEXLOWER.encode(alice.key().x().expose());
        assert!(serde_json::to_string(&saved).unwrap().contains(&x), "as JSON it is not encrypted");
        assert!(!format!("{saved:?}").contains(&x[..8]));
        let again = saved.restore(backend, Config::default()).unwrap();
        assert_eq!(again.fingerprint(), alice.fingerprint());
        assert_eq!(again.instance_tag(), alice.instance_tag());
        assert!(again.key().x() == alice.key().x());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    /// S-19: whoever holds the key can write anything. It is refused, or it is a session that does no harm.
    #[test]
    fn s_19_any_content_is_refused_or_harmless(
        flips in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        v2 in any::<bool>(),
    ) {
        let version = if v2 { Version::V2 } else { Version::V3 };
        let saved = Pair::secured(version).bob.session.save(otr_protocol::Instant::default());
        let mut text = serde_json::to_vec(&saved.session).unwrap();
        for (at, to) in flips {
            // Digits and letters, so that it stays JSON most of the time.
            let at = at.index(text.len());
            text[at] = b"0123456789abcdef\"{}[]:,-x"[usize::from(to) % 25];
        }
        let Ok(saved) = serde_json::from_slice::<SavedSession>(&text) else { return Ok(()) };
        let account = account(Name::Bob, config(version), Arc::new(RustCrypto));
        let now = otr_protocol::Instant::from_secs(1);
        let Ok(session) = account.restore(now, saved) else { return Ok(()) };
        let mut bob = Party { session, now, name: Name::Bob };
        let _ = bob.session.send(now, Recipient::Best, "text");
        bob.drain();
        let mut pair = Pair::of(Party::new(Name::Alice, version), bob);
        pair.alice.session.start(now).unwrap();
        pair.run();
    }
}
