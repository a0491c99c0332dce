//! What each byte of a message costs: encryption, and the code that authenticates it.

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput};
use otr_benches::{backends, run};
use otr_protocol::traits::{AesCtr, AesKey, Hash};

fn main() {
    run(|criterion| {
        for bytes in [100, 1024, 64 * 1024] {
            aes_ctr(criterion, bytes);
            hmac_sha1(criterion, bytes);
        }
    });
}

fn aes_ctr(criterion: &mut Criterion, bytes: usize) {
    let (key, mut data) = (AesKey::from([0xa5; 16]), vec![b'a'; bytes]);
    let mut group = criterion.benchmark_group("AES-128-CTR");
    group.throughput(Throughput::Bytes(bytes as u64));
    for backend in backends() {
        group.bench_function(BenchmarkId::new(backend.name(), format!("{bytes} B")), |bencher| {
            bencher.iter(|| backend.aes_ctr(black_box(&key), [0; 16], black_box(&mut data)));
        });
    }
}

fn hmac_sha1(criterion: &mut Criterion, bytes: usize) {
    let (data, mut mac) = (vec![b'a'; bytes], [0; 20]);
    let mut group = criterion.benchmark_group("HMAC-SHA-1");
    group.throughput(Throughput::Bytes(bytes as u64));
    for backend in backends() {
        group.bench_function(BenchmarkId::new(backend.name(), format!("{bytes} B")), |bencher| {
            bencher.iter(|| backend.hmac_sha1(black_box(&[0xa5; 20]), black_box(&[&data]), &mut mac));
        });
    }
}
