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
    /// How many bytes more were in memory at the most than after half of the texts; none where the system does not say.
    pub growth: Option<i64>,
    /// How many they may have been.
    pub allowed_growth: Option<i64>,
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
    pub(super) fn new(
        backend: &'static str,
        settings: &Settings,
        counts: Counts,
        memory: Vec<Sample>,
        seconds: f64,
    ) -> Self {
        let Settings { conversations, connections, seed, .. } = *settings;
        let (growth, allowed_growth) = growth(&memory).unzip();
        let passed = counts.failed == 0 && counts.is_complete() && growth <= allowed_growth;
        Self {
            passed,
            backend,
            conversations,
            connections,
            seed,
            seconds,
            counts,
            memory,
            growth,
            allowed_growth,
        }
    }
}

/// By how many bytes the memory grew from the moment when half of the texts had been said to its highest point after that, and
/// how many are allowed: one in twenty, and 2 MiB for what does not depend on the number of conversations.
fn growth(memory: &[Sample]) -> Option<(i64, i64)> {
    let half = memory.last()?.texts / 2;
    let later = memory.iter().filter(|sample| sample.texts >= half);
    let bytes: Option<Vec<_>> = later.map(|sample| i64::try_from(sample.resident?).ok()).collect();
    let bytes = bytes?;
    let warm = bytes.first()?;
    Some((bytes.iter().max()? - warm, warm / 20 + (2 << 20)))
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
        if let (Some(growth), Some(allowed)) = (self.growth, self.allowed_growth) {
            writeln!(f, "memory grew by {} KiB; {} KiB are allowed", growth / 1024, allowed / 1024)?;
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
            Some(bytes) => write!(f, "{} KiB in memory", bytes / 1024),
            None => f.write_str("this system does not say how much memory"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_counts_from_the_middle_to_the_highest_point() {
        let sample = |texts, mebibytes: u64| Sample { texts, resident: Some(mebibytes << 20) };
        let memory = [sample(0, 1), sample(49, 30), sample(50, 40), sample(75, 47), sample(100, 20)];
        assert_eq!(growth(&memory), Some((7 << 20, 4 << 20)));
        assert_eq!(growth(&[sample(0, 1), Sample { texts: 1, resident: None }]), None);
    }
}
