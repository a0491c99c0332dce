//! The program, built as for a release.

use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;

use otr_constant_time::operations::Operation;
use serde_json::Value;

use crate::report::Report;

pub(crate) struct Program(PathBuf);

/// Builds it once.
pub(crate) fn program() -> &'static Program {
    static PROGRAM: OnceLock<Program> = OnceLock::new();
    PROGRAM.get_or_init(Program::build)
}

/// The same, to be watched by valgrind; none on processors for which `memcheck` knows no requests.
pub(crate) fn watched() -> Option<&'static Program> {
    if !cfg!(target_arch = "x86_64") {
        println!("skipped: valgrind is spoken to on x86_64 only");
        return None;
    }
    let installed =
        Command::new("valgrind").arg("--version").output().is_ok_and(|output| output.status.success());
    assert!(installed, "valgrind is missing: apt-get install valgrind");
    Some(program())
}

impl Program {
    fn build() -> Self {
        let features: &[&str] = if cfg!(feature = "openssl") { &["--features", "openssl"] } else { &[] };
        let output = Command::new(env!("CARGO"))
            .args(["build", "--profile", "constant-time", "--message-format", "json-render-diagnostics"])
            .args(["--package", env!("CARGO_PKG_NAME"), "--bin", env!("CARGO_PKG_NAME")])
            .args(features)
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .output()
            .expect("cargo runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let executable = |message: Value| Some(PathBuf::from(message.get("executable")?.as_str()?));
        let messages = serde_json::Deserializer::from_slice(&output.stdout).into_iter::<Value>();
        let built = messages.filter_map(|message| executable(message.expect("messages of cargo")));
        Self(built.last().expect("cargo says what it has built"))
    }

    pub(crate) fn command(&self) -> Command {
        Command::new(&self.0)
    }

    /// What memcheck reports of one operation, without suppressions. Other errors, such as wild reads, are reports too.
    pub(crate) fn watch(&self, operation: &Operation) -> Vec<Report> {
        let reports = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{}.xml", operation.name));
        let output = Command::new("valgrind")
            .args(["--quiet", "--error-limit=no", "--default-suppressions=no", "--xml=yes"])
            .arg(format!("--xml-file={}", reports.display()))
            .arg(&self.0)
            .arg(operation.name)
            .output()
            .expect("valgrind runs");
        assert!(output.status.success(), "{}: {}", operation.name, String::from_utf8_lossy(&output.stderr));
        Report::read_all(&std::fs::read_to_string(&reports).expect("valgrind has written its reports"))
    }
}
