//! `otr pipe`: every line is answered by its events and one idle.

use serde_json::{Value, json};

use crate::driver::{Pipe, names, run};

#[test]
fn the_example_of_the_description_holds_to_the_letter() {
    let mut pipe = Pipe::start(&["--manual-clock"]);
    pipe.write(b"{\"cmd\":\"start\",\"now\":0}\nnonsense\n");
    let said: Vec<_> = (0..4).map(|_| pipe.next_line()).collect();
    let expected = [
        r#"{"event":"wire","text":"?OTRv23?","last":true}"#,
        r#"{"event":"idle","deadline":null}"#,
        r#"{"event":"error","command":null,"message":"line 2 is not JSON: expected ident at column 2"}"#,
        r#"{"event":"idle","deadline":null}"#,
    ];
    assert_eq!(said, expected);
}

#[test]
fn ready_comes_once_first_and_without_idle() {
    let mut pipe = Pipe::start(&["--instance-tag", "0000abcd"]);
    let ready = pipe.ready.clone();
    assert_eq!(ready["fingerprint"].as_str().unwrap().len(), 40);
    assert_eq!(ready["instance"], "0x0000abcd");
    assert_eq!(ready["backend"], "rustcrypto");
    assert!(ready["backend_version"].is_string());
    assert!(pipe.is_silent_for(200));
    let (rest, status) = pipe.finish();
    assert_eq!((rest.len(), status.code()), (0, Some(0)));
}

#[test]
fn every_line_valid_or_not_is_answered_by_one_idle() {
    let mut pipe = Pipe::start(&[]);
    let long = [vec![b' '; 16 * 1024 * 1024 + 1], br#"{"cmd":"start"}"#.to_vec()].concat();
    let refused: [(&[u8], Value); 10] = [
        (b"", Value::Null),
        (b"   ", Value::Null),
        (b"\xff", Value::Null),
        (&long, Value::Null),
        (b"[]", Value::Null),
        (&[b'['; 100_000], Value::Null),
        (b"{}", Value::Null),
        (br#"{"cmd":"smp_start"}"#, json!("smp_start")),
        (br#"{"cmd":"send"}"#, json!("send")),
        (br#"{"cmd":"send","text":"x","instnace":"best"}"#, json!("send")),
    ];
    for (line, command) in refused {
        let shown = String::from_utf8_lossy(&line[..line.len().min(60)]);
        let events = pipe.line(line);
        assert_eq!(names(&events), ["error"], "{shown}");
        assert_eq!(events[0]["command"], command, "{shown}");
    }
    for line in [r#"{"cmd":"tick"}"#, "{\"cmd\":\"tick\"}\r", r#" {"now":7,"cmd":"tick"} "#] {
        assert_eq!(pipe.line(line.as_bytes()), [Value::Null; 0], "{line:?}");
    }
    let (rest, _) = pipe.finish();
    assert_eq!(rest, [""; 0]);
}

#[test]
fn a_last_line_without_end_is_answered_too() {
    let mut pipe = Pipe::start(&[]);
    pipe.write(br#"{"cmd":"start"}"#);
    let (rest, status) = pipe.finish();
    assert_eq!((rest.len(), status.code()), (2, Some(0)));
    assert!(rest[0].contains("?OTRv23?") && rest[1].contains("idle"));
}

#[test]
fn lines_written_at_once_are_answered_one_by_one() {
    let mut pipe = Pipe::start(&[]);
    pipe.write(&b"{\"cmd\":\"send\",\"text\":\"x\"}\n".repeat(500));
    for _ in 0..500 {
        assert_eq!(pipe.answer().0, [json!({"event": "wire", "text": "x", "last": true})]);
    }
}

#[test]
fn hostile_texts_are_problems_and_never_end_the_program() {
    let mut pipe = Pipe::start(&[]);
    for (text, kind) in [
        ("?OTR:AAMD.", "malformed"),
        ("?OTR:AAEC.", "unsupported_version"),
        ("?OTR|x", "fragment"),
        ("?OTR what", "unrecognized"),
    ] {
        let events = pipe.receive(text);
        assert_eq!(names(&events), ["problem"], "{text}");
        assert_eq!(events[0]["kind"], kind, "{text}");
    }
}

#[test]
fn texts_that_cannot_be_sent_are_the_applications_mistake() {
    let mut pipe = Pipe::start(&[]);
    let events = pipe.send("so I typed ?OTR and");
    assert_eq!(names(&events), ["error"]);
    let message = events[0]["message"].as_str().unwrap();
    assert!(message.contains("?OTR"), "{message}");
}

#[test]
fn without_a_key_file_a_fresh_key_is_made() {
    let fingerprint = || {
        let (code, out, _) = run(&["pipe"]);
        assert_eq!(code, 0);
        let ready: Value = serde_json::from_str(&out).unwrap();
        ready["fingerprint"].as_str().unwrap().to_owned()
    };
    assert_ne!(fingerprint(), fingerprint());
}
