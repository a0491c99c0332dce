//! Measures operations with secrets of two kinds, and asks whether their times differ, as dudect does.
//!
//! The kinds take turns at random, so that whatever else the machine does meets both. Disturbances only ever add time, so
//! the slowest samples are left out, at several places. Welch's t says by how many standard errors the means then
//! differ: beyond 10, dudect's own limit, that is no chance.
//!
//! A difference raises t with the root of the number of samples, chance does not. So a control is measured until it is found
//! out, and the operations beside it twice as long: a difference half as large would not escape. Whatever still looks
//! like one gets more time to turn out to be chance.

mod experiments;
mod welch;

use cpu_time::ThreadTime;
use experiments::Experiment;

/// The kind of a secret: with as few bits set as possible, or with as many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Sparse,
    Dense,
}

/// From here on |t| means a difference.
const LIMIT: f64 = 10.0;

/// The most rounds that are added until the outcome is as expected.
const MORE_ROUNDS: usize = 20;

/// What was measured, and what it says.
pub struct Outcome {
    /// The operation and the backend.
    pub name: String,
    /// Whether its time ought to depend on the secret.
    pub is_control: bool,
    /// |t|.
    pub t: f64,
    /// How many times it was measured.
    pub samples: usize,
}

impl Outcome {
    /// Whether it is as it ought to be.
    #[must_use]
    pub fn is_as_expected(&self) -> bool {
        (self.t >= LIMIT) == self.is_control
    }
}

/// Measures everything, each control before what it stands for.
pub fn measure_all() -> impl Iterator<Item = Outcome> {
    let mut rounds = 1;
    experiments::all().into_iter().map(move |experiment| {
        let least = if experiment.is_control { 1 } else { 2 * rounds };
        let outcome = measure(&experiment, least);
        if experiment.is_control {
            rounds = outcome.samples / experiment.samples;
        }
        outcome
    })
}

fn measure(experiment: &Experiment, rounds: usize) -> Outcome {
    let Experiment { name, is_control, .. } = experiment;
    let mut samples = Vec::new();
    let mut round = 0;
    loop {
        sample(experiment, &mut samples);
        round += 1;
        if round < rounds {
            continue;
        }
        let (name, t) = (name.clone(), largest_t(&mut samples));
        let outcome = Outcome { name, is_control: *is_control, t, samples: samples.len() };
        if outcome.is_as_expected() || round >= rounds + MORE_ROUNDS {
            return outcome;
        }
    }
}

/// A kind, and how many seconds of the processor it took: time in which another process ran does not count.
type Sample = (Kind, f64);

/// One round.
fn sample(experiment: &Experiment, samples: &mut Vec<Sample>) {
    /// So many times, to warm up.
    const UNMEASURED: usize = 20;
    for number in 0..UNMEASURED + experiment.samples {
        let kind = if coin() { Kind::Sparse } else { Kind::Dense };
        let mut operation = (experiment.prepare)(kind);
        let start = ThreadTime::now();
        operation();
        let time = start.elapsed().as_secs_f64();
        if number >= UNMEASURED {
            samples.push((kind, time));
        }
    }
}

/// |t|, the largest of those with more or fewer of the slowest samples left out.
fn largest_t(samples: &mut [Sample]) -> f64 {
    samples.sort_by(|(_, a), (_, b)| a.total_cmp(b));
    let fastest = |kind, percent| {
        let kept = samples.iter().take(samples.len() * percent / 100);
        kept.filter(|(of, _)| *of == kind).map(|(_, time)| *time).collect::<Vec<_>>()
    };
    let t = |percent| welch::t(&fastest(Kind::Sparse, percent), &fastest(Kind::Dense, percent)).abs();
    [50, 75, 90].map(t).into_iter().fold(0.0, f64::max)
}

fn coin() -> bool {
    use std::hash::{BuildHasher, RandomState};
    // Every state starts from another key.
    RandomState::new().hash_one(()) & 1 == 1
}
