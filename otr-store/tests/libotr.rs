//! Files that libotr itself reads and writes: a profile goes from here to libotr and back with everything intact.
//!
//! It needs libotr, and so the feature `live-peers`: `make -C conformance/peers/libotr libotr-files`, then
//! `cargo test -p otr-store --features live-peers --test libotr`.
#![expect(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test that fails loudly is a good one")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{fs, str};

use otr_backend_rustcrypto::RustCrypto;
use otr_protocol::{Fingerprint, InstanceTag};
use otr_store::fingerprints::{self, Correspondent};
use otr_store::instance_tags;
use otr_store::private_key::{self, Account};
use otr_traits::Dsa;

/// What libotr takes from one profile, and writes to another with a key for one more account.
fn through_libotr(from: &Path, to: &Path) -> BTreeSet<String> {
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("../conformance/peers/libotr/libotr-files");
    let output =
        Command::new(program).arg(from).arg(to).args(["made by libotr", "prpl-irc"]).output().unwrap();
    assert!(output.status.success(), "{}", str::from_utf8(&output.stderr).unwrap());
    str::from_utf8(&output.stdout).unwrap().lines().map(str::to_owned).collect()
}

/// What we take from a profile, in the same words.
fn through_us(folder: &Path) -> BTreeSet<String> {
    let text = |bytes: &[u8]| str::from_utf8(bytes).unwrap().to_owned();
    let mut lines = BTreeSet::new();
    let keys = private_key::load(folder.join("otr.private_key"), &RustCrypto).unwrap().keys;
    assert!(keys.damaged.is_empty(), "{:?}", keys.damaged);
    for account in &keys.accounts {
        let fingerprint = Fingerprint::of(account.key().public(), &RustCrypto).unwrap().to_hex();
        lines.insert(["key", &text(account.name()), &text(account.protocol()), &fingerprint].join("\t"));
    }
    let fingerprints = fingerprints::load(folder.join("otr.fingerprints")).unwrap();
    assert!(fingerprints.damaged().is_empty());
    for record in fingerprints.records() {
        let (whose, digits) = (&record.whose, record.fingerprint.to_hex());
        let (user, account) = (text(whose.user()), text(whose.account()));
        let fields = ["fingerprint", &user, &account, &text(whose.protocol()), &digits, &text(&record.trust)];
        lines.insert(fields.join("\t"));
    }
    let tags = instance_tags::load(folder.join("otr.instance_tags")).unwrap();
    assert!(tags.damaged().is_empty());
    for record in tags.records() {
        let tag = format!("{:08x}", record.tag.number());
        lines.insert(["tag", &text(&record.account), &text(&record.protocol), &tag].join("\t"));
    }
    lines
}

fn folder(name: &str) -> PathBuf {
    let folder =
        PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("libotr-{name}-{}", std::process::id()));
    fs::create_dir(&folder).unwrap();
    folder
}

/// A private-key file in which libgcrypt has written numbers as text: a token, and quoted with escapes.
fn recorded_by_libotr() -> Vec<u8> {
    let recorded: serde_json::Value = serde_json::from_str(include_str!("data/private_key.json")).unwrap();
    let mut text = String::from("(privkeys\n");
    for (index, case) in recorded["text_like_x"].as_array().unwrap().iter().enumerate() {
        let mut file = case["file"].as_str().unwrap().to_owned();
        for name in ["p", "q", "g"] {
            file = file.replace(&format!("{{{name}}}"), recorded["key"][name].as_str().unwrap());
        }
        let account = file.strip_prefix("(privkeys\n").unwrap().strip_suffix(")\n").unwrap();
        text += &account.replace("(name a)", &format!("(name \"account {index}\")"));
    }
    text += ")\n";
    text.chars().map(|char| u8::try_from(u32::from(char)).unwrap()).collect()
}

#[test]
fn file_02_10_20_a_profile_goes_to_libotr_and_back() {
    let (ours, theirs, back) = (folder("ours"), folder("theirs"), folder("back"));
    // A profile of libotr's with several accounts, used and changed by us.
    fs::write(ours.join("otr.private_key"), recorded_by_libotr()).unwrap();
    let alice =
        Account::new("alice@example.org/größer", "prpl-jabber", RustCrypto.generate().unwrap()).unwrap();
    private_key::add(ours.join("otr.private_key"), alice, &RustCrypto).unwrap();
    fingerprints::update(ours.join("otr.fingerprints"), |all| {
        for (user, byte, trust) in
            [("bob", 1, "verified"), ("bob", 2, ""), ("eve", 0xfe, "smp"), ("bøb", 3, "my own word")]
        {
            let whose = Correspondent::new(user, "alice@example.org/größer", "prpl-jabber").unwrap();
            all.set(&whose, Fingerprint::from_bytes([byte; 20]), trust).unwrap();
        }
    })
    .unwrap();
    instance_tags::update(ours.join("otr.instance_tags"), |tags| {
        tags.set("alice@example.org/größer", "prpl-jabber", InstanceTag::new(0x100)).unwrap();
        tags.set("account 0", "p", InstanceTag::new(0xffff_ffff)).unwrap();
    })
    .unwrap();

    let expected = through_us(&ours);
    assert_eq!(expected.len(), 4 + 1 + 4 + 2);
    assert_eq!(through_libotr(&ours, &theirs), expected);

    // What libotr wrote is what it read, and a key and a tag more; and it goes back once more.
    let written = through_us(&theirs);
    assert!(written.is_superset(&expected), "{expected:#?} {written:#?}");
    let added: Vec<_> = written.difference(&expected).collect();
    assert!(added.iter().all(|line| line.contains("made by libotr")) && added.len() == 2, "{added:?}");
    fingerprints::update(theirs.join("otr.fingerprints"), |_| ()).unwrap();
    assert_eq!(through_libotr(&theirs, &back), written);
    for folder in [ours, theirs, back] {
        fs::remove_dir_all(folder).unwrap();
    }
}
