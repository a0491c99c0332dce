//! `corpus_files`: what libotr reads from its own files (FILE-03, FILE-11, FILE-20).

mod lines;

use otr_protocol::Fingerprint;
use otr_store::private_key::{self, PrivateKeys};
use otr_store::{ParseError, Reason};
use otr_traits::Backend;
use serde::Deserialize;

use crate::hex::Bytes;
use crate::{Case, Deviation, Unusable, Vectors};

const NAME: &str = "corpus_files";
const FILE_03: Deviation = Deviation { id: "FILE-03", what: "a private key without x is refused" };
const FILE_04: Deviation =
    Deviation { id: "FILE-04", what: "an account that is whole is read, whatever follows it" };

#[derive(Deserialize)]
struct Corpus {
    #[serde(default)]
    private_key: Vec<PrivateKeyFile>,
    #[serde(default)]
    fingerprints: Vec<lines::FingerprintFile>,
    #[serde(default)]
    instance_tags: Vec<lines::InstanceTagFile>,
}

#[derive(Deserialize)]
struct PrivateKeyFile {
    name: String,
    file_hex: Bytes,
    /// 0, or why libotr refuses the file.
    err: u32,
    /// Account, protocol and fingerprint of each key that libotr finds.
    keys: Vec<(String, String, Bytes)>,
}

pub(crate) fn cases(backend: &dyn Backend, vectors: &Vectors) -> Result<Vec<Case>, Unusable> {
    let corpus: Corpus = vectors.corpus(NAME)?;
    let mut cases: Vec<_> =
        corpus.private_key.iter().map(|file| judge(backend, file)).collect::<Result<_, _>>()?;
    cases.extend(corpus.fingerprints.iter().map(lines::fingerprints));
    cases.extend(corpus.instance_tags.iter().map(lines::instance_tags));
    Ok(cases)
}

fn judge(backend: &dyn Backend, file: &PrivateKeyFile) -> Result<Case, Unusable> {
    let mut case = Case::new(format!("{NAME}/private_key/{}", file.name));
    let (ours, damage) = match private_key::parse(&file.file_hex.0, backend) {
        Ok(PrivateKeys { accounts, damaged }) => (accounts, damaged),
        Err(ParseError::Damaged(damage)) => (Vec::new(), vec![damage]),
        Err(error) => {
            case.fail(None, "file", "keys, or what is wrong with it", error.to_string());
            return Ok(case);
        }
    };
    let mut got = Vec::new();
    for account in &ours {
        let fingerprint = Fingerprint::of(account.key().public(), backend);
        let fingerprint = fingerprint.map_err(|error| Unusable::new(NAME, error))?;
        let names = [account.name(), account.protocol()].map(|name| name.escape_ascii().to_string());
        got.push((names, fingerprint.to_hex()));
    }
    // libotr's list begins with the key that stands last in the file.
    let expected = file.keys.iter().rev().map(|(account, protocol, fingerprint)| {
        let names = [account, protocol].map(|name| name.as_bytes().escape_ascii().to_string());
        (names, data_encoding::HEXLOWER.encode(&fingerprint.0))
    });
    let expected = expected.collect::<Vec<_>>();

    let lacks_x = damage.iter().any(|damage| damage.reason == Reason::Missing("x"));
    if lacks_x && got.is_empty() && !expected.is_empty() {
        case.deviates(FILE_03);
    } else if file.err != 0 && !damage.is_empty() && !got.is_empty() {
        case.deviates(FILE_04);
    } else {
        case.equal("keys", &expected, &got);
        case.equal("something is wrong with the file", &true, &(file.err == 0 || !damage.is_empty()));
    }
    Ok(case)
}
