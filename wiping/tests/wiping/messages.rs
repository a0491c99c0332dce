//! Data messages.

use otr_protocol::wire::Version;
use otr_protocol::{Config, Policy, Recipient};
use otr_wiping::{Talk, backends};

use crate::{each, in_use, names};

const OF_A_PAIR: [&str; 4] = ["shared secret", "AES key", "MAC key", "extra key"];

/// One text and its answer after the other: each makes both sides change keys.
const SAID: [(&str, &str); 5] = [
    ("the first text of Alice", "the first text of Bob"),
    ("the second text of Alice", "the second text of Bob"),
    ("the third text of Alice", "the third text of Bob"),
    ("the fourth text of Alice", "the fourth text of Bob"),
    ("the fifth text of Alice", "the fifth text of Bob"),
];

#[test]
fn s_45_data_27_data_28_old_keys_die_when_new_ones_come() {
    each(|backend, version| {
        let mut talk = Talk::secured(backend, version);
        // So long is a commit of version 3 kept for other clients (INST-12).
        talk.wait(61);
        let mut former = vec![];
        for (number, (question, answer)) in SAID.into_iter().enumerate() {
            talk.alice_says(question);
            talk.bob_says(answer);
            // Two privates each; Bob's next one comes with Alice's next text.
            let privates =
                [("Alice", number + 2), ("Alice", number + 3), ("Bob", number + 1), ("Bob", number + 2)];
            let privates = privates.map(|(name, number)| format!("{name}'s D-H private {number}"));
            assert_eq!(in_use(&talk, &["D-H private"]), privates.into());
            former.push(in_use(&talk, &OF_A_PAIR));
            if let [.., before, _, now] = former.as_slice() {
                assert!(before.is_disjoint(now), "{before:?}, {now:?}");
            }
        }
        talk.check();
    });
}

/// The last one, and for a minute only.
#[test]
fn s_45_msg_52_a_text_that_was_sent_is_remembered_until_the_next_one() {
    each(|backend, version| {
        let mut talk = Talk::secured(backend, version);
        talk.alice_says("the first text, which is the longest");
        talk.alice_says("the second, which is shorter");
        assert_eq!(in_use(&talk, &["text"]), names(&["somebody's text 2"]));
        talk.wait(61);
        assert_eq!(in_use(&talk, &["text"]), names(&[]));
        talk.check();
    });
}

#[test]
fn s_45_msg_52_the_end_of_a_text_that_a_shorter_one_takes_the_place_of() {
    each(|backend, version| {
        let mut talk = Talk::secured(backend, version);
        talk.alice_says("the end of a text");
        talk.alice_says("the beginning and the end of a text");
        talk.alice_says("a third, unlike both");
        assert_eq!(in_use(&talk, &["text"]), names(&["somebody's text 3"]));
        talk.check();
    });
}

#[test]
fn s_45_msg_52_a_text_that_is_sent_again() {
    each(|backend, version| {
        let mut talk = Talk::secured(backend, version);
        talk.alice_says("a text that Bob may not have read");
        let now = talk.alice.now;
        talk.alice.session().receive(now, b"?OTR Error: what did you say?").unwrap();
        talk.secure();
        let again = |event: &otr_protocol::Event| matches!(event, otr_protocol::Event::Resent { .. });
        assert_eq!(talk.alice.count(again), 1);
        talk.check();
    });
}

#[test]
fn s_45_a_text_that_never_arrives() {
    each(|backend, version| {
        let mut talk = Talk::secured(backend, version);
        let text = "a text that never arrives";
        talk.note("the text", text.as_bytes());
        let now = talk.alice.now;
        talk.alice.session().send(now, Recipient::Best, text).unwrap();
        assert!(talk.alice.next_text().is_some());
        talk.check();
    });
}

/// It has been decrypted, and the application never asks for it.
#[test]
fn s_45_a_text_that_nobody_reads() {
    each(|backend, version| {
        let mut talk = Talk::secured(backend, version);
        let text = "a text that nobody ever reads";
        talk.note("the text", text.as_bytes());
        let now = talk.alice.now;
        talk.alice.session().send(now, Recipient::Best, text).unwrap();
        assert!(talk.to_bob());
        talk.check();
    });
}

#[test]
fn s_45_a_message_in_fragments() {
    for backend in backends() {
        let mut config = Config::default();
        config.policy = Policy::ALLOW_V3;
        config.max_message_size = Some(140);
        config.padding = 64;
        let mut talk = Talk::with(&backend, &config);
        talk.secure();
        talk.alice_says("a text that takes several fragments, as everything does that is longer than this");
        talk.bob_says("an answer that takes several fragments, as everything does that is longer than this");
        talk.check();
    }
}

#[test]
fn s_45_xkey_05_the_extra_key_and_what_it_is_for() {
    for backend in backends() {
        let mut talk = Talk::secured(&backend, Version::V3);
        let name = "the name of a file, which is secret too";
        talk.note("the name", name.as_bytes());
        let now = talk.alice.now;
        let key = talk.alice.session().announce_file(now, Recipient::Best, name).unwrap();
        talk.run();
        talk.note("the extra key", key.expose());
        drop(key);
        let told = |event: &otr_protocol::Event| event.file_name() == Some(name);
        assert_eq!(talk.bob.count(told), 1);
        talk.bob_says("thank you for the file");
        talk.check();
    }
}

/// Nobody asks for the events.
#[test]
fn s_45_an_extra_key_that_nobody_takes() {
    for backend in backends() {
        let mut talk = Talk::secured(&backend, Version::V3);
        let name = "the name of a file that nobody takes";
        talk.note("the name", name.as_bytes());
        let now = talk.alice.now;
        drop(talk.alice.session().announce_file(now, Recipient::Best, name).unwrap());
        assert!(talk.to_bob());
        talk.check();
    }
}
