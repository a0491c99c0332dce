//! Single operations of a backend: each against values that somebody else computed (`vectors/primitives`), and
//! what no vector can say (signatures, keys and random bytes of its own) against what must hold of it.
//!
//! The vectors are part of this crate; a set of vectors that somebody brings along does not change them.

mod aes_ctr;
mod dsa;
mod hash;
mod modexp;
mod rng;

use serde::Deserialize;
use serde::de::DeserializeOwned;

pub(crate) use aes_ctr::cases as aes_ctr;
pub(crate) use dsa::cases as dsa;
pub(crate) use hash::cases as hash;
pub(crate) use modexp::cases as modexp;
pub(crate) use rng::cases as rng;

use crate::hex::{Bytes, show};
use crate::{Case, Unusable};

/// The files of `vectors/primitives` with these names, each with its JSON.
macro_rules! files {
    ($($name:literal),+) => {
        [$((
            $name,
            include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/vectors/primitives/", $name, ".json")),
        )),+]
    };
}
use files;

/// A file with one list of cases.
#[derive(Deserialize)]
struct List<T> {
    cases: Vec<T>,
}

fn parse<T: DeserializeOwned>((name, json): (&str, &str)) -> Result<T, Unusable> {
    serde_json::from_str(json).map_err(|error| Unusable::new(name, error))
}

/// The bytes as an array; a vector of another length cannot be used.
fn array<const N: usize>(bytes: &Bytes) -> Result<[u8; N], Unusable> {
    let unusable = |_| Unusable::new("vectors/primitives", format!("{} is not {N} bytes", show(&bytes.0)));
    bytes.0.as_slice().try_into().map_err(unusable)
}

/// Notes a failure unless an operation succeeded with these bytes.
fn gives<T: AsRef<[u8]>>(case: &mut Case, what: &str, expected: &[u8], got: otr_traits::Result<T>) {
    match got {
        Ok(bytes) => case.bytes(what, expected, bytes.as_ref()),
        Err(error) => case.fail(None, what, show(expected), error.to_string()),
    }
}

#[cfg(test)]
#[cfg(feature = "rustcrypto")]
mod tests {
    use std::collections::BTreeSet;

    use otr_backend_rustcrypto::RustCrypto;

    use crate::{Case, Vectors};

    /// The beginnings of the names of the cases that fail.
    pub(super) fn failed(cases: &[Case]) -> Vec<&str> {
        cases.iter().filter(|case| !case.failures.is_empty()).map(|case| case.id.as_str()).collect()
    }

    #[test]
    fn every_case_has_a_name_of_its_own_and_a_sound_backend_passes() {
        let mut names = BTreeSet::new();
        let groups = [super::hash, super::aes_ctr, super::modexp, super::dsa, super::rng];
        for cases in groups {
            let cases = cases(&RustCrypto, &Vectors::default()).unwrap();
            assert!(cases.len() > 4);
            assert_eq!(failed(&cases), [""; 0]);
            for case in cases {
                assert!(names.insert(case.id.clone()), "{} twice", case.id);
            }
        }
    }
}
