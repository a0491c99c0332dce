//! `otr pipe`: commands that the driver names (`"id"`), and what comes of them.

use serde_json::{Value, json};

use crate::driver::{Pipe, at, carry, find, names, secure};

/// The ids of events.
fn ids(events: &[Value]) -> Vec<&Value> {
    events.iter().map(|event| event.get("id").unwrap_or(&Value::Null)).collect()
}

#[test]
fn every_fragment_of_a_message_carries_the_id_and_the_last_is_known() {
    let arguments = ["--max-size", "150"];
    let [mut alice, mut bob] = [Pipe::start(&arguments), Pipe::start(&arguments)];
    secure(&mut alice, &mut bob);
    let long = "long ".repeat(100);
    let wires = alice.command(&json!({"cmd": "send", "text": long, "id": "7 ü"}));
    assert!(wires.len() > 4);
    assert_eq!(ids(&wires), vec![&json!("7 ü"); wires.len()]);
    let last: Vec<_> = wires.iter().map(|wire| wire["last"] == true).collect();
    assert!(last.iter().rev().skip(1).all(|last| !last) && last[last.len() - 1]);
    // The peer knows nothing of it, and what is not named has no id.
    let [_, to_bob] = carry(&mut alice, &mut bob, wires);
    assert!(to_bob[0].get("id").is_none() && to_bob[0]["text"] == long);
    assert!(alice.send("x")[0].get("id").is_none());
}

#[test]
fn what_arrives_is_told_by_the_id_it_was_given() {
    let [mut alice, mut bob] = [Pipe::start(&[]), Pipe::start(&[])];
    secure(&mut alice, &mut bob);
    let wire = alice.send("hello");
    let told = bob.command(&json!({"cmd": "receive", "text": wire[0]["text"], "id": "in 1"}));
    assert_eq!((names(&told), ids(&told)), (vec!["message"], vec![&json!("in 1")]));
    let told = bob.command(&json!({"cmd": "receive", "text": wire[0]["text"], "id": "in 2"}));
    assert_eq!(find(&told, "problem")["id"], "in 2");
}

#[test]
fn the_end_of_a_session_is_told_after_its_last_fragment() {
    let arguments = ["--max-size", "150"];
    let [mut alice, mut bob] = [Pipe::start(&arguments), Pipe::start(&arguments)];
    secure(&mut alice, &mut bob);
    let events = alice.command(&json!({"cmd": "end", "id": "bye"}));
    assert_eq!(ids(&events), vec![&json!("bye"); events.len()]);
    let (last, wires) = events.split_last().unwrap();
    assert_eq!((&last["event"], &last["by"]), (&json!("ended"), &json!("us")));
    assert!(wires.len() > 1 && wires.iter().all(|wire| wire["event"] == "wire"));
    assert_eq!(wires[wires.len() - 1]["last"], true);
}

/// MSG-50: also long after.
#[test]
fn msg_50_a_held_text_that_is_given_back_has_its_id() {
    let mut alice = Pipe::start(&["--require-encryption", "--manual-clock"]);
    let (answer, _) = at(&mut alice, 0, json!({"cmd": "send", "text": "one", "id": "first"}));
    assert_eq!((&answer[0]["event"], &answer[0]["id"]), (&json!("held"), &json!("first")));
    let (answer, _) = at(&mut alice, 60_000, json!({"cmd": "tick"}));
    assert_eq!(answer, [json!({"event": "not_sent", "text": "one", "reason": "expired", "id": "first"})]);
}

/// MSG-50: also a held text when it is sent in fragments, and the end.
#[test]
fn msg_50_everything_that_comes_of_a_held_text_carries_its_id() {
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
}

#[test]
fn the_applications_mistakes_and_its_comparisons_carry_the_id() {
    let [mut alice, mut bob] = [Pipe::start(&[]), Pipe::start(&[])];
    let refused = alice.command(&json!({"cmd": "smp_start", "secret": "x", "id": "a"}));
    assert_eq!((names(&refused), ids(&refused)), (vec!["error"], vec![&json!("a")]));
    let unknown = alice.command(&json!({"cmd": "fly", "id": "b"}));
    assert_eq!((names(&unknown), ids(&unknown)), (vec!["error"], vec![&json!("b")]));
    let number = alice.command(&json!({"cmd": "start", "id": 7}));
    assert_eq!((names(&number), ids(&number)), (vec!["error"], vec![&Value::Null]));
    assert_eq!(number[0]["message"], "\"id\" must be a string");
    secure(&mut alice, &mut bob);
    for command in [json!({"cmd": "smp_start", "secret": "x"}), json!({"cmd": "extra_key", "use": 1})] {
        let mut command = command;
        command["id"] = json!("c");
        let events = alice.command(&command);
        assert!(events.len() <= 2 && !events.is_empty());
        assert_eq!(ids(&events), vec![&json!("c"); events.len()]);
    }
}
