//! `otr pipe`: secrets are compared (SMP-20 … SMP-27).

use serde_json::{Value, json};

use crate::driver::{Pipe, carry, names, secure};

/// Two in a session.
fn pair(arguments: &[&str]) -> [Pipe; 2] {
    let mut both = [Pipe::start(arguments), Pipe::start(arguments)];
    let [alice, bob] = &mut both;
    secure(alice, bob);
    both
}

/// A command and all that follows: what each was told.
fn exchange(from: &mut Pipe, to: &mut Pipe, command: &Value) -> [Vec<Value>; 2] {
    let first = from.command(command);
    carry(from, to, first)
}

/// What is told of a peer.
fn smp(state: &str, percent: u8, peer: &Pipe) -> Value {
    json!({"event": "smp", "state": state, "percent": percent, "instance": peer.instance()})
}

fn asked(question: Value, peer: &Pipe) -> Value {
    let mut asked = smp("asked", 25, peer);
    asked["question"] = question;
    asked
}

/// SMP-27: with and without a question; SMP-24: nobody answers by itself.
#[test]
fn smp_27_equal_secrets_succeed_on_both_sides_with_and_without_a_question() {
    let [mut alice, mut bob] = pair(&[]);
    for question in [Value::Null, json!("Where did we meet? ü"), json!("")] {
        let mut start = json!({"cmd": "smp_start", "secret": "the red boät"});
        if question.is_string() {
            start["question"] = question.clone();
        }
        let [to_alice, to_bob] = exchange(&mut alice, &mut bob, &start);
        assert_eq!(to_alice, [Value::Null; 0]);
        assert_eq!(to_bob, [asked(question, &alice)]);
        let answer = json!({"cmd": "smp_answer", "secret": "the red boät"});
        let [to_bob, to_alice] = exchange(&mut bob, &mut alice, &answer);
        assert_eq!(to_alice, [smp("progress", 60, &bob), smp("succeeded", 100, &bob)]);
        assert_eq!(to_bob, [smp("succeeded", 100, &alice)]);
    }
}

/// Version 2 has no instances.
#[test]
fn smp_27_version_2_has_it_too() {
    let [mut alice, mut bob] = pair(&["--allow", "v2"]);
    let states = |events: &[Value]| -> Vec<Value> {
        events.iter().map(|event| json!([event["state"], event["percent"], event["instance"]])).collect()
    };
    let base = "0x00000000";
    let start = json!({"cmd": "smp_start", "secret": "s", "question": "?"});
    let [_, to_bob] = exchange(&mut alice, &mut bob, &start);
    assert_eq!(states(&to_bob), [json!(["asked", 25, base])]);
    let answer = json!({"cmd": "smp_answer", "secret": "S", "instance": base});
    let [to_bob, to_alice] = exchange(&mut bob, &mut alice, &answer);
    assert_eq!(states(&to_alice), [json!(["progress", 60, base]), json!(["failed", 100, base])]);
    assert_eq!(states(&to_bob), [json!(["failed", 100, base])]);
}

/// SMP-25: what follows for the trust of a fingerprint.
#[test]
fn smp_25_different_secrets_fail_and_trust_follows_the_result() {
    let [mut alice, mut bob] = pair(&[]);
    for (secret, state, trust) in [("right", "succeeded", "trusted"), ("wrong", "failed", "known")] {
        exchange(&mut alice, &mut bob, &json!({"cmd": "smp_start", "secret": "right"}));
        let answer = json!({"cmd": "smp_answer", "secret": secret, "instance": alice.instance()});
        let [to_bob, to_alice] = exchange(&mut bob, &mut alice, &answer);
        assert_eq!(to_alice.last().unwrap(), &smp(state, 100, &bob));
        assert_eq!(to_bob, [smp(state, 100, &alice)]);
        for told in secure(&mut alice, &mut bob) {
            assert_eq!(crate::driver::find(&told, "secured")["trust"], trust);
        }
    }
}

#[test]
fn smp_20_either_side_aborts_and_a_second_start_aborts_the_first() {
    let [mut alice, mut bob] = pair(&["--allow", "v3"]);
    let start = json!({"cmd": "smp_start", "secret": "x"});
    exchange(&mut alice, &mut bob, &start);
    let [to_alice, to_bob] = exchange(&mut alice, &mut bob, &json!({"cmd": "smp_abort"}));
    assert_eq!((to_alice.len(), to_bob), (0, vec![smp("aborted", 0, &alice)]));
    exchange(&mut alice, &mut bob, &start);
    let [to_bob, to_alice] = exchange(&mut bob, &mut alice, &json!({"cmd": "smp_abort"}));
    assert_eq!((to_bob.len(), to_alice), (0, vec![smp("aborted", 0, &bob)]));
    exchange(&mut alice, &mut bob, &start);
    let [_, to_bob] = exchange(&mut alice, &mut bob, &start);
    assert_eq!(to_bob, [smp("aborted", 0, &alice), asked(Value::Null, &alice)]);
}

#[test]
fn smp_24_out_of_turn_it_is_the_applications_mistake() {
    let [mut alice, mut bob] = pair(&[]);
    for (pipe, command, says) in [
        (&mut Pipe::start(&[]), json!({"cmd": "smp_start", "secret": "x"}), "encrypted session"),
        (&mut Pipe::start(&[]), json!({"cmd": "smp_abort"}), "encrypted session"),
        (&mut alice, json!({"cmd": "smp_answer", "secret": "x"}), "has not asked"),
        (&mut bob, json!({"cmd": "smp_start", "secret": "x", "question": "a\u{0}b"}), "NUL"),
        (
            &mut Pipe::start(&[]),
            json!({"cmd": "smp_abort", "instance": "0x00000abc"}),
            "no instance 0x00000abc",
        ),
    ] {
        let events = pipe.command(&command);
        assert_eq!(names(&events), ["error"], "{command}");
        assert_eq!(events[0]["command"], command["cmd"]);
        assert!(events[0]["message"].as_str().unwrap().contains(says), "{events:?}");
    }
}
