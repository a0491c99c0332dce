//! Key exchanges.

use otr_wiping::Talk;

use crate::{each, in_use, names, only_long_term_keys};

/// All that is left of it are the pairs of Diffie-Hellman keys.
#[test]
fn s_45_ake_73_nothing_of_an_exchange_outlives_it() {
    each(|backend, version| {
        let talk = Talk::secured(backend, version);
        let privates =
            ["Alice's D-H private 1", "Alice's D-H private 2", "Bob's D-H private 1", "Bob's D-H private 2"];
        assert_eq!(talk.in_use(), names(&[&privates[..], &["Alice's x 1", "Bob's x 1"]].concat()));
        talk.check();
    });
}

#[test]
fn s_45_an_exchange_that_is_dropped_after_any_message() {
    each(|backend, version| {
        for messages in 1..=5 {
            let mut talk = Talk::new(backend, version);
            begin(&mut talk, messages);
            talk.check();
        }
    });
}

#[test]
fn s_45_ake_80_an_exchange_that_is_given_up_after_any_message() {
    each(|backend, version| {
        for messages in 1..=3 {
            let mut talk = Talk::new(backend, version);
            begin(&mut talk, messages);
            talk.lose();
            talk.wait(61);
            only_long_term_keys(&talk);
            talk.check();
        }
    });
}

/// The keys of the session before are gone, and so is what was said in it, unless that is to be sent again.
#[test]
fn s_45_ake_70_an_exchange_in_place_of_a_session() {
    each(|backend, version| {
        let mut talk = Talk::secured(backend, version);
        talk.alice_says("a text from Alice, before");
        talk.bob_says("a text from Bob, before");
        talk.secure();
        // Alice has changed keys once before.
        let privates =
            ["Alice's D-H private 4", "Alice's D-H private 5", "Bob's D-H private 3", "Bob's D-H private 4"];
        assert_eq!(in_use(&talk, &["D-H private"]), names(&privates));
        // The MAC keys of that session are to be revealed in this one.
        let others: Vec<_> = talk.in_use().into_iter().filter(|name| !name.contains("D-H private")).collect();
        assert!(others.iter().all(|name| name.contains("MAC key") || name.contains("s x ")), "{others:?}");
        talk.alice_says("a text from Alice, after");
        talk.bob_says("a text from Bob, after");
        talk.check();
    });
}

/// Sends so many messages of an exchange, the query included.
fn begin(talk: &mut Talk, messages: usize) {
    let now = talk.alice.now;
    talk.alice.session().start(now).unwrap();
    for message in 1..=messages {
        assert!(if message % 2 == 1 { talk.to_bob() } else { talk.to_alice() });
    }
}
