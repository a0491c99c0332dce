//! Texts that wait for a session.

use otr_protocol::{Config, Event, Policy, Recipient};
use otr_wiping::{Shared, Talk, backends};

use crate::in_use;

const TEXT: &str = "a text that waits for a session";

/// Alice has said something, although there is no session.
fn waiting(backend: &Shared) -> Talk {
    let mut config = Config::default();
    config.policy = Policy::ALLOW_V3 | Policy::REQUIRE_ENCRYPTION;
    let mut talk = Talk::with(backend, &config);
    talk.note("the text", TEXT.as_bytes());
    let now = talk.alice.now;
    talk.alice.session().send(now, Recipient::Best, TEXT).unwrap();
    talk
}

fn is_given_back(event: &Event) -> bool {
    matches!(event, Event::NotSent { text, .. } if text == TEXT.as_bytes())
}

#[test]
fn s_45_msg_50_a_held_text_that_is_sent() {
    for backend in backends() {
        let mut talk = waiting(&backend);
        talk.run();
        let is_it = |event: &Event| matches!(event, Event::Message { text, .. } if text == TEXT.as_bytes());
        assert_eq!(talk.bob.count(is_it), 1);
        talk.check();
    }
}

#[test]
fn s_45_msg_50_a_held_text_that_is_given_back() {
    for backend in backends() {
        for seconds in [0, 61] {
            let mut talk = waiting(&backend);
            assert_eq!(in_use(&talk, &["text"]).len(), 1);
            talk.lose();
            talk.wait(seconds);
            let now = talk.alice.now;
            talk.alice.session().take_back(now);
            assert_eq!(talk.alice.next_text(), None);
            assert_eq!(talk.alice.count(is_given_back), 1);
            assert_eq!(in_use(&talk, &["text"]).len(), 0);
            talk.check();
        }
    }
}

#[test]
fn s_45_msg_50_a_held_text_that_is_dropped() {
    for backend in backends() {
        waiting(&backend).check();
        let mut talk = waiting(&backend);
        let now = talk.alice.now;
        talk.alice.session().take_back(now);
        talk.check();
    }
}
