//! Files of lines: fingerprints and instance tags.

use std::collections::BTreeSet;

use otr_store::Reason;
use otr_store::fingerprints::Fingerprints;
use otr_store::instance_tags::InstanceTags;
use serde::Deserialize;

use super::NAME;
use crate::hex::Bytes;
use crate::{Case, Deviation};

const LAST_LINE: Deviation = Deviation { id: "FILE-11", what: "a last line without its end is read" };
const DIGITS: Deviation = Deviation { id: "FILE-11", what: "digits that are none are not taken for zeros" };
const LONG_LINE: Deviation = Deviation { id: "FILE-11", what: "a line may be longer than 999 bytes" };
const PREFIX: Deviation = Deviation { id: "FILE-20", what: "0x and six digits are no instance tag" };

#[derive(Deserialize)]
pub(super) struct FingerprintFile {
    name: String,
    file_hex: Bytes,
    /// User, fingerprint and trust.
    result: Vec<(String, String, String)>,
    written_back_hex: Bytes,
}

#[derive(Deserialize)]
pub(super) struct InstanceTagFile {
    name: String,
    file_hex: Bytes,
    /// Account, protocol and tag; 0 where libotr finds none.
    result: Vec<(String, String, u32)>,
}

/// Fingerprints by user, each with the trust that counts, and what libotr writes of them.
pub(super) fn fingerprints(file: &FingerprintFile) -> Case {
    let mut case = Case::new(format!("{NAME}/fingerprints/{}", file.name));
    let text = &file.file_hex.0;
    let Some(ours) = read_fingerprints(&mut case, text) else { return case };
    let theirs: BTreeSet<_> = file.result.iter().cloned().collect();
    let known: BTreeSet<_> = records(&ours);
    if known == theirs {
        if ours.damaged().is_empty() && ours.records().count() == theirs.len() {
            let lines = |text: &[u8]| -> BTreeSet<_> {
                let lines = text.split(|byte| *byte == b'\n').filter(|line| !line.starts_with(b"#"));
                lines.map(|line| line.escape_ascii().to_string()).collect()
            };
            case.equal("lines written", &lines(&file.written_back_hex.0), &lines(&ours.print()));
        }
        return case;
    }
    let bad_digits =
        ours.damaged().iter().filter(|damage| damage.reason == Reason::FingerprintDigits).count();
    let is_long = text.split(|byte| *byte == b'\n').any(|line| line.len() >= 999);
    let without_last_line = read_fingerprints(&mut case, whole_lines(text)).map(|ours| records(&ours));
    if without_last_line.as_ref() == Some(&theirs) {
        case.deviates(LAST_LINE);
    } else if bad_digits > 0 && theirs.is_superset(&known) && theirs.len() - known.len() <= bad_digits {
        case.deviates(DIGITS);
    } else if is_long && theirs.iter().all(|theirs| known.iter().any(|ours| is_its_end(theirs, ours))) {
        case.deviates(LONG_LINE);
    } else {
        case.equal("fingerprints", &theirs, &known);
    }
    case
}

/// Tags by account and protocol, all that the file names.
pub(super) fn instance_tags(file: &InstanceTagFile) -> Case {
    let mut case = Case::new(format!("{NAME}/instance_tags/{}", file.name));
    let text = &file.file_hex.0;
    let theirs: BTreeSet<_> = file.result.iter().filter(|(_, _, tag)| *tag != 0).cloned().collect();
    let Some(ours) = read_instance_tags(&mut case, text) else { return case };
    if ours == theirs {
        return case;
    }
    let has_prefix = text
        .split(|byte| *byte == b'\n')
        .any(|line| line.split(|byte| *byte == b'\t').nth(2).is_some_and(|digits| digits.starts_with(b"0x")));
    if read_instance_tags(&mut case, whole_lines(text)).as_ref() == Some(&theirs) {
        case.deviates(LAST_LINE);
    } else if has_prefix && theirs.is_superset(&ours) {
        case.deviates(PREFIX);
    } else {
        case.equal("instance tags", &theirs, &ours);
    }
    case
}

fn read_fingerprints(case: &mut Case, text: &[u8]) -> Option<Fingerprints> {
    let read = Fingerprints::parse(text);
    read.map_err(|error| case.fail(None, "file", "fingerprints", error.to_string())).ok()
}

fn read_instance_tags(case: &mut Case, text: &[u8]) -> Option<BTreeSet<(String, String, u32)>> {
    let read = InstanceTags::parse(text);
    let read = read.map_err(|error| case.fail(None, "file", "instance tags", error.to_string())).ok()?;
    let name = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let records = read.records();
    Some(records.map(|record| (name(&record.account), name(&record.protocol), record.tag.number())).collect())
}

/// User, fingerprint and trust: of several lines about one fingerprint, the last.
fn records(read: &Fingerprints) -> BTreeSet<(String, String, String)> {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let known = read.records().map(|record| {
        let known = read.known(&record.whose);
        let trust = known.get(&record.fingerprint).unwrap_or_default().to_owned();
        (text(record.whose.user()), record.fingerprint.to_hex(), trust)
    });
    known.collect()
}

/// libotr cuts a long line, and takes the rest of it for another.
fn is_its_end(theirs: &(String, String, String), ours: &(String, String, String)) -> bool {
    ours.0.ends_with(&theirs.0) && (&ours.1, &ours.2) == (&theirs.1, &theirs.2)
}

/// All lines but a last one without its end.
fn whole_lines(text: &[u8]) -> &[u8] {
    let end = text.iter().rposition(|byte| *byte == b'\n').map_or(0, |last| last + 1);
    text.get(..end).unwrap_or_default()
}
