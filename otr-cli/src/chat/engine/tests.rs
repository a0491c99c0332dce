//! Two engines with a wire in between.

mod files;
mod secrets;
mod talk;

use std::path::Path;
use std::sync::{Arc, OnceLock};

use otr_protocol::traits::{Dsa, SecretKey};
use otr_protocol::{Config, InstanceTag};

use super::*;
use crate::chat::options::policy;

/// Alice has connected to Bob.
struct Pair {
    alice: Side,
    bob: Side,
    now: Instant,
    /// Everything that went over the wire.
    wire: Vec<u8>,
    _folder: tempfile::TempDir,
}

struct Side {
    engine: Engine,
    /// What was shown, a line each.
    shown: Vec<String>,
    remembered: KnownFingerprints,
    has_quit: bool,
}

/// Keys take long to make.
fn key(number: usize) -> SecretKey {
    static KEYS: OnceLock<[SecretKey; 3]> = OnceLock::new();
    let keys = KEYS.get_or_init(|| [(); 3].map(|()| otr_protocol::RustCrypto.generate().unwrap()));
    keys[number].duplicate()
}

fn account(number: usize, policy: Policy) -> Account<Shared> {
    let mut config = Config::default();
    config.policy = policy;
    config.coalesce_queries = true;
    let tag = InstanceTag::new(0x1000 + u32::try_from(number).unwrap());
    Account::new(Arc::new(otr_protocol::RustCrypto) as Shared, key(number), tag, config).unwrap()
}

impl Side {
    fn new(name: &str, starts: bool, folder: &Path) -> Self {
        let downloads = folder.join(name);
        let settings = Settings { peer: format!("peer of {name}"), starts, downloads, max_file: 1 << 20 };
        let engine = Engine::new(settings, KnownFingerprints::default());
        Self { engine, shown: Vec::new(), remembered: KnownFingerprints::default(), has_quit: false }
    }

    fn type_line(&mut self, now: Instant, line: &str) {
        self.engine.typed(now, Zeroizing::new(line.to_owned()));
    }

    /// What it sends now.
    fn settle(&mut self, now: Instant) -> Vec<Frame> {
        let mut frames = Vec::new();
        for effect in self.engine.settle(now).0 {
            match effect {
                Effect::Send(frame) => frames.push(frame),
                Effect::Show(entry) => {
                    let label = entry.label("them");
                    self.shown.extend(entry.lines.into_iter().map(|line| label.clone() + &line));
                }
                Effect::Remember(known) => self.remembered = known,
                Effect::Quit => self.has_quit = true,
            }
        }
        frames
    }

    fn channel(&mut self) -> Channel {
        self.engine.status().channel
    }

    /// Whether a line with these words was shown.
    fn saw(&self, words: &str) -> bool {
        self.shown.iter().any(|line| line.contains(words))
    }
}

impl Pair {
    /// With keys, not connected.
    fn apart(policy: Policy) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut alice = Side::new("alice", true, folder.path());
        let mut bob = Side::new("bob", false, folder.path());
        alice.engine.key_ready(account(0, policy));
        bob.engine.key_ready(account(1, policy));
        Self { alice, bob, now: Instant::from_secs(1), wire: Vec::new(), _folder: folder }
    }

    /// In an encrypted session.
    fn connected() -> Self {
        let mut pair = Self::apart(policy(false));
        pair.connect();
        assert_eq!(pair.channels(), [Channel::Unverified; 2]);
        pair
    }

    fn connect(&mut self) {
        self.bob.engine.connected(self.now, "alice".into());
        self.alice.engine.connected(self.now, "bob".into());
        self.carry();
    }

    fn lose(&mut self) {
        self.alice.engine.lost(self.now, "gone");
        self.bob.engine.lost(self.now, "gone");
        self.carry();
    }

    fn alice_types(&mut self, line: &str) {
        self.alice.type_line(self.now, line);
        self.carry();
    }

    fn bob_types(&mut self, line: &str) {
        self.bob.type_line(self.now, line);
        self.carry();
    }

    /// Carries everything, until nobody has anything to say.
    fn carry(&mut self) {
        self.carry_changed(Some);
    }

    /// The same, by somebody who changes or drops what Alice sends.
    fn carry_changed(&mut self, mut change: impl FnMut(Frame) -> Option<Frame>) {
        loop {
            let from_alice = self.alice.settle(self.now);
            let from_bob = self.bob.settle(self.now);
            let is_quiet = from_alice.is_empty() && from_bob.is_empty();
            for frame in from_alice {
                self.wire.extend(frame.encode());
                if let Some(frame) = change(frame) {
                    self.bob.engine.receive(self.now, Some(frame));
                }
            }
            for frame in from_bob {
                self.wire.extend(frame.encode());
                self.alice.engine.receive(self.now, Some(frame));
            }
            self.alice.engine.prepare(self.now);
            self.bob.engine.prepare(self.now);
            // The files only when there is nothing else.
            if is_quiet && !(self.alice.engine.send_chunk() | self.bob.engine.send_chunk()) {
                return;
            }
        }
    }

    fn channels(&mut self) -> [Channel; 2] {
        [self.alice.channel(), self.bob.channel()]
    }

    /// Whether somebody on the way could read it.
    fn leaked(&self, words: &str) -> bool {
        self.wire.windows(words.len()).any(|part| part == words.as_bytes())
    }
}
