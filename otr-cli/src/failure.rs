//! Why the program ends early, and with which exit code.

use std::io::{self, Write};
use std::process::ExitCode;

/// Why the program ends early.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// It cannot do what the arguments ask for: exit code 2, as clap has it for malformed ones. The message says
    /// what, where, and how to mend it.
    #[error("{0}")]
    Start(String),
    /// It had started and could not go on: exit code 1.
    #[error("{0}")]
    Run(String),
    /// Standard input or output failed: exit code 1, or 0 and silence if nobody reads on.
    #[error("standard input or output failed: {0}")]
    Stream(#[from] io::Error),
}

impl Failure {
    /// Tells the user, and gives the exit code.
    pub(crate) fn report(self) -> ExitCode {
        let code = match &self {
            Self::Start(_) => ExitCode::from(2),
            Self::Run(_) => ExitCode::FAILURE,
            Self::Stream(error) if error.kind() == io::ErrorKind::BrokenPipe => return ExitCode::SUCCESS,
            Self::Stream(_) => ExitCode::FAILURE,
        };
        // If this cannot be written either, the exit code must do.
        writeln!(anstream::stderr(), "otr: {self}").ok();
        code
    }
}
