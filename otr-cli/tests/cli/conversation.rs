//! `otr pipe`: two of them talk.

use serde_json::{Value, json};

use crate::driver::{Pipe, carry, find, key_file, names, other_key_file, secure};

/// Two with different keys.
fn pair(arguments: &[&str]) -> [Pipe; 2] {
    [key_file(), other_key_file()].map(|key| Pipe::start_with_key(key, arguments))
}

fn says(text: &str, instance: &str) -> Value {
    json!({"event": "message", "text": text, "protected": true, "instance": instance})
}

#[test]
fn both_sides_are_told_the_same_about_a_session_of_version_3() {
    let [mut alice, mut bob] = pair(&[]);
    let [to_alice, to_bob] = secure(&mut alice, &mut bob);
    assert_eq!(names(&to_alice), ["secured"]);
    assert_eq!(names(&to_bob), ["query", "secured"]);
    assert_eq!(to_bob[0], json!({"event": "query", "versions": [2, 3]}));
    let (a, b) = (&to_alice[0], &to_bob[1]);
    for (told, peer) in [(a, &bob), (b, &alice)] {
        assert_eq!(told["version"], 3);
        assert_eq!(told["fingerprint"], peer.ready["fingerprint"]);
        assert_eq!(told["instance"], peer.ready["instance"]);
        assert_eq!((&told["trust"], &told["refreshed"]), (&json!("new"), &json!(false)));
        assert!(told.get("own_key").is_none());
    }
    assert_ne!(a["fingerprint"], b["fingerprint"]);
    assert_eq!(a["session_id"], b["session_id"]);
    assert_eq!(a["session_id"].as_str().unwrap().len(), 16);
    let mut halves = [a["our_half"].as_str().unwrap(), b["our_half"].as_str().unwrap()];
    halves.sort_unstable();
    assert_eq!(halves, ["first", "second"]);
}

#[test]
fn a_second_key_exchange_refreshes_the_session() {
    let [mut alice, mut bob] = [Pipe::start(&[]), Pipe::start(&[])];
    secure(&mut alice, &mut bob);
    for told in secure(&mut alice, &mut bob) {
        let secured = find(&told, "secured");
        assert_eq!((&secured["refreshed"], &secured["trust"]), (&json!(true), &json!("known")));
        assert_eq!(secured["own_key"], true); // AKE-08: both have the common key.
    }
}

#[test]
fn version_2_has_no_instances() {
    let [mut alice, mut bob] = [Pipe::start(&[]), Pipe::start(&["--allow", "v2"])];
    let [to_alice, _] = secure(&mut alice, &mut bob);
    let secured = find(&to_alice, "secured");
    assert_eq!((&secured["version"], &secured["instance"]), (&json!(2), &json!("0x00000000")));
    let hello = bob.send("hello");
    let [_, to_alice] = carry(&mut bob, &mut alice, hello);
    assert_eq!(to_alice, [says("hello", "0x00000000")]);
}

#[test]
fn texts_arrive_in_order_whatever_the_direction() {
    let [mut alice, mut bob] = [Pipe::start(&[]), Pipe::start(&[])];
    secure(&mut alice, &mut bob);
    let (at_alice, at_bob) = (alice.instance().to_owned(), bob.instance().to_owned());
    for round in 0..6 {
        let one = alice.send(&format!("{round} one"));
        let two = alice.send(&format!("{round} two"));
        assert_eq!(names(&one), ["wire"]);
        let [_, to_bob] = carry(&mut alice, &mut bob, [one, two].concat());
        assert_eq!(
            to_bob,
            [says(&format!("{round} one"), &at_alice), says(&format!("{round} two"), &at_alice)]
        );
        let back = bob.send(&format!("{round} ü"));
        let [_, to_alice] = carry(&mut bob, &mut alice, back);
        assert_eq!(to_alice, [says(&format!("{round} ü"), &at_bob)]);
    }
}

#[test]
fn fragments_fit_and_only_the_last_of_a_message_says_so() {
    for version in ["v2", "v3"] {
        let arguments = ["--allow", version, "--max-size", "150"];
        let [mut alice, mut bob] = [Pipe::start(&arguments), Pipe::start(&arguments)];
        let [to_alice, _] = secure(&mut alice, &mut bob);
        find(&to_alice, "secured");
        let text = "long ".repeat(100);
        let wires = alice.send(&text);
        assert!(wires.len() > 4);
        for (index, wire) in wires.iter().enumerate() {
            assert!(wire["text"].as_str().unwrap().len() <= 150);
            assert_eq!(wire["last"], index + 1 == wires.len());
        }
        let [_, to_bob] = carry(&mut alice, &mut bob, wires);
        assert_eq!(to_bob[0]["text"], text);
    }
}

