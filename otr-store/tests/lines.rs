//! Fingerprints and instance tags, compared with what libotr was seen to do.
#![expect(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test that fails loudly is a good one")]

use std::collections::BTreeMap;

use otr_protocol::{Fingerprint, InstanceTag, KnownFingerprints};
use otr_store::fingerprints::{Correspondent, Fingerprints};
use otr_store::instance_tags::InstanceTags;
use otr_store::{MAX_FILE_SIZE, ParseError, Reason, Unwritable};
use proptest::prelude::*;
use serde_json::Value;

/// What libotr was seen to do, see tests/data/README.md.
fn recorded(text: &str) -> Vec<(String, Vec<u8>, Value)> {
    let cases: Vec<Value> = serde_json::from_str(text).unwrap();
    let file = |case: &Value| bytes(&case["file"]);
    cases.into_iter().map(|case| (case["name"].as_str().unwrap().to_owned(), file(&case), case)).collect()
}

fn bytes(text: &Value) -> Vec<u8> {
    text.as_str().unwrap().chars().map(|char| u8::try_from(u32::from(char)).unwrap()).collect()
}

fn sorted(text: &[u8]) -> Vec<Vec<u8>> {
    let mut lines: Vec<_> = text.split(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect();
    lines.sort();
    lines
}

/// The reasons of the lines in which libotr reads something else than it should (FILE-11).
fn reasons(fingerprints: &Fingerprints) -> Vec<(usize, Reason)> {
    fingerprints.damaged().iter().map(|damage| (damage.position.line, damage.reason)).collect()
}

/// S-19.
#[test]
fn file_11_a_line_that_ends_in_several_crs_is_the_same_once_it_is_written() {
    let fingerprint = "ab".repeat(20);
    let file = format!("bob\talice\tprpl\t{fingerprint}\tverified\r\r\nno record\r\r\n");
    let read = Fingerprints::parse(file.as_bytes()).unwrap();
    assert_eq!(read.records().next().unwrap().trust, b"verified");
    let printed = read.print();
    assert_eq!(printed, format!("bob\talice\tprpl\t{fingerprint}\tverified\nno record\n").into_bytes());
    assert_eq!(Fingerprints::parse(&printed).unwrap().print(), printed);
}

/// FILE-13: several for one user, and the same for several users, accounts and protocols.
#[test]
fn file_10_fingerprints_are_read_and_written_as_by_libotr() {
    let mut otherwise = Vec::new();
    for (name, file, case) in recorded(include_str!("data/fingerprints.json")) {
        let read = Fingerprints::parse(&file).unwrap();
        let mut ours = BTreeMap::new();
        for record in read.records() {
            assert_eq!(
                (record.whose.account(), record.whose.protocol().first()),
                (
                    match &*name {
                        "spaces in names" => b"alice a".as_slice(),
                        _ => b"alice",
                    },
                    Some(&b'p')
                ),
                "{name}"
            );
            ours.insert((record.whose.user().to_vec(), record.fingerprint.to_hex()), record.trust.clone());
        }
        let theirs: BTreeMap<_, _> = case["records"]
            .as_array()
            .unwrap()
            .iter()
            .map(|record| ((bytes(&record[0]), record[1].as_str().unwrap().to_owned()), bytes(&record[2])))
            .collect();
        if ours != theirs {
            otherwise.push((name, reasons(&read)));
            continue;
        }
        let has_one_line_each = read.damaged().is_empty() && read.records().count() == theirs.len();
        if has_one_line_each && !file.starts_with(b"#") {
            assert_eq!(sorted(&read.print()), sorted(&bytes(&case["written"])), "{name}");
        }
        assert_eq!(Fingerprints::parse(&read.print()).unwrap().print(), read.print(), "{name}");
    }
    // FILE-11: a last line without its end is taken, digits that are none are not zeros, and a line may be longer than
    // 999 bytes.
    let digits = ("not hex".to_owned(), vec![(1, Reason::FingerprintDigits)]);
    let expected = [("no newline".to_owned(), vec![]), digits, ("long line".to_owned(), vec![])];
    assert_eq!(otherwise, expected);
}

#[test]
fn file_20_instance_tags_are_read_as_by_libotr() {
    let mut otherwise = Vec::new();
    for (name, file, case) in recorded(include_str!("data/instance_tags.json")) {
        let read = InstanceTags::parse(&file).unwrap();
        let theirs: BTreeMap<_, _> = case["records"]
            .as_array()
            .unwrap()
            .iter()
            .rev()
            .map(|record| ((bytes(&record[0]), bytes(&record[1])), record[2].as_u64().unwrap()))
            .collect();
        let ours: BTreeMap<_, _> = read
            .records()
            .map(|record| {
                let tag = read.find(&record.account, &record.protocol).unwrap();
                ((record.account.clone(), record.protocol.clone()), u64::from(tag.number()))
            })
            .collect();
        if ours != theirs {
            otherwise.push((name, read.records().count()));
        }
        assert_eq!(InstanceTags::parse(&read.print()).unwrap().print(), read.print());
    }
    // A last line without its end is taken; `0x` with six digits is not.
    let expected = [("no newline", 1), ("0x", 0)].map(|(name, records)| (name.to_owned(), records));
    assert_eq!(otherwise, expected);
}

#[test]
fn file_11_a_damaged_line_is_named_and_survives_a_change() {
    let text = b"bob\ta\tp\tzz\n# remark\n\nbob\ta\n";
    let mut fingerprints = Fingerprints::parse(text).unwrap();
    assert_eq!(reasons(&fingerprints), [(1, Reason::FingerprintDigits), (4, Reason::FingerprintFields)]);
    assert_eq!(
        fingerprints.damaged().first().unwrap().to_string(),
        "line 1, column 1: a fingerprint has 40 hexadecimal digits"
    );
    let bob = Correspondent::new("bob", "a", "p").unwrap();
    fingerprints.set(&bob, Fingerprint::from_bytes([7; 20]), "verified").unwrap();
    let digits = "07".repeat(20);
    assert_eq!(fingerprints.print(), [text, format!("bob\ta\tp\t{digits}\tverified\n").as_bytes()].concat());

    let long = [vec![b'b'; 4097], b"\ta\tp\t".to_vec(), digits.clone().into_bytes()].concat();
    assert_eq!(reasons(&Fingerprints::parse(&long).unwrap()), [(1, Reason::LongLine)]);
    assert_eq!(Fingerprints::parse(&vec![b'\n'; MAX_FILE_SIZE + 1]).unwrap_err(), ParseError::TooLarge);
}

#[test]
fn file_12_any_trust_is_kept_and_the_later_line_counts() {
    let (bob, eve) =
        (Correspondent::new("bob", "a", "p").unwrap(), Correspondent::new("eve", "a", "p").unwrap());
    let digits = "ab".repeat(20);
    let text = format!("bob\ta\tp\t{digits}\tsmp\nbob\ta\tp\t{digits}\t\neve\ta\tp\t{digits}\t");
    let text = [text.as_bytes(), b"\xff own\tword\n"].concat();
    let mut fingerprints = Fingerprints::parse(&text).unwrap();
    let fingerprint = Fingerprint::from_bytes([0xab; 20]);
    assert_eq!(fingerprints.known(&bob).get(&fingerprint), Some(""));
    assert_eq!(fingerprints.known(&eve).get(&fingerprint), Some("\u{fffd} own\tword"));

    // What a session has not changed stays as it is, to the byte.
    let known = fingerprints.known(&eve);
    fingerprints.remember(&eve, &known, &known).unwrap();
    assert_eq!(fingerprints.print(), text);
    fingerprints.set(&bob, fingerprint, "verified").unwrap();
    assert!(
        fingerprints.records().filter(|record| record.whose == bob).all(|record| record.trust == b"verified")
    );
    for bad in ["a\tb", "a\nb", "a\rb", "a\0b"] {
        assert_eq!(fingerprints.set(&bob, fingerprint, bad), Err(Unwritable::Trust));
        assert_eq!(Correspondent::new(bad, "a", "p"), Err(Unwritable::Name));
    }
    assert!(fingerprints.forget(&bob, &fingerprint));
    assert!(!fingerprints.forget(&bob, &fingerprint));
    assert_eq!(fingerprints.known(&bob), KnownFingerprints::default());
    assert_eq!(fingerprints.known(&eve).iter().count(), 1);
}

#[test]
fn file_13_a_record_is_found_by_all_four_of_its_names() {
    let names = [("bob", "a", "p"), ("Bob", "a", "p"), ("bob", "b", "p"), ("bob", "a", "q")];
    let whose = names.map(|(user, account, protocol)| Correspondent::new(user, account, protocol).unwrap());
    let keys = [1, 2].map(|byte| Fingerprint::from_bytes([byte; 20]));
    let mut fingerprints = Fingerprints::default();
    for (number, correspondent) in whose.iter().enumerate() {
        for key in keys {
            fingerprints.set(correspondent, key, number.to_string()).unwrap();
        }
    }
    assert!(fingerprints.forget(&whose[0], &keys[0]));
    let trust = |at: usize, key| fingerprints.known(&whose[at]).get(key).map(str::to_owned);
    assert_eq!([trust(0, &keys[0]), trust(0, &keys[1])], [None, Some("0".to_owned())]);
    for at in 1..4 {
        assert!(keys.iter().all(|key| trust(at, key) == Some(at.to_string())));
    }
}

#[test]
fn file_20_tags_are_written_as_by_libotr() {
    let mut tags = InstanceTags::default();
    tags.set("alice", "prpl-jabber", InstanceTag::new(0x100)).unwrap();
    tags.set("alice", "prpl-jabber", InstanceTag::new(0x5a73_a599)).unwrap();
    let remark = "# WARNING! You shouldn't copy this file to another computer. It is unnecessary and can cause problems.";
    assert_eq!(String::from_utf8(tags.print()).unwrap(), format!("{remark}\nalice\tprpl-jabber\t5a73a599\n"));
    assert_eq!(tags.find("alice", "prpl-jabber"), Some(InstanceTag::new(0x5a73_a599)));
    assert_eq!(tags.find("alice", "irc"), None);
    assert_eq!(tags.set("b", "p", InstanceTag::new(0xff)), Err(Unwritable::Tag));
    assert_eq!(tags.set("#b", "p", InstanceTag::new(0x100)), Err(Unwritable::Name));
}

proptest! {
    /// FILE-32.
    #[test]
    fn file_32_any_bytes_are_read_without_harm_and_nothing_is_lost(text in "[ab\t\n\r#\0f0-9\u{100}]{0,400}") {
        let lines = |text: &[u8]| {
            let is_content = |line: &&[u8]| line.iter().any(|byte| *byte != b'\r');
            text.split(|byte| *byte == b'\n').filter(is_content).count()
        };
        let fingerprints = Fingerprints::parse(text.as_bytes()).unwrap();
        prop_assert_eq!(lines(&fingerprints.print()), lines(text.as_bytes()));
        let tags = InstanceTags::parse(text.as_bytes()).unwrap();
        prop_assert_eq!(lines(&tags.print()), lines(text.as_bytes()));
    }
}
