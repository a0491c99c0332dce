//! Somebody on the way: reads along, changes lines, and cuts the connection.

use std::io::{BufRead, BufReader, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// The way to somebody who listens.
pub(crate) struct Wire {
    /// Where it begins.
    pub(crate) address: String,
    shared: Arc<Mutex<Shared>>,
}

#[derive(Default)]
struct Shared {
    lines: Vec<Vec<u8>>,
    ends: Vec<TcpStream>,
    is_down: bool,
    change: Option<fn(&mut Vec<u8>)>,
}

impl Wire {
    pub(crate) fn to(target: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let shared = Arc::<Mutex<Shared>>::default();
        let (target, theirs) = (target.to_owned(), Arc::clone(&shared));
        thread::spawn(move || {
            for here in listener.incoming() {
                let here = here.unwrap();
                if theirs.lock().unwrap().is_down {
                    continue;
                }
                let Ok(there) = TcpStream::connect(&target) else { continue };
                for (from, to) in [(&here, &there), (&there, &here)] {
                    let (from, to) = (from.try_clone().unwrap(), to.try_clone().unwrap());
                    theirs.lock().unwrap().ends.push(to.try_clone().unwrap());
                    let shared = Arc::clone(&theirs);
                    thread::spawn(move || carry(&from, &to, &shared));
                }
            }
        });
        Self { address, shared }
    }

    /// Cuts it, until it is mended.
    pub(crate) fn cut(&self) {
        let mut shared = self.shared.lock().unwrap();
        shared.is_down = true;
        for end in shared.ends.drain(..) {
            end.shutdown(Shutdown::Both).ok();
        }
    }

    pub(crate) fn mend(&self) {
        self.shared.lock().unwrap().is_down = false;
    }

    /// Changes every line from now on.
    pub(crate) fn change(&self, change: fn(&mut Vec<u8>)) {
        self.shared.lock().unwrap().change = Some(change);
    }

    /// Whether these words passed by.
    pub(crate) fn saw(&self, words: &str) -> bool {
        let shared = self.shared.lock().unwrap();
        shared.lines.iter().any(|line| String::from_utf8_lossy(line).contains(words))
    }
}

/// Carries lines until either end is closed.
fn carry(from: &TcpStream, mut to: &TcpStream, shared: &Mutex<Shared>) {
    let mut from = BufReader::new(from);
    let mut line = Vec::new();
    while let Ok(1..) = from.read_until(b'\n', &mut line) {
        let change = {
            let mut shared = shared.lock().unwrap();
            shared.lines.push(line.clone());
            shared.change
        };
        if let Some(change) = change {
            change(&mut line);
        }
        if to.write_all(&line).is_err() {
            break;
        }
        line.clear();
    }
    to.shutdown(Shutdown::Both).ok();
}
