//! `corpus_base64`: what libotr makes of base64, and the little of it that we accept (WIRE-11, WIRE-12).

use data_encoding::BASE64;
use otr_protocol::wire::dearmor;
use otr_traits::Backend;
use serde::Deserialize;

use crate::hex::{Bytes, show};
use crate::{Case, Deviation, Unusable, Vectors};

const NAME: &str = "corpus_base64";
const WIRE_11: Deviation = Deviation { id: "WIRE-11", what: "base64 that no encoder makes is malformed" };

#[derive(Deserialize)]
struct Corpus {
    raw: Vec<Raw>,
    armored: Vec<Armored>,
}

/// Base64 without armour.
#[derive(Deserialize)]
struct Raw {
    input_hex: Bytes,
    decoded: Bytes,
}

/// A text, and what libotr found in it if anything.
#[derive(Deserialize)]
struct Armored {
    input: String,
    decoded: Option<Bytes>,
}

pub(crate) fn cases(_: &dyn Backend, vectors: &Vectors) -> Result<Vec<Case>, Unusable> {
    let corpus: Corpus = vectors.corpus(NAME)?;
    let raw = corpus.raw.iter().enumerate().map(|(index, case)| {
        let text = [b"?OTR:", case.input_hex.0.as_slice(), b"."].concat();
        judge(format!("{NAME}/raw/{index}"), &text, Some(&case.decoded.0))
    });
    let armored = corpus.armored.iter().enumerate().map(|(index, case)| {
        let decoded = case.decoded.as_ref().map(|bytes| bytes.0.as_slice());
        judge(format!("{NAME}/armored/{index}"), case.input.as_bytes(), decoded)
    });
    Ok(raw.chain(armored).collect())
}

fn judge(id: String, text: &[u8], libotr: Option<&[u8]>) -> Case {
    let mut case = Case::new(id);
    let ours = dearmor(text).ok();
    // libotr skips what it does not know and drops what is left over. We accept what an encoder makes, blanks aside.
    let expected = libotr.filter(|decoded| is_canonical(text, decoded));
    if ours.as_deref() != expected {
        let shown = |bytes: Option<&[u8]>| bytes.map_or("malformed".to_owned(), show);
        let what = String::from_utf8_lossy(text).into_owned();
        case.fail(None, what, shown(expected), shown(ours.as_deref()));
    }
    if expected.is_none() && libotr.is_some() {
        case.deviates(WIRE_11);
    }
    case
}

fn is_canonical(text: &[u8], decoded: &[u8]) -> bool {
    let is_blank = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\r' | b'\n');
    let Some(start) = text.windows(5).position(|window| window == b"?OTR:") else { return false };
    let base64 = text.iter().skip(start + 5).take_while(|byte| **byte != b'.').filter(|byte| !is_blank(byte));
    base64.copied().eq(BASE64.encode(decoded).into_bytes())
}
