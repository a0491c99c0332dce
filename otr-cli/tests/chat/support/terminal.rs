//! A terminal with the program in it.

use std::io::{Read, Write};
use std::num::NonZero;
use std::path::Path;
use std::process::{Child, ExitStatus};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use pty_process::Size;
use pty_process::blocking::{Command, Pty, open};
use vt100::Parser;

use super::PATIENCE;

/// What can be pressed besides letters.
pub(crate) const ENTER: &str = "\r";
pub(crate) const TAB: &str = "\t";
pub(crate) const ESCAPE: &str = "\x1b";
pub(crate) const UP: &str = "\x1b[A";
pub(crate) const DOWN: &str = "\x1b[B";
pub(crate) const PAGE_UP: &str = "\x1b[5~";
pub(crate) const CONTROL_C: &str = "\x03";
pub(crate) const CONTROL_U: &str = "\x15";

/// A terminal with the program in it.
pub(crate) struct Terminal {
    keyboard: Arc<Pty>,
    child: Child,
    screen: Arc<Mutex<Parser>>,
}

impl Terminal {
    pub(crate) fn run(folder: &Path, variables: &[(&str, &str)], arguments: &[&str]) -> Self {
        let (pty, pts) = open().unwrap();
        pty.resize(Size::new(ROWS.get(), COLUMNS.get())).unwrap();
        let command = Command::new(env!("CARGO_BIN_EXE_otr")).args(arguments).current_dir(folder);
        let command =
            command.env("TERM", "xterm-256color").env_remove("NO_COLOR").envs(variables.iter().copied());
        let child = command.spawn(pts).unwrap();
        let screen = Arc::new(Mutex::new(Parser::new(ROWS, COLUMNS, 0)));
        let keyboard = Arc::new(pty);
        let (to, from) = (Arc::clone(&screen), Arc::clone(&keyboard));
        thread::spawn(move || {
            let mut bytes = [0; 4096];
            // It fails when the program has ended.
            while let Ok(count @ 1..) = (&*from).read(&mut bytes) {
                to.lock().unwrap().process(&bytes[..count]);
            }
        });
        Self { keyboard, child, screen }
    }

    pub(crate) fn press(&self, keys: &str) {
        (&*self.keyboard).write_all(keys.as_bytes()).unwrap();
    }

    /// Types a line.
    pub(crate) fn line(&self, line: &str) {
        self.press(line);
        self.press(ENTER);
    }

    /// What is on the screen.
    pub(crate) fn contents(&self) -> String {
        self.screen.lock().unwrap().screen().contents()
    }

    /// Whether that is on the screen now.
    pub(crate) fn shows(&self, words: &str) -> bool {
        self.contents().contains(words)
    }

    /// Waits until that is on the screen.
    pub(crate) fn wait_for(&self, words: &str) {
        self.wait_until(words, |contents| contents.contains(words));
    }

    /// Waits until the screen is so.
    pub(crate) fn wait_until(&self, what: &str, condition: impl Fn(&str) -> bool) {
        let start = Instant::now();
        while !condition(&self.contents()) {
            assert!(start.elapsed() < PATIENCE, "waited in vain for: {what}\n{}", self.contents());
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// The address on which the program waits.
    pub(crate) fn listens_on(&self) -> String {
        const BEFORE: &str = "waiting for somebody on ";
        self.wait_for(BEFORE);
        let contents = self.contents();
        contents.split(BEFORE).nth(1).unwrap().split_whitespace().next().unwrap().to_owned()
    }

    /// Looks at the screen as it is.
    pub(crate) fn look<T>(&self, look: impl FnOnce(&vt100::Screen) -> T) -> T {
        look(self.screen.lock().unwrap().screen())
    }

    /// Waits for the end of the program.
    pub(crate) fn ends(&mut self) -> ExitStatus {
        let start = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(start.elapsed() < PATIENCE, "it does not end\n{}", self.contents());
            thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

const ROWS: NonZero<u16> = NonZero::new(30).unwrap();
const COLUMNS: NonZero<u16> = NonZero::new(100).unwrap();
