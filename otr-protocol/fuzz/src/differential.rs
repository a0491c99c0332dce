//! Our parsers and libotr's.
//!
//! An input is a text, what stands in a message, the lines of a file, and a script of fragments; both libraries get it.
//!
//! What must hold: both say the same, but where our requirements decide otherwise:
//!
//! * WIRE-13: fragments and messages of version 1 are classes of their own, blanks among the first four characters of base64
//!   do not count, and the first marker in a text is the one that counts;
//! * WIRE-11: base64 that no encoder makes is malformed, and so is armour without its dot;
//! * FILE-11: a last line without its end is a line; a line whose digits are none is damage; lines may be longer;
//! * FILE-20: three fields, of which the last is eight hexadecimal digits and nothing else.
//!
//! Texts end at a zero byte here, because libotr's do.

use std::collections::BTreeSet;
use std::ffi::CString;

use otr_protocol::Instant;
use otr_protocol::fragment::{Fragment, Step};
use otr_protocol::wire::{Kind, Plaintext, Text, dearmor};
use otr_store::fingerprints::Fingerprints;
use otr_store::instance_tags::InstanceTags;

use crate::input::Input;
use crate::libotr::{self, Type};

pub fn run(data: &[u8]) {
    let text = data.split(|byte| *byte == 0).next().unwrap_or_default();
    classes(text);
    armour(text);
    records(data);
    fingerprints(text);
    instance_tags(text);
    fragments(&mut Input::new(data));
}

/// WIRE-13, TAG-01, TAG-12.
fn classes(text: &[u8]) {
    let string = CString::new(text).unwrap();
    let (ours, theirs) = (Text::classify(text, false), libotr::message_type(&string));
    let expected = match &ours {
        Text::Plain => Type::Plain,
        Text::Tagged { .. } => Type::Tagged,
        Text::Query(_) => Type::Query,
        Text::Error(_) => Type::Error,
        // WIRE-13
        Text::UnsupportedVersion => {
            return assert!(matches!(theirs, Type::Version1 | Type::Data | Type::Unknown));
        }
        Text::Fragment(_) | Text::Unknown => Type::Unknown,
        // WIRE-13
        Text::Encoded(..) if theirs == Type::Unknown => return assert!(has_early_blank(text)),
        Text::Encoded(_, Kind::DhCommit) => Type::DhCommit,
        Text::Encoded(_, Kind::DhKey) => Type::DhKey,
        Text::Encoded(_, Kind::RevealSignature) => Type::RevealSignature,
        Text::Encoded(_, Kind::Signature) => Type::Signature,
        Text::Encoded(_, Kind::Data) => Type::Data,
    };
    assert_eq!(theirs, expected, "{ours:?}");
    // All combinations of the versions 2 and 3; version 1 is never allowed.
    for policy in [2, 4, 6] {
        match &ours {
            Text::Query(versions) => {
                assert_eq!(best(versions.numbers(), policy), libotr::query_version(&string, policy));
            }
            Text::Tagged { text: rest, versions } => {
                let (version, from, to) = libotr::tag_version(&string, policy);
                assert_eq!(best(versions.numbers(), policy), version);
                assert_eq!(*rest, [&text[..from], &text[to..]].concat());
            }
            _ => {}
        }
    }
}

/// The best version that is offered and allowed, or 0.
fn best(offered: impl Iterator<Item = u8>, policy: u8) -> u32 {
    offered.filter(|number| policy & 1 << (number - 1) != 0).max().unwrap_or(0).into()
}

fn has_early_blank(text: &[u8]) -> bool {
    let base64 = after(text, b"?OTR:").unwrap_or_default();
    base64.iter().take(4).any(u8::is_ascii_whitespace)
}

fn armour(text: &[u8]) {
    let (ours, theirs) = (dearmor(text).ok(), libotr::dearmor(&CString::new(text).unwrap()));
    // WIRE-11: what an encoder made, and blanks.
    let is_canonical = |bytes: &Vec<u8>| {
        let base64 = after(text, b"?OTR:").unwrap_or_default();
        let Some(end) = base64.iter().position(|byte| *byte == b'.') else { return false };
        let joined = base64[..end].iter().filter(|byte| !b" \t\r\n".contains(byte)).copied();
        joined.eq(data_encoding::BASE64.encode(bytes).into_bytes())
    };
    assert_eq!(ours, theirs.filter(is_canonical));
}

