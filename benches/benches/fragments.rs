//! A text of 16 KB, encrypted, cut up, carried, put together and decrypted.

use criterion::{BenchmarkId, Criterion, Throughput};
use otr_benches::{Pair, backends, run};

fn main() {
    run(|criterion| {
        for max_size in [140, 400] {
            fragments(criterion, max_size);
        }
    });
}

fn fragments(criterion: &mut Criterion, max_size: usize) {
    let text = [b'a'; 16 * 1024];
    let mut group = criterion.benchmark_group("16 KB in fragments");
    group.throughput(Throughput::Bytes(text.len() as u64));
    for backend in backends() {
        let mut pair = Pair::connected(&backend, Some(max_size));
        group.bench_function(BenchmarkId::new(backend.name(), format!("of {max_size} B")), |bencher| {
            bencher.iter(|| pair.write(&text));
        });
    }
}
