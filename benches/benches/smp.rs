//! A comparison of secrets by the Socialist Millionaires' Protocol: both sides together, and each of its steps.

use criterion::Criterion;
use otr_benches::{Pair, STEPS, backends, run};

fn main() {
    run(|criterion| {
        whole(criterion);
        for (index, step) in STEPS.iter().enumerate() {
            one_step(criterion, index, step);
        }
    });
}

fn whole(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("smp");
    for backend in backends() {
        let mut pair = Pair::connected(&backend, None);
        group.bench_function(backend.name(), |bencher| bencher.iter(|| pair.compare()));
    }
}

/// The others are taken as well, since it cannot do without them, but do not count.
fn one_step(criterion: &mut Criterion, index: usize, step: &str) {
    let mut group = criterion.benchmark_group(format!("smp {step}"));
    for backend in backends() {
        let mut pair = Pair::connected(&backend, None);
        let mut bench = |name: &str, prepared| {
            group.bench_function(name, |bencher| {
                bencher.iter_custom(|times| {
                    (0..times).filter_map(|_| pair.compare_in_steps(prepared).get(index).copied()).sum()
                });
            });
        };
        bench(backend.name(), false);
        if step == "answer" {
            bench(&format!("{}, prepared", backend.name()), true);
        }
    }
}
