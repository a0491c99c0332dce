//! Line mode: for pipes and screen readers. What is new is written, and nothing is ever written over.

use std::io::{self, Write};
use std::sync::mpsc::SyncSender;
use std::thread;

use zeroize::Zeroizing;

use super::Input;
use super::editor::MAX_LINE;
use super::entry::Entry;
use super::status::{Channel, Status};
use crate::pipe::input;

/// The conversation, line by line.
#[derive(Default)]
pub(crate) struct Plain {
    unwritten: Vec<Entry>,
    channel: Option<Channel>,
    /// How far each work was when it was last told, in steps.
    told: Vec<(String, u8)>,
}

/// Reads lines from standard input.
pub(crate) fn read(inputs: SyncSender<Input>) {
    thread::spawn(move || {
        let mut stdin = io::stdin().lock();
        loop {
            let (input, is_last) = match input::read_line(&mut stdin, MAX_LINE) {
                Ok(input::Input::Line(line)) => {
                    let line = Zeroizing::new(line);
                    let text = String::from_utf8_lossy(line.strip_suffix(b"\r").unwrap_or(&line));
                    (Input::Line(Zeroizing::new(text.into_owned())), false)
                }
                // Nothing of it: half a text is not what was meant.
                Ok(input::Input::TooLong | input::Input::None) => continue,
                Ok(input::Input::End) => (Input::End, true),
                Err(error) => (Input::Failed(error), true),
            };
            if inputs.send(input).is_err() || is_last {
                return;
            }
        }
    });
}

impl Plain {
    pub(crate) fn show(&mut self, entry: Entry) {
        self.unwritten.push(entry);
    }

    /// Writes what is new.
    pub(crate) fn write(&mut self, status: &Status, out: &mut impl Write) -> io::Result<()> {
        for entry in self.unwritten.drain(..) {
            let mut start = entry.label(&status.peer);
            for line in &entry.lines {
                writeln!(out, "{start}{line}")?;
                entry.continuation().clone_into(&mut start);
            }
        }
        if self.channel.replace(status.channel) != Some(status.channel) {
            writeln!(out, "= {}", status.channel.words())?;
        }
        self.write_work(status, out)?;
        out.flush()
    }

    /// Tells of every quarter.
    fn write_work(&mut self, status: &Status, out: &mut impl Write) -> io::Result<()> {
        let steps: Vec<_> = status.work.iter().map(|work| (work.what.clone(), work.percent / 25)).collect();
        for ((what, step), work) in steps.iter().zip(&status.work) {
            if !self.told.iter().any(|(known, told)| known == what && told == step) {
                writeln!(out, "% {what}: {} %", work.percent)?;
            }
        }
        self.told = steps;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::entry::Kind;
    use super::super::status::Work;
    use super::*;

    fn status(percent: u8) -> Status {
        Status {
            peer: "bob".into(),
            connection: String::new(),
            channel: Channel::Unverified,
            work: vec![Work { what: "sending a".into(), percent }],
            prompt: None,
        }
    }

    #[test]
    fn only_what_is_new_is_written() {
        let mut plain = Plain::default();
        let mut write = |entry, percent| {
            let mut out = Vec::new();
            plain.show(entry);
            plain.write(&status(percent), &mut out).unwrap();
            String::from_utf8(out).unwrap()
        };
        let first = write(Entry::text(Kind::Theirs, b"one\n= plaintext"), 3);
        assert_eq!(first, "bob: one\n   | = plaintext\n= encrypted, unverified\n% sending a: 3 %\n");
        assert_eq!(write(Entry::notice("two"), 24), "* two\n");
        assert_eq!(write(Entry::warning("three"), 51), "! three\n% sending a: 51 %\n");
    }
}
