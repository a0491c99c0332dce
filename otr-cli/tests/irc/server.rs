//! An IRC server of the least kind: it welcomes, and relays messages as servers do.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

#[derive(Clone, Default)]
pub(crate) struct Server {
    users: Arc<Mutex<HashMap<String, TcpStream>>>,
    wire: Arc<Mutex<Vec<String>>>,
}

impl Server {
    /// Starts it; where it listens.
    pub(crate) fn start() -> (Self, SocketAddr) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let server = Self::default();
        let serving = server.clone();
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (serving, stream) = (serving.clone(), stream.unwrap());
                thread::spawn(move || serving.serve(&stream));
            }
        });
        (server, address)
    }

    /// Whether this came to the server in clear.
    pub(crate) fn has_seen(&self, words: &str) -> bool {
        self.wire.lock().unwrap().iter().any(|line| line.contains(words))
    }

    fn serve(&self, stream: &TcpStream) {
        let mut nick = String::new();
        for line in BufReader::new(stream).split(b'\n') {
            let Ok(line) = line else { return };
            let line = String::from_utf8_lossy(&line).trim_end().to_owned();
            self.wire.lock().unwrap().push(line.clone());
            let (command, rest) = line.split_once(' ').unwrap_or((&line, ""));
            match command {
                "NICK" => {
                    nick = rest.to_owned();
                    self.users.lock().unwrap().insert(nick.clone(), stream.try_clone().unwrap());
                    self.tell(&nick, &format!(":toy 001 {nick} :Welcome"));
                    self.tell(&nick, &format!(":toy 005 {nick} CASEMAPPING=ascii NICKLEN=9 :are supported"));
                }
                "PRIVMSG" | "NOTICE" => {
                    let (to, _) = rest.split_once(' ').unwrap();
                    let mut relayed = format!(":{nick}!{nick}@localhost {line}");
                    relayed.truncate(510);
                    self.tell(to, &relayed);
                }
                _ => {}
            }
        }
    }

    fn tell(&self, nick: &str, line: &str) {
        if let Some(stream) = self.users.lock().unwrap().get_mut(nick) {
            stream.write_all(format!("{line}\r\n").as_bytes()).ok();
        }
    }
}
