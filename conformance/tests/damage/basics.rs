//! The plainest conversation, damaged in each way.

use otr_backend_rustcrypto::RustCrypto;
use otr_conformance::{Group, Vectors};
use serde_json::{Value, json};

use super::{failures, flip, is_noticed, recording, replay, sent};

const NAME: &str = "v3_basic";

#[test]
fn an_undamaged_recording_passes() {
    let cases = replay(&recording(NAME)).unwrap();
    assert_eq!(cases.len(), 2, "one case for each party");
    assert_eq!(failures(&recording(NAME)), vec![]);
}

#[test]
fn replay_6_every_field_of_a_message_is_compared() {
    for (kind, fields) in [
        ("DH_COMMIT", &["version", "sender_tag", "receiver_tag", "encgx", "hashgx"][..]),
        ("DH_KEY", &["version", "sender_tag", "receiver_tag", "gy"]),
        ("REVEAL_SIG", &["version", "sender_tag", "receiver_tag", "r"]),
        ("SIGNATURE", &["version", "sender_tag", "receiver_tag"]),
        (
            "DATA",
            &[
                "version",
                "sender_tag",
                "receiver_tag",
                "flags",
                "sender_keyid",
                "recipient_keyid",
                "next_y",
                "ctr",
                "plaintext",
                "mac",
            ],
        ),
    ] {
        for field in fields {
            let mut recording = recording(NAME);
            let (step, place) = sent(&recording, kind);
            flip(&mut recording["steps"][step]["emitted"][place]["decoded"][field]);
            let number = recording["steps"][step]["n"].as_u64().unwrap();
            is_noticed(&recording, number, &format!("{field} of m"));
        }
    }
}

#[test]
fn replay_5_what_is_signed_and_how_is_checked() {
    for (kind, m2) in [("REVEAL_SIG", "m2"), ("SIGNATURE", "m2_prime")] {
        let damage = |field: &str, value: &dyn Fn(&str) -> String| {
            let mut recording = recording(NAME);
            let (step, place) = sent(&recording, kind);
            let field = &mut recording["steps"][step]["emitted"][place]["decoded"][field];
            *field = json!(value(field.as_str().unwrap()));
            let number = recording["steps"][step]["n"].as_u64().unwrap();
            (recording, number)
        };
        // The first byte after the type of the public key; what is signed; the key of the MAC.
        for (field, what) in [("X", "X, before the signature"), ("M", "signature of m"), (m2, "mac of m")] {
            let (recording, step) =
                damage(field, &|hex| format!("{}{}", &hex[..6], hex[6..].replace('0', "1")));
            is_noticed(&recording, step, what);
        }
    }
}

#[test]
fn replay_6_a_revealed_key_that_is_not_ours_is_noticed() {
    let mut recording = recording(NAME);
    let steps = recording["steps"].as_array_mut().unwrap();
    let reveals = |step: &&mut Value| step["emitted"][0]["decoded"]["revealed"][0].is_string();
    let step = steps.iter_mut().find(reveals).unwrap();
    flip(&mut step["emitted"][0]["decoded"]["revealed"][0]);
    let number = step["n"].as_u64().unwrap();
    is_noticed(&recording, number, "revealed MAC keys");
}

#[test]
fn replay_7_state_is_compared_after_each_step() {
    for (field, wrong, what) in [
        ("msgstate", "FINISHED", "message state"),
        ("authstate", "AWAITING_SIG", "key exchange"),
        ("ssid", "0011223344556677", "session id"),
        ("peer_fp", "00112233445566778899aabbccddeeff00112233", "fingerprint"),
        ("trust", "verified", "trust"),
    ] {
        let mut recording = recording(NAME);
        let slot = &mut recording["steps"][4]["state"][1];
        assert_eq!(slot["msgstate"], "ENCRYPTED");
        slot[field] = json!(wrong);
        is_noticed(&recording, 5, what);
    }
    for (field, what) in [("version", "version"), ("bold_half", "half")] {
        let mut recording = recording(NAME);
        flip(&mut recording["steps"][4]["state"][1][field]);
        is_noticed(&recording, 5, what);
    }
}

