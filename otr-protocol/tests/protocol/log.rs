//! The debug log: it says what happens, and nothing of what is said (S-48).

use std::cell::RefCell;
use std::sync::{Arc, Once};

use log::{LevelFilter, Log, Metadata, Record};
use otr_protocol::wire::Version;
use otr_protocol::{Config, Policy, Recipient};

use crate::support::party::{VERSIONS, only};
use crate::support::peer::Peer;
use crate::support::recording::Recording;
use crate::support::{Name, Pair, Party};

thread_local! {
    /// What this thread has logged; each test has a thread of its own.
    static LINES: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

struct Listener;

impl Log for Listener {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &Record<'_>) {
        assert_eq!(record.target(), "otr");
        LINES.with_borrow_mut(|lines| lines.push(record.args().to_string()));
    }

    fn flush(&self) {}
}

fn listen() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        log::set_logger(&Listener).unwrap();
        log::set_max_level(LevelFilter::Trace);
    });
    LINES.take();
}

const TEXTS: [&str; 7] = [
    "harpsichord and harp",
    "kettledrum and triangle",
    "xylophone and zither",
    "bassoon or oboe?",
    "mandolin and lute",
    "glockenspiel.pdf",
    "tambourine and gong",
];

/// Everything that a conversation can have in it, so that each line is logged that there is.
fn converse(version: Version, backend: &Arc<Recording>) {
    let [clear, encrypted, held, question, answer, file, error] = TEXTS;
    let party = |name| {
        let mut config = Config::default();
        config.policy = only(version) | Policy::SEND_WHITESPACE_TAG | Policy::ERROR_START_AKE;
        config.max_message_size = Some(500);
        config.extra_key_v2 = true;
        config.coalesce_queries = true;
        Party::with(name, config, backend.clone())
    };
    let mut pair = Pair::of(party(Name::Alice), party(Name::Bob));
    let now = pair.alice.now;
    pair.alice.session.send(now, Recipient::Best, clear).unwrap();
    pair.run();
    let policy = pair.bob.session.policy();
    pair.bob.session.set_policy(policy | Policy::REQUIRE_ENCRYPTION).unwrap();
    pair.bob.session.send(now, Recipient::Best, held).unwrap();
    pair.run();
    pair.alice.session.send(now, Recipient::Best, encrypted).unwrap();
    pair.bob.session.send(now, Recipient::Best, encrypted).unwrap();
    pair.run();
    pair.alice.session.announce_file(now, Recipient::Best, file).unwrap();
    pair.bob.session.smp(now, Recipient::Best).unwrap().start(answer, Some(question)).unwrap();
    pair.run();
    pair.alice.session.smp(now, Recipient::Best).unwrap().respond(answer).unwrap();
    pair.run();
    // Errors, messages that nobody can read, pieces of messages, things out of turn.
    let sent = pair.alice.say(encrypted);
    pair.to_bob.extend([format!("?OTR Error: {error}").into_bytes(), error.into(), sent[0].clone()]);
    pair.to_alice.push_back(sent[0].clone());
    pair.run();
    pair.to_bob.extend(sent.iter().chain(&sent).cloned());
    pair.to_alice.push_back(Peer::new(Name::Bob, version, Name::Alice).dh_key());
    pair.run();
    for party in [&mut pair.alice, &mut pair.bob] {
        party.wait(100);
        party.drain();
    }
    pair.bob.session.send_heartbeat(pair.bob.now, Recipient::Best).unwrap();
    pair.run();
    pair.alice.session.end_all(pair.alice.now).unwrap();
    pair.run();
}

/// A secret in the ways in which it could be printed: its first and its last eight bytes.
fn spellings(secret: &[u8]) -> impl Iterator<Item = String> + '_ {
    [&secret[..8], &secret[secret.len() - 8..]].into_iter().flat_map(|part| {
        let spell = |byte: &dyn Fn(&u8) -> String, between: &str| {
            part.iter().map(byte).collect::<Vec<_>>().join(between)
        };
        [
            spell(&|byte| format!("{byte:02x}"), ""),
            spell(&|byte| format!("{byte:02X}"), ""),
            spell(&|byte| format!("{byte}"), ", "),
            spell(&|byte| format!("{byte:x}"), ", "),
            data_encoding::BASE64.encode(&part[..6]),
            part.escape_ascii().to_string(),
            String::from_utf8_lossy(part).into_owned(),
        ]
    })
}

#[test]
fn s_48_the_log_never_shows_a_text_or_a_secret() {
    for version in VERSIONS {
        listen();
        let backend = Arc::<Recording>::default();
        converse(version, &backend);
        let log = LINES.take().join("\n");
        for text in TEXTS {
            let (word, _) = text.split_once([' ', ',', '.']).unwrap();
            assert!(!log.contains(word), "{word}:\n{log}");
            assert!(spellings(text.as_bytes()).all(|spelling| !log.contains(&spelling)), "{text}:\n{log}");
        }
        let secrets = backend.secrets();
        assert!(secrets.len() > 100);
        for secret in secrets.iter().filter(|secret| secret.len() >= 8) {
            assert!(spellings(secret).all(|spelling| !log.contains(&spelling)), "{secret:x?}:\n{log}");
        }
    }
}

#[test]
fn the_log_tells_of_every_decision() {
    listen();
    converse(Version::V3, &Arc::default());
    let log = LINES.take().join("\n");
    for part in [
        "receives Query",
        "receives Plain",
        "sends Tagged",
        "receives Error",
        "the exchange of V3 with",
        "sends Encoded(V3, DhCommit)",
        "AwaitingRevealSig",
        "AwaitingSig",
        "tells of Secured",
        "tells of Held",
        "sends a message in 2 fragments",
        "1 of 2",
        "encrypts",
        "reads a message from",
        "our keyid is now 3",
        "their keyid is now 2",
        "starts a comparison, with a question",
        "a TLV of type 7",
        "a TLV of type 8",
        "tells of Smp",
        "tells of Problem { kind: Unreadable",
        "tells of Problem { kind: PeerError",
        "nothing in the exchange expects the message",
        "gives up",
        "tells of Heartbeat",
        "tells of Ended",
    ] {
        assert!(log.contains(part), "{part}:\n{log}");
    }
}
