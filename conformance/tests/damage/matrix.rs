//! Cells of the state matrix, damaged one at a time.

use otr_backend_rustcrypto::RustCrypto;
use otr_conformance::{Group, GroupReport, Unusable, Vectors};
use serde_json::{Value, json};

const NAME: &str = "corpus_state_matrix";

/// Tries one cell.
fn cell(cell: &Value) -> Result<GroupReport, Unusable> {
    let embedded = Vectors::embedded().unwrap();
    let mut vectors = Vectors::default();
    vectors.add("corpus_units.json", embedded.json("corpus_units").unwrap().to_vec()).unwrap();
    vectors.add(&format!("{NAME}.json"), json!({"cells": [cell]}).to_string().into_bytes()).unwrap();
    Group::named("transcripts").unwrap().run(&RustCrypto, &vectors)
}

fn recorded(event: &str) -> Value {
    let embedded = Vectors::embedded().unwrap();
    let matrix: Value = serde_json::from_slice(embedded.json(NAME).unwrap()).unwrap();
    matrix["cells"].as_array().unwrap().iter().find(|cell| cell["event"] == event).unwrap().clone()
}

#[test]
fn each_part_of_a_cell_is_compared() {
    for (event, field, wrong) in [
        ("query", "sends", json!([])),
        ("error", "events", json!(["RCVDMSG_UNREADABLE"])),
        ("plaintext", "display", json!("goodbye")),
        ("D-H Commit, new", "after", json!({"msgstate": "PLAINTEXT", "authstate": "NONE"})),
        ("Signature, valid", "after", json!({"msgstate": "FINISHED", "authstate": "NONE"})),
    ] {
        let mut damaged = recorded(event);
        assert!(cell(&damaged).unwrap().passed());
        damaged[field] = wrong;
        let report = cell(&damaged).unwrap();
        assert_eq!(report.failed().count(), 1, "{event}: {report}");
    }
}

#[test]
fn replay_10_an_unknown_event_is_named() {
    let mut unknown = recorded("query");
    unknown["event"] = json!("phone rings");
    let error = cell(&unknown).unwrap_err().to_string();
    assert!(error.starts_with("corpus_state_matrix: unknown event \"phone rings\""), "{error}");
}
