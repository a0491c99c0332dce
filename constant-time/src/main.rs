//! Does one operation under valgrind: `valgrind otr-constant-time NAME`. Without a name it lists them.

use std::process::ExitCode;

use otr_constant_time::{memcheck, operations};

#[expect(clippy::print_stdout, clippy::print_stderr, reason = "a program for the command line")]
fn main() -> ExitCode {
    let Some(name) = std::env::args().nth(1) else {
        operations::all().chain(operations::CONTROLS).for_each(|operation| println!("{}", operation.name));
        return ExitCode::SUCCESS;
    };
    let Some(operation) = operations::all().chain(operations::CONTROLS).find(|each| each.name == name) else {
        eprintln!("there is no operation {name}");
        return ExitCode::FAILURE;
    };
    if !memcheck::is_watching() {
        eprintln!("this shows nothing without valgrind");
        return ExitCode::FAILURE;
    }
    (operation.run)();
    ExitCode::SUCCESS
}
