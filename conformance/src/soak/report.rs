//! What came of it all.

use std::fmt;

use serde::Serialize;

use super::{Counts, Settings};

/// What came of it all. As JSON it has these fields.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// Whether nothing happened that must not.
    pub passed: bool,
    /// The backend.
    pub backend: &'static str,
    /// What was asked for.
    pub conversations: u32,
    /// The connections that carried them.
    pub connections: u32,
    /// What everything was drawn from.
    pub seed: u64,
    /// How long it took.
    pub seconds: f64,
    /// Everything that happened.
    pub counts: Counts,
    /// How the memory went.
    pub memory: Vec<Sample>,
    /// How much more memory was in use at the end than after a third of the texts, in percent; none where the system does not
    /// say.
    pub growth: Option<f64>,
}

/// The memory at one moment.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Sample {
    /// How many texts had been said.
    pub texts: u64,
    /// The bytes of the program that were in memory; none where the system does not say.
    pub resident: Option<u64>,
}

impl Report {
    /// The most that memory may have grown, in percent.
    pub const MAX_GROWTH: f64 = 10.0;

    pub(super) fn new(
        backend: &'static str,
        settings: &Settings,
        counts: Counts,
        memory: Vec<Sample>,
        seconds: f64,
    ) -> Self {
        let Settings { conversations, connections, seed, .. } = *settings;
        let growth = growth(&memory);
        let passed = counts.failed == 0
            && counts.is_complete()
            && growth.is_none_or(|growth| growth <= Self::MAX_GROWTH);
        Self { passed, backend, conversations, connections, seed, seconds, counts, memory, growth }
    }
}

/// From the moment when a third of the texts had been said: by then every conversation has had its sessions.
fn growth(memory: &[Sample]) -> Option<f64> {
    let last = memory.last()?;
    let warm = memory.iter().find(|sample| sample.texts >= last.texts / 3)?.resident?;
    #[expect(clippy::cast_precision_loss, reason = "no machine has so much memory")]
    let [warm, last] = [warm, last.resident?].map(|bytes| bytes as f64);
    Some(100.0 * (last - warm) / warm)
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { backend, conversations, connections, seed, seconds, counts, .. } = self;
        writeln!(
            f,
            "{conversations} conversations over {connections} connections, backend {backend}, seed {seed}, {seconds:.0} s"
        )?;
        for (what, number) in counts.lines() {
            writeln!(f, "{number:>12}  {what}")?;
        }
        for sample in &self.memory {
            writeln!(f, "{sample}")?;
        }
        if let Some(growth) = self.growth {
            writeln!(f, "memory grew by {growth:.1} %; {} % are allowed", Self::MAX_GROWTH)?;
        }
        if !counts.is_complete() {
            writeln!(f, "FAILED: the numbers do not add up: some texts have come to no end, or to two")?;
        }
        for failure in &counts.failures {
            writeln!(f, "FAILED: {failure}")?;
        }
        writeln!(f, "{}", if self.passed { "PASSED" } else { "FAILED" })
    }
}

impl fmt::Display for Sample {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { texts, resident } = self;
        write!(f, "after {texts:>9} texts: ")?;
        match resident {
            Some(bytes) => write!(f, "{:.1} MiB in memory", *bytes as f64 / 1_048_576.0),
            None => f.write_str("this system does not say how much memory"),
        }
    }
}
