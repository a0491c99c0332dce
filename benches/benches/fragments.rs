//! A text, encrypted, cut up, carried, put together and decrypted.

use criterion::{BenchmarkId, Criterion, Throughput};
use otr_benches::{Pair, backends, run};

fn main() {
    run(|criterion| {
        for max_size in [140, 400] {
            for kilobytes in [16, 64, 256, 1024] {
                fragments(criterion, kilobytes, max_size);
            }
        }
    });
}

fn fragments(criterion: &mut Criterion, kilobytes: usize, max_size: usize) {
    let text = vec![b'a'; kilobytes * 1024];
    let mut group = criterion.benchmark_group(format!("fragments of {max_size} B"));
    group.throughput(Throughput::Bytes(text.len() as u64));
    for backend in backends() {
        let mut pair = Pair::connected(&backend, Some(max_size));
        group.bench_function(BenchmarkId::new(backend.name(), format!("{kilobytes} KB")), |bencher| {
            bencher.iter(|| pair.write(&text));
        });
    }
}