#[test]
fn replay_7_what_the_application_is_told_is_compared() {
    let mut recording = recording(NAME);
    recording["steps"][7]["result"]["display"] = json!("message 0 from mallory");
    is_noticed(&recording, 8, "event");

    let mut recording = super::recording(NAME);
    let events = recording["steps"][4]["events"].as_array_mut().unwrap();
    events.retain(|event| event["callback"] != "gone_secure");
    is_noticed(&recording, 5, "event too many");

    let mut recording = super::recording(NAME);
    let error = json!({"callback": "msg_event", "name": "RCVDMSG_UNREADABLE", "msg": null, "err": 0});
    recording["steps"][7]["events"].as_array_mut().unwrap().push(error);
    is_noticed(&recording, 8, "event missing");
}

#[test]
fn replay_7_a_key_that_libotr_did_not_use_is_noticed() {
    let mut recording = recording(NAME);
    let keys = recording["steps"][4]["keys_used"].as_array_mut().unwrap();
    keys.remove(0);
    is_noticed(&recording, 5, "key given to AES or HMAC");
}

#[test]
fn replay_4_a_missing_random_value_is_noticed() {
    let mut recording = recording(NAME);
    for step in recording["steps"].as_array_mut().unwrap() {
        let randoms = step["randoms"].as_array_mut().unwrap();
        randoms.retain(|random| random["purpose"] != "r");
    }
    is_noticed(&recording, 2, "random bytes");
}

#[test]
fn a_message_that_arrives_damaged_or_is_missing_is_noticed() {
    let mut recording = recording(NAME);
    let wire = &mut recording["steps"][6]["emitted"][0]["wire"];
    let (start, end) = wire.as_str().unwrap().split_at(300);
    *wire = json!(format!("{start}{}{}", if end.starts_with('A') { 'B' } else { 'A' }, &end[1..]));
    is_noticed(&recording, 8, "event");

    let mut recording = super::recording(NAME);
    recording["steps"][6]["emitted"] = json!([]);
    let error = replay(&recording).unwrap_err();
    assert_eq!((error.file.as_str(), error.reason.as_str()), (NAME, "step 8: no message m6"));
}

#[test]
fn replay_10_what_is_not_understood_is_named() {
    let mut unknown = recording(NAME);
    unknown["steps"][8]["op"] = json!("dance");
    assert_eq!(replay(&unknown).unwrap_err().to_string(), "v3_basic: step 9: unknown operation `dance`");

    let mut unknown = recording(NAME);
    unknown["format"] = json!("otr-transcript/9");
    assert_eq!(replay(&unknown).unwrap_err().to_string(), "v3_basic: unknown format \"otr-transcript/9\"");

    let mut vectors = Vectors::default();
    let error = vectors.add("corpus_of_things.json", b"{}".to_vec()).unwrap_err();
    assert_eq!(error.to_string(), "corpus_of_things.json: no group reads this corpus");
    assert!(
        vectors.add("cut.json.gz", vec![0x1f, 0x8b]).unwrap_err().to_string().starts_with("cut.json.gz: ")
    );
    vectors.add("no.json", b"{".to_vec()).unwrap();
    let transcripts = Group::named("transcripts").unwrap();
    assert!(transcripts.run(&RustCrypto, &vectors).unwrap_err().to_string().starts_with("no: "));
}

#[test]
fn a_group_without_a_file_fails() {
    let report = Group::named("transcripts").unwrap().run(&RustCrypto, &Vectors::default()).unwrap();
    assert!(!report.passed());
    assert!(Group::named("wire").unwrap().run(&RustCrypto, &Vectors::default()).is_err());
}

#[test]
fn a_folder_of_plain_recordings_is_read_like_the_compressed_ones() {
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("plain");
    std::fs::create_dir_all(&folder).unwrap();
    let mut plain = Vectors::default();
    assert!(plain.add_folder(&folder.join("missing")).is_err());
    std::fs::write(folder.join("v3_basic.json"), serde_json::to_vec(&recording(NAME)).unwrap()).unwrap();
    plain.add_folder(&folder).unwrap();
    let report = Group::named("transcripts").unwrap().run(&RustCrypto, &plain).unwrap();
    assert_eq!((report.cases.len(), report.passed()), (2, true));

    std::fs::write(folder.join("v3_basic.json.gz"), b"").unwrap();
    let error = Vectors::default().add_folder(&folder).unwrap_err();
    std::fs::remove_file(folder.join("v3_basic.json.gz")).unwrap();
    assert!(error.file.starts_with("v3_basic.json"), "{error}");
}
