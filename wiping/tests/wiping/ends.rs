//! How sessions end.

use core::time::Duration;

use otr_protocol::wire::Version;
use otr_protocol::{Config, Policy, Recipient};
use otr_wiping::{Shared, Talk, backends};

use crate::{each, only_long_term_keys};

fn talk(backend: &Shared, version: Version) -> Talk {
    let mut talk = Talk::secured(backend, version);
    talk.alice_says("a text from Alice to Bob");
    talk.bob_says("a text from Bob to Alice");
    talk.alice_says("another one from Alice");
    talk
}

#[test]
fn s_45_msg_32_msg_60_a_session_that_one_side_ends() {
    each(|backend, version| {
        let mut talk = talk(backend, version);
        let now = talk.alice.now;
        talk.alice.session().end(now, Recipient::Best).unwrap();
        talk.run();
        // So long is a commit of version 3 kept for other clients (INST-12).
        talk.wait(61);
        only_long_term_keys(&talk);
        talk.check();
    });
}

/// The MAC keys that Bob would have revealed are secrets still.
#[test]
fn s_45_data_29_mac_keys_that_are_never_revealed() {
    each(|backend, version| {
        let mut talk = talk(backend, version);
        let now = talk.alice.now;
        talk.alice.session().abandon(now);
        talk.bob.session().abandon(now);
        only_long_term_keys(&talk);
        talk.check();
    });
}

#[test]
fn s_45_a_session_in_which_nothing_is_said_any_more() {
    for backend in backends() {
        let mut config = Config::default();
        config.policy = Policy::ALLOW_V3;
        config.idle_timeout = Some(Duration::from_secs(3600));
        let mut talk = Talk::with(&backend, &config);
        talk.secure();
        talk.alice_says("a text, and then silence");
        talk.wait(3601);
        only_long_term_keys(&talk);
        talk.check();
    }
}

#[test]
fn s_45_a_session_that_is_dropped() {
    each(|backend, version| talk(backend, version).check());
}

/// With everything that waits in it.
#[test]
fn s_45_a_session_that_is_dropped_before_anything_is_handed_out() {
    each(|backend, version| {
        let mut talk = Talk::secured(backend, version);
        talk.alice_says("a text from Alice to Bob");
        let now = talk.alice.now;
        talk.bob.session().send(now, Recipient::Best, "an answer that stays here").unwrap();
        talk.note("the text", b"an answer that stays here");
        talk.check();
    });
}
