//! A whole key exchange, both sides together.

use criterion::{BatchSize, BenchmarkId, Criterion};
use otr_benches::{Pair, backends, run};

fn main() {
    run(ake);
}

fn ake(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("key exchange");
    for backend in backends() {
        // Each checks the other's key.
        group.bench_function(BenchmarkId::new(backend.name(), "strangers"), |bencher| {
            let strangers = || Pair::new(&backend, None);
            bencher.iter_batched_ref(strangers, Pair::connect, BatchSize::SmallInput);
        });
        group.bench_function(BenchmarkId::new(backend.name(), "again"), |bencher| {
            let mut pair = Pair::connected(&backend, None);
            bencher.iter(|| pair.connect());
        });
    }
}
