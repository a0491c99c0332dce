//! Drives `otr` from outside.

use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Command, ExitStatus, Output, Stdio};
use std::sync::OnceLock;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

/// Longer than anything here takes, even on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// The program.
pub(crate) fn otr(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_otr"));
    command.args(arguments).env_remove("CLICOLOR_FORCE");
    command
}

/// Runs it to its end: exit code, standard output, standard error.
pub(crate) fn run(arguments: &[&str]) -> (i32, String, String) {
    let Output { status, stdout, stderr } = otr(arguments).stdin(Stdio::null()).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (status.code().unwrap(), text(stdout), text(stderr))
}

/// A path for a new file of this name.
pub(crate) fn fresh_path(name: &str) -> String {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{}-{name}", std::process::id()));
    std::fs::remove_file(&path).ok();
    path.into_os_string().into_string().unwrap()
}

/// A file with one key, made once: keys take long to make.
pub(crate) fn key_file() -> &'static str {
    static FILE: OnceLock<String> = OnceLock::new();
    FILE.get_or_init(|| generate_key("key"))
}

/// The key of somebody else.
pub(crate) fn other_key_file() -> &'static str {
    static FILE: OnceLock<String> = OnceLock::new();
    FILE.get_or_init(|| generate_key("other-key"))
}

fn generate_key(name: &str) -> String {
    let path = fresh_path(name);
    let (code, _, complaints) = run(&["keygen", "--out", &path]);
    assert_eq!(code, 0, "{complaints}");
    path
}

/// A running `otr pipe`.
pub(crate) struct Pipe {
    child: Child,
    stdin: Option<ChildStdin>,
    lines: Receiver<String>,
    /// What it says first, as it is and as it reads.
    pub(crate) ready_line: String,
    pub(crate) ready: Value,
    /// What a manual clock shows; a system clock ignores it.
    pub(crate) now: u64,
}

impl Pipe {
    /// Starts it with the common key, and waits until it is ready.
    pub(crate) fn start(arguments: &[&str]) -> Self {
        Self::start_with_key(key_file(), arguments)
    }

    pub(crate) fn start_with_key(key: &str, arguments: &[&str]) -> Self {
        let mut command = otr(&["pipe", "--key", key]);
        let mut child = command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        let (sender, lines) = mpsc::channel();
        thread::spawn(move || {
            for line in stdout.lines() {
                sender.send(line.unwrap()).ok();
            }
        });
        let stdin = child.stdin.take();
        let mut pipe = Self { child, stdin, lines, ready_line: String::new(), ready: Value::Null, now: 0 };
        pipe.ready_line = pipe.next_line();
        pipe.ready = serde_json::from_str(&pipe.ready_line).unwrap();
        assert_eq!(pipe.ready["event"], "ready");
        pipe
    }

    /// Its instance tag.
    pub(crate) fn instance(&self) -> &str {
        self.ready["instance"].as_str().unwrap()
    }

    /// Sends a command; the events up to and without "idle".
    pub(crate) fn command(&mut self, command: &Value) -> Vec<Value> {
        self.line(command.to_string().as_bytes())
    }

    /// Sends any line; the events up to and without "idle".
    pub(crate) fn line(&mut self, line: &[u8]) -> Vec<Value> {
        self.write(&[line, b"\n"].concat());
        self.answer().0
    }

    pub(crate) fn write(&mut self, bytes: &[u8]) {
        let stdin = self.stdin.as_mut().unwrap();
        stdin.write_all(bytes).unwrap();
        stdin.flush().unwrap();
    }

    pub(crate) fn receive(&mut self, text: &str) -> Vec<Value> {
        self.command(&json!({"cmd": "receive", "text": text, "now": self.now}))
    }

    pub(crate) fn send(&mut self, text: &str) -> Vec<Value> {
        self.command(&json!({"cmd": "send", "text": text, "now": self.now}))
    }

    /// The next events up to "idle", and its deadline.
    pub(crate) fn answer(&mut self) -> (Vec<Value>, Value) {
        let mut events = Vec::new();
        loop {
            let mut event: Value = serde_json::from_str(&self.next_line()).unwrap();
            if event["event"] == "idle" {
                return (events, event["deadline"].take());
            }
            events.push(event);
        }
    }

    /// The next line as it is.
    pub(crate) fn next_line(&mut self) -> String {
        self.lines.recv_timeout(PATIENCE).expect("the program says nothing")
    }

    /// Whether it says nothing for so long.
    pub(crate) fn is_silent_for(&mut self, millis: u64) -> bool {
        matches!(self.lines.recv_timeout(Duration::from_millis(millis)), Err(RecvTimeoutError::Timeout))
    }

    /// Ends its input; everything it still said, and how it ended.
    pub(crate) fn finish(mut self) -> (Vec<String>, ExitStatus) {
        drop(self.stdin.take());
        let rest = self.lines.iter().collect();
        (rest, self.child.wait().unwrap())
    }
}

impl Drop for Pipe {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// The names of events.
pub(crate) fn names(events: &[Value]) -> Vec<&str> {
    events.iter().map(|event| event["event"].as_str().unwrap()).collect()
}

/// The first event of this name.
pub(crate) fn find<'a>(events: &'a [Value], name: &str) -> &'a Value {
    events.iter().find(|event| event["event"] == name).unwrap_or_else(|| panic!("no {name} in {events:?}"))
}

/// Carries what `first` led to, and all that follows from it, between the two: the other events of each.
pub(crate) fn carry(from: &mut Pipe, to: &mut Pipe, first: Vec<Value>) -> [Vec<Value>; 2] {
    // An answer is told whole before anything follows from it.
    let (wires, mut ours): (Vec<_>, Vec<_>) = first.into_iter().partition(|event| event["event"] == "wire");
    let mut theirs = Vec::new();
    for wire in wires {
        let answers = to.receive(wire["text"].as_str().unwrap());
        let [more_theirs, more_ours] = carry(to, from, answers);
        theirs.extend(more_theirs);
        ours.extend(more_ours);
    }
    [ours, theirs]
}

/// A command at a time of a manual clock: its events and the deadline of its idle.
pub(crate) fn at(pipe: &mut Pipe, now: u64, mut command: Value) -> (Vec<Value>, Value) {
    command["now"] = now.into();
    pipe.write(format!("{command}\n").as_bytes());
    pipe.answer()
}

/// Establishes a session by a query of the first: what each was told.
pub(crate) fn secure(alice: &mut Pipe, bob: &mut Pipe) -> [Vec<Value>; 2] {
    let start = alice.command(&json!({"cmd": "start", "now": alice.now}));
    carry(alice, bob, start)
}
