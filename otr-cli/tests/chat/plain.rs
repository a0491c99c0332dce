//! Line mode, through pipes.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;

use crate::support::{Folder, PATIENCE};

/// `otr chat --plain` between pipes.
struct Plain {
    child: Child,
    stdin: Option<ChildStdin>,
    lines: Receiver<String>,
}

impl Plain {
    fn run(folder: &Folder, arguments: &[&str]) -> Self {
        let mut command = folder.command();
        command.args(["chat", "--plain", "--profile", "profile"]).args(arguments);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        let (sender, lines) = mpsc::channel();
        thread::spawn(move || {
            for line in stdout.lines() {
                sender.send(line.unwrap()).ok();
            }
        });
        let stdin = child.stdin.take();
        Self { child, stdin, lines }
    }

    fn line(&mut self, line: &str) {
        writeln!(self.stdin.as_mut().unwrap(), "{line}").unwrap();
    }

    /// Waits for a line with these words: all of it.
    fn wait_for(&self, words: &str) -> String {
        loop {
            let line =
                self.lines.recv_timeout(PATIENCE).unwrap_or_else(|error| panic!("no {words}: {error}"));
            assert!(!line.contains('\x1b'), "{line:?}");
            if line.contains(words) {
                return line;
            }
        }
    }

    /// Ends the input; the lines that still come.
    fn finish(mut self) -> Vec<String> {
        drop(self.stdin.take());
        let rest = self.lines.iter().collect();
        assert!(self.child.wait().unwrap().success());
        rest
    }
}

impl Drop for Plain {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

#[test]
fn a_conversation_goes_through_pipes() {
    let folders = [Folder::with_key(0), Folder::with_key(1)];
    let mut bob = Plain::run(&folders[1], &["--with", "Alice", "--listen", "127.0.0.1:0"]);
    let waiting = bob.wait_for("waiting for somebody on ");
    let mut alice = Plain::run(&folders[0], &["--with", "Bob", waiting.rsplit(' ').next().unwrap()]);
    // At once: it is held.
    alice.line("too early");
    assert_eq!(bob.wait_for("encrypted, "), "= encrypted, unverified");
    assert_eq!(bob.wait_for("too early"), "Alice: too early");
    bob.line("/smp Where?");
    bob.wait_for("type the answer that you expect");
    bob.line("here");
    assert_eq!(alice.wait_for("they ask"), "! they ask: Where?");
    alice.line("/answer here");
    assert_eq!(bob.wait_for("encrypted, "), "= encrypted, verified");
    std::fs::write(folders[0].path("a file.txt"), "content").unwrap();
    alice.wait_for("they know now that it is you");
    alice.line("/file a file.txt");
    bob.wait_for("they offer a file.txt");
    bob.line("/accept");
    bob.wait_for("received: ");
    assert_eq!(std::fs::read(folders[1].path("otr-downloads/a file.txt")).unwrap(), b"content");
    alice.line("good\u{7}bye");
    assert_eq!(bob.wait_for("bye"), "Alice: good\u{fffd}bye");
    alice.wait_for("all of a file.txt");
    assert!(alice.finish().contains(&"= plaintext".to_owned()));
    bob.wait_for("= finished");
}

#[test]
fn what_is_piped_in_is_sent_before_the_program_leaves() {
    let folders = [Folder::with_key(0), Folder::with_key(1)];
    let bob = Plain::run(&folders[1], &["--listen", "127.0.0.1:0"]);
    let waiting = bob.wait_for("waiting for somebody on ");
    let mut alice = Plain::run(&folders[0], &[waiting.rsplit(' ').next().unwrap()]);
    alice.line("one");
    alice.line("two");
    alice.finish();
    assert_eq!(bob.wait_for("one"), "peer: one");
    assert_eq!(bob.wait_for("two"), "peer: two");
    bob.wait_for("= finished");
}

#[test]
fn what_is_wrong_with_the_arguments_is_said() {
    let folder = Folder::with_key(0);
    for (arguments, words) in [
        (&["chat"][..], "<ADDRESS>"),
        (&["chat", "--listen", "127.0.0.1:0", "127.0.0.1:1"], "cannot be used with"),
        (&["chat", "--plain", "--listen", "nowhere"], "cannot listen on nowhere"),
        (&["chat", "--plain", "--with", "a\tb", "127.0.0.1:1"], "tab"),
    ] {
        let output = folder.command().args(arguments).args(["--profile", "profile"]).output().unwrap();
        let complaint = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.code() == Some(2) && complaint.contains(words), "{arguments:?}: {complaint}");
    }
}
