//! SHA-1, SHA-256 and their HMACs.

use otr_traits::{Backend, PreparedKey, Secret};
use serde::Deserialize;

use super::{List, files, gives, parse};
use crate::hex::Bytes;
use crate::{Case, Unusable, Vectors};

#[derive(Deserialize)]
struct Vector {
    function: String,
    name: String,
    #[serde(default)]
    key: Bytes,
    parts: Vec<Bytes>,
    /// How often the parts follow one another.
    #[serde(default = "once")]
    repeat: usize,
    out: Bytes,
}

fn once() -> usize {
    1
}

/// NIST's and Wycheproof's cases, those of RFC 2202 and RFC 4231, and edges of blocks, parts and keys.
pub(crate) fn cases(backend: &dyn Backend, _: &Vectors) -> Result<Vec<Case>, Unusable> {
    let mut cases = Vec::new();
    for file in files!["imported_hash", "generated_hash"] {
        for vector in parse::<List<Vector>>(file)?.cases {
            cases.push(try_vector(backend, &vector)?);
        }
    }
    cases.push(in_turn(backend));
    Ok(cases)
}

/// Messages one after another under one prepared key, as those of a session are: of several lengths, with the same
/// beginning, and with one that differs in its first, in a middle or in its last byte, whole or in parts.
fn in_turn(backend: &dyn Backend) -> Case {
    let mut case = Case::new("hash/hmac_sha1/messages-in-turn".to_owned());
    let key = [0x6b; 20];
    let mut prepared = PreparedKey::from(Secret::from(key));
    for length in [330usize, 330, 400, 64, 128, 191, 192, 193, 256, 0] {
        for changed in [None, Some(0), Some(100), length.checked_sub(1), None] {
            let mut message: Vec<u8> = (0u8..=255).cycle().take(length).collect();
            if let Some(byte) = changed.and_then(|at| message.get_mut(at)) {
                *byte ^= 0x80;
            }
            let (first, rest) = message.split_at(length / 2);
            for parts in [&[&*message] as &[&[u8]], &[&message, b"", first], &[first, rest]] {
                let (mut expected, mut got) = ([0; 20], [0; 20]);
                let outcome = backend
                    .hmac_sha1(&key, parts, &mut expected)
                    .and_then(|()| backend.hmac_sha1_prepared(&mut prepared, parts, &mut got))
                    .map(|()| got);
                let what = format!(
                    "{length} bytes in {} parts, byte {changed:?} changed, key prepared",
                    parts.len()
                );
                gives(&mut case, &what, &expected, outcome);
            }
        }
    }
    case
}

fn try_vector(backend: &dyn Backend, vector: &Vector) -> Result<Case, Unusable> {
    let Vector { function, name, key, parts, repeat, out } = vector;
    let parts: Vec<&[u8]> = parts.iter().map(|part| part.0.as_slice()).collect();
    let parts = parts.repeat(*repeat);
    let (mut short, mut long) = ([0; 20], [0; 32]);
    let got = match function.as_str() {
        "sha1" => backend.sha1(&parts, &mut short).map(|()| short.as_slice()),
        "sha256" => backend.sha256(&parts, &mut long).map(|()| long.as_slice()),
        "hmac_sha1" => backend.hmac_sha1(&key.0, &parts, &mut short).map(|()| short.as_slice()),
        "hmac_sha256" => backend.hmac_sha256(&key.0, &parts, &mut long).map(|()| long.as_slice()),
        other => return Err(Unusable::new("vectors/primitives", format!("unknown function {other:?}"))),
    };
    let mut case = Case::new(format!("hash/{function}/{name}"));
    gives(&mut case, function, &out.0, got);
    if let ("hmac_sha1", Some(key)) = (function.as_str(), Secret::from_slice(&key.0)) {
        let mut prepared = PreparedKey::from(key);
        // Twice, and something else between: what is kept with the key depends on the key only.
        for use_of_it in ["first", "later"] {
            let got = backend.hmac_sha1_prepared(&mut prepared, &parts, &mut short).map(|()| short);
            gives(&mut case, &format!("{function}, key prepared, {use_of_it} use"), &out.0, got);
            let _ = backend.hmac_sha1_prepared(&mut prepared, &[b"something else"], &mut short);
        }
    }
    Ok(case)
}

