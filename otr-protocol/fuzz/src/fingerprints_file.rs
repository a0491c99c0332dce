//! Files of records, a line each: libotr's `otr.fingerprints` and `otr.instance_tags`.
//!
//! An input is such a file, and after its last line names and a trust that are written to it.
//!
//! What must hold (FILE-10 … FILE-13, FILE-20, FILE-32, S-19):
//!
//! * the records are those that a plain reading of the rules finds, and every other line is damage, empty or a remark;
//! * a file that was read and written is the same when it is read and written again, and has the same records;
//! * what is written is found again, and what is forgotten is not.

use data_encoding::HEXLOWER_PERMISSIVE;
use otr_protocol::{Fingerprint, InstanceTag};
use otr_store::fingerprints::{Correspondent, Fingerprints};
use otr_store::instance_tags::InstanceTags;

pub fn run(data: &[u8]) {
    fingerprints(data);
    instance_tags(data);
}

fn fingerprints(data: &[u8]) {
    let mut file = Fingerprints::parse(data).unwrap();
    let expected: Vec<_> = lines(data).filter_map(fingerprint).collect();
    let records = |file: &Fingerprints| {
        let fields = file.records().map(|record| {
            let whose = [record.whose.user(), record.whose.account(), record.whose.protocol()];
            (whose.map(<[u8]>::to_vec), record.fingerprint, record.trust.clone())
        });
        fields.collect::<Vec<_>>()
    };
    assert_eq!(records(&file), expected);
    let others = lines(data).filter(|line| fingerprint(line).is_none()).filter(|line| !is_remark(line));
    assert_eq!(file.damaged().len(), others.count());
    let printed = file.print();
    let again = Fingerprints::parse(&printed).unwrap();
    assert_eq!(records(&again), expected);
    assert_eq!(again.print(), printed);

    let [user, account, protocol, trust] = names(data);
    let new = Fingerprint::from_bytes([0xab; 20]);
    let Ok(whose) = Correspondent::new(user, account, protocol) else { return };
    if file.set(&whose, new, trust).is_ok() {
        let mut again = Fingerprints::parse(&file.print()).unwrap();
        assert_eq!(again.known(&whose).get(&new), Some(&*String::from_utf8_lossy(trust)));
        assert!(again.forget(&whose, &new) && !again.forget(&whose, &new));
        assert_eq!(again.known(&whose).get(&new), None);
    }
}

fn instance_tags(data: &[u8]) {
    let mut file = InstanceTags::parse(data).unwrap();
    let expected: Vec<_> = lines(data).filter_map(instance_tag).collect();
    let records = |file: &InstanceTags| {
        let fields =
            file.records().map(|record| (record.account.clone(), record.protocol.clone(), record.tag));
        fields.collect::<Vec<_>>()
    };
    assert_eq!(records(&file), expected);
    let others = lines(data).filter(|line| instance_tag(line).is_none()).filter(|line| !is_remark(line));
    assert_eq!(file.damaged().len(), others.count());
    let printed = file.print();
    let again = InstanceTags::parse(&printed).unwrap();
    assert_eq!(records(&again), expected);
    assert_eq!(again.print(), printed);

    let [account, protocol, ..] = names(data);
    let new = InstanceTag::new(0x5a73_a599);
    if file.set(account, protocol, new).is_ok() {
        assert_eq!(InstanceTags::parse(&file.print()).unwrap().find(account, protocol), Some(new));
    }
}

/// Without their ends; what follows the last end is a line too, unless it is empty.
fn lines(file: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut lines: Vec<_> = file.split(|byte| *byte == b'\n').collect();
    lines.pop_if(|last| last.is_empty());
    lines.into_iter().map(|mut line| {
        while let Some(shorter) = line.strip_suffix(b"\r") {
            line = shorter;
        }
        line
    })
}

fn is_remark(line: &[u8]) -> bool {
    line.is_empty() || line.starts_with(b"#")
}

/// FILE-10, FILE-11.
fn fingerprint(line: &[u8]) -> Option<([Vec<u8>; 3], Fingerprint, Vec<u8>)> {
    let mut fields = line.split(|byte| *byte == b'\t');
    let whose = [fields.next()?, fields.next()?, fields.next()?].map(<[u8]>::to_vec);
    let digits = HEXLOWER_PERMISSIVE.decode(fields.next()?).ok()?.try_into().ok()?;
    let trust = fields.collect::<Vec<_>>().join(&b'\t');
    let is_name = |name: &Vec<u8>| !name.iter().any(|byte| b"\r\0".contains(byte));
    whose.iter().all(is_name).then(|| (whose, Fingerprint::from_bytes(digits), trust))
}

/// FILE-20.
fn instance_tag(line: &[u8]) -> Option<(Vec<u8>, Vec<u8>, InstanceTag)> {
    let fields: Vec<_> = line.split(|byte| *byte == b'\t').collect();
    let [account, protocol, digits] = fields.as_slice() else { return None };
    let is_name = |name: &[u8]| !name.iter().any(|byte| b"\r\0".contains(byte));
    let bytes: [u8; 4] = HEXLOWER_PERMISSIVE.decode(digits).ok()?.try_into().ok()?;
    let tag = u32::from_be_bytes(bytes);
    let fits = tag >= 0x100 && is_name(account) && is_name(protocol) && !is_remark(line);
    fits.then(|| (account.to_vec(), protocol.to_vec(), InstanceTag::new(tag)))
}

/// What stands in the last line, in four parts.
fn names(data: &[u8]) -> [&[u8]; 4] {
    let last = data.rsplit(|byte| *byte == b'\n').next().unwrap_or_default();
    let mut parts = last.chunks(last.len().div_ceil(4).max(1));
    core::array::from_fn(|_| parts.next().unwrap_or_default())
}
