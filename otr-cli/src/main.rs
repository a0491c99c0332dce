//! `otr`: Off-the-Record Messaging from the command line.
#![forbid(unsafe_code)]

mod backend;
mod chat;
mod demo;
mod failure;
mod generate;
mod irc;
mod keys;
mod manual;
mod pipe;
mod profile;
mod text;
mod toolkit;

use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};
use log::LevelFilter;

/// Off-the-Record Messaging, versions 2 and 3, from the command line.
#[derive(Parser)]
#[command(name = "otr", version)]
struct Cli {
    /// Write to standard error what happens in conversations and why: off, error, warn, info, debug or trace. Never a
    /// secret or a text
    #[arg(long, global = true, value_name = "LEVEL", default_value = "off", hide_default_value = true)]
    log: LevelFilter,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Chat(chat::Options),
    Completions(manual::CompletionsOptions),
    Demo(demo::Options),
    Fingerprint(keys::FingerprintOptions),
    IrcProxy(irc::Options),
    Keygen(keys::KeygenOptions),
    Keys(profile::commands::Options),
    Man(manual::ManOptions),
    Pipe(pipe::Options),
    Toolkit(toolkit::Options),
}

fn main() -> ExitCode {
    let Cli { log, command } = Cli::parse();
    env_logger::Builder::new().filter_module("otr", log).format_timestamp(None).init();
    let mut out = anstream::stdout();
    let result = match command {
        Command::Chat(options) => chat::run(options),
        Command::Completions(options) => {
            manual::completions(options, Cli::command(), &mut std::io::stdout().lock())
        }
        Command::Man(options) => manual::man(options, Cli::command(), &mut std::io::stdout().lock()),
        Command::Demo(options) => demo::run(options, &mut out),
        Command::Fingerprint(options) => keys::fingerprint(options, &mut out),
        Command::IrcProxy(options) => irc::run(options, &mut out),
        Command::Keygen(options) => keys::keygen(options, &mut out),
        Command::Toolkit(options) => toolkit::run(options, &mut std::io::stdout().lock()),
        Command::Keys(options) => profile::commands::run(options, &mut out),
        // Not through `out`, which strips what looks like colour from the texts of others.
        Command::Pipe(options) => pipe::run(options, &mut std::io::stdout().lock()),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    }
}
