//! irssi, with its OTR plugin or without, on a terminal that tmux plays.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::client::PATIENCE;

pub(crate) struct Irssi {
    home: PathBuf,
    socket: PathBuf,
    nick: &'static str,
    /// How much of what it shows has been looked at.
    read: usize,
}

impl Irssi {
    /// Starts it with the plugin and a key; it joins the server, and has a window for `peer`.
    pub(crate) fn with_plugin(folder: &Path, server: SocketAddr, nick: &'static str, peer: &str) -> Self {
        let key = folder.join(nick).join("otr/otr.key");
        fs::create_dir_all(key.parent().unwrap()).unwrap();
        if !key.exists() {
            // The plugin's keys belong to the name of the network.
            let mut keygen = Command::new(env!("CARGO_BIN_EXE_otr"));
            keygen.args(["keygen", "--account", "test", "--protocol", "IRC", "--out"]).arg(&key);
            assert!(keygen.output().unwrap().status.success());
        }
        Self::start(folder, server, nick, peer, "/load otr\n")
    }

    /// The same as it is without the plugin.
    pub(crate) fn without_plugin(folder: &Path, server: SocketAddr, nick: &'static str, peer: &str) -> Self {
        fs::create_dir_all(folder.join(nick)).unwrap();
        Self::start(folder, server, nick, peer, "")
    }

    fn start(folder: &Path, server: SocketAddr, nick: &'static str, peer: &str, startup: &str) -> Self {
        let home = folder.join(nick);
        let port = server.port();
        // Without its own flood control, which would make a key exchange take a quarter of a minute.
        let configuration = format!(
            r#"servers = ({{ address = "127.0.0.1"; chatnet = "test"; port = "{port}"; autoconnect = "yes"; }});
chatnets = {{ test = {{ type = "IRC"; nick = "{nick}"; }}; }};
settings = {{
  core = {{ real_name = "{nick}"; user_name = "{nick}"; nick = "{nick}"; }};
  "irc/core" = {{ cmd_queue_speed = "10msec"; cmds_max_at_once = "500"; }};
}};
"#
        );
        fs::write(home.join("config"), configuration).unwrap();
        let startup = format!("/log open -autoopen {}/log ALL\n{startup}", home.display());
        fs::write(home.join("startup"), startup).unwrap();
        // A socket of its own each time: the tmux of before may still be about to go.
        static STARTS: AtomicUsize = AtomicUsize::new(0);
        let socket = folder.join(format!("tmux{}", STARTS.fetch_add(1, Ordering::Relaxed)));
        let mut irssi = Self { home, socket, nick, read: 0 };
        irssi.launch();
        irssi.expect("Welcome");
        irssi.say(&format!("/query {peer}"));
        irssi.expect("Starting query");
        irssi
    }

    fn launch(&self) {
        let command = format!("irssi --home={}", self.home.display());
        self.tmux(&["new-session", "-d", "-s", self.nick, "-x", "200", "-y", "50", &command]);
    }

    /// Kills it without a farewell, and starts it anew: it has its key, but no session.
    pub(crate) fn restart(self, folder: &Path, server: SocketAddr, peer: &str) -> Self {
        let (nick, log) = (self.nick, self.home.join("log"));
        let pane = self.tmux(&["list-panes", "-t", nick, "-F", "#{pane_pid}"]);
        let process = String::from_utf8(pane.stdout).unwrap();
        assert!(Command::new("kill").args(["-9", process.trim()]).status().unwrap().success());
        drop(self);
        fs::remove_file(log).unwrap();
        Self::with_plugin(folder, server, nick, peer)
    }

    /// Types a line.
    pub(crate) fn say(&self, line: &str) {
        // A long one in pieces: there is a limit to what tmux takes at once.
        let characters: Vec<_> = line.chars().collect();
        for piece in characters.chunks(1000) {
            self.tmux(&["send-keys", "-t", self.nick, "-l", &piece.iter().collect::<String>()]);
        }
        self.tmux(&["send-keys", "-t", self.nick, "Enter"]);
    }

    /// Waits until it shows that, after what was waited for before.
    pub(crate) fn expect(&mut self, part: &str) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let log = self.log();
            let unread = log.get(self.read..).unwrap_or_default();
            if let Some(at) = unread.find(part) {
                self.read += at + part.len();
                return;
            }
            assert!(
                Instant::now() < deadline,
                "irssi does not show {part:?}, but: {unread}\n{}",
                self.screen()
            );
            thread::sleep(Duration::from_millis(50));
        }
    }

    /// All that it has shown in any window.
    pub(crate) fn log(&self) -> String {
        let log = fs::read(self.home.join("log")).unwrap_or_default();
        String::from_utf8_lossy(&log).into_owned()
    }

    /// The fingerprint of its key.
    pub(crate) fn fingerprint(&self) -> String {
        let mut command = Command::new(env!("CARGO_BIN_EXE_otr"));
        let output = command.arg("fingerprint").arg(self.home.join("otr/otr.key")).output().unwrap();
        String::from_utf8(output.stdout).unwrap().split('\t').next().unwrap().to_owned()
    }

    fn screen(&self) -> String {
        String::from_utf8_lossy(&self.tmux(&["capture-pane", "-p", "-t", self.nick]).stdout).into_owned()
    }

    fn tmux(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new("tmux");
        command.env("TERM", "xterm").env("LC_ALL", "C.UTF-8").arg("-S").arg(&self.socket).args(arguments);
        command.output().unwrap_or_else(|error| panic!("apt-get install tmux: {error}"))
    }
}

impl Drop for Irssi {
    fn drop(&mut self) {
        self.tmux(&["kill-session", "-t", self.nick]);
    }
}
