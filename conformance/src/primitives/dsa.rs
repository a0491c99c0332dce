//! DSA: signatures of others, keys sound and unsound, and signatures and keys of the backend's own.

mod order;
mod own;

use std::collections::BTreeMap;

use otr_traits::{Backend, Digest, Error, KeyFault, PublicKey, Secret, SecretKey, Signature, Thoroughness};
use serde::Deserialize;

use super::{array, files, parse};
use crate::hex::Bytes;
use crate::{Case, Unusable, Vectors};

#[derive(Deserialize)]
struct File {
    domains: BTreeMap<String, Domain>,
    reduce: Vec<Reduction>,
    verify: Vec<Verification>,
    validate: Vec<Validation>,
    pairs: Vec<Pair>,
}

#[derive(Deserialize)]
struct Domain {
    p: Bytes,
    q: Bytes,
    g: Bytes,
}

/// A MAC and the digest it is.
#[derive(Deserialize)]
struct Reduction {
    name: String,
    domain: String,
    m: Bytes,
    z: Bytes,
}

/// A signature over a MAC.
#[derive(Deserialize)]
struct Verification {
    name: String,
    domain: String,
    y: Bytes,
    m: Bytes,
    r: Bytes,
    s: Bytes,
    valid: bool,
}

/// A public key, and at which check which number is the first at fault.
#[derive(Deserialize)]
struct Validation {
    name: String,
    #[serde(flatten)]
    domain: Domain,
    y: Bytes,
    check: Option<Check>,
    fault: Option<String>,
}

/// The checks of a public key, each with all that the one before it finds.
#[derive(Clone, Copy, Deserialize, PartialEq, PartialOrd)]
#[serde(rename_all = "lowercase")]
enum Check {
    New,
    Orders,
    Primality,
}

/// A secret and a public number, which belong together or do not.
#[derive(Deserialize)]
struct Pair {
    name: String,
    domain: String,
    x: Bytes,
    y: Bytes,
    valid: bool,
}

/// NIST's cases, those of RFC 6979, and edges; then what the backend makes itself.
pub(crate) fn cases(backend: &dyn Backend, _: &Vectors) -> Result<Vec<Case>, Unusable> {
    let mut cases = Vec::new();
    for file in files!["imported_dsa", "generated_dsa"] {
        let file: File = parse(file)?;
        for vector in &file.reduce {
            let mut case = Case::new(format!("dsa/reduce/{}", vector.name));
            let digest = Digest::reduce(&array(&vector.m)?, &array(&file.domain(&vector.domain)?.q)?);
            case.bytes("MAC modulo q", &vector.z.0, digest.as_bytes());
            cases.push(case);
        }
        for vector in &file.verify {
            cases.push(verify(backend, &file, vector)?);
        }
        for vector in &file.validate {
            cases.push(validate(backend, vector)?);
        }
        for vector in &file.pairs {
            let mut case = Case::new(format!("dsa/pair/{}", vector.name));
            let key = file.domain(&vector.domain)?.pair(vector)?;
            let expected = if vector.valid { Ok(()) } else { Err(Error::InvalidKey(KeyFault::X)) };
            case.equal("x and y", &expected, &key.and_then(|key| backend.validate_secret(&key)));
            cases.push(case);
        }
        for vector in file.pairs.iter().filter(|pair| pair.valid) {
            let key = file.domain(&vector.domain)?.pair(vector)?.map_err(unusable)?;
            cases.push(own::signatures(backend, &vector.name, &key));
            if vector.name == "full" {
                cases.extend([own::nonces(backend, &key), own::same_digest(backend, &key)]);
            }
        }
    }
    cases.push(own::generated(backend));
    Ok(cases)
}

fn verify(backend: &dyn Backend, file: &File, vector: &Verification) -> Result<Case, Unusable> {
    let mut case = Case::new(format!("dsa/verify/{}", vector.name));
    let key = file.domain(&vector.domain)?.key(&vector.y)?.map_err(unusable)?;
    let digest = Digest::reduce(&array(&vector.m)?, key.q());
    let signature = Signature { r: array(&vector.r)?, s: array(&vector.s)? };
    let expected = if vector.valid { Ok(()) } else { Err(Error::InvalidSignature) };
    case.equal("signature", &expected, &backend.verify(&key, &digest, &signature));
    Ok(case)
}

fn validate(backend: &dyn Backend, vector: &Validation) -> Result<Case, Unusable> {
    let mut case = Case::new(format!("dsa/validate/{}", vector.name));
    let fault = match vector.fault.as_deref() {
        None => None,
        Some("P") => Some(KeyFault::P),
        Some("Q") => Some(KeyFault::Q),
        Some("G") => Some(KeyFault::G),
        Some("Y") => Some(KeyFault::Y),
        Some(other) => return Err(unusable(format!("unknown fault {other:?}"))),
    };
    let expected = |check: Check| match fault {
        Some(fault) if vector.check.is_some_and(|first| first <= check) => Err(Error::InvalidKey(fault)),
        _ => Ok(()),
    };
    match vector.domain.key(&vector.y)? {
        Err(error) => case.equal("sizes and ranges", &expected(Check::New), &Err(error)),
        Ok(key) => {
            case.equal("sizes and ranges", &expected(Check::New), &Ok(()));
            let verdict = |thoroughness| backend.validate(&key, thoroughness);
            case.equal("orders", &expected(Check::Orders), &verdict(Thoroughness::Orders));
            case.equal("primality", &expected(Check::Primality), &verdict(Thoroughness::Primality));
        }
    }
    Ok(case)
}

impl File {
    fn domain(&self, name: &str) -> Result<&Domain, Unusable> {
        self.domains.get(name).ok_or_else(|| unusable(format!("unknown domain {name:?}")))
    }
}

impl Domain {
    fn key(&self, y: &Bytes) -> Result<otr_traits::Result<PublicKey>, Unusable> {
        Ok(PublicKey::new(array(&self.p)?, array(&self.q)?, array(&self.g)?, array(y)?))
    }

    fn pair(&self, vector: &Pair) -> Result<otr_traits::Result<SecretKey>, Unusable> {
        let x = Secret::from(array(&vector.x)?);
        Ok(self.key(&vector.y)?.and_then(|public| SecretKey::new(public, x)))
    }
}

fn unusable(reason: impl ToString) -> Unusable {
    Unusable::new("vectors/primitives", reason)
}

#[cfg(test)]
#[cfg(feature = "rustcrypto")]
mod tests;