/// MSG-30.
fn records(bytes: &[u8]) {
    let plaintext = [b"text\0", bytes].concat();
    let ours = Plaintext::decode(&plaintext).tlvs;
    let ours: Vec<_> = ours.iter().map(|record| (u32::from(record.kind), record.value.to_vec())).collect();
    assert_eq!(ours, libotr::records(bytes));
}

/// The last trust of each fingerprint (FILE-10 to FILE-12).
fn fingerprints(text: &[u8]) {
    // FILE-11
    let is_common = |line: &&[u8]| {
        let digits = line.split(|byte| *byte == b'\t').nth(3);
        let is_hex =
            digits.is_none_or(|digits| digits.len() != 40 || digits.iter().all(u8::is_ascii_hexdigit));
        is_hex && line.len() < 900 && !line.contains(&b'\r')
    };
    let file = whole_lines(text, is_common);
    let ours = Fingerprints::parse(&file).unwrap();
    let ours: BTreeSet<_> = ours
        .records()
        .map(|record| {
            let is_same = |other: &&otr_store::fingerprints::Record| {
                (&other.whose, other.fingerprint) == (&record.whose, record.fingerprint)
            };
            let trust = ours.records().rfind(is_same).unwrap().trust.clone();
            let whose = &record.whose;
            let fingerprint = record.fingerprint.as_bytes().to_vec();
            [whose.user().to_vec(), whose.account().to_vec(), whose.protocol().to_vec(), fingerprint, trust]
        })
        .collect();
    assert_eq!(ours, libotr::fingerprints(&file).into_iter().collect());
}

/// FILE-20.
fn instance_tags(text: &[u8]) {
    let is_common = |line: &&[u8]| {
        let fields: Vec<_> = line.split(|byte| *byte == b'\t').collect();
        let is_plain = match fields[..] {
            [_, _, digits] => digits.len() == 8 && digits.iter().all(u8::is_ascii_hexdigit),
            _ => fields.len() < 3,
        };
        is_plain && line.len() < 900 && !line.contains(&b'\r')
    };
    let file = whole_lines(text, is_common);
    let ours = InstanceTags::parse(&file).unwrap();
    for record in ours.records() {
        let [account, protocol] =
            [&record.account, &record.protocol].map(|name| CString::new(name.clone()).unwrap());
        let tag = ours.find(&record.account, &record.protocol).unwrap();
        assert_eq!(tag.number(), libotr::instance_tag(&file, &account, &protocol));
    }
}

/// The lines that both read alike, each with its end.
fn whole_lines(text: &[u8], is_common: impl Fn(&&[u8]) -> bool) -> Vec<u8> {
    let lines = text.split(|byte| *byte == b'\n').filter(is_common);
    let mut file: Vec<u8> = lines.flat_map(|line| [line, b"\n"].concat()).collect();
    file.truncate(1 << 16);
    let end = file.iter().rposition(|byte| *byte == b'\n').map_or(0, |last| last + 1);
    file.truncate(end);
    file
}

/// Fragments of one sender (FRAG-11, FRAG-12).
fn fragments(input: &mut Input<'_>) {
    let mut ours = otr_protocol::fragment::Reassembler::default();
    let mut theirs = libotr::Reassembler::new();
    let start = if input.flag() { "?OTR" } else { "?OTR|100|101" };
    for _ in 0..20 {
        if input.is_empty() {
            return;
        }
        let (index, count) = (input.byte() % 8, input.byte() % 8);
        // WIRE-13: no second marker.
        let piece: Vec<u8> = input.bytes().iter().copied().filter(|byte| !b",\0?".contains(byte)).collect();
        let text = [format!("{start},{index},{count},").as_bytes(), &piece, b","].concat();
        let ours =
            Fragment::parse(&text).map(|fragment| ours.accept(Instant::default(), &fragment, usize::MAX));
        let ours = match ours {
            Some(Step::Complete(message)) => Some(message),
            _ => None,
        };
        assert_eq!(ours, theirs.accept(&CString::new(text).unwrap()));
    }
}

/// What follows the first `marker`.
fn after<'a>(text: &'a [u8], marker: &[u8]) -> Option<&'a [u8]> {
    let at = text.windows(marker.len()).position(|window| window == marker)?;
    text.get(at + marker.len()..)
}
