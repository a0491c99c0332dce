//! Alice and Bob, each behind a proxy, on a server that relays lines as servers do.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use otr_protocol::traits::{Dsa, SecretKey};
use otr_protocol::{Account, Config, InstanceTag, Instant, Policy};
use otr_store::fingerprints::Correspondent;
use otr_store::{MemoryTrust, TrustStore};

use crate::backend::Shared;
use crate::irc::line::{Line, MAX_LENGTH, carry};
use crate::irc::proxy::{Next, Proxy, Settings};

pub(super) const HOST: &str = "!~a.long.user.name@a-host-with-a-long.name.which-does-happen.example.org";

fn backend() -> Shared {
    Arc::new(otr_protocol::RustCrypto)
}

fn account(whose: usize, policy: Policy) -> Account<Shared> {
    static KEYS: OnceLock<[SecretKey; 3]> = OnceLock::new();
    let keys = KEYS.get_or_init(|| [(); 3].map(|()| backend().generate().unwrap()));
    let mut config = Config::default();
    (config.policy, config.strict_markers) = (policy, true);
    // As from a profile, which keeps it.
    let tag = InstanceTag::new(0x1000 + whose as u32);
    Account::new(backend(), keys[whose].duplicate(), tag, config).unwrap()
}

/// A proxy, and what its client has seen.
pub(super) struct Side {
    pub(super) nick: String,
    pub(super) proxy: Proxy<MemoryTrust>,
    pub(super) seen: Vec<String>,
}

pub(super) struct World {
    pub(super) sides: Vec<Side>,
    /// Everything that went over the server, without its ends of lines.
    pub(super) wire: Vec<String>,
    pub(super) now: Instant,
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

impl Side {
    pub(super) fn new(whose: usize, nick: &str, policy: Policy, trust: MemoryTrust) -> Self {
        let settings = Settings {
            account: "irc.example.org".into(),
            protocol: "IRC".into(),
            services: vec!["NickServ".into()],
            interval: Duration::ZERO,
        };
        let mut proxy = Proxy::new(account(whose, policy), trust, settings);
        proxy.server_says(Instant::default(), format!(":irc.example.org 001 {nick} :Welcome").as_bytes());
        Self { nick: nick.into(), proxy, seen: Vec::new() }
    }

    pub(super) fn shown(&self, part: &str) -> bool {
        self.seen.iter().any(|line| line.contains(part))
    }
}

impl World {
    pub(super) fn new(policies: [Policy; 2]) -> Self {
        let [a, b] = policies;
        let sides = vec![
            Side::new(0, "alice", a, MemoryTrust::default()),
            Side::new(1, "Bob", b, MemoryTrust::default()),
        ];
        let mut world = Self { sides, wire: Vec::new(), now: Instant::default() };
        world.run();
        world
    }

    /// One in which the two have an encrypted conversation.
    pub(super) fn encrypted() -> Self {
        let mut world = Self::new([Policy::OPPORTUNISTIC; 2]);
        world.write(0, "PRIVMSG *otr :start bob");
        assert!(
            world.sides.iter().all(|side| side.shown("is encrypted (OTR 3)")),
            "{:?}",
            world.sides[0].seen
        );
        world.forget();
        world
    }

    /// A line of a client's, and all that comes of it.
    pub(super) fn write(&mut self, whose: usize, line: &str) {
        self.sides[whose].proxy.client_says(self.now, line.as_bytes());
        self.run();
    }

    /// A line from the server, and all that comes of it.
    pub(super) fn serve(&mut self, whose: usize, line: &str) {
        self.sides[whose].proxy.server_says(self.now, line.as_bytes());
        self.run();
    }

    pub(super) fn run(&mut self) {
        let mut busy = true;
        while std::mem::take(&mut busy) {
            for whose in 0..self.sides.len() {
                loop {
                    match self.sides[whose].proxy.next(self.now) {
                        Next::ToClient(line) => self.sides[whose].seen.push(text(&line)),
                        Next::ToServer(line) => self.relay(whose, &line),
                        Next::Idle(_) => break,
                    }
                    busy = true;
                }
            }
        }
    }

    /// As a server: with the source in front, and what is too long cut off.
    pub(super) fn relay(&mut self, from: usize, line: &[u8]) {
        let source = format!("{}{HOST}", self.sides[from].nick);
        let line = Line::parse(line).unwrap();
        let [to, words] = line.params.as_slice() else {
            self.wire.push(format!("{} {:?}", line.command, line.params.len()));
            return;
        };
        let mut relayed = carry(b"", source.as_bytes(), &line.command, to, words);
        relayed.truncate(MAX_LENGTH);
        relayed.truncate(relayed.trim_ascii_end().len());
        self.wire.push(text(&relayed));
        let is_it = |side: &&mut Side| side.nick.as_bytes().eq_ignore_ascii_case(to);
        if let Some(side) = self.sides.iter_mut().find(is_it) {
            side.proxy.server_says(self.now, &relayed);
        }
    }

    pub(super) fn forget(&mut self) {
        self.wire.clear();
        self.sides.iter_mut().for_each(|side| side.seen.clear());
    }

    /// Whether this went over the server in clear: words that base64 does not make by chance.
    pub(super) fn leaked(&self, words: &str) -> bool {
        self.wire.iter().any(|line| line.contains(words))
    }

    /// What a client has seen, without what *otr said.
    pub(super) fn read(&self, whose: usize) -> Vec<&str> {
        let is_mail = |line: &&String| !line.starts_with(":*otr");
        self.sides[whose].seen.iter().filter(is_mail).map(String::as_str).collect()
    }

    pub(super) fn trust(&self, whose: usize, of: usize, name: &str) -> Option<String> {
        let whom = Correspondent::new(name, "irc.example.org", "IRC").unwrap();
        let fingerprint = self.sides[of].proxy.account.fingerprint();
        self.sides[whose].proxy.trust.clone().known(&whom).unwrap().get(&fingerprint).map(str::to_owned)
    }
}

pub(super) fn from_bob(words: &str) -> String {
    format!(":Bob{HOST} PRIVMSG alice :{words}")
}
