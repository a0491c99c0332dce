//! Shows that operations on secrets take a time that does not depend on them (S-40 to S-44).
//!
//! * [`operations`] runs each of them on the pure-Rust backend with secrets that [`memcheck`] watches: no jump and no
//!   address may depend on one. That holds for the very instructions that ran, not for other compilers', and says nothing of
//!   instructions whose own time varies, such as divisions.
//! * [`timing`] measures, which needs no view of the code: OpenSSL's too, which has parts that depend on masked secrets.
//!
//! `cargo test -p otr-constant-time` does both, with the code as it is in a release; `--features openssl` times
//! OpenSSL, too. It needs valgrind, and x86_64. Every check has controls, code that is known to depend on its secret: if they
//! are not found out, nothing else is shown either.
//!
//! Valgrind offers a program no SHA extensions and no AVX-512. What it sees of SHA-1 and SHA-256 is the code for processors
//! without them; those instructions themselves take the same time for all operands.
#![expect(clippy::expect_used, reason = "nothing is shown where something fails")]

pub mod memcheck;
pub mod operations;
pub mod timing;
