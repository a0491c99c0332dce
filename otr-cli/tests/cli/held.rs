//! `otr pipe`: texts that wait, heartbeats and padding.

use serde_json::{Value, json};

use crate::driver::{Pipe, at, carry, names, secure};

/// MSG-50: a text that must not leave in clear waits for a session.
#[test]
fn msg_50_a_text_is_held_until_a_session_begins() {
    let [mut alice, mut bob] = [Pipe::start(&["--require-encryption"]), Pipe::start(&[])];
    let answer = alice.send("secret");
    assert_eq!(answer[0], json!({"event": "held", "text": "secret"}));
    assert_eq!(names(&answer), ["held", "wire"]);
    assert!(answer[1]["text"].as_str().unwrap().starts_with("?OTRv23?"));
    let [to_alice, to_bob] = carry(&mut alice, &mut bob, answer);
    assert_eq!(names(&to_alice), ["held", "secured"]);
    let last = to_bob.last().unwrap();
    assert_eq!((&last["text"], &last["protected"]), (&json!("secret"), &json!(true)));
}

/// MSG-50: of two texts that were held, one turns out to need more fragments than there can be.
#[test]
fn msg_50_a_held_text_that_cannot_be_sent_does_not_stop_what_follows() {
    let [mut alice, mut bob] = [Pipe::start(&["--require-encryption", "--max-size", "38"]), Pipe::start(&[])];
    let asked = alice.send(&"x".repeat(60_000));
    assert_eq!(names(&alice.send("short")), ["held", "wire"]);
    let [to_alice, to_bob] = carry(&mut alice, &mut bob, asked);
    assert_eq!(names(&to_alice), ["held", "secured", "error", "not_sent"]);
    assert_eq!(to_bob.last().unwrap()["text"], "short");
}

/// MSG-50: nobody came.
#[test]
fn msg_50_after_a_minute_it_is_given_back() {
    let mut alice = Pipe::start(&["--require-encryption", "--manual-clock"]);
    let send = |bytes| json!({"cmd": "send", "bytes": bytes});
    let (answer, deadline) = at(&mut alice, 1000, send("/w=="));
    assert_eq!((&answer[0], deadline), (&json!({"event": "held", "bytes": "/w=="}), json!(61_000)));
    assert_eq!(at(&mut alice, 60_999, json!({"cmd": "tick"})).0, [Value::Null; 0]);
    let (answer, deadline) = at(&mut alice, 61_000, json!({"cmd": "tick"}));
    assert_eq!(answer, [json!({"event": "not_sent", "bytes": "/w==", "reason": "expired"})]);
    assert_eq!(deadline, Value::Null);
}

/// MSG-52: the peer says that it could not read the text, and a new session with it begins.
#[test]
fn msg_52_a_text_that_the_peer_could_not_read_is_sent_again() {
    let [mut alice, mut bob] = [Pipe::start(&[]), Pipe::start(&[])];
    secure(&mut alice, &mut bob);
    // It gets lost together with the keys of the peer.
    let lost = alice.send("did you get this?");
    assert_eq!(names(&lost), ["wire"]);
    let tag = bob.instance().to_owned();
    drop(bob);
    let mut bob = Pipe::start(&["--instance-tag", &tag]);
    let [to_alice, to_bob] = carry(&mut alice, &mut bob, lost);
    assert_eq!(names(&to_bob), ["problem"]);
    assert_eq!((&to_alice[0]["event"], &to_alice[0]["kind"]), (&json!("problem"), &json!("peer_error")));
    let [to_alice, to_bob] = secure(&mut alice, &mut bob);
    assert_eq!(
        to_alice.last().unwrap(),
        &json!({"event": "resent", "text": "[resent] did you get this?", "instance": tag})
    );
    assert_eq!(to_bob.last().unwrap()["text"], "[resent] did you get this?");
}

/// MSG-40: after a silence of ours, a text is answered by an empty message, and that by nothing.
#[test]
fn msg_40_a_text_after_a_silence_is_answered_by_a_heartbeat() {
    for (option, silence) in [("1000", Some(1000)), ("0", None)] {
        let arguments = ["--manual-clock", "--heartbeat", option];
        let [mut alice, mut bob] = [Pipe::start(&arguments), Pipe::start(&arguments)];
        secure(&mut alice, &mut bob);
        let mut texts = |now| {
            (alice.now, bob.now) = (now, now);
            let text = alice.send("x");
            let [to_alice, to_bob] = carry(&mut alice, &mut bob, text);
            (names(&to_alice).contains(&"heartbeat"), to_alice, to_bob)
        };
        assert!(!texts(silence.unwrap_or(10)).0);
        let (answered, to_alice, to_bob) = texts(silence.unwrap_or(1_000_000) + 1);
        assert_eq!(answered, silence.is_some());
        if answered {
            assert_eq!(
                to_alice,
                [json!({"event": "heartbeat", "direction": "received", "instance": bob.instance()})]
            );
            assert_eq!(names(&to_bob), ["message", "heartbeat"]);
            assert_eq!(
                to_bob[1],
                json!({"event": "heartbeat", "direction": "sent", "instance": alice.instance()})
            );
        }
    }
}

/// MSG-35: the length of a message says nothing about that of its text.
#[test]
fn msg_35_padded_messages_have_the_same_length() {
    for (option, equal) in [("256", true), ("0", false)] {
        let [mut alice, mut bob] = [Pipe::start(&["--padding", option]), Pipe::start(&[])];
        secure(&mut alice, &mut bob);
        let lengths: Vec<_> = ["a", &"b".repeat(200)]
            .iter()
            .map(|text| {
                let wires = alice.send(text);
                let length = wires[0]["text"].as_str().unwrap().len();
                let [_, to_bob] = carry(&mut alice, &mut bob, wires);
                assert_eq!(to_bob[0]["text"], *text);
                length
            })
            .collect();
        assert_eq!(lengths[0] == lengths[1], equal, "{lengths:?}");
    }
}
