//! `corpus_classify`: which kind of text libotr takes a text for (WIRE-13, TAG-01, TAG-12).

use std::collections::BTreeMap;

use otr_protocol::wire::{Header, Kind, Reader, Text, Version, Versions, dearmor};
use otr_traits::Backend;
use serde::Deserialize;

use crate::hex::Bytes;
use crate::{Case, Deviation, Unusable, Vectors};

const NAME: &str = "corpus_classify";
const WIRE_13: Deviation =
    Deviation { id: "WIRE-13", what: "fragments and version 1 are classes of their own" };

#[derive(Deserialize)]
struct Corpus {
    cases: Vec<Entry>,
}

/// libotr's answers for one text. Its `data_flags` are left aside: it gives them only where we refuse the text,
/// for version 1 and for what is no base64.
#[derive(Deserialize)]
struct Entry {
    input_hex: Bytes,
    #[serde(rename = "type")]
    kind: String,
    version: u8,
    /// Sender and receiver, of a header of version 3 that can be read.
    instance: Option<[u32; 2]>,
    /// Where the tag stands: from, to.
    whitespace_span: Option<[usize; 2]>,
    /// By the policy's bits: 1, 2 and 4 for the versions allowed.
    best_query_version: BTreeMap<String, u8>,
    best_whitespace_version: BTreeMap<String, u8>,
}

pub(crate) fn cases(_: &dyn Backend, vectors: &Vectors) -> Result<Vec<Case>, Unusable> {
    let corpus: Corpus = vectors.corpus(NAME)?;
    corpus.cases.iter().enumerate().map(|(index, entry)| judge(index, entry)).collect()
}

fn judge(index: usize, entry: &Entry) -> Result<Case, Unusable> {
    let mut case = Case::new(format!("{NAME}/{index}"));
    let text = entry.input_hex.0.as_slice();
    let ours = Text::classify(text, false);
    let class = class(&ours);
    let expected =
        expected(entry).ok_or_else(|| Unusable::new(NAME, format!("unknown type {:?}", entry.kind)))?;
    if class != entry.kind && class == expected {
        case.deviates(WIRE_13);
    }
    case.equal(&format!("class of {:?}", String::from_utf8_lossy(text)), &expected, &class);
    match (&ours, entry.whitespace_span) {
        (Text::Query(versions), _) => offers(&mut case, *versions, &entry.best_query_version),
        (Text::Tagged { text: rest, versions }, Some([from, to])) => {
            offers(&mut case, *versions, &entry.best_whitespace_version);
            let without = [text.get(..from).unwrap_or_default(), text.get(to..).unwrap_or_default()].concat();
            case.equal("text without the tag", &without, rest);
        }
        _ => {}
    }
    case.equal("instance tags", &entry.instance, &instance(text));
    Ok(case)
}

/// Our class of the text, by libotr's names and with a few of our own.
fn class(text: &Text<'_>) -> &'static str {
    match text {
        Text::Plain => "NOTOTR",
        Text::Tagged { .. } => "TAGGEDPLAINTEXT",
        Text::Query(_) => "QUERY",
        Text::Error(_) => "ERROR",
        Text::Encoded(_, Kind::DhCommit) => "DH_COMMIT",
        Text::Encoded(_, Kind::DhKey) => "DH_KEY",
        Text::Encoded(_, Kind::RevealSignature) => "REVEALSIG",
        Text::Encoded(_, Kind::Signature) => "SIGNATURE",
        Text::Encoded(_, Kind::Data) => "DATA",
        Text::Fragment(Version::V2) => "fragment of version 2",
        Text::Fragment(Version::V3) => "fragment of version 3",
        Text::UnsupportedVersion => "version 1",
        Text::Unknown => "UNKNOWN",
    }
}

/// libotr's answer, except that it takes a fragment for UNKNOWN, because it has looked for those before, and that
/// it knows messages of version 1.
fn expected(entry: &Entry) -> Option<&'static str> {
    let known = [
        "NOTOTR",
        "TAGGEDPLAINTEXT",
        "QUERY",
        "ERROR",
        "DH_COMMIT",
        "DH_KEY",
        "REVEALSIG",
        "SIGNATURE",
        "DATA",
    ];
    let after = entry.input_hex.0.windows(5).find_map(|window| window.strip_prefix(b"?OTR"));
    match (entry.kind.as_str(), entry.version, after) {
        (_, 1, _) => Some("version 1"),
        ("UNKNOWN", _, Some(b",")) => Some("fragment of version 2"),
        ("UNKNOWN", _, Some(b"|")) => Some("fragment of version 3"),
        ("UNKNOWN", ..) => Some("UNKNOWN"),
        (kind, ..) => known.into_iter().find(|known| *known == kind),
    }
}

/// Compares the best version for each policy: the highest that is offered and allowed, or 0.
fn offers(case: &mut Case, versions: Versions, best: &BTreeMap<String, u8>) {
    for (policy, expected) in best {
        let bits: u8 = policy.parse().unwrap_or_default();
        let allowed = versions.numbers().filter(|number| bits & 1 << (number - 1) != 0);
        case.equal(&format!("best version with policy {policy}"), expected, &allowed.max().unwrap_or(0));
    }
}

fn instance(text: &[u8]) -> Option<[u32; 2]> {
    let bytes = dearmor(text).ok()?;
    let (header, _) = Header::decode(&mut Reader::new(&bytes)).ok()?;
    (header.version == Version::V3).then_some([header.sender.number(), header.receiver.number()])
}
