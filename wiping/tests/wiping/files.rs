//! Long-term keys: made, stored and loaded.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::{env, fs, process};

use otr_protocol::traits::{Backend, Dsa, SecretKey};
use otr_store::otrjs;
use otr_store::private_key::{self, Account};
use otr_wiping::{Recorder, Secrets, Watch, backends};

/// What of x is found after this, in blocks that were given back or are in use.
fn leaks(work: impl Fn(&Recorder)) -> Vec<String> {
    let mut found = vec![];
    for backend in backends() {
        let secrets = Arc::<Mutex<Secrets>>::default();
        let recorder = Recorder::new(backend, "Alice", Arc::clone(&secrets));
        let watch = Watch::begin();
        work(&recorder);
        let blocks = [watch.freed(), watch.in_use()].concat();
        drop(watch);
        let secrets = secrets.lock().unwrap();
        assert_ne!(secrets.kinds().count(), 0);
        let leaks = blocks.iter().flat_map(|block| secrets.find(block));
        found.extend(leaks.map(|leak| format!("{}: {leak}", recorder.name())));
    }
    found
}

fn key(recorder: &Recorder) -> SecretKey {
    recorder.generate().unwrap()
}

/// A file that does not exist, and that nobody else uses.
fn new_file(backend: &Recorder) -> PathBuf {
    env::temp_dir().join(format!("otr-wiping-{}-{}", process::id(), backend.name()))
}

#[test]
fn s_45_key_08_a_key_that_is_made() {
    assert_eq!(leaks(|backend| drop(key(backend))), [""; 0]);
}

#[test]
fn s_45_s_49_a_file_of_private_keys() {
    let found = leaks(|backend| {
        let path = new_file(backend);
        let account = |name| Account::new(name, "prpl-jabber", key(backend)).unwrap();
        private_key::create(&path, &[account("alice@example.org")]).unwrap();
        private_key::add(&path, account("alice@example.net"), backend).unwrap();
        let loaded = private_key::load(&path, backend).unwrap();
        fs::remove_file(&path).unwrap();
        assert_eq!((loaded.keys.accounts.len(), loaded.exposure), (2, None));
    });
    assert_eq!(found, [""; 0]);
}

#[test]
fn s_45_file_30_a_key_of_otr_js() {
    let found = leaks(|backend| {
        let text = otrjs::print(&key(backend));
        drop(otrjs::parse(&text, backend).unwrap());
    });
    assert_eq!(found, [""; 0]);
}
