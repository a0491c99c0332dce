//! What must be reported: a jump, a number of rounds, an address and a power that depend on a secret.

use std::hint::black_box;

use otr_backend_rustcrypto::RustCrypto;
use otr_traits::{Base, Element, Exponent, ModExp, Power, Term};

use super::{Operation, bytes};
use crate::memcheck::conceal;

pub(super) const ALL: &[Operation] = &[
    Operation { name: "control-comparison", id: "S-40", run: comparison },
    Operation { name: "control-branch", id: "S-41", run: branch },
    Operation { name: "control-public-power", id: "S-41", run: public_power },
    Operation { name: "control-table", id: "S-44", run: table },
];

/// Ends with the first byte that differs.
fn comparison() {
    let secret: [u8; 20] = bytes(1);
    conceal(&secret);
    let other: [u8; 20] = bytes(2);
    black_box(black_box(&secret).iter().zip(&other).all(|(a, b)| a == b));
}

fn branch() {
    let secret: [u8; 1] = bytes(1);
    conceal(&secret);
    if black_box(secret)[0] & 1 == 1 {
        extra_work();
    }
}

#[inline(never)]
fn extra_work() {
    black_box(());
}

/// With the exponent handed over as a public one, the windows slide.
fn public_power() {
    let exponent = Exponent::from_be_bytes(&bytes::<40>(1)).expect("at most 192 bytes");
    conceal(exponent.expose());
    let base = Element::from(bytes(2));
    let term = Term { base: Base::Element(&base), exponent: Power::Public(&exponent) };
    black_box(RustCrypto.product(&[term]).expect("a power"));
}

/// Which line of the cache is read depends on the secret.
#[expect(
    clippy::indexing_slicing,
    reason = "a look-up is the point, and the table has an entry for each byte"
)]
fn table() {
    let secret: [u8; 1] = bytes(1);
    conceal(&secret);
    let table: [u8; 256] = black_box(bytes(2));
    black_box(table[usize::from(black_box(secret)[0])]);
}
