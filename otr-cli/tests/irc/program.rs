//! The program under test.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// A new, empty folder.
pub(crate) fn folder(name: &str) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("irc-{}-{name}", std::process::id()));
    std::fs::remove_dir_all(&path).ok();
    std::fs::create_dir_all(&path).unwrap();
    path
}

/// A running `otr irc-proxy`.
pub(crate) struct Proxy {
    child: Child,
    pub(crate) address: SocketAddr,
    pub(crate) fingerprint: String,
}

impl Proxy {
    /// Starts it, in a hurry unless the arguments say otherwise, and waits until it listens.
    pub(crate) fn start(profile: &Path, server: &str, arguments: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_otr"));
        command.args(["irc-proxy", "--listen", "127.0.0.1:0", "--server", server]);
        if !arguments.contains(&"--send-interval") {
            command.args(["--send-interval", "0"]);
        }
        let mut child =
            command.arg("--profile").arg(profile).args(arguments).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let (address, fingerprint) = line
            .strip_prefix("listening on ")
            .and_then(|line| line.trim_end().split_once("; your fingerprint is "))
            .unwrap_or_else(|| panic!("instead of where it listens: {line:?}"));
        Self { child, address: address.parse().unwrap(), fingerprint: fingerprint.to_owned() }
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}
