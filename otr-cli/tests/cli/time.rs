//! `otr pipe`: time, from the driver or from the clock.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::driver::{Pipe, at, names, secure};

fn texts(events: &[Value]) -> Vec<&str> {
    events.iter().map(|event| event["text"].as_str().unwrap()).collect()
}

#[test]
fn with_a_manual_clock_now_is_needed_and_never_decreases() {
    let mut pipe = Pipe::start(&["--manual-clock"]);
    let message = |events: Vec<Value>| events[0]["message"].as_str().unwrap().to_owned();
    let missing = pipe.command(&json!({"cmd": "start"}));
    assert_eq!(names(&missing), ["error"]);
    assert_eq!(missing[0]["command"], "start");
    assert_eq!(names(&at(&mut pipe, 5, json!({"cmd": "start"})).0), ["wire"]);
    assert_eq!(names(&at(&mut pipe, 5, json!({"cmd": "start"})).0), ["wire"]);
    let (earlier, _) = at(&mut pipe, 4, json!({"cmd": "start"}));
    assert_eq!(message(earlier), "\"now\" must not decrease: it was 5 and is 4");
    for now in [json!(-1), json!(6.5), json!("6")] {
        let events = pipe.command(&json!({"cmd": "start", "now": now}));
        assert_eq!(names(&events), ["error"], "{now}");
    }
    assert_eq!(names(&at(&mut pipe, u64::MAX, json!({"cmd": "start"})).0), ["wire"]);
}

#[test]
fn without_it_now_is_ignored() {
    let mut pipe = Pipe::start(&[]);
    for now in [u64::MAX, 0] {
        assert_eq!(names(&at(&mut pipe, now, json!({"cmd": "start"})).0), ["wire"]);
    }
}

#[test]
fn texts_wait_for_the_send_interval_and_idle_says_how_long() {
    let mut pipe = Pipe::start(&["--manual-clock", "--send-interval", "1000"]);
    let send = |text| json!({"cmd": "send", "text": text});
    let (first, deadline) = at(&mut pipe, 10, send("one"));
    assert_eq!(texts(&first), ["one"]);
    assert_eq!(deadline, Value::Null);
    let (second, deadline) = at(&mut pipe, 20, send("two"));
    assert_eq!((second.len(), deadline), (0, json!(1010)));
    // An error waits for nothing.
    assert_eq!(names(&pipe.line(b"nonsense")), ["error"]);
    let (third, deadline) = at(&mut pipe, 1010, send("three"));
    assert_eq!((texts(&third), deadline), (vec!["two"], json!(2010)));
    assert_eq!(at(&mut pipe, 2009, json!({"cmd": "tick"})), (vec![], json!(2010)));
    let (last, deadline) = at(&mut pipe, 9999, json!({"cmd": "tick"}));
    assert_eq!((texts(&last), deadline), (vec!["three"], Value::Null));
}

#[test]
fn with_a_manual_clock_nothing_happens_between_commands() {
    let mut pipe = Pipe::start(&["--manual-clock", "--send-interval", "1"]);
    at(&mut pipe, 0, json!({"cmd": "send", "text": "one"}));
    at(&mut pipe, 0, json!({"cmd": "send", "text": "two"}));
    assert!(pipe.is_silent_for(300));
}

#[test]
fn without_it_the_program_acts_when_a_deadline_comes() {
    let mut pipe = Pipe::start(&["--send-interval", "300"]);
    let start = Instant::now();
    pipe.write(b"{\"cmd\":\"send\",\"text\":\"one\"}\n{\"cmd\":\"send\",\"text\":\"two\"}\n");
    assert_eq!(texts(&pipe.answer().0), ["one"]);
    let (nothing, deadline) = pipe.answer();
    assert!(nothing.is_empty() && deadline.is_u64());
    // By itself: the text, and one idle.
    let (late, deadline) = pipe.answer();
    assert_eq!((texts(&late), deadline), (vec!["two"], Value::Null));
    assert!(start.elapsed() >= Duration::from_millis(299));
    assert!(pipe.is_silent_for(500));
}

/// The peer is told, and nothing can be sent in clear instead.
#[test]
fn an_idle_session_is_ended_if_asked_for() {
    let mut alice = Pipe::start(&["--manual-clock", "--idle-timeout", "5000"]);
    let mut bob = Pipe::start(&["--manual-clock"]);
    secure(&mut alice, &mut bob);
    let (nothing, deadline) = at(&mut alice, 4999, json!({"cmd": "tick"}));
    assert_eq!((nothing, deadline), (vec![], json!(5000)));
    let (ended, _) = at(&mut alice, 5000, json!({"cmd": "tick"}));
    assert_eq!(names(&ended), ["wire", "ended"]);
    assert_eq!(ended[1]["by"], "idle");
    let told = bob.receive(ended[0]["text"].as_str().unwrap());
    assert_eq!((names(&told), &told[0]["by"]), (vec!["ended"], &json!("peer")));
    assert_eq!(names(&at(&mut alice, 5001, json!({"cmd": "send", "text": "in clear?"})).0), ["error"]);
}
