//! Debian's `ngircd`, on a port of its own.

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::client::PATIENCE;

pub(crate) struct Ngircd {
    child: Child,
    pub(crate) address: SocketAddr,
}

impl Ngircd {
    /// Starts it with its configuration in a folder, and waits until it listens.
    pub(crate) fn start(folder: &Path) -> Self {
        // One after the other: the port was free a moment ago, and nobody else must take it.
        static STARTING: Mutex<()> = Mutex::new(());
        let _starting = STARTING.lock().unwrap_or_else(PoisonError::into_inner);
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let configuration = folder.join("ngircd.conf");
        let text = format!(
            "[Global]\nName = irc.example.org\nInfo = test\nListen = 127.0.0.1\nPorts = {}\nServerUID = nobody\n\
             ServerGID = nogroup\n[Limits]\nMaxConnectionsIP = 0\nMaxPenaltyTime = 0\nMaxNickLength = 20\n\
             [Options]\nDNS = no\nIdent = no\nPAM = no\n",
            address.port()
        );
        std::fs::write(&configuration, text).unwrap();
        let mut command = Command::new("/usr/sbin/ngircd");
        command.args(["--nodaemon", "--config"]).arg(&configuration).stdout(Stdio::null());
        let server = Self {
            child: command.spawn().unwrap_or_else(|error| panic!("apt-get install ngircd: {error}")),
            address,
        };
        let deadline = Instant::now() + PATIENCE;
        while TcpStream::connect(address).is_err() {
            assert!(Instant::now() < deadline, "ngircd does not listen");
            thread::sleep(Duration::from_millis(50));
        }
        server
    }
}

impl Drop for Ngircd {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}
