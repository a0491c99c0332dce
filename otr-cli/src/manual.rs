//! `otr man` and `otr completions`: made from the definition of the arguments, so they never lag behind.

use std::io::Write;
use std::path::PathBuf;

use clap::Command;
use clap_complete::Shell;

use crate::failure::Failure;

/// Write the manual pages
#[derive(clap::Args)]
pub(crate) struct ManOptions {
    /// The folder for the pages of all commands; without it, the first page goes to standard output
    dir: Option<PathBuf>,
}

/// Write what a shell needs to complete arguments
///
/// As in: otr completions bash > ~/.local/share/bash-completion/completions/otr
#[derive(clap::Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct CompletionsOptions {
    /// The shell
    shell: Shell,
}

/// Writes the manual pages of the program.
pub(crate) fn man(options: ManOptions, program: Command, out: &mut impl Write) -> Result<(), Failure> {
    match options.dir {
        Some(dir) => {
            let explain = |error| Failure::Start(format!("{}: {error}", dir.display()));
            std::fs::create_dir_all(&dir).map_err(explain)?;
            clap_mangen::generate_to(program, &dir).map_err(explain)
        }
        None => {
            // As it is done for the folder.
            let mut program = program.disable_help_subcommand(true);
            program.build();
            Ok(clap_mangen::Man::new(program).render(out)?)
        }
    }
}

/// Writes the completions of the program.
pub(crate) fn completions(
    options: CompletionsOptions,
    mut program: Command,
    out: &mut impl Write,
) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(options.shell, &mut program, "otr", &mut script);
    Ok(out.write_all(&script)?)
}
