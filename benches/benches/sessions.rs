//! What sessions take while there are very many: memory for each, and time for a message in one of them. With `--quick`
//! there are not so many, since to make them takes minutes.
#![expect(clippy::indexing_slicing, reason = "there is nothing to measure where a session is missing")]

use std::env;
use std::sync::Arc;

use criterion::{BenchmarkId, Criterion};
use otr_benches::{Counting, Pair, Repeated, Shared, accounts, backends, run};

fn main() {
    run(|criterion| {
        for backend in backends() {
            sessions(criterion, &backend);
        }
    });
}

fn sessions(criterion: &mut Criterion, backend: &Shared) {
    let repeated = [0x40, 0x80].map(|party| Arc::new(Repeated::new(backend, party)));
    let [alice, bob] = repeated.each_ref().map(|party| Arc::clone(party) as Shared);
    let accounts = accounts([&alice, &bob], None);
    let connected = || {
        repeated.iter().for_each(|party| party.restart());
        let mut pair = Pair::of(&accounts);
        pair.connect();
        pair
    };
    // The first one computes what all others repeat.
    drop(connected());

    let text = [b'a'; 100];
    let mut pairs = Vec::new();
    let most = if env::args().any(|argument| argument == "--quick") { 1000 } else { 100_000 };
    for count in [1, 1000, 100_000].into_iter().filter(|count| *count <= most) {
        let (before, more) = (Counting::live(), count - pairs.len());
        pairs.reserve_exact(more);
        pairs.extend((0..more).map(|_| connected()));
        let memory = |after: &str| {
            let bytes = (Counting::live() - before) / (2 * more);
            report(&format!("memory of a session after {after}/{}/{count}: {bytes} B", backend.name()));
        };
        memory("the key exchange");
        // From here on no key is derived any more.
        pairs.iter_mut().skip(count - more).for_each(|pair| pair.write(&text));
        memory("a message too");

        let mut group = criterion.benchmark_group("one-way 100 B beside other sessions");
        group.bench_function(BenchmarkId::new(backend.name(), count), |bencher| {
            bencher.iter(|| pairs[count / 2].write(&text));
        });
        group.finish();
        let mut group = criterion.benchmark_group("one-way 100 B in one session after the other");
        group.bench_function(BenchmarkId::new(backend.name(), count), |bencher| {
            let mut next = 0;
            bencher.iter(|| {
                pairs[next].write(&text);
                next = (next + 1) % count;
            });
        });
        group.finish();
    }
}

#[expect(clippy::print_stdout, reason = "criterion reports times only")]
fn report(line: &str) {
    println!("{line}");
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;
