//! `corpus_tlv`: which records libotr finds after the text of a Data message (MSG-30).

use otr_protocol::wire::Plaintext;
use otr_traits::Backend;
use serde::Deserialize;

use crate::hex::Bytes;
use crate::{Case, Unusable, Vectors};

const NAME: &str = "corpus_tlv";

#[derive(Deserialize)]
struct Corpus {
    cases: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    /// What follows the NUL.
    input: Bytes,
    /// Type and value of each record.
    tlvs: Vec<(u16, Bytes)>,
}

pub(crate) fn cases(_: &dyn Backend, vectors: &Vectors) -> Result<Vec<Case>, Unusable> {
    let corpus: Corpus = vectors.corpus(NAME)?;
    let cases = corpus.cases.iter().enumerate().map(|(index, Entry { input, tlvs })| {
        let mut case = Case::new(format!("{NAME}/{index}"));
        let plaintext = [b"text\0", input.0.as_slice()].concat();
        let ours = Plaintext::decode(&plaintext);
        let records = ours.tlvs.iter().map(|tlv| (tlv.kind, Bytes(tlv.value.to_vec())));
        case.equal("records", tlvs, &records.collect());
        case.equal("text", &b"text".as_slice(), &ours.text);
        case
    });
    Ok(cases.collect())
}
