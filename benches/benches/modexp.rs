//! Powers in the 1536-bit group: of the generator and of any element, with exponents as wide as a Diffie-Hellman
//! private (320 bits) and as wide as the group.
#![expect(clippy::expect_used, reason = "there is nothing to measure where something fails")]

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion};
use otr_benches::{Shared, backends, run};
use otr_protocol::traits::{Exponent, ModExpExt, Purpose, Rng};

fn main() {
    run(|criterion| {
        for bits in [320, 1536] {
            generator(criterion, bits);
            any_base(criterion, bits);
        }
    });
}

fn generator(criterion: &mut Criterion, bits: usize) {
    let mut group = criterion.benchmark_group("power of the generator");
    for backend in backends() {
        let exponent = exponent(&backend, bits);
        group.bench_function(BenchmarkId::new(backend.name(), format!("{bits} bits")), |bencher| {
            bencher.iter(|| backend.pow_g(black_box(&exponent)));
        });
    }
}

fn any_base(criterion: &mut Criterion, bits: usize) {
    let mut group = criterion.benchmark_group("power of any element");
    for backend in backends() {
        let exponent = exponent(&backend, bits);
        let base = backend.pow_g(&exponent).expect("a power");
        group.bench_function(BenchmarkId::new(backend.name(), format!("{bits} bits")), |bencher| {
            bencher.iter(|| backend.pow(black_box(&base), black_box(&exponent)));
        });
    }
}

fn exponent(backend: &Shared, bits: usize) -> Exponent {
    let mut exponent = Exponent::zeroed(bits / 8);
    backend.fill(Purpose::DhPrivate, exponent.expose_mut()).expect("random bytes");
    exponent
}
