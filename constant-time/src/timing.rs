//! Measures operations with secrets of two kinds, and asks whether their times differ, as dudect does.
//!
//! The kinds take turns at random, so that whatever else the machine does meets both. Interruptions only ever add time, so
//! the slowest samples are left out, at several places. Welch's t says by how many standard errors the means then
//! differ: beyond [`LIMIT`], that is no chance. A busy machine may make it large where there is no difference, so an
//! operation gets several attempts to show that there is none, and a control to show that there is one.

mod experiments;
mod welch;

use std::time::Instant;

use experiments::Experiment;

/// The kind of a secret: with as few bits set as possible, or with as many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Sparse,
    Dense,
}

/// From here on |t| means a difference: dudect's own limit.
const LIMIT: f64 = 10.0;

const ATTEMPTS: usize = 8;

/// What was measured, and what it says.
pub struct Outcome {
    /// The operation and the backend.
    pub name: String,
    /// Whether its time ought to depend on the secret.
    pub is_control: bool,
    /// |t| of the attempt that says the most for it.
    pub t: f64,
}

impl Outcome {
    /// Whether it is as it ought to be.
    #[must_use]
    pub fn is_as_expected(&self) -> bool {
        (self.t >= LIMIT) == self.is_control
    }
}

/// Measures everything, controls first.
pub fn measure_all() -> impl Iterator<Item = Outcome> {
    experiments::all().into_iter().map(|experiment| measure(&experiment))
}

fn measure(experiment: &Experiment) -> Outcome {
    let mut outcome =
        Outcome { name: experiment.name.clone(), is_control: experiment.is_control, t: f64::NAN };
    for _ in 0..ATTEMPTS {
        let t = attempt(experiment);
        // The first comparison is with no number, and takes the other side.
        outcome.t = if experiment.is_control { t.max(outcome.t) } else { t.min(outcome.t) };
        if outcome.is_as_expected() {
            break;
        }
    }
    outcome
}

/// |t| of so many samples, the largest of those with the slowest ones left out.
fn attempt(experiment: &Experiment) -> f64 {
    let mut samples = Vec::with_capacity(experiment.samples);
    // The first ones warm up.
    for round in 0..experiment.samples + 20 {
        let kind = if coin() { Kind::Sparse } else { Kind::Dense };
        let mut operation = (experiment.prepare)(kind);
        let start = Instant::now();
        operation();
        let time = start.elapsed().as_secs_f64();
        if round >= 20 {
            samples.push((kind, time));
        }
    }
    samples.sort_by(|(_, a), (_, b)| a.total_cmp(b));
    let of = |kind, part: usize| {
        let kept = &samples[..samples.len() * part / 100];
        kept.iter().filter(|(of, _)| *of == kind).map(|(_, time)| *time).collect::<Vec<_>>()
    };
    [50, 75, 90]
        .map(|part| welch::t(&of(Kind::Sparse, part), &of(Kind::Dense, part)).abs())
        .into_iter()
        .fold(0.0, f64::max)
}

fn coin() -> bool {
    use std::hash::{BuildHasher, RandomState};
    // Every state starts from another random key.
    RandomState::new().hash_one(()) & 1 == 1
}
