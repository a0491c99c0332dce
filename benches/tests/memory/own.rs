//! What the application does while nobody answers (S-35).

use otr_benches::Counting;
use otr_protocol::wire::Version;
use otr_protocol::{Config, Error, Policy, Recipient};

use super::Flooded;
use super::support::party::Pair;

/// MSG-50: so many texts are held, and no more are taken.
#[test]
fn s_35_a_million_texts_under_required_encryption_are_refused() {
    let mut config = Config::default();
    config.policy = Policy::ALWAYS;
    let mut bob =
        super::Party::with(super::Name::Bob, config.clone(), std::sync::Arc::new(super::RustCrypto));
    let text = [b'a'; 1000];
    let (held, refused) = Counting::held(|| {
        let mut refused = 0;
        for _ in 0..1_000_000 {
            match bob.session.send(bob.now, Recipient::Best, text) {
                Ok(()) => {}
                Err(Error::HeldQueueFull) => refused += 1,
                Err(error) => panic!("{error}"),
            }
            bob.drain();
        }
        refused
    });
    assert_eq!(refused, 1_000_000 - 32);
    assert!(held.kept <= config.memory_ceiling() && held.peak < 128 * 1024, "{held:?}");
    bob.wait(60);
    assert_eq!(bob.drain().events.len(), 32, "MSG-50: given back");
}

/// MSG-52: of what was sent, one text is remembered, for each of the peer's clients; and it does not grow, however often it
/// is sent again.
#[test]
fn s_35_of_what_was_sent_one_text_is_remembered() {
    let mut flooded = Flooded::new(|_| {});
    let text = vec![b'a'; 60_000];
    let (held, ()) = Counting::held(|| {
        for _ in 0..200 {
            flooded.bob.session.send(flooded.bob.now, Recipient::Best, &text).unwrap();
            flooded.bob.drain();
            flooded.bob.hear(b"?OTR Error: what?");
        }
    });
    flooded.check(held, text.len());
    assert!(held.kept < 2 * text.len(), "{held:?}");
}

/// What `Config::memory_ceiling` counts for the keys of a slot: with the tables of a comparison, which is the most of it.
#[test]
fn s_35_the_keys_of_a_session_and_a_comparison_take_less_than_64_kilobytes() {
    let mut pair = Pair::secured(Version::V3);
    let (held, ()) = Counting::held(|| {
        pair.check();
        let (alice, now) = (&mut pair.alice.session, pair.bob.now);
        alice.smp(now, Recipient::Best).unwrap().start("secret", None).unwrap();
        pair.run();
        pair.bob.session.smp(now, Recipient::Best).unwrap().respond("secret").unwrap();
        let answer = pair.bob.drain();
        // Both have their tables now: Bob has answered, and Alice waits for the end.
        assert_eq!(pair.alice.hear(answer.only()).sent.len(), 1);
    });
    assert!(held.kept < 2 * 64 * 1024, "{held:?} in two sessions");
}
