//! Drives the program, built as for a release: under valgrind (S-40 to S-44), and against the clock.
#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a test fails loudly, and says what it has measured"
)]

mod program;
mod report;

use otr_constant_time::operations::{self, Operation};
use program::program;

/// S-40, S-41, S-42, S-43, S-44: no jump and no address depends on a secret, save those that publish one bit of it on
/// purpose.
#[test]
fn s_40_to_s_44_no_jump_and_no_address_depends_on_a_secret() {
    let Some(program) = program::watched() else { return };
    let faults: Vec<String> = operations::all()
        .flat_map(|operation| {
            let reports = program.watch(operation);
            let faults = reports.into_iter().filter(|report| !report.is_verdict());
            faults.map(|report| format!("{} ({}): {report}", operation.name, operation.id))
        })
        .collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn s_40_to_s_44_what_depends_on_a_secret_is_reported() {
    let Some(program) = program::watched() else { return };
    for control in operations::CONTROLS {
        let reports = program.watch(control);
        assert!(reports.iter().any(|report| !report.is_verdict()), "{} was not found out", control.name);
    }
}

/// The ids that the operations are held to are all those that there are.
#[test]
fn s_40_to_s_44_each_has_an_operation() {
    let mut ids: Vec<_> = operations::all().map(|Operation { id, .. }| *id).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids, ["S-40", "S-41", "S-42", "S-43", "S-44"]);
}

/// By the clock: secrets with few bits set and with many take the same time, and the controls do not.
#[test]
fn s_40_to_s_43_the_time_does_not_tell_sparse_secrets_from_dense_ones() {
    let output = program().command().arg("--time").output().expect("the program runs");
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "|t| of each:\n{told}");
    println!("{told}");
}
