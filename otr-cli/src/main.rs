//! `otr`: Off-the-Record Messaging from the command line.
#![forbid(unsafe_code)]

mod backend;
mod demo;
mod failure;
mod generate;
mod keys;
mod pipe;
mod profile;
mod text;
mod toolkit;

use std::process::ExitCode;

use clap::Parser;

/// Off-the-Record Messaging, versions 2 and 3, from the command line.
#[derive(Parser)]
#[command(name = "otr", version)]
enum Cli {
    Demo(demo::Options),
    Fingerprint(keys::FingerprintOptions),
    Keygen(keys::KeygenOptions),
    Keys(profile::commands::Options),
    Pipe(pipe::Options),
    Toolkit(toolkit::Options),
}

fn main() -> ExitCode {
    let mut out = anstream::stdout();
    let result = match Cli::parse() {
        Cli::Demo(options) => demo::run(options, &mut out),
        Cli::Fingerprint(options) => keys::fingerprint(options, &mut out),
        Cli::Keygen(options) => keys::keygen(options, &mut out),
        Cli::Toolkit(options) => toolkit::run(options, &mut std::io::stdout().lock()),
        Cli::Keys(options) => profile::commands::run(options, &mut out),
        // Not through `out`, which strips what looks like colour from the texts of others.
        Cli::Pipe(options) => pipe::run(options, &mut std::io::stdout().lock()),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    }
}
