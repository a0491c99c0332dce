//! DSA with 1024/160-bit keys.
#![expect(clippy::expect_used, reason = "there is nothing to measure where something fails")]

use std::hint::black_box;

use criterion::{Criterion, SamplingMode};
use otr_benches::{backends, keys, run};
use otr_protocol::traits::{Digest, Dsa, Thoroughness};

fn main() {
    run(|criterion| {
        sign(criterion);
        verify(criterion);
        validate(criterion);
        generate(criterion);
    });
}

fn sign(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("dsa sign");
    let [key, _] = keys();
    let digest = Digest::reduce(&[0xa5; 32], key.public().q());
    for backend in backends() {
        group.bench_function(backend.name(), |bencher| {
            bencher.iter(|| backend.sign(black_box(&key), black_box(&digest)));
        });
    }
}

fn verify(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("dsa verify");
    let [key, _] = keys();
    let digest = Digest::reduce(&[0xa5; 32], key.public().q());
    for backend in backends() {
        let signature = backend.sign(&key, &digest).expect("a signature");
        backend.verify(key.public(), &digest, &signature).expect("a signature that verifies");
        group.bench_function(backend.name(), |bencher| {
            bencher
                .iter(|| backend.verify(black_box(key.public()), black_box(&digest), black_box(&signature)));
        });
    }
}

/// The check of a key seen for the first time.
fn validate(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("dsa validate");
    let [key, _] = keys();
    for backend in backends() {
        backend.validate(key.public(), Thoroughness::Primality).expect("a sound key");
        group.bench_function(backend.name(), |bencher| {
            bencher.iter(|| backend.validate(black_box(key.public()), Thoroughness::Orders));
        });
    }
}

/// The time is that of a search for primes: a few samples scatter widely.
fn generate(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("dsa generate");
    group.sample_size(10).sampling_mode(SamplingMode::Flat);
    for backend in backends() {
        group.bench_function(backend.name(), |bencher| bencher.iter(|| backend.generate()));
    }
}
