//! What `{:?}` shows of every public type, and what errors say.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use otr_protocol::fragment::{Fragment, Step};
use otr_protocol::keys::{AkeKeys, DataKeys, DhPair, secret_bytes};
use otr_protocol::toolkit::{Captured, NotData, PairKeys};
use otr_protocol::traits::{
    self, Base, Digest, Element, Exponent, Generated, KeyFault, Power, Prepared, PreparedKey, Progress,
    PublicKey, Purpose, Secret, SecretKey, Sieve, SmpExponent, Term, Thoroughness,
};
use otr_protocol::wire::{
    Body, Data, DhCommit, DhKey, Header, InstanceTag, Kind, Malformed, Message, Plaintext, Reader,
    RevealSignature, Signature, Text, Tlv, Version,
};
use otr_protocol::{
    Account, AuthStateKind, Config, Direction, EndedBy, Error, Event, Fingerprint, Half, Id, Instant,
    KnownFingerprints, MessageState, NotSentReason, Outgoing, Output, Policy, Problem, Recipient, RustCrypto,
    SavedError, SmpEvent, Trust,
};
use otr_store::fingerprints::{Correspondent, Fingerprints};
use otr_store::instance_tags::InstanceTags;
use otr_store::otrjs::OtrJsError;
use otr_store::{
    Damage, FileTrust, FileTrustError, MemoryTrust, ParseError, Position, Reason, Syntax, Unwritable,
    ZeroByte, atomic, private_key,
};

/// A line for each value: its type, and what is shown of it.
macro_rules! lines {
    ($($type:literal: $($value:expr),+;)*) => {
        vec![$($(format!("{}: {:?}", $type, $value)),+),*]
    };
}

const SECRET: &[u8] = b"a secret";

fn key() -> SecretKey {
    let (mut p, mut q) = ([0xff; 128], [0xff; 20]);
    (p[0], q[0]) = (0xf0, 0xf0);
    let public = PublicKey::new(p, q, [2; 128], [3; 128]).unwrap();
    SecretKey::new(public, Secret::from([7; 20])).unwrap()
}

#[test]
fn s_48_debug_of_every_public_type() {
    let shown = [traits_types(), wire_types(), protocol_types(), store_types()].concat().join("\n");
    let expected = include_str!("expected.txt").trim_end();
    assert_eq!(shown, expected, "\n{shown}\n");
}

fn traits_types() -> Vec<String> {
    let (element, exponent) = (Element::generator(), Exponent::from_be_bytes(SECRET).unwrap());
    let q = *key().public().q();
    lines! {
        "Secret": Secret::from([7; 20]);
        "PreparedKey": PreparedKey::from(Secret::from([7; 16]));
        "Element": element;
        "Exponent": exponent;
        "Prepared": Prepared::plain(element.clone());
        "Term": Term { base: Base::Generator, exponent: Power::Secret(&exponent) };
        "Base": Base::Generator, Base::Element(&element), Base::Prepared(&Prepared::plain(element.clone()));
        "Power": Power::Secret(&exponent), Power::Public(&exponent);
        "PublicKey": key().public();
        "SecretKey": key();
        "KeyFault": KeyFault::X;
        "Signature": traits::Signature { r: [1; 20], s: [2; 20] };
        "Digest": Digest::reduce(&[7; 32], &q);
        "Thoroughness": Thoroughness::Orders;
        "Generated": Generated::Not(Progress::tried(3)), Generated::Key(key());
        "Progress": Progress::tried(3);
        "Sieve": Sieve::new(key().public().p(), &q);
        "Purpose": Purpose::DhPrivate, Purpose::Smp(SmpExponent::A2);
        "SmpExponent": SmpExponent::R7;
        "Error": traits::Error::InvalidKey(KeyFault::P), traits::Error::Rng;
        "RustCrypto": RustCrypto;
    }
}

