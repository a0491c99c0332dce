//! Trust on the disk: kept, shared, and never half written.
#![expect(clippy::unwrap_used, reason = "a test that fails loudly is a good one")]

use std::path::PathBuf;
use std::{fs, thread};

use otr_protocol::{Fingerprint, InstanceTag, KnownFingerprints, Trust};
use otr_store::fingerprints::Correspondent;
use otr_store::{FileTrust, FileTrustError, MemoryTrust, TrustStore, instance_tags};

/// A folder of its own for a test.
fn folder(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{}", std::process::id()));
    fs::create_dir(&folder).unwrap();
    folder
}

fn remembers<S: TrustStore<Error: std::fmt::Debug>>(store: &mut S) {
    let bob = Correspondent::new("bob", "alice", "prpl-irc").unwrap();
    let (a, b) = (Fingerprint::from_bytes([1; 20]), Fingerprint::from_bytes([2; 20]));
    let mut known = store.known(&bob).unwrap();
    assert_eq!(known.classify(&a), Trust::New);
    known.set(a, "verified");
    store.remember(&bob, &known).unwrap();

    let mut other = KnownFingerprints::default();
    other.set(b, "");
    store.remember(&bob, &other).unwrap();
    let known = store.known(&bob).unwrap();
    assert_eq!((known.classify(&a), known.classify(&b)), (Trust::Trusted, Trust::Changed));
    let eve = Correspondent::new("eve", "alice", "prpl-irc").unwrap();
    assert_eq!(store.known(&eve).unwrap(), KnownFingerprints::default());
}

#[test]
fn file_12_both_stores_remember() {
    remembers(&mut MemoryTrust::default());
    let folder = folder("remembers");
    let path = folder.join("otr.fingerprints");
    remembers(&mut FileTrust::new(&path));
    let text = String::from_utf8(fs::read(&path).unwrap()).unwrap();
    assert_eq!(
        text,
        format!(
            "bob\talice\tprpl-irc\t{}\tverified\nbob\talice\tprpl-irc\t{}\t\n",
            "01".repeat(20),
            "02".repeat(20)
        )
    );
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 1, "a temporary file was left behind");
    fs::remove_dir_all(folder).unwrap();
}

/// Two programs share the file: what one has not changed is the other's to change.
#[test]
fn file_12_trust_that_another_program_has_changed_is_not_changed_back() {
    let folder = folder("shared");
    let path = folder.join("otr.fingerprints");
    let bob = Correspondent::new("bob", "alice", "prpl-irc").unwrap();
    let [a, b, c] = [1, 2, 3].map(|byte| Fingerprint::from_bytes([byte; 20]));
    let [mut ours, mut other] = [FileTrust::new(&path), FileTrust::new(&path)];
    let change = |store: &mut FileTrust, fingerprint, trust: &str| {
        let mut known = store.known(&bob).unwrap();
        known.set(fingerprint, trust);
        store.remember(&bob, &known).unwrap();
        known
    };
    change(&mut ours, a, "verified");
    let mut known = change(&mut ours, b, "");

    // While our session goes on, the user takes the trust from one key with the other program, and verifies others.
    change(&mut other, a, "");
    change(&mut other, b, "smp");
    change(&mut other, c, "smp");
    known.set(c, ""); // Ours has just seen it.
    ours.remember(&bob, &known).unwrap();
    let trust = |store: &mut FileTrust| {
        let known = store.known(&bob).unwrap();
        [a, b, c].map(|fingerprint| known.get(&fingerprint).map(str::to_owned))
    };
    assert_eq!(trust(&mut ours), ["", "smp", "smp"].map(|trust| Some(trust.to_owned())));
    // What we do change counts.
    change(&mut ours, b, "");
    assert_eq!(trust(&mut other), ["", "", "smp"].map(|trust| Some(trust.to_owned())));
    fs::remove_dir_all(folder).unwrap();
}

#[test]
fn file_12_what_cannot_be_written_leaves_the_file_as_it_was() {
    let folder = folder("unwritable");
    let path = folder.join("otr.fingerprints");
    fs::write(&path, "kept\n").unwrap();
    let bob = Correspondent::new("bob", "alice", "prpl-irc").unwrap();
    let mut known = KnownFingerprints::default();
    known.set(Fingerprint::from_bytes([1; 20]), "two\nlines");
    let error = FileTrust::new(&path).remember(&bob, &known).unwrap_err();
    assert!(matches!(error, FileTrustError::Unwritable { .. }), "{error}");
    assert_eq!(fs::read(&path).unwrap(), b"kept\n");
    assert!(FileTrust::new(folder.join("missing/file")).remember(&bob, &known).is_err());
    fs::remove_dir_all(folder).unwrap();
}

/// Without the lock, one writer's line would take the place of another's.
#[test]
fn file_05_writers_wait_for_each_other() {
    const WRITERS: u32 = 16;
    let folder = folder("writers");
    let path = folder.join("otr.instance_tags");
    thread::scope(|scope| {
        for writer in 0..WRITERS {
            let path = &path;
            scope.spawn(move || {
                let tag = InstanceTag::new(0x100 + writer);
                instance_tags::update(path, |tags| tags.set(format!("account {writer}"), "p", tag))
                    .unwrap()
                    .unwrap();
            });
        }
    });
    let tags = instance_tags::load(&path).unwrap();
    for writer in 0..WRITERS {
        assert_eq!(tags.find(format!("account {writer}"), "p"), Some(InstanceTag::new(0x100 + writer)));
    }
    fs::remove_dir_all(folder).unwrap();
}
