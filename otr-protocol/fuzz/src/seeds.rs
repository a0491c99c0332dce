//! Inputs to begin with: what was recorded with libotr and others, and sessions of our own.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io;
use std::path::Path;

use data_encoding::HEXLOWER;
use flate2::read::GzDecoder;
use otr_protocol::Config;
use otr_protocol::wire::{Version, dearmor};
use otr_store::{otrjs, private_key};
use serde_json::Value;

use crate::stage::Stage;
use crate::support::Name;
use crate::support::party::only;

/// Inputs by target.
#[derive(Default)]
pub struct Seeds(BTreeMap<&'static str, Vec<Vec<u8>>>);

impl Seeds {
    /// Makes them from the vectors of the conformance suite in a folder.
    ///
    /// # Errors
    /// A vector cannot be read.
    pub fn from_vectors(folder: &Path) -> io::Result<Self> {
        let mut seeds = Self::scripts();
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.to_str().is_some_and(|path| path.ends_with(".json.gz")) {
                let vector: Value = serde_json::from_reader(GzDecoder::new(File::open(path)?))?;
                let mut found = Found::default();
                found.walk("", &vector);
                seeds.add_found(&found);
            }
        }
        seeds.add_saved();
        seeds.add_keys();
        Ok(seeds)
    }

    /// Those that need no vectors.
    #[must_use]
    pub fn scripts() -> Self {
        let mut seeds = Self::default();
        seeds.add_scripts();
        seeds
    }

    /// The inputs of one target.
    #[must_use]
    pub fn of(&self, target: &str) -> &[Vec<u8>] {
        self.0.get(target).map_or(&[], Vec::as_slice)
    }

    /// Writes them into a folder for each target, each under its number.
    ///
    /// # Errors
    /// A file cannot be written.
    pub fn write(&self, folder: &Path) -> io::Result<()> {
        for (target, inputs) in &self.0 {
            let folder = folder.join(target);
            fs::create_dir_all(&folder)?;
            for (number, input) in inputs.iter().enumerate() {
                fs::write(folder.join(format!("seed-{number:05}")), input)?;
            }
        }
        Ok(())
    }

    fn add(&mut self, target: &'static str, input: impl Into<Vec<u8>>) {
        self.0.entry(target).or_default().push(input.into());
    }

    fn add_found(&mut self, found: &Found) {
        for (number, text) in found.texts.iter().enumerate() {
            let text = text.as_bytes();
            let settings = u8::from(text.starts_with(b"?OTR:AAI") || text.starts_with(b"?OTR,"));
            let stage = (number % Stage::ALL.len()) as u8;
            self.add("receive", [&[stage, settings, 0], text].concat());
            for target in ["wire_roundtrip", "toolkit", "differential"] {
                self.add(target, text);
            }
            if let Ok(bytes) = dearmor(text) {
                self.add("wire_roundtrip", bytes);
            }
        }
        // One after the other: each with its length, to be heard.
        let heard = found.texts.iter().filter(|text| text.starts_with("?OTR,") || text.starts_with("?OTR|"));
        let heard: Vec<u8> = heard
            .flat_map(|text| [&[3], &(text.len() as u16).to_le_bytes()[..], text.as_bytes()].concat())
            .take(4000)
            .collect();
        self.add("fragments", heard);
        for bytes in &found.bytes {
            for target in ["wire_roundtrip", "differential"] {
                self.add(target, [b"text\0", bytes.as_slice()].concat());
                self.add(target, bytes.as_slice());
            }
        }
        for file in &found.files {
            for target in ["private_key_file", "fingerprints_file", "differential"] {
                self.add(target, file.as_slice());
            }
        }
    }

    /// What users and the network do, from one end of the list to the other and back.
    fn add_scripts(&mut self) {
        let mut state: u32 = 1;
        for length in 8..72 {
            let script = (0..length).map(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (state >> 24) as u8
            });
            let script: Vec<u8> = script.collect();
            for target in ["receive", "two_parties", "smp_tlv", "fragments"] {
                self.add(target, script.as_slice());
            }
        }
        for key in 0..8 {
            // Version 2, the key, numbers; eight bytes, of which one behind the first two is exchanged for what stands there.
            let head: &[u8] = &[1, key, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0];
            self.add("toolkit", [head, b"\x08\0readable\0\0\x02\0hi\x02\x01\0!\x01"].concat());
        }
        for version in [0, 1] {
            self.add_comparisons(version);
            for stage in 0..Stage::ALL.len() as u8 {
                self.add("receive", [stage, version, 11, 7, 11, 7, 8, 1, 11, 9, 1, 7]);
            }
        }
    }

    /// Comparisons that Alice or Bob begins, whole, and with a 2 for one of the numbers of one of Alice's messages.
    fn add_comparisons(&mut self, version: u8) {
        const BY_ALICE: [&[u8]; 2] = [&[0, 0, 0], &[0, 5]];
        const BY_BOB: [&[u8]; 2] = [&[0, 4, 0, 1], &[]];
        for (run, messages) in [(BY_ALICE, [6, 8]), (BY_BOB, [11, 3])] {
            let [before, between] = run;
            self.add("smp_tlv", [&[version], before, &[0], between, &[0]].concat());
            for number in 0..messages[0] {
                self.add("smp_tlv", [&[version], before, &[3, number, 0, 5, 2], between, &[0]].concat());
            }
            for number in 0..messages[1] {
                self.add("smp_tlv", [&[version], before, &[0], between, &[3, number, 0, 5, 2]].concat());
            }
        }
    }

    fn add_saved(&mut self) {
        for version in [Version::V2, Version::V3] {
            for stage in [Stage::Plaintext, Stage::Encrypted, Stage::Finished] {
                let mut config = Config::default();
                config.policy = only(version);
                let pair = stage.reach(version, config);
                let now = pair.alice.now;
                let saved = pair.alice.session.save(now).session;
                self.add("saved_session", serde_json::to_vec(&saved).unwrap_or_default());
            }
        }
    }

    fn add_keys(&mut self) {
        let key = Name::Alice.key();
        self.add("private_key_file", otrjs::print(&key).as_bytes());
        let accounts = private_key::Account::new("alice@example.org", "prpl-jabber", key);
        if let Ok(account) = accounts {
            self.add("private_key_file", private_key::print(&[account]).as_slice());
        }
    }
}

/// What stands in a vector.
#[derive(Default)]
struct Found {
    texts: Vec<String>,
    bytes: Vec<Vec<u8>>,
    files: Vec<Vec<u8>>,
}

impl Found {
    /// Looks for texts on the wire, records, public keys and files, by the names that the vectors give them.
    fn walk(&mut self, name: &str, value: &Value) {
        match value {
            Value::Array(members) => members.iter().for_each(|member| self.walk(name, member)),
            Value::Object(members) => members.iter().for_each(|(name, member)| self.walk(name, member)),
            Value::String(text) => self.take(name, text),
            _ => {}
        }
    }

    fn take(&mut self, name: &str, text: &str) {
        let decoded = HEXLOWER.decode(text.as_bytes());
        match (name, decoded) {
            ("wire" | "injected" | "in" | "fragments", _) => self.texts.push(text.to_owned()),
            ("input", Err(_)) => self.texts.push(text.to_owned()),
            ("input_hex", Ok(bytes)) => self.texts.push(String::from_utf8_lossy(&bytes).into_owned()),
            ("file_hex", Ok(bytes)) => self.files.push(bytes),
            ("input" | "pubkey" | "mpi", Ok(bytes)) => self.bytes.push(bytes),
            _ => {}
        }
    }
}
