//! libotr as one of the two correspondents, live.

use std::path::Path;
use std::process::Command;

use otr_conformance::live::{Peer, PeerEvent};
use proptest::prelude::*;

use crate::pair::{cases, ours};
use crate::script::{Act, Script};
use crate::scripts::scripts;
use crate::world::{Happened, Party, Said, Secured, World};

/// Has no opinion about what is right: that is for the other side to say.
struct Libotr {
    peer: Peer,
    secured: Option<Secured>,
    events: Vec<PeerEvent>,
    wire: Vec<Vec<u8>>,
    clock: u64,
    is_asked: bool,
}

impl Libotr {
    fn new(script: &Script) -> Self {
        let policy = match script.versions {
            (true, false) => "42",
            (false, true) => "44",
            _ => "46",
        };
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("peers/libotr");
        let key = Path::new(env!("CARGO_TARGET_TMPDIR")).join("model-libotr.key");
        let mut command = Command::new(folder.join("libotr-peer"));
        command.arg("--key").arg(key).args(["--account", "peer", "--protocol", "test", "--policy", policy]);
        if let [_, Some(size)] = script.max_size {
            command.args(["--max-size", &size.to_string()]);
        }
        let peer = Peer::spawn(&mut command).unwrap();
        Self { peer, secured: None, events: Vec::new(), wire: Vec::new(), clock: 0, is_asked: false }
    }

    /// What it refuses, it says so, and does nothing.
    fn command(&mut self, command: &str) {
        if let Err(error) = self.peer.command(command) {
            assert_eq!(error.kind(), std::io::ErrorKind::Other, "{command}: {error}");
        }
        for event in self.peer.take_events() {
            if let Some((_, their_fingerprint, session_id, half)) = event.secured() {
                let reads_first_half = half == "first";
                self.secured = Some(Secured { session_id, their_fingerprint, reads_first_half });
            }
            if event.is_end() {
                self.secured = None;
            }
            self.is_asked |= event.smp_question().is_some();
            self.events.push(event);
        }
        self.wire.extend(self.peer.take_wire());
    }

    fn say(&mut self, text: &str) -> Said {
        let before = self.wire.len();
        self.command(&format!("send {}", encode(text)));
        let sent = &self.wire[before..];
        if sent.iter().any(|sent| String::from_utf8_lossy(sent).contains(text)) {
            Said::InClear
        } else if sent.is_empty() {
            Said::Refused
        } else {
            Said::Protected
        }
    }
}

impl Party for Libotr {
    fn act(&mut self, act: Act, text: &str) -> Said {
        match act {
            Act::Say => return self.say(text),
            Act::Query => self.command("start"),
            Act::End | Act::Abandon => {
                self.command("end");
                self.secured = None;
            }
            Act::SmpStart => self.command(&format!("smp_start {} {}", encode("secret"), encode("question?"))),
            Act::SmpAnswer if self.is_asked => {
                self.is_asked = false;
                self.command(&format!("smp_answer {}", encode("secret")));
            }
            Act::SmpAbort => self.command("smp_abort"),
            Act::ExtraKey => self.command(&format!("extra_key 1 {}", encode("data"))),
            Act::Wait(seconds) => {
                self.clock += u64::from(seconds);
                self.command(&format!("time {}", self.clock));
                self.command("poll");
            }
            Act::SmpAnswer | Act::Heartbeat | Act::RequireEncryption(_) => {}
        }
        Said::Nothing
    }

    fn hear(&mut self, text: &[u8]) {
        self.command(&format!("receive {}", data_encoding::BASE64.encode(text)));
    }

    fn take(&mut self) -> (Vec<Vec<u8>>, Vec<Happened>) {
        let happened = |event: PeerEvent| {
            if event.smp() == Some("SUCCESS") {
                return Happened::SmpSucceeded;
            }
            if event.smp_question().is_some() {
                return Happened::SmpAsked;
            }
            match event.encrypted_text() {
                Some(text) => Happened::Message(text.to_vec()),
                None => Happened::Other(format!("{event:?}")),
            }
        };
        let told = self.events.drain(..).map(happened).collect();
        (std::mem::take(&mut self.wire), told)
    }

    fn secured(&self) -> Option<Secured> {
        self.secured.clone()
    }

    fn fingerprint(&self) -> String {
        self.peer.fingerprint().to_owned()
    }

    fn is_under_test(&self) -> bool {
        false
    }
}

fn encode(text: &str) -> String {
    data_encoding::BASE64.encode(text.as_bytes())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(48), failure_persistence: None, ..ProptestConfig::default() })]

    /// The same with libotr, in either role: what must hold is said of our side.
    #[test]
    fn one_of_ours_gets_through_anything_with_libotr(script in scripts()) {
        World::new(ours(0, &script), Box::new(Libotr::new(&script))).run(&script);
    }
}
