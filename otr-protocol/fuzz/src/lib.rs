//! Fuzzing: each module is a target, and says at its top what an input means and what must hold for every one.
//!
//! A target is a plain function, which libFuzzer calls (`fuzz_targets/`) and `tests/corpora.rs` too. README.md says how to
//! run them.

mod backend;
mod input;
pub mod receive;
mod stage;
mod support;
pub mod wire_roundtrip;

/// A target: its name, and what it does with an input. It panics if something is wrong.
pub type Target = (&'static str, fn(&[u8]));

/// All of them.
pub const TARGETS: &[Target] = &[("receive", receive::run), ("wire_roundtrip", wire_roundtrip::run)];
