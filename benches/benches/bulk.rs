//! What each byte of a message costs: encryption, and the code that authenticates it.

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput};
use otr_benches::{Shared, backends, run};
use otr_protocol::traits::{AesCtr, AesKey, Hash, PreparedKey, Secret};

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
        let mut kept = PreparedKey::from(key.duplicate());
        group.bench_function(BenchmarkId::new(kept_by(&backend), format!("{bytes} B")), |bencher| {
            bencher.iter(|| backend.aes_ctr_prepared(black_box(&mut kept), [0; 16], black_box(&mut data)));
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
        let mut kept = PreparedKey::from(Secret::from([0xa5; 20]));
        group.bench_function(BenchmarkId::new(kept_by(&backend), format!("{bytes} B")), |bencher| {
            bencher.iter(|| backend.hmac_sha1_prepared(black_box(&mut kept), black_box(&[&data]), &mut mac));
        });
    }
}

/// With what the backend keeps of a key that it has used before.
fn kept_by(backend: &Shared) -> String {
    format!("{}, key kept", backend.name())
}
