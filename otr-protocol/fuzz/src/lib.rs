//! Fuzzing: each public module is a target, and says at its top what an input means and what must hold for every one.
//!
//! A target is a plain function, which libFuzzer calls (`fuzz_targets/`) and `tests/corpora.rs` too. README.md says how to
//! run them.

mod backend;
#[cfg(feature = "libotr")]
pub mod differential;
pub mod fingerprints_file;
pub mod fragments;
mod input;
#[cfg(feature = "libotr")]
mod libotr;
mod model;
pub mod private_key_file;
pub mod receive;
pub mod saved_session;
pub mod seeds;
pub mod smp_tlv;
mod stage;
mod support;
pub mod toolkit;
pub mod two_parties;
pub mod wire_roundtrip;
