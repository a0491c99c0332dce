//! `otr toolkit`, against what libotr's programs said of the same (recorded by `conformance/peers/libotr/toolkit.py`).

use std::io::Write;
use std::process::{Output, Stdio};

use serde_json::Value;

use crate::driver::otr;

fn run(arguments: &[&str], input: &str) -> (bool, Vec<u8>, String) {
    let mut command = otr(&[&["toolkit"], arguments].concat());
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // A program that needs no input may have ended before it gets some.
    child.stdin.take().unwrap().write_all(input.as_bytes()).ok();
    let Output { status, stdout, stderr } = child.wait_with_output().unwrap();
    (status.success(), stdout, String::from_utf8(stderr).unwrap())
}

#[test]
fn every_tool_says_what_libotrs_says() {
    let cases: Vec<Value> = serde_json::from_str(include_str!("toolkit.json")).unwrap();
    let mut tools = std::collections::BTreeSet::new();
    for case in cases {
        let arguments: Vec<_> =
            case["arguments"].as_array().unwrap().iter().map(|a| a.as_str().unwrap()).collect();
        let (succeeds, output, complaints) = run(&arguments, case["input"].as_str().unwrap());
        assert_eq!(Some(succeeds), case["succeeds"].as_bool(), "{arguments:?}: {complaints}");
        let expected: Vec<u8> = case["output"].as_str().unwrap().chars().map(|c| c as u8).collect();
        assert_eq!(output, expected, "{arguments:?}");
        tools.insert(arguments[0].to_owned());
    }
    assert_eq!(tools.len(), 6);
}

#[test]
fn bad_arguments_and_input_are_explained() {
    let complaint = |arguments: &[&str], input: &str| {
        let (succeeds, output, complaints) = run(arguments, input);
        assert_eq!((succeeds, output.as_slice()), (false, b"".as_slice()), "{arguments:?}");
        complaints
    };
    assert!(complaint(&["mackey", "00"], "").contains("give 32 hexadecimal digits"));
    assert!(complaint(&["sesskeys", "0", "02"], "").contains("even number"));
    assert!(complaint(&["sesskeys", "02", &"11".repeat(193)], "").contains("192 bytes at most"));
    assert!(complaint(&["modify", &"00".repeat(20), "a", "bc", "0"], "").contains("same length"));
    assert!(complaint(&["readforge", &"00".repeat(16)], "hello").contains("no OTR message"));
    let key_exchange = "?OTR:AAIKAAAAAQU=."; // a D-H Key of version 2
    assert!(complaint(&["readforge", &"00".repeat(16)], key_exchange).contains("key exchange"));
}