#[test]
fn a_whitespace_tag_starts_a_session_and_the_text_comes_first() {
    let mut alice = Pipe::start(&["--send-whitespace-tag"]);
    let mut bob = Pipe::start(&["--whitespace-start"]);
    let tagged = alice.send("hello");
    let answer = bob.receive(tagged[0]["text"].as_str().unwrap());
    assert_eq!(names(&answer), ["message", "whitespace_tag", "wire"]);
    let plain = json!({"event": "message", "text": "hello", "protected": false, "instance": "0x00000000"});
    assert_eq!(answer[0], plain);
    assert_eq!(answer[1], json!({"event": "whitespace_tag", "versions": [2, 3]}));
    let [to_bob, to_alice] = carry(&mut bob, &mut alice, answer);
    find(&to_alice, "secured");
    find(&to_bob, "secured");
}

#[test]
fn text_in_clear_during_a_session_is_a_problem_that_carries_the_text() {
    let [mut alice, mut bob] = [Pipe::start(&[]), Pipe::start(&[])];
    secure(&mut alice, &mut bob);
    let problem = &alice.receive("psst")[0];
    let told = (&problem["event"], &problem["kind"], &problem["text"]);
    assert_eq!(told, (&json!("problem"), &json!("unencrypted"), &json!("psst")));
}

#[test]
fn bytes_that_are_not_utf_8_travel_in_base64() {
    let [mut alice, mut bob] = [Pipe::start(&[]), Pipe::start(&[])];
    let in_clear = alice.command(&json!({"cmd": "receive", "bytes": "/wD+"}));
    let expected = json!({"event": "message", "bytes": "/wD+", "protected": false, "instance": "0x00000000"});
    assert_eq!(in_clear, [expected]);
    secure(&mut alice, &mut bob);
    let wires = alice.command(&json!({"cmd": "send", "bytes": "//79"}));
    let [_, to_bob] = carry(&mut alice, &mut bob, wires);
    assert_eq!((&to_bob[0]["bytes"], to_bob[0].get("text")), (&json!("//79"), None));
    let wires = alice.command(&json!({"cmd": "send", "bytes": "aGk="}));
    let [_, to_bob] = carry(&mut alice, &mut bob, wires);
    assert_eq!((&to_bob[0]["text"], to_bob[0].get("bytes")), (&json!("hi"), None));
}

#[test]
fn after_the_peer_has_ended_the_session_nothing_is_sent() {
    let [mut alice, mut bob] = [Pipe::start(&[]), Pipe::start(&[])];
    secure(&mut alice, &mut bob);
    let end = alice.command(&json!({"cmd": "end"}));
    let instance = bob.instance().to_owned();
    let [to_alice, to_bob] = carry(&mut alice, &mut bob, end);
    assert_eq!(to_alice, [json!({"event": "ended", "by": "us", "instance": instance})]);
    assert_eq!(to_bob, [json!({"event": "ended", "by": "peer", "instance": alice.instance()})]);
    let refused = bob.send("still there?");
    assert_eq!(names(&refused), ["error"]);
    assert_eq!(refused[0]["command"], "send");
    bob.command(&json!({"cmd": "end", "instance": alice.instance()}));
    assert_eq!(bob.send("in clear")[0]["text"], "in clear");
}

#[test]
fn a_text_can_be_addressed_to_an_instance() {
    let [mut alice, mut bob] = [Pipe::start(&[]), Pipe::start(&[])];
    secure(&mut alice, &mut bob);
    let at_bob = bob.instance().to_owned();
    for to in ["best", "recent", &at_bob, &at_bob[2..]] {
        let wires = alice.command(&json!({"cmd": "send", "text": to, "instance": to}));
        let [_, to_bob] = carry(&mut alice, &mut bob, wires);
        assert_eq!(to_bob, [says(to, alice.instance())]);
    }
    let nobody = alice.command(&json!({"cmd": "send", "text": "x", "instance": "0x00000abc"}));
    assert_eq!(
        nobody,
        [json!({
            "event": "error", "command": "send", "message": "the peer has no instance 0x00000abc",
        })]
    );
}

#[test]
fn an_error_of_the_peer_is_answered_by_a_query_only_on_demand() {
    let error = "?OTR Error: gone";
    let told = Pipe::start(&[]).receive(error);
    assert_eq!(names(&told), ["problem"]);
    assert_eq!((&told[0]["kind"], &told[0]["text"]), (&json!("peer_error"), &json!("gone")));
    assert_eq!(names(&Pipe::start(&["--error-start"]).receive(error)), ["problem", "wire"]);
}
