//! The work, as the tests have it done: `otr-constant-time NAME` does one operation, under valgrind; `otr-constant-time
//! --time` measures; without an argument it lists the operations.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program for the command line")]

use std::process::ExitCode;

use otr_constant_time::operations::{self, Operation};
use otr_constant_time::{memcheck, timing};

fn main() -> ExitCode {
    let operations = || operations::all().chain(operations::CONTROLS);
    match std::env::args().nth(1).as_deref() {
        None => operations().for_each(|Operation { id, name, .. }| println!("{id} {name}")),
        Some("--time") => return time(),
        Some(name) => match operations().find(|operation| operation.name == name) {
            Some(operation) if memcheck::is_watching() => (operation.run)(),
            Some(_) => return failure("this shows nothing without valgrind"),
            None => return failure("there is no such operation"),
        },
    }
    ExitCode::SUCCESS
}

fn time() -> ExitCode {
    println!("     |t|  samples");
    let mut all_as_expected = true;
    for outcome in timing::measure_all() {
        let verdict = if outcome.is_as_expected() { "" } else { "  NOT AS EXPECTED" };
        println!("{:8.1} {:8}  {}{verdict}", outcome.t, outcome.samples, outcome.name);
        all_as_expected &= outcome.is_as_expected();
    }
    if all_as_expected { ExitCode::SUCCESS } else { failure("|t| should be small, but for the controls") }
}

fn failure(reason: &str) -> ExitCode {
    eprintln!("{reason}");
    ExitCode::FAILURE
}
