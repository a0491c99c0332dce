//! The program `otr-soak`, briefly.
#![cfg(feature = "rustcrypto")]

use std::path::Path;
use std::process::Command;

use serde_json::Value;

/// DATA-11, DATA-24, MSG-12, MSG-21, AKE-75: everything that happens does so a few times, and all that was sent comes to an end
/// that it may have.
#[test]
fn what_a_bad_network_does_not_lose_is_read_once() {
    let json = Path::new(env!("CARGO_TARGET_TMPDIR")).join("soak.json");
    let output = Command::new(env!("CARGO_BIN_EXE_otr-soak"))
        .args(["--conversations", "20", "--texts", "4000", "--connections", "7", "--seed", "3", "--json"])
        .arg(&json)
        .output()
        .unwrap();
    let told = String::from_utf8(output.stdout).unwrap();
    let report: Value = serde_json::from_slice(&std::fs::read(json).unwrap()).unwrap();
    let counts = &report["counts"];
    let count = |what: &str| counts[what].as_u64().unwrap();
    assert!(counts["failures"].as_array().unwrap().is_empty() && count("failed") == 0, "{told}");
    assert!(told.contains("20 conversations over 7 connections"), "{told}");
    assert!(count("said") >= 4000 && count("read") > 3000, "{told}");
    for what in
        ["lost", "damaged", "overtaken", "without_session", "repeated", "compared", "restarts", "crashes"]
    {
        assert!(count(what) > 0, "{what}: {told}");
    }
    let ends = ["read", "lost", "damaged", "overtaken", "without_session"].map(count);
    assert_eq!(ends.iter().sum::<u64>(), count("sent"), "{told}");
}

#[test]
fn a_backend_that_is_not_there_is_exit_code_2() {
    let output = Command::new(env!("CARGO_BIN_EXE_otr-soak")).args(["--backend", "none"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8(output.stderr).unwrap().contains("no such backend"));
}
