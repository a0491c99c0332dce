//! A replay that could not fail would show nothing: each change to a recording must be noticed, in the step where
//! it was made. And what does not matter in a recording may change.
#![cfg(feature = "rustcrypto")]
#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers of tests, which may fail"
)]

mod basics;
mod families;
mod matrix;
mod strangers;

use otr_backend_rustcrypto::RustCrypto;
use otr_conformance::{Case, Failure, Group, Unusable, Vectors};
use serde_json::{Value, json};

/// One recorded conversation, to be damaged.
fn recording(name: &str) -> Value {
    let vectors = Vectors::embedded().unwrap();
    serde_json::from_slice(vectors.json(name).unwrap()).unwrap()
}

/// What comes of it, party by party.
fn replay(recording: &Value) -> Result<Vec<Case>, Unusable> {
    let name = recording["name"].as_str().unwrap();
    let mut vectors = Vectors::default();
    vectors.add(&format!("{name}.json"), serde_json::to_vec(recording).unwrap())?;
    let report = Group::named("transcripts").unwrap().run(&RustCrypto, &vectors)?;
    assert_eq!(report.passed(), report.failed().next().is_none());
    Ok(report.cases)
}

fn failures(recording: &Value) -> Vec<Failure> {
    replay(recording).unwrap().into_iter().flat_map(|case| case.failures).collect()
}

/// Asserts that exactly this is noticed: something about `what`, in this step.
fn is_noticed(recording: &Value, step: u64, what: &str) {
    let failures = failures(recording);
    let steps: Vec<_> = failures.iter().map(|failure| failure.step.map(u64::from)).collect();
    assert!(!steps.is_empty(), "nothing noticed: {what}");
    assert!(steps.iter().all(|other| *other == Some(step)), "step {step}, {what}: {failures:?}");
    assert!(failures.iter().any(|failure| failure.what.contains(what)), "{what}: {failures:?}");
    assert!(failures.iter().all(|failure| failure.expected != failure.got));
}

/// Changes the last digit of hexadecimal, or the number.
fn flip(value: &mut Value) {
    *value = match &*value {
        Value::Number(number) => json!(number.as_u64().unwrap() ^ 1),
        Value::String(hex) => {
            let (start, last) = hex.split_at(hex.len() - 1);
            json!(format!("{start}{:x}", u8::from_str_radix(last, 16).unwrap() ^ 1))
        }
        other => panic!("{other}"),
    };
}

/// The steps in which a message of this type was sent, with the message's place among those sent.
fn sent(recording: &Value, kind: &str) -> (usize, usize) {
    let steps = recording["steps"].as_array().unwrap();
    let place = steps.iter().enumerate().find_map(|(step, content)| {
        let emitted = content["emitted"].as_array()?;
        Some((step, emitted.iter().position(|emitted| emitted["decoded"]["type"] == kind)?))
    });
    place.unwrap()
}

/// The number of a step.
fn number(recording: &Value, step: usize) -> u64 {
    recording["steps"][step]["n"].as_u64().unwrap()
}

/// The place of the first step that is like this.
fn find(recording: &Value, is_it: impl Fn(&Value) -> bool) -> usize {
    recording["steps"].as_array().unwrap().iter().position(is_it).unwrap()
}
