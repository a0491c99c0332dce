//! Reports side by side.

use std::fmt::Write as _;

use super::{GroupReport, Report};

/// One line for each group, one column for each backend: how many of its cases passed.
#[must_use]
pub fn table(reports: &[Report]) -> String {
    let mut names: Vec<&str> = Vec::new();
    for group in reports.iter().flat_map(|report| &report.groups) {
        if !names.contains(&group.name) {
            names.push(group.name);
        }
    }
    let mut table = format!("{:<12}", "group");
    for report in reports {
        let name = report.backend.split(' ').next().unwrap_or_default();
        let _ = write!(table, "  {name:>14}");
    }
    table.push('\n');
    for name in names {
        let _ = write!(table, "{name:<12}");
        for report in reports {
            let group = report.groups.iter().find(|group| group.name == name);
            let _ = write!(table, "  {:>14}", group.map_or("-".to_owned(), counts));
        }
        table.push('\n');
    }
    table
}

fn counts(group: &GroupReport) -> String {
    let cases = group.cases.len();
    let mark = if group.passed() { "" } else { " FAILED" };
    format!("{}/{cases}{mark}", cases - group.failed().count())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Case;

    #[test]
    fn each_backend_has_its_column() {
        let bad = || {
            let mut case = Case::new("bad");
            case.fail(None, "", "", "");
            case
        };
        let group = |name, cases| GroupReport { name, cases };
        let reports = [
            Report { backend: "one (1.0)".into(), groups: vec![group("hash", vec![Case::new("good")])] },
            Report {
                backend: "two (2.0)".into(),
                groups: vec![group("hash", vec![Case::new("good"), bad()]), group("rng", vec![])],
            },
        ];
        assert_eq!(
            table(&reports),
            "group                    one             two\n\
             hash                     1/1      1/2 FAILED\n\
             rng                        -      0/0 FAILED\n"
        );
    }
}
