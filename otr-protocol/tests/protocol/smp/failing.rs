//! A comparison during which each single call of the backend fails in turn (S-46).

use std::sync::Arc;

use otr_protocol::{Config, MessageState, Recipient, SmpEvent, Version};

use super::told;
use crate::support::party::only;
use crate::support::{Failing, Heard, Name, Pair, Party};

/// Alice, whose backend fails when told to, and Bob, in a session.
fn pair() -> (Pair, Arc<Failing>) {
    let backend = Arc::<Failing>::default();
    let mut config = Config::default();
    config.policy = only(Version::V3);
    let alice = Party::with(Name::Alice, config, backend.clone());
    let mut pair = Pair::of(alice, Party::new(Name::Bob, Version::V3));
    pair.secure();
    (pair, backend)
}

/// Carries everything to and fro, whatever fails: what Alice was told, and how often she failed.
fn carry(pair: &mut Pair) -> (Heard, usize) {
    let (mut all, mut failures) = (Heard::default(), 0);
    loop {
        let (alice, _) = pair.flush();
        all.events.extend(alice.events);
        let Some(text) = pair.to_bob.pop_front() else {
            let Some(text) = pair.to_alice.pop_front() else { return (all, failures) };
            failures += usize::from(pair.alice.session.receive(pair.alice.now, &text).is_err());
            continue;
        };
        pair.bob.session.receive(pair.bob.now, &text).unwrap();
    }
}

fn compare(pair: &mut Pair, alice_asks: bool) -> (Vec<SmpEvent>, usize) {
    let smp = |party: &mut Party, is_first: bool| {
        let handle = party.session.smp(party.now, Recipient::Best)?;
        if is_first { handle.start("s", None) } else { handle.respond("s") }
    };
    let mut failures = 0;
    let asker = if alice_asks { &mut pair.alice } else { &mut pair.bob };
    failures += usize::from(smp(asker, true).is_err());
    let (mut heard, failed) = carry(pair);
    failures += failed;
    let asked = if alice_asks { &mut pair.bob } else { &mut pair.alice };
    failures += usize::from(smp(asked, false).is_err());
    let (rest, failed) = carry(pair);
    heard.events.extend(rest.events);
    (told(&heard), failures + failed)
}

/// The one who fails is told that the run is over, or was told an error by the call that failed; nobody succeeds by a
/// failure, and the next comparison works.
#[test]
fn smp_29_a_failing_backend_ends_the_run_and_nothing_else() {
    for alice_asks in [true, false] {
        let (mut pair, backend) = pair();
        backend.fail_at(0);
        let (events, failures) = compare(&mut pair, alice_asks);
        assert_eq!((events.last(), failures), (Some(&SmpEvent::Succeeded), 0));
        let calls = backend.calls();
        assert!(calls > 30, "{calls}");
        for call in 1..=calls {
            backend.fail_at(call);
            let (events, failures) = compare(&mut pair, alice_asks);
            // Without the next keys the session ends, and the run with it (DATA-30).
            let is_over = pair.alice.state() != MessageState::Encrypted;
            assert!(
                failures > 0 || is_over || events.last() == Some(&SmpEvent::Succeeded),
                "{call}: {events:?}"
            );
            assert!(!is_over || events.last() != Some(&SmpEvent::Progress), "{call}: {events:?}");
            backend.fail_at(0);
            for party in [&mut pair.alice, &mut pair.bob] {
                if let Ok(smp) = party.session.smp(party.now, Recipient::Best) {
                    smp.abort().unwrap();
                }
            }
            carry(&mut pair);
            if is_over {
                pair.alice.end();
                pair.bob.end();
                pair.to_alice.clear();
                pair.to_bob.clear();
                pair.secure();
            }
            // A comparison takes its time, and the next round makes one anyway: now and then it must not fail.
            if call.is_multiple_of(8) || call == calls {
                let (events, failures) = compare(&mut pair, alice_asks);
                assert_eq!((events.last(), failures), (Some(&SmpEvent::Succeeded), 0), "after call {call}");
            }
        }
    }
}
