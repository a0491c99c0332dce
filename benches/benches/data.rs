//! One text, encrypted, carried and decrypted: in one direction, where keys stay, and to and fro, where each text
//! brings new ones.

use criterion::{BenchmarkId, Criterion, Throughput};
use otr_benches::{Pair, backends, run};

fn main() {
    run(|criterion| {
        for bytes in [100, 1024, 64 * 1024] {
            one_way(criterion, &vec![b'a'; bytes]);
            ping_pong(criterion, &vec![b'a'; bytes]);
        }
    });
}

fn one_way(criterion: &mut Criterion, text: &[u8]) {
    let mut group = criterion.benchmark_group("one-way");
    group.throughput(Throughput::Bytes(text.len() as u64));
    for backend in backends() {
        let mut pair = Pair::connected(&backend, None);
        group.bench_function(BenchmarkId::new(backend.name(), format!("{} B", text.len())), |bencher| {
            bencher.iter(|| pair.write(text));
        });
    }
}

fn ping_pong(criterion: &mut Criterion, text: &[u8]) {
    let mut group = criterion.benchmark_group("ping-pong");
    group.throughput(Throughput::Bytes(text.len() as u64));
    for backend in backends() {
        let mut pair = Pair::connected(&backend, None);
        group.bench_function(BenchmarkId::new(backend.name(), format!("{} B", text.len())), |bencher| {
            bencher.iter(|| {
                pair.write(text);
                pair.turn();
            });
        });
    }
}
