//! A report for programs.

use serde_json::{Value, json};

use super::{Case, Failure, GroupReport, Report};

/// Reports as JSON: `{"passed", "backends": [{"backend", "passed", "groups": [{"group", "passed", "cases": [{"id",
/// "passed", "failures": [{"step", "what", "expected", "got"}], "deviations": [{"id", "what", "count"}], "stopped":
/// {"step", "id", "what"} or null}]}]}]}`. Steps are numbers or null.
#[must_use]
pub fn json(reports: &[Report]) -> String {
    let passed = reports.iter().all(Report::passed);
    let backends: Vec<_> = reports.iter().map(report).collect();
    format!("{:#}\n", json!({"passed": passed, "backends": backends}))
}

fn report(report: &Report) -> Value {
    let groups: Vec<_> = report.groups.iter().map(group).collect();
    json!({"backend": report.backend, "passed": report.passed(), "groups": groups})
}

fn group(group: &GroupReport) -> Value {
    let cases: Vec<_> = group.cases.iter().map(case).collect();
    json!({"group": group.name, "passed": group.passed(), "cases": cases})
}

fn case(case: &Case) -> Value {
    let failures: Vec<_> = case.failures.iter().map(failure).collect();
    let deviations = case.deviations.iter();
    let deviations: Vec<_> = deviations
        .map(|(deviation, count)| json!({"id": deviation.id, "what": deviation.what, "count": count}))
        .collect();
    let stopped = case
        .stopped
        .map(|(step, deviation)| json!({"step": step, "id": deviation.id, "what": deviation.what}));
    json!({
        "id": case.id,
        "passed": case.failures.is_empty(),
        "failures": failures,
        "deviations": deviations,
        "stopped": stopped,
    })
}

fn failure(Failure { step, what, expected, got }: &Failure) -> Value {
    json!({"step": step, "what": what, "expected": expected, "got": got})
}