fn wire_types() -> Vec<String> {
    let header =
        Header { version: Version::V3, sender: InstanceTag::new(0x100), receiver: InstanceTag::BASE };
    let commit = DhCommit { encrypted_gx: SECRET.to_vec(), hash: [7; 32] };
    let reveal = RevealSignature { r: [7; 16], encrypted: SECRET.to_vec(), mac: [7; 20] };
    let signature = Signature { encrypted: SECRET.to_vec(), mac: [7; 20] };
    let key = DhKey { gy: Element::generator() };
    let data = Data {
        flags: 1,
        sender_keyid: 2,
        recipient_keyid: 3,
        next_y: SECRET,
        counter: [0, 0, 0, 0, 0, 0, 0, 4],
        encrypted: SECRET,
        authenticated: SECRET,
        mac: [7; 20],
        revealed: &[7; 40],
    };
    let tlv = Tlv { kind: 7, value: SECRET };
    let captured = Message { header, body: Body::Data(Data { next_y: &[2], ..data.clone() }) };
    let captured = Captured::decode(&otr_protocol::wire::armor(&captured.encode())).unwrap();
    lines! {
        "Header": header;
        "Version": Version::V2;
        "Versions": Policy::MANUAL.versions();
        "InstanceTag": InstanceTag::new(0x100);
        "Message": Message { header, body: Body::DhCommit(commit.clone()) };
        "Body": Body::Data(data.clone());
        "DhCommit": commit;
        "DhKey": key;
        "RevealSignature": reveal;
        "Signature": signature;
        "Data": data;
        "Kind": Kind::Data;
        "Text": Text::classify(b"a secret", false), Text::classify(b"?OTR Error: a secret", false),
            Text::Tagged { text: SECRET.to_vec(), versions: Policy::MANUAL.versions() };
        "Plaintext": Plaintext { text: SECRET, tlvs: vec![tlv] };
        "Tlv": tlv;
        "Malformed": Malformed;
        "Reader": Reader::new(SECRET);
        "Writer": secret_bytes(&Element::generator());
        "Fragment": Fragment::parse(b"?OTR,1,2,a secret,").unwrap();
        "Step": Step::Incomplete, Step::Complete(SECRET.to_vec()), Step::TooLong;
        "Captured": captured;
        "NotData": NotData::Malformed;
    }
}

fn protocol_types() -> Vec<String> {
    let (instance, text) = (InstanceTag::new(0x100), SECRET.to_vec());
    let backend = RustCrypto;
    let fingerprint = Fingerprint::from_bytes([0xab; 20]);
    let private = || Exponent::from_be_bytes(&[9; 40]).unwrap();
    let pair = DhPair::from_private(&backend, private()).unwrap();
    let shared = pair.shared_secret(&backend, &Element::generator()).unwrap();
    let ake = AkeKeys::derive(&backend, &shared).unwrap();
    let session_id = ake.session_id;
    let account = Account::new(backend, key(), instance, Config::default()).unwrap();
    let mut known = KnownFingerprints::default();
    known.set(fingerprint, "verified");
    let (version, our_half) = (Version::V3, Half::First);
    let secured = Event::Secured {
        version,
        fingerprint,
        trust: Trust::New,
        session_id,
        our_half,
        own_key: false,
        refreshed: false,
        instance,
    };
    let status = account.session().instances().next().unwrap();
    let asked = SmpEvent::Asked { question: Some(text.clone()) };
    let versions = Policy::MANUAL.versions();
    let extra_key =
        Event::ExtraKey { usage: 1, data: text.clone(), key: Secret::from([7; 32]).into(), instance };
    lines! {
        "Account": account;
        "Session": account.session();
        "Config": Config::default();
        "Policy": Policy::MANUAL;
        "Instant": Instant::from_millis(1500);
        "Id": Id::from("message 7");
        "Fingerprint": fingerprint;
        "ParseFingerprintError": "x".parse::<Fingerprint>().unwrap_err();
        "SessionId": session_id;
        "Half": our_half;
        "Secured": otr_protocol::Secured { version, fingerprint, session_id, our_half };
        "InstanceStatus": status;
        "MessageState": MessageState::Plaintext;
        "AuthStateKind": AuthStateKind::AwaitingSig;
        "Recipient": Recipient::Instance(instance);
        "Trust": Trust::Changed;
        "KnownFingerprints": known;
        "DhPair": pair;
        "AkeKeys": ake;
        "HalfKeys": ake.reveal;
        "DataKeys": DataKeys::derive(&backend, pair.public(), &Element::generator(), &shared).unwrap();
        "PairKeys": PairKeys::derive(&backend, private(), &Element::generator()).unwrap();
        "Output": Output::Idle(Some(Instant::from_millis(1))), Output::Event(Event::Held { text: text.clone() });
        "Outgoing": Outgoing { text: text.clone(), last: true };
        "Event": Event::Downgraded { instance }, Event::Ended { by: EndedBy::Us, instance }, extra_key,
            Event::Heartbeat { direction: Direction::Sent, instance }, Event::Held { text: text.clone() },
            Event::Message { text: text.clone(), instance }, Event::Plaintext { text: text.clone() },
            Event::NotSent { text: text.clone(), reason: NotSentReason::Expired },
            Event::Problem { kind: Problem::Unencrypted, text: Some(text.clone()), instance: Some(instance) },
            Event::QueryReceived { versions }, Event::Resent { text: text.clone(), instance }, secured,
            Event::Smp { event: asked.clone(), instance }, Event::UnknownTlv { kind: 9, value: text, instance },
            Event::WhitespaceTagReceived { versions };
        "SmpEvent": asked, SmpEvent::Asked { question: None }, SmpEvent::Succeeded;
        "NotSentReason": NotSentReason::Failed;
        "Direction": Direction::Received;
        "EndedBy": EndedBy::Peer;
        "Problem": Problem::Unreadable;
        "Error": Error::NotEncrypted, Error::ContainsNul { offset: 1 }, Error::Backend(traits::Error::Rng);
        "SavedAccount": account.save();
        "SavedSession": account.session().save(Instant::default()).session;
        "Saved": account.session().save(Instant::default());
        "SavedError": SavedError::Authentication;
    }
}

