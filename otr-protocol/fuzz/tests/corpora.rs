//! Every input that is kept, once more: the small corpora that fuzzing came to, what it found, and scripts to begin with.

use std::fs::{self, File};
use std::io::Read as _;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::Path;

use flate2::read::GzDecoder;
use otr_fuzz::seeds::Seeds;

/// Runs a target on its packed corpus, its regressions and its scripts.
fn replay(target: &str, run: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut inputs = Vec::new();
    let packed = File::open(folder.join(format!("corpora/{target}.tar.gz"))).unwrap();
    for entry in tar::Archive::new(GzDecoder::new(packed)).entries().unwrap() {
        let mut entry = entry.unwrap();
        if entry.header().entry_type().is_file() {
            let mut input = Vec::new();
            entry.read_to_end(&mut input).unwrap();
            inputs.push((entry.path().unwrap().display().to_string(), input));
        }
    }
    assert!(inputs.len() > 10, "the corpus of {target} is lost");
    if let Ok(regressions) = fs::read_dir(folder.join("regressions").join(target)) {
        for path in regressions.map(|entry| entry.unwrap().path()) {
            inputs.push((path.display().to_string(), fs::read(path).unwrap()));
        }
    }
    let scripts = Seeds::scripts();
    inputs.extend(scripts.of(target).iter().map(|script| ("a script".to_owned(), script.clone())));
    for (name, input) in inputs {
        catch_unwind(AssertUnwindSafe(|| run(&input))).unwrap_or_else(|panic| {
            eprintln!("{target} fails on {name}: {}", input.escape_ascii());
            resume_unwind(panic)
        });
    }
}

macro_rules! corpora {
    ($($(#[$condition:meta])* $target:ident)+) => {
        $(
            $(#[$condition])*
            #[test]
            fn $target() {
                replay(stringify!($target), otr_fuzz::$target::run);
            }
        )+
    };
}

corpora! {
    #[cfg(feature = "libotr")]
    differential
    fingerprints_file
    fragments
    private_key_file
    receive
    saved_session
    smp_tlv
    toolkit
    two_parties
    wire_roundtrip
}
