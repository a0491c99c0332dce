//! Every operation on a secret, each once.

mod controls;
mod conversation;
mod dsa;
mod powers;
mod symmetric;

use crate::memcheck;

/// Something to be done under the eyes of memcheck.
pub struct Operation {
    /// What it is called on the command line.
    pub name: &'static str,
    /// The demand it is held to.
    pub id: &'static str,
    /// Does it.
    pub run: fn(),
}

/// All operations on secrets.
pub fn all() -> impl Iterator<Item = &'static Operation> {
    [powers::ALL, dsa::ALL, symmetric::ALL, conversation::ALL].into_iter().flatten()
}

/// Operations that do depend on their secrets, each in one of the ways that there are: each must be reported.
pub const CONTROLS: &[Operation] = controls::ALL;

/// A jump that depends on a secret as it should: on one bit that is published by what happens then.
pub struct Verdict {
    /// The line it is in, or a part of it, as it stands in the source.
    pub line: &'static str,
    /// What is published.
    pub reason: &'static str,
}

/// All there are. A report about any other line is a fault.
pub const VERDICTS: &[Verdict] = &[
    Verdict {
        line: "if r == U192::ZERO || s == U192::ZERO",
        reason: "r and s are the signature, which is published; neither is ever 0",
    },
    Verdict {
        line: "mod_q(&k).invert().into_option_copied()",
        reason: "every nonce has an inverse, because q is prime",
    },
    Verdict {
        line: "if holds { Ok(()) }",
        reason: "whether a key belongs together is the answer of the check",
    },
    Verdict {
        line: "if bool::from(is_zero | !is_below_q)",
        reason: "whether x is in range is the answer of the check",
    },
    Verdict { line: "while is_short(&private)", reason: "that no private is below 2^256 is known" },
];

/// Bytes that are the same for each `seed`.
fn bytes<const N: usize>(seed: u8) -> [u8; N] {
    let mut bytes = [0; N];
    fill(seed, &mut bytes);
    bytes
}

/// Fills `buf` by a linear congruential generator, Knuth's: anything will do that has no pattern.
fn fill(seed: u8, buf: &mut [u8]) {
    let mut state = u64::from(seed);
    for byte in buf {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        *byte = (state >> 56) as u8;
    }
}

/// What came of a secret is public from here on. It must have come of it: else the secret was not looked at.
fn publish<const N: usize>(result: &[u8; N]) -> [u8; N] {
    assert!(memcheck::is_secret(result), "the result does not depend on the secret");
    let result = *result;
    memcheck::reveal(&result);
    std::hint::black_box(result)
}
