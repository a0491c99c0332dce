//! The programs do what they say.
#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test states what must hold; failing loudly there is the point"
)]

use std::fs;
use std::io::{BufRead, BufReader, Lines, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// A running chat.
struct Chat {
    child: Child,
    stdin: Option<ChildStdin>,
    stdout: Lines<BufReader<ChildStdout>>,
}

impl Chat {
    fn start(how: &str, address: &str) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_chat"))
            .args([how, address])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { stdin: child.stdin.take(), stdout, child }
    }

    fn says(&mut self, text: &str) {
        writeln!(self.stdin.as_mut().unwrap(), "{text}").unwrap();
    }

    /// Reads on until a line begins like this; its rest.
    fn shows(&mut self, beginning: &str) -> String {
        let lines = self.stdout.by_ref().map(Result::unwrap);
        let rest = lines.filter_map(|line| line.strip_prefix(beginning).map(str::to_owned)).next();
        rest.unwrap_or_else(|| panic!("never showed {beginning:?}"))
    }

    fn leaves(mut self) -> bool {
        drop(self.stdin.take());
        self.child.wait().unwrap().success()
    }
}

#[test]
fn two_chats_talk_and_compare_secrets() {
    let mut alice = Chat::start("listen", "127.0.0.1:0");
    let address = alice.shows("* listening on ");
    let mut bob = Chat::start("connect", &address);
    let fingerprints = [alice.shows("* our fingerprint: "), bob.shows("* our fingerprint: ")];
    assert!(alice.shows("* encrypted, with ").starts_with(&fingerprints[1]));
    assert!(bob.shows("* encrypted, with ").starts_with(&fingerprints[0]));
    alice.says("Are you there?");
    assert_eq!(bob.shows("> "), "Are you there?");
    bob.says("/smp the red boat");
    alice.shows("* which secret");
    alice.says("/smp the red boat");
    bob.shows("* the secrets are equal");
    alice.shows("* the secrets are equal");
    assert!(alice.leaves());
    bob.shows("* Ended { by: Peer");
    bob.shows("* the connection is gone");
    assert!(bob.leaves());
}

#[test]
fn xkey_04_a_file_arrives_as_it_was_and_is_encrypted_on_the_way() {
    let folder = std::env::temp_dir().join(format!("otr-examples-{}", std::process::id()));
    fs::create_dir(&folder).unwrap();
    let [input, encrypted, received] =
        ["a letter.txt", "encrypted", "received"].map(|name| folder.join(name));
    let letter = "Meet me where the red boat was. ".repeat(100);
    fs::write(&input, &letter).unwrap();
    let status = Command::new(env!("CARGO_BIN_EXE_file")).args([&input, &encrypted, &received]).status();
    assert!(status.unwrap().success());
    assert_eq!(fs::read_to_string(received).unwrap(), letter);
    let encrypted = fs::read(encrypted).unwrap();
    assert!(!encrypted.windows(8).any(|bytes| bytes == b"red boat"));
    assert_eq!(encrypted.len(), 24 + letter.len() + 16);
    fs::remove_dir_all(folder).unwrap();
}