#[cfg(test)]
#[cfg(feature = "rustcrypto")]
mod tests {
    use otr_backend_rustcrypto::RustCrypto;
    use otr_traits::{Hash, Result, delegate};

    use super::super::tests::failed;
    use super::*;

    /// Cuts a long key instead of hashing it, and passes over all parts after the first empty one.
    struct Careless;

    impl Hash for Careless {
        fn sha1(&self, parts: &[&[u8]], out: &mut [u8; 20]) -> Result<()> {
            RustCrypto.sha1(parts, out)
        }
        fn sha256(&self, parts: &[&[u8]], out: &mut [u8; 32]) -> Result<()> {
            RustCrypto.sha256(parts.split(|part| part.is_empty()).next().unwrap(), out)
        }
        fn hmac_sha1(&self, key: &[u8], parts: &[&[u8]], out: &mut [u8; 20]) -> Result<()> {
            RustCrypto.hmac_sha1(&key[..key.len().min(64)], parts, out)
        }
        fn hmac_sha256(&self, key: &[u8], parts: &[&[u8]], out: &mut [u8; 32]) -> Result<()> {
            RustCrypto.hmac_sha256(key, parts, out)
        }
    }
    delegate! { impl[] ModExp, Dsa, AesCtr, Rng, Backend for Careless => |self| RustCrypto }

    /// Right in all but the HMAC with a prepared key, which is made of a message by its own way of keeping things.
    struct Keeping(fn(kept: &mut Vec<u8>, message: Vec<u8>));

    impl Hash for Keeping {
        fn sha1(&self, parts: &[&[u8]], out: &mut [u8; 20]) -> Result<()> {
            RustCrypto.sha1(parts, out)
        }
        fn sha256(&self, parts: &[&[u8]], out: &mut [u8; 32]) -> Result<()> {
            RustCrypto.sha256(parts, out)
        }
        fn hmac_sha1(&self, key: &[u8], parts: &[&[u8]], out: &mut [u8; 20]) -> Result<()> {
            RustCrypto.hmac_sha1(key, parts, out)
        }
        fn hmac_sha1_prepared(
            &self,
            key: &mut PreparedKey<20>,
            parts: &[&[u8]],
            out: &mut [u8; 20],
        ) -> Result<()> {
            let key_itself = key.key().duplicate();
            let make = |_: &Secret<20>| Ok(Vec::new());
            key.with_kept(make, |kept| {
                self.0(kept, parts.concat());
                RustCrypto.hmac_sha1(key_itself.expose(), &[kept], out)
            })
        }
        fn hmac_sha256(&self, key: &[u8], parts: &[&[u8]], out: &mut [u8; 32]) -> Result<()> {
            RustCrypto.hmac_sha256(key, parts, out)
        }
    }
    delegate! { impl[] ModExp, Dsa, AesCtr, Rng, Backend for Keeping => |self| RustCrypto }

    #[test]
    fn a_message_kept_with_a_key_is_caught() {
        let accumulating = Keeping(|kept, message| kept.extend(message));
        let cases = cases(&accumulating, &Vectors::default()).unwrap();
        let failed = failed(&cases);
        assert!(
            !failed.is_empty() && failed.iter().all(|id| id.starts_with("hash/hmac_sha1/")),
            "{failed:?}"
        );
    }

    #[test]
    fn a_beginning_that_is_taken_for_the_last_one_is_caught() {
        // Messages of one length count as the same if their first 64 bytes are.
        let hasty = Keeping(|kept, message| {
            if kept.len() != message.len() || kept.iter().take(64).ne(message.iter().take(64)) {
                *kept = message;
            }
        });
        let cases = cases(&hasty, &Vectors::default()).unwrap();
        assert_eq!(failed(&cases), ["hash/hmac_sha1/messages-in-turn"]);
    }

    #[test]
    fn a_cut_key_and_a_lost_part_are_caught_and_nothing_else_fails() {
        let cases = cases(&Careless, &Vectors::default()).unwrap();
        let failed = failed(&cases);
        for id in ["hash/hmac_sha1/key-65", "hash/sha256/empty-first", "hash/sha256/empty-between"] {
            assert!(failed.contains(&id), "{failed:?}");
        }
        assert!(!failed.iter().any(|id| id.starts_with("hash/sha1/") || id.starts_with("hash/hmac_sha256/")));
        assert!(!failed.contains(&"hash/hmac_sha1/key-64"));
    }
}
