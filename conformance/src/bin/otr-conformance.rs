//! `otr-conformance`: puts backends to everything that conformance means, and reports.
#![forbid(unsafe_code)]

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use clap::Parser;
use otr_conformance::{GROUPS, Group, Report, Vectors, backends, interop, json, junit, table};
use otr_traits::Backend;

/// Put cryptographic backends, and OTR on them, to recorded conversations and to values that others computed
///
/// Exit code: 0 if every case passed, 1 if one failed, 2 if something could not be tried at all, such as a file that
/// cannot be read, is of an unknown format, or asks for what this version cannot do.
#[derive(Parser)]
#[command(name = "otr-conformance", version, verbatim_doc_comment)]
struct Options {
    /// A backend to be tried [default: all that this program was built with]
    #[arg(long = "backend", value_name = "NAME", value_parser = backend)]
    backends: Vec<Arc<dyn Backend>>,
    /// A group of cases to be tried [default: all]
    #[arg(long = "group", value_name = "NAME", value_parser = group)]
    groups: Vec<Group>,
    /// A folder of vectors to be tried besides those built in: recorded conversations and corpora, `*.json` or
    /// `*.json.gz`. A file takes the place of a built-in one of the same name
    #[arg(long = "vectors", value_name = "DIR")]
    vectors: Vec<PathBuf>,
    /// Write the report to this file as JSON
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Write the report to this file as JUnit's XML
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
}

fn main() -> ExitCode {
    let result = run(Options::parse(), &mut std::io::stdout().lock());
    match result {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(reason) => {
            // If this cannot be written either, the exit code must do.
            writeln!(std::io::stderr(), "otr-conformance: {reason}").ok();
            ExitCode::from(2)
        }
    }
}

/// Whether everything passed.
fn run(options: Options, out: &mut impl Write) -> Result<bool, String> {
    let chosen = if options.backends.is_empty() { backends() } else { options.backends };
    let groups = if options.groups.is_empty() { GROUPS.to_vec() } else { options.groups };
    if chosen.is_empty() {
        return Err("built without a backend: build with --features rustcrypto or openssl".to_owned());
    }
    let mut vectors = Vectors::embedded().map_err(|error| error.to_string())?;
    for folder in &options.vectors {
        vectors.add_folder(folder).map_err(|error| error.to_string())?;
    }

    let mut reports = Vec::new();
    for (index, backend) in chosen.iter().enumerate() {
        let mut tried = Vec::new();
        for group in &groups {
            let mut report = group.run(backend, &vectors).map_err(|error| error.to_string())?;
            if group.name == "interop" {
                // With itself, and with those that have not been tried with it yet.
                for other in chosen.iter().skip(index + 1) {
                    report.cases.extend(interop(backend, other).cases);
                }
            }
            tried.push(report);
        }
        let report = Report { backend: format!("{} ({})", backend.name(), backend.version()), groups: tried };
        write!(out, "{report}").map_err(|error| format!("standard output: {error}"))?;
        reports.push(report);
    }
    write!(out, "\n{}", table(&reports)).map_err(|error| format!("standard output: {error}"))?;
    if let Some(file) = &options.json {
        store(file, &json(&reports))?;
    }
    if let Some(file) = &options.junit {
        store(file, &junit(&reports))?;
    }
    Ok(reports.iter().all(Report::passed))
}

fn store(file: &Path, text: &str) -> Result<(), String> {
    std::fs::write(file, text).map_err(|error| format!("{}: {error}", file.display()))
}

fn backend(name: &str) -> Result<Arc<dyn Backend>, String> {
    let all = backends();
    all.iter().find(|backend| backend.name() == name).cloned().ok_or_else(|| {
        let known: Vec<_> = all.iter().map(|backend| backend.name()).collect();
        format!("no such backend; this program was built with: {}", known.join(", "))
    })
}

fn group(name: &str) -> Result<Group, String> {
    Group::named(name).ok_or_else(|| {
        let known: Vec<_> = GROUPS.iter().map(|group| group.name).collect();
        format!("no such group; there are: {}", known.join(", "))
    })
}
