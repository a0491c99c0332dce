//! `otr-soak`: many conversations for a long time over a bad network, and nothing may get lost but what the network loses.
#![forbid(unsafe_code)]

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::Parser;
use otr_conformance::backends;
use otr_conformance::soak::{Settings, run};
use otr_traits::Backend;

/// Let many conversations happen at once over a network that loses, repeats, delays and damages
///
/// Every text must be read exactly once, or the network lost it, or the receiver was told; and memory must not grow. Sockets are
/// needed, two for each connection: `ulimit -n` says how many there may be.
///
/// Exit code: 0 if that held, 1 if not, 2 if it could not be tried.
#[derive(Parser)]
#[command(name = "otr-soak", version, verbatim_doc_comment)]
struct Options {
    /// How many conversations there are at the same time
    #[arg(long, default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    conversations: u32,
    /// How many texts are said in all of them
    #[arg(long, default_value_t = 1_000_000)]
    texts: u64,
    /// How many TCP connections carry them; if they are fewer, conversations share them [default: one each]
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
    connections: Option<u32>,
    /// What everything that happens is drawn from
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// 200 conversations with 20,000 texts, whatever else is said
    #[arg(long)]
    quick: bool,
    /// The backend [default: the first that this program was built with]
    #[arg(long, value_name = "NAME")]
    backend: Option<String>,
    /// Write the report to this file as JSON
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

fn main() -> ExitCode {
    match soak(Options::parse(), &mut io::stdout()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(reason) => {
            // If this cannot be written either, the exit code must do.
            writeln!(io::stderr(), "otr-soak: {reason}").ok();
            ExitCode::from(2)
        }
    }
}

/// Whether all held that must.
fn soak(options: Options, out: &mut impl Write) -> Result<bool, String> {
    let backend = backend(options.backend.as_deref())?;
    let (conversations, texts) =
        if options.quick { (200, 20_000) } else { (options.conversations, options.texts) };
    let connections = options.connections.unwrap_or(conversations).min(conversations);
    let settings = Settings { conversations, texts, connections, seed: options.seed };
    let report = run(&backend, &settings, |sample| {
        // Who cannot be shown how it goes sees the report.
        writeln!(io::stderr(), "{sample}").ok();
    })
    .map_err(|error| match error.raw_os_error() {
        Some(_) => format!("{error}; {} sockets are needed, see ulimit -n", 2 * connections),
        None => error.to_string(),
    })?;
    write!(out, "{report}").map_err(|error| format!("standard output: {error}"))?;
    if let Some(file) = &options.json {
        let json = serde_json::to_string_pretty(&report).map_err(|error| error.to_string())?;
        std::fs::write(file, json + "\n").map_err(|error| format!("{}: {error}", file.display()))?;
    }
    Ok(report.passed)
}

fn backend(name: Option<&str>) -> Result<Arc<dyn Backend>, String> {
    let all = backends();
    let known: Vec<_> = all.iter().map(|backend| backend.name()).collect();
    let chosen = all.iter().find(|backend| name.is_none_or(|name| backend.name() == name));
    chosen
        .cloned()
        .ok_or_else(|| format!("no such backend; this program was built with: {}", known.join(", ")))
}
