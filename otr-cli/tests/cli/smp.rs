//! `otr pipe`: comparisons of secrets, the extra key, texts that wait, and what the driver calls its commands.

use serde_json::{Value, json};

use crate::driver::{Pipe, carry, find, names, secure};

fn secured(arguments: &[&str]) -> [Pipe; 2] {
    let [mut alice, mut bob] = [Pipe::start(arguments), Pipe::start(arguments)];
    secure(&mut alice, &mut bob);
    [alice, bob]
}

/// A command, and all that follows from it: what each was told.
fn both(from: &mut Pipe, to: &mut Pipe, command: &Value) -> [Vec<Value>; 2] {
    let first = from.command(command);
    carry(from, to, first)
}

/// The states of comparisons that were told.
fn states(events: &[Value]) -> Vec<&str> {
    events
        .iter()
        .filter(|event| event["event"] == "smp")
        .map(|event| event["state"].as_str().unwrap())
        .collect()
}

#[test]
fn a_comparison_with_a_question_succeeds_or_fails() {
    let [mut alice, mut bob] = secured(&[]);
    for (answer, result) in [("the boat", "succeeded"), ("The boat", "failed")] {
        let start = json!({"cmd": "smp_start", "secret": "the boat", "question": "Where?", "id": "q"});
        let [to_alice, to_bob] = both(&mut alice, &mut bob, &start);
        assert_eq!(to_alice, [json!(null); 0]);
        let asked = json!({"event": "smp", "state": "asked", "question": "Where?", "percent": 25, "instance": alice.instance()});
        assert_eq!(to_bob, [asked]);
        let [to_bob, to_alice] = both(&mut bob, &mut alice, &json!({"cmd": "smp_answer", "secret": answer}));
        assert_eq!(states(&to_alice), ["progress", result]);
        assert_eq!(states(&to_bob).last(), Some(&result));
        assert_eq!((&to_alice[0]["percent"], &to_alice[1]["percent"]), (&json!(60), &json!(100)));
        assert_eq!(to_alice[1].get("question"), None);
    }
}

#[test]
fn a_comparison_without_a_question_is_aborted() {
    let [mut alice, mut bob] = secured(&["--allow", "v2"]);
    let [_, to_bob] = both(&mut alice, &mut bob, &json!({"cmd": "smp_start", "secret": "s"}));
    assert_eq!((&to_bob[0]["state"], &to_bob[0]["question"]), (&json!("asked"), &json!(null)));
    assert!(to_bob[0].as_object().unwrap().contains_key("question"));
    let [_, to_alice] = both(&mut bob, &mut alice, &json!({"cmd": "smp_abort"}));
    assert_eq!(states(&to_alice), ["aborted"]);
    let refused = bob.command(&json!({"cmd": "smp_answer", "secret": "s", "id": "late"}));
    let error = json!({"event": "error", "command": "smp_answer", "message": "the peer has not asked for a secret", "id": "late"});
    assert_eq!(refused, [error]);
}

#[test]
fn both_sides_have_the_extra_key() {
    let [mut alice, mut bob] = secured(&[]);
    let ask = json!({"cmd": "extra_key", "use": 1, "data": "a.txt", "instance": "recent"});
    let [to_alice, to_bob] = both(&mut alice, &mut bob, &ask);
    let (ours, theirs) = (find(&to_alice, "extra_key"), find(&to_bob, "extra_key"));
    assert_eq!((&ours["direction"], &theirs["direction"]), (&json!("sent"), &json!("received")));
    assert_eq!((&ours["instance"], &theirs["instance"]), (&json!(bob.instance()), &json!(alice.instance())));
    for told in [ours, theirs] {
        assert_eq!((&told["use"], &told["data"]), (&json!(1), &json!("a.txt")));
        assert_eq!(told["key"].as_str().unwrap().len(), 64);
    }
    assert_eq!(ours["key"], theirs["key"]);
    let [_, to_bob] = both(
        &mut alice,
        &mut bob,
        &json!({"cmd": "extra_key", "use": 4_294_967_295_u32, "data_bytes": "/w=="}),
    );
    assert_eq!(find(&to_bob, "extra_key")["data_bytes"], "/w==");

    let [mut alice, mut bob] = secured(&["--allow", "v2", "--v2-extra-key"]);
    let [_, to_bob] = both(&mut alice, &mut bob, &json!({"cmd": "extra_key", "use": 7}));
    assert_eq!(find(&to_bob, "extra_key")["data"], "");
    let [mut alice, _bob] = secured(&["--allow", "v2"]);
    assert_eq!(names(&alice.command(&json!({"cmd": "extra_key", "use": 7}))), ["error"]);
}

