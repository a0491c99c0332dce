//! Every single call of the backend fails in turn, in a conversation that has everything.

use std::sync::Arc;
use std::thread;

use otr_protocol::traits::Backend;

use super::talk::{Manners, Talk};
use crate::support::Failing;
use crate::support::party::VERSIONS;

/// AKE-51, DATA-11, DATA-30, MSG-12, SMP-29: whoever's backend fails is told so by an error or by the end of the session.
/// Nothing leaves in clear, no key stream serves twice, no text is read twice; what failed can be tried again; and a new
/// exchange mends everything.
#[test]
fn s_46_whatever_call_fails_nothing_leaks_and_a_query_recovers() {
    thread::scope(|scope| {
        for version in VERSIONS {
            for whose in [0, 1] {
                scope.spawn(move || {
                    for insists in [false, true] {
                        let manners = Manners { version, holds: !insists, insists };
                        let calls = fail_never(manners, whose);
                        for n in 1..=calls {
                            fail_once(manners, whose, n);
                        }
                    }
                });
            }
        }
    });
}

fn talk(manners: Manners) -> (Talk, [Arc<Failing>; 2]) {
    let backends: [Arc<Failing>; 2] = Default::default();
    let talk = Talk::new(manners, backends.clone().map(|backend| backend as Arc<dyn Backend>));
    (talk, backends)
}

/// How many calls one side makes.
fn fail_never(manners: Manners, whose: usize) -> usize {
    let (mut talk, backends) = talk(manners);
    backends[whose].fail_at(0);
    talk.converse();
    let calls = backends[whose].calls();
    assert!(calls > 150 && talk.failures == 0 && talk.compared == 2 && talk.is_complete(), "{calls}");
    calls
}

fn fail_once(manners: Manners, whose: usize, n: usize) {
    let (mut talk, backends) = talk(manners);
    backends[whose].fail_at(n);
    talk.converse();
    let what = format!("{manners:?}, call {n} of {whose}");
    assert!(backends[whose].calls() >= n, "never made: {what}");
    // The last message ends the session, and nobody misses the keys that would have come after it.
    assert!(talk.failures > 0 || talk.is_complete() && talk.is_over(), "nobody is told: {what}");
    // Whoever tries again loses nothing, as long as the session is there.
    assert!(!manners.insists || talk.broken > 0 || talk.is_complete(), "something is lost: {what}");
    backends[whose].fail_at(0);
    // A comparison takes its time, and nothing of the one before is left: now and then it must succeed.
    talk.recover(n.is_multiple_of(16));
    for backend in backends.iter().map(|backend| &backend.inner) {
        // Whoever tries again signs again, and encrypts that as what was lost before it was sent.
        let reused = if manners.insists { backend.reused_for_data() } else { backend.reused_key_streams() };
        assert_eq!(reused, 0, "{what}");
    }
}
