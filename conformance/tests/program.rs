//! The program `otr-conformance`, as its users meet it.
#![cfg(feature = "rustcrypto")]
#![expect(clippy::unwrap_used, reason = "a test that fails loudly is a good one")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// Exit code, standard output, standard error.
fn run(arguments: &[&str]) -> (i32, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_otr-conformance")).args(arguments).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

/// An empty folder of this name.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("program-{name}"));
    fs::remove_dir_all(&folder).ok();
    fs::create_dir(&folder).unwrap();
    folder
}

/// Runs it on one file of a folder, with one group.
fn with_file(name: &str, content: &str, group: &str) -> (i32, String, String) {
    let folder = folder(&format!("with-{name}"));
    fs::write(folder.join(name), content).unwrap();
    run(&["--backend", "rustcrypto", "--group", group, "--vectors", folder.to_str().unwrap()])
}

#[test]
fn what_passes_is_reported_in_every_form() {
    let folder = folder("reports");
    let (json, junit) = (folder.join("report.json"), folder.join("report.xml"));
    let (json_name, junit_name) = (json.to_str().unwrap(), junit.to_str().unwrap());
    let groups = ["--group", "fragments", "--group", "interop"];
    let backend = ["--backend", "rustcrypto", "--json", json_name, "--junit", junit_name];
    let (code, out, complaints) = run(&[groups.as_slice(), &backend].concat());
    assert_eq!((code, complaints.as_str()), (0, ""), "{out}");
    assert!(out.contains("\nfragments ") && out.contains("\ninterop "), "{out}");
    let report: Value = serde_json::from_slice(&fs::read(json).unwrap()).unwrap();
    assert_eq!(report["passed"], true);
    assert_eq!(report["backends"][0]["groups"][1]["group"], "interop");
    let cases = report["backends"][0]["groups"][0]["cases"].as_array().unwrap().len();
    assert!(fs::read_to_string(junit).unwrap().contains(&format!("tests=\"{cases}\" failures=\"0\"")));
}

#[test]
fn a_case_that_fails_is_exit_code_1_and_says_where() {
    let vectors = otr_conformance::Vectors::embedded().unwrap();
    let corpus = std::str::from_utf8(vectors.json("corpus_fragments").unwrap()).unwrap();
    let wrong = corpus.replacen("\"abc\"", "\"abd\"", 1);
    assert_ne!(wrong, corpus);
    let (code, out, complaints) = with_file("corpus_fragments.json", &wrong, "fragments");
    assert_eq!((code, complaints.as_str()), (1, ""), "{out}");
    assert!(
        out.contains("fragments/reassemble/in order v2: FAILED") || out.contains("in order v2: FAILED"),
        "{out}"
    );
    assert!(out.contains("1 FAILED") || out.contains("FAILED\n"), "{out}");
}

#[test]
fn replay_10_what_cannot_be_tried_is_exit_code_2_and_named() {
    for (name, content, reason) in [
        ("broken.json", "{", "broken: EOF"),
        ("other.json", "{\"format\": \"otr-transcript/9\"}", "other: "),
        ("corpus_of_things.json", "{}", "corpus_of_things.json: no group reads this corpus"),
        ("cut.json.gz", "\u{1f}", "cut.json.gz: "),
    ] {
        let (code, _, complaints) = with_file(name, content, "transcripts");
        assert_eq!(code, 2, "{name}: {complaints}");
        assert!(complaints.contains(reason), "{complaints}");
    }
    for (arguments, reason) in [
        (["--vectors", "there-is-no-such-folder"], "there-is-no-such-folder"),
        (["--backend", "none"], "this program was built with: rustcrypto"),
        (["--group", "none"], "there are: hash, "),
    ] {
        let (code, _, complaints) = run(&arguments);
        assert_eq!(code, 2, "{complaints}");
        assert!(complaints.contains(reason), "{complaints}");
    }
}
