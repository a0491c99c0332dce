//! Powers in the 1536-bit group: of the generator and of any element, with exponents as wide as a Diffie-Hellman
//! private (320 bits) and as wide as the group; and what the proofs of the Socialist Millionaires' Protocol need.
#![expect(clippy::expect_used, reason = "there is nothing to measure where something fails")]

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion};
use otr_benches::{Shared, backends, run};
use otr_protocol::traits::{Base, Exponent, ModExp, ModExpExt, Power, Purpose, Rng, Term};

/// How many powers of a prepared element are expected: enough that a table pays.
const USES: u8 = 8;

fn main() {
    run(|criterion| {
        for bits in [320, 1536] {
            generator(criterion, bits);
            any_base(criterion, bits);
            prepared_base(criterion, bits);
        }
        preparing(criterion);
        proof(criterion);
        verification(criterion);
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

fn prepared_base(criterion: &mut Criterion, bits: usize) {
    let mut group = criterion.benchmark_group("power of a prepared element");
    for backend in backends() {
        let exponent = exponent(&backend, bits);
        let base = backend.pow_g(&exponent).expect("a power");
        let prepared = backend.prepare(&base, USES).expect("a prepared base");
        let term = Term { base: Base::Prepared(&prepared), exponent: Power::Secret(&exponent) };
        group.bench_function(BenchmarkId::new(backend.name(), format!("{bits} bits")), |bencher| {
            bencher.iter(|| backend.product(black_box(&[term])));
        });
    }
}

/// What comes before the first power of a prepared element.
fn preparing(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("preparing an element");
    for backend in backends() {
        let base = backend.pow_g(&exponent(&backend, 1536)).expect("a power");
        group.bench_function(backend.name(), |bencher| {
            bencher.iter(|| backend.prepare(black_box(&base), USES));
        });
    }
}

/// The answer of a zero-knowledge proof to its challenge.
fn proof(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("response");
    for backend in backends() {
        let [r, x, c] = [1536, 1536, 256].map(|bits| exponent(&backend, bits));
        group.bench_function(backend.name(), |bencher| {
            bencher.iter(|| backend.response(black_box(&r), black_box(&x), black_box(&c)));
        });
    }
}

/// What checks a proof: g^D · X^c, all of it public.
fn verification(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("product of two public powers");
    for backend in backends() {
        let [d, c] = [1536, 256].map(|bits| exponent(&backend, bits));
        let x = backend.pow_g(&d).expect("a power");
        let terms = [
            Term { base: Base::Generator, exponent: Power::Public(&d) },
            Term { base: Base::Element(&x), exponent: Power::Public(&c) },
        ];
        group.bench_function(backend.name(), |bencher| bencher.iter(|| backend.product(black_box(&terms))));
    }
}

fn exponent(backend: &Shared, bits: usize) -> Exponent {
    let mut exponent = Exponent::zeroed(bits / 8);
    backend.fill(Purpose::DhPrivate, exponent.expose_mut()).expect("random bytes");
    exponent
}
