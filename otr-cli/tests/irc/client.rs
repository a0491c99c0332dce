//! A plain IRC client, as simple as they come.

use std::io::{BufRead, BufReader, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

/// Longer than anything here takes, even on a busy machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) struct Client {
    stream: TcpStream,
    lines: Receiver<Vec<u8>>,
    /// All that has been read.
    pub(crate) seen: Vec<String>,
}

impl Client {
    /// Connects, and waits until it is welcome.
    pub(crate) fn join(address: SocketAddr, nick: &str) -> Self {
        let mut client = Self::connect(address);
        client.write(&format!("NICK {nick}"));
        client.write(&format!("USER {nick} 0 * :{nick}"));
        client.expect(" 001 ");
        client
    }

    pub(crate) fn connect(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        let mut lines = BufReader::new(stream.try_clone().unwrap());
        let mut answers = stream.try_clone().unwrap();
        let (sender, receiver) = mpsc::channel();
        thread::spawn(move || {
            let mut line = Vec::new();
            while lines.read_until(b'\n', &mut line).is_ok_and(|length| length > 0) {
                if let Some(token) = line.strip_prefix(b"PING ") {
                    answers.write_all(&[b"PONG ", token].concat()).ok();
                }
                sender.send(line.trim_ascii_end().to_vec()).ok();
                line.clear();
            }
        });
        Self { stream, lines: receiver, seen: Vec::new() }
    }

    pub(crate) fn write(&mut self, line: &str) {
        self.stream.write_all(format!("{line}\r\n").as_bytes()).unwrap();
    }

    /// The next line with that in it; lines before it are skipped.
    pub(crate) fn expect(&mut self, part: &str) -> String {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let Ok(line) = self.lines.recv_timeout(left) else {
                let last: Vec<_> =
                    self.seen.iter().rev().take(20).map(|line| line.get(..200).unwrap_or(line)).collect();
                panic!("{part:?} has not come, but, from the last on: {last:#?}");
            };
            self.seen.push(String::from_utf8_lossy(&line).into_owned());
            if let Some(line) = self.seen.last().filter(|line| line.contains(part)) {
                return line.clone();
            }
        }
    }

    /// The texts of somebody's messages, one after the other, until so many bytes have come.
    pub(crate) fn expect_text(&mut self, from: &str, length: usize) -> String {
        let mut text = String::new();
        while text.len() < length {
            let line = self.expect(" PRIVMSG ");
            if line.starts_with(&format!(":{from}")) {
                text.push_str(line.split_once(" :").unwrap().1);
            }
        }
        text
    }
}

/// A client that goes without a word.
impl Drop for Client {
    fn drop(&mut self) {
        self.stream.shutdown(Shutdown::Both).ok();
    }
}
