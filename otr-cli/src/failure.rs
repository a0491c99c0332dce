//! Why the program ends early, and with which exit code.

use std::fmt;
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
    /// It cannot start, because of that.
    pub(crate) fn start(cause: impl fmt::Display) -> Self {
        Self::Start(cause.to_string())
    }

    /// It cannot go on, because of that.
    pub(crate) fn run(cause: impl fmt::Display) -> Self {
        Self::Run(cause.to_string())
    }

    /// Tells the user, and gives the exit code.
    pub(crate) fn report(self) -> ExitCode {
        let code = match &self {
            Self::Start(_) => ExitCode::from(2),
            Self::Run(_) => ExitCode::FAILURE,
            Self::Stream(error) if error.kind() == io::ErrorKind::BrokenPipe => return ExitCode::SUCCESS,
            Self::Stream(_) => ExitCode::FAILURE,
        };
        complain(format_args!("otr: {self}"));
        code
    }
}

/// Of a session that is under way.
impl From<otr_protocol::Error> for Failure {
    fn from(error: otr_protocol::Error) -> Self {
        Self::Run(error.to_string())
    }
}

/// Tells the user of something that does not stop the program.
pub(crate) fn warn(what: impl fmt::Display) {
    complain(format_args!("otr: warning: {what}"));
}

fn complain(line: fmt::Arguments<'_>) {
    // If this cannot be written either, the exit code must do.
    writeln!(anstream::stderr(), "{line}").ok();
}
