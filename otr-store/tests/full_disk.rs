//! A disk on which nothing can be written any more, as every writer of this crate meets it (FILE-05, S-46).
//!
//! The test runs itself once more, under a shell that allows files of 0 bytes only: files can be made, as on a full disk, but
//! every byte written to them is refused. That holds for root too.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test that fails loudly is a good one")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use otr_backend_rustcrypto::RustCrypto;
use otr_protocol::{Fingerprint, InstanceTag, KnownFingerprints};
use otr_store::fingerprints::Correspondent;
use otr_store::private_key::{self, Account};
use otr_store::{FileTrust, TrustStore, fingerprints, instance_tags, saved};
use otr_traits::Dsa;

const NAME: &str = "file_05_what_cannot_be_written_leaves_every_file_as_it_was";
const FOLDER: &str = "OTR_STORE_FOLDER_ON_A_FULL_DISK";

#[test]
fn file_05_what_cannot_be_written_leaves_every_file_as_it_was() {
    if let Some(folder) = std::env::var_os(FOLDER) {
        return write_in_vain(Path::new(&folder));
    }
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("full-{}", std::process::id()));
    fs::create_dir(&folder).unwrap();
    for written in write(&folder, "before") {
        written.unwrap();
    }
    let before = contents(&folder);
    assert_eq!(before.len(), 5);

    let output = Command::new("sh")
        .args(["-c", "trap '' XFSZ && ulimit -f 0 && exec \"$0\" --exact \"$1\""])
        .arg(std::env::current_exe().unwrap())
        .arg(NAME)
        .env(FOLDER, &folder)
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && told.contains("1 passed"), "{told}");
    assert!(contents(&folder) == before, "a file was changed, made or left behind");
    fs::remove_dir_all(folder).unwrap();
}

/// In the second run: everything fails, whether the file is there or not.
fn write_in_vain(folder: &Path) {
    for written in write(folder, "after") {
        let error = written.unwrap_err();
        assert!(error.contains("large"), "another failure: {error}");
    }
    assert!(saved::store(folder.join("another session"), b"new").is_err());
    let accounts = [Account::new("bob", "prpl-jabber", RustCrypto.generate().unwrap()).unwrap()];
    assert!(private_key::create(folder.join("another key"), &accounts).is_err());
}

/// Writes every kind of file there is.
fn write(folder: &Path, what: &str) -> [Result<(), String>; 5] {
    let account = || Account::new(what, "prpl-jabber", RustCrypto.generate().unwrap()).unwrap();
    let keys = folder.join("otr.private_key");
    let key = if keys.exists() {
        private_key::add(&keys, account(), &RustCrypto)
    } else {
        private_key::create(&keys, &[account()])
    };
    let whose = Correspondent::new(what, "alice", "prpl-irc").unwrap();
    let fingerprint = Fingerprint::from_bytes([1; 20]);
    let mut known = KnownFingerprints::default();
    known.set(fingerprint, what);
    let tag = InstanceTag::new(0x1234);
    [
        key.map_err(|error| error.to_string()),
        saved::store(folder.join("session"), what.as_bytes()).map_err(|error| error.to_string()),
        fingerprints::update(folder.join("otr.fingerprints"), |file| {
            file.set(&whose, fingerprint, what).unwrap()
        })
        .map(drop)
        .map_err(|error| error.to_string()),
        instance_tags::update(folder.join("otr.instance_tags"), |file| {
            file.set(what, "prpl-irc", tag).unwrap()
        })
        .map(drop)
        .map_err(|error| error.to_string()),
        FileTrust::new(folder.join("trust")).remember(&whose, &known).map_err(|error| error.to_string()),
    ]
}

fn contents(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| (path.clone(), fs::read(path).unwrap()))
        .collect();
    files.sort();
    files
}