/// Also later: a held text when it is sent, the last fragment of a long one, and the end.
#[test]
fn everything_that_comes_of_a_command_carries_its_id() {
    let arguments = ["--require-encryption", "--max-size", "200"];
    let [mut alice, mut bob] = [Pipe::start(&arguments), Pipe::start(&arguments)];
    let held = alice.command(&json!({"cmd": "send", "text": "secret", "id": "7"}));
    assert_eq!(names(&held), ["held", "wire"]);
    assert!(held.iter().all(|event| event["id"] == "7"), "{held:?}");
    // The query brings the session about, and so the text.
    let mut heard = Vec::new();
    let mut to_carry = vec![(true, held)];
    let (mut with_id, mut last) = (0, Value::Null);
    while let Some((from_alice, events)) = to_carry.pop() {
        for event in events {
            match (event["event"].as_str().unwrap(), from_alice) {
                ("wire", true) => {
                    if event["id"] == "7" {
                        with_id += 1;
                        last = event["last"].clone();
                    }
                    let text = event["text"].as_str().unwrap();
                    to_carry
                        .insert(0, (false, bob.command(&json!({"cmd": "receive", "text": text, "id": "b"}))));
                }
                ("wire", false) => to_carry.insert(0, (true, alice.receive(event["text"].as_str().unwrap()))),
                ("message", false) => heard.push(event),
                _ => {}
            }
        }
    }
    assert!(with_id > 2, "the query, and the text in fragments: {with_id}");
    assert_eq!(last, json!(true));
    assert_eq!(heard.len(), 1);
    assert_eq!((&heard[0]["text"], &heard[0]["id"]), (&json!("secret"), &json!("b")));
    let ended = alice.command(&json!({"cmd": "end", "id": "e"}));
    assert!(ended.len() > 1 && ended.iter().all(|event| event["id"] == "e"), "{ended:?}");
    assert_eq!(names(&ended).last(), Some(&"ended"));
    // Also where a command is refused.
    assert_eq!(alice.command(&json!({"cmd": "fly", "id": "x"}))[0]["id"], "x");
    assert_eq!(alice.command(&json!({"cmd": "fly", "id": 1}))[0]["message"], "\"id\" must be a string");
}

#[test]
fn what_waits_too_long_is_given_back_and_a_silence_is_answered() {
    let mut alice = Pipe::start(&["--manual-clock", "--require-encryption"]);
    let held = alice.command(&json!({"cmd": "send", "text": "late", "id": "7", "now": 0}));
    assert_eq!(names(&held), ["held", "wire"]);
    let given_back = alice.command(&json!({"cmd": "tick", "now": 60_000}));
    assert_eq!(given_back, [json!({"event": "not_sent", "text": "late", "reason": "expired", "id": "7"})]);

    let arguments = ["--manual-clock", "--heartbeat", "1000", "--padding", "64"];
    let [mut alice, mut bob] = [Pipe::start(&arguments), Pipe::start(&arguments)];
    let mut wires = alice.command(&json!({"cmd": "start", "now": 0}));
    let mut is_bobs_turn = true;
    while !wires.is_empty() {
        let hearer = if is_bobs_turn { &mut bob } else { &mut alice };
        let mut answers = Vec::new();
        for wire in wires.iter().filter(|event| event["event"] == "wire") {
            answers.extend(hearer.command(&json!({"cmd": "receive", "text": wire["text"], "now": 0})));
        }
        wires = answers;
        is_bobs_turn = !is_bobs_turn;
    }
    let said = alice.command(&json!({"cmd": "send", "text": "hello", "now": 2000}));
    let heard = bob.command(&json!({"cmd": "receive", "text": said[0]["text"], "now": 2000}));
    assert_eq!(names(&heard), ["message", "wire", "heartbeat"]);
    assert_eq!(heard[2]["direction"], "sent");
    let heard = alice.command(&json!({"cmd": "receive", "text": heard[1]["text"], "now": 2000}));
    assert_eq!(heard, [json!({"event": "heartbeat", "direction": "received", "instance": bob.instance()})]);
}
