//! What was tried, and what came of it.

mod json;
mod junit;
mod table;

pub use json::json;
pub use junit::junit;
pub use table::table;

use std::collections::BTreeMap;
use std::fmt;

use crate::hex::show_both;

/// Everything that one backend was put to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// The backend's name and version.
    pub backend: String,
    /// One for each group, in the order of [`GROUPS`](crate::GROUPS).
    pub groups: Vec<GroupReport>,
}

/// The cases of one group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupReport {
    /// The group's name.
    pub name: &'static str,
    /// Its cases. A group without cases has shown nothing, and fails.
    pub cases: Vec<Case>,
}

/// One thing that was tried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    /// A name that stays the same from run to run, such as `v3_basic/alice`.
    pub id: String,
    /// What differed; the case has passed if nothing did.
    pub failures: Vec<Failure>,
    /// How often each decision that differs from libotr's applied.
    pub deviations: BTreeMap<Deviation, usize>,
    /// After which step a conversation was left before its end, and why.
    pub stopped: Option<(u32, Deviation)>,
}

/// A decision that differs from libotr's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Deviation {
    /// The requirement that makes it.
    pub id: &'static str,
    /// What we do.
    pub what: &'static str,
}

/// One thing that differed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// In which step of a conversation, or of a case that has steps.
    pub step: Option<u32>,
    /// What differed.
    pub what: String,
    /// What the vector says.
    pub expected: String,
    /// What happened.
    pub got: String,
}

impl Report {
    /// Whether every group passed, and there was one.
    #[must_use]
    pub fn passed(&self) -> bool {
        !self.groups.is_empty() && self.groups.iter().all(GroupReport::passed)
    }
}

impl GroupReport {
    /// Whether every case passed, and there was one.
    #[must_use]
    pub fn passed(&self) -> bool {
        !self.cases.is_empty() && self.failed().next().is_none()
    }

    /// The cases that failed.
    pub fn failed(&self) -> impl Iterator<Item = &Case> {
        self.cases.iter().filter(|case| !case.failures.is_empty())
    }
}

impl Case {
    /// A case of which nothing is known yet.
    pub(crate) fn new(id: impl Into<String>) -> Self {
        Self { id: id.into(), failures: Vec::new(), deviations: BTreeMap::new(), stopped: None }
    }

    /// Notes a failure if the two differ.
    pub(crate) fn equal<T: PartialEq + fmt::Debug>(&mut self, what: &str, expected: &T, got: &T) {
        if expected != got {
            self.fail(None, what, format!("{expected:?}"), format!("{got:?}"));
        }
    }

    /// Notes a failure if two strings of bytes differ.
    pub(crate) fn bytes(&mut self, what: &str, expected: &[u8], got: &[u8]) {
        if expected != got {
            let (expected, got) = show_both(expected, got);
            self.fail(None, what, expected, got);
        }
    }

    pub(crate) fn fail(
        &mut self,
        step: Option<u32>,
        what: impl Into<String>,
        expected: impl Into<String>,
        got: impl Into<String>,
    ) {
        self.failures.push(Failure { step, what: what.into(), expected: expected.into(), got: got.into() });
    }

    pub(crate) fn deviates(&mut self, deviation: Deviation) {
        *self.deviations.entry(deviation).or_default() += 1;
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.backend)?;
        self.groups.iter().try_for_each(|group| write!(f, "{group}"))
    }
}

impl fmt::Display for GroupReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (cases, failed) = (self.cases.len(), self.failed().count());
        writeln!(f, "{}: {cases} cases, {failed} failed", self.name)?;
        if cases == 0 {
            writeln!(f, "  nothing was tried, so nothing is shown")?;
        }
        self.failed().try_for_each(|case| write!(f, "{case}"))?;
        let mut deviations = BTreeMap::new();
        for (deviation, count) in self.cases.iter().flat_map(|case| &case.deviations) {
            *deviations.entry(deviation).or_insert(0) += count;
        }
        for (Deviation { id, what }, count) in deviations {
            writeln!(f, "  otherwise than libotr, {count} times: {id}, {what}")?;
        }
        for case in &self.cases {
            if let Some((step, deviation)) = case.stopped {
                writeln!(f, "  left after step {step} because of {}: {}", deviation.id, case.id)?;
            }
        }
        Ok(())
    }
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "  {}: {}", self.id, if self.failures.is_empty() { "passed" } else { "FAILED" })?;
        self.failures.iter().try_for_each(|failure| write!(f, "{failure}"))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.step {
            Some(step) => writeln!(f, "    step {step}: {}", self.what)?,
            None => writeln!(f, "    {}", self.what)?,
        }
        writeln!(f, "      expected {}", self.expected)?;
        writeln!(f, "      got      {}", self.got)
    }
}