fn store_types() -> Vec<String> {
    let whose = Correspondent::new("bob", "alice", "prpl-irc").unwrap();
    let position = Position { line: 1, column: 2 };
    let damage = Damage { position, reason: Reason::Missing("x") };
    let fingerprints =
        Fingerprints::parse(format!("bob\talice\tprpl-irc\t{}\n", "ab".repeat(20)).as_bytes()).unwrap();
    let tags = InstanceTags::parse(b"alice\tprpl-irc\t00000100\na secret\n").unwrap();
    let account = || private_key::Account::new("alice", "prpl-irc", key()).unwrap();
    let keys = || private_key::PrivateKeys { accounts: vec![account()], damaged: vec![damage.clone()] };
    lines! {
        "Account": account();
        "PrivateKeys": keys();
        "Loaded": private_key::Loaded { keys: keys(), exposure: None };
        "Correspondent": whose;
        "Record": fingerprints.records().next().unwrap(), tags.records().next().unwrap();
        "Fingerprints": fingerprints;
        "InstanceTags": tags;
        "MemoryTrust": MemoryTrust::default();
        "FileTrust": FileTrust::new("file");
        "FileTrustError": FileTrustError::Unwritable { path: "file".into(), cause: Unwritable::Trust };
        "Error": otr_store::Error::FileExists { path: "file".into() };
        "ParseError": ParseError::TooLarge;
        "Damage": damage;
        "Position": position;
        "Reason": Reason::NotPrivateKeys;
        "Syntax": Syntax::Base64;
        "ZeroByte": ZeroByte;
        "Unwritable": Unwritable::Name;
        "OtrJsError": OtrJsError::Base64;
    }
}

/// Every type there is stands in the list, unless it cannot be printed.
#[test]
fn s_48_no_public_type_is_forgotten() {
    /// What nothing makes but the system, or a backend that must be built for it.
    const ELSEWHERE: [&str; 3] = ["Exposure", "Lock", "OpenSsl"];
    let listed: BTreeSet<_> = include_str!("expected.txt")
        .lines()
        .filter_map(|line| line.split_once(':'))
        .map(|(name, _)| name)
        .collect();
    let mut seen = 0;
    for name in ["otr-traits", "otr-protocol", "otr-store", "backend-rustcrypto", "backend-openssl"] {
        let mut source = String::new();
        read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(name).join("src"), &mut source);
        let declared = source.lines().filter_map(|line| {
            let rest = line.strip_prefix("pub struct ").or_else(|| line.strip_prefix("pub enum "))?;
            rest.split(|c: char| !c.is_alphanumeric()).next()
        });
        for declared in declared {
            let is_printable =
                |line: &str| line.contains("Debug for ") && line.contains(&format!(" {declared}"));
            let derives = source.match_indices(&format!(" {declared}")).any(|(at, _)| {
                let before = &source[..at];
                let start = before.rfind("\n\n").unwrap_or(0);
                before[start..].contains("Debug")
            });
            if derives || source.lines().any(is_printable) {
                seen += 1;
                assert!(listed.contains(declared) || ELSEWHERE.contains(&declared), "{name}: {declared}");
            }
        }
    }
    assert!(seen > 80, "{seen}");
}

fn read(folder: &Path, source: &mut String) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            read(&path, source);
        } else {
            source.push_str(&fs::read_to_string(path).unwrap());
        }
    }
}

/// Of a file whose content is another one's, with secrets.
#[test]
fn s_48_errors_say_nothing_of_what_is_in_a_file() {
    let path = std::env::temp_dir().join(format!("otr-printed-{}", std::process::id()));
    atomic::create(&path, b"(privkeys (account (name a secret) (#00secret#)))").unwrap();
    let loaded = private_key::load(&path, &RustCrypto).unwrap();
    fs::remove_file(&path).unwrap();
    let damage: Vec<_> = loaded.keys.damaged.iter().map(|damage| format!("{damage} {damage:?}")).collect();
    assert_eq!(damage.len(), 1);
    assert!(!damage[0].contains("secret"), "{damage:?}");
}
