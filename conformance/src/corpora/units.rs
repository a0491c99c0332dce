//! `corpus_units`: single computations, done by an independent program.

mod dsa;
mod keys;
mod smp;

use std::collections::BTreeMap;

use otr_protocol::wire::{Reader, Writer};
use otr_traits::{Backend, Element, Exponent, ModExpExt, ORDER, PRIME};
use serde::Deserialize;

pub(crate) use dsa::cases as dsa;
pub(crate) use keys::cases as keys;

use crate::hex::{Bytes, Number, show};
use crate::transcript::DsaKey;
use crate::{Case, Unusable, Vectors};

const NAME: &str = "corpus_units";

#[derive(Deserialize)]
struct Corpus {
    p: Number,
    q: Number,
    dh: Vec<Exchange>,
    dsa: Vec<Signed>,
    mpi: Vec<Mpi>,
    smp: Vec<smp::Run>,
    keys: BTreeMap<String, Key>,
}

/// All keys of a pair of exponents, from the side of x.
#[derive(Deserialize)]
struct Exchange {
    x: Number,
    y: Number,
    gx: Number,
    gy: Number,
    s: Number,
    secbytes: Bytes,
    ssid: Bytes,
    c: Bytes,
    cp: Bytes,
    m1: Bytes,
    m2: Bytes,
    m1p: Bytes,
    m2p: Bytes,
    x_send_aes: Bytes,
    x_send_mac: Bytes,
    x_recv_aes: Bytes,
    x_recv_mac: Bytes,
    extra: Bytes,
}

#[derive(Deserialize)]
struct Signed {
    key: String,
    /// The 32 bytes that are signed, before they are reduced modulo q.
    m: Number,
    /// r and s.
    sig: Bytes,
    /// The signature over the first 160 bits of `m`, as FIPS 186 would have it.
    wrong_if_truncated: Bytes,
}

#[derive(Deserialize)]
struct Mpi {
    value: Number,
    mpi: Bytes,
}

#[derive(Deserialize)]
struct Key {
    #[serde(flatten)]
    dsa: DsaKey,
    pubkey: Bytes,
    fingerprint: Bytes,
    human: String,
}

/// A long-term key pair.
pub(crate) type Pair = otr_traits::SecretKey;

/// Two of the key pairs.
pub(crate) fn key_pairs(vectors: &Vectors) -> Result<[Pair; 2], Unusable> {
    let corpus: Corpus = vectors.corpus(NAME)?;
    let mut keys = corpus.keys.values();
    let mut next =
        || keys.next().ok_or_else(|| unusable("less than two keys"))?.dsa.secret().map_err(unusable);
    Ok([next()?, next()?])
}

/// Powers in the group, the group itself (CONST-01), and whole runs of SMP.
pub(crate) fn modexp(backend: &dyn Backend, vectors: &Vectors) -> Result<Vec<Case>, Unusable> {
    let corpus: Corpus = vectors.corpus(NAME)?;
    let mut group = Case::new(format!("{NAME}/group"));
    group.equal("p", &corpus.p.magnitude(), &PRIME.as_slice());
    group.equal("q", &corpus.q.magnitude(), &ORDER.as_slice());

    let mut cases = vec![group];
    for (index, exchange) in corpus.dh.iter().enumerate() {
        let mut case = Case::new(format!("{NAME}/powers/{index}"));
        let (x, y) = (exponent(&exchange.x)?, exponent(&exchange.y)?);
        let (gx, gy) = (element(&exchange.gx)?, element(&exchange.gy)?);
        power(&mut case, "g^x", &exchange.gx, backend.pow_g(&x));
        power(&mut case, "g^y", &exchange.gy, backend.pow_g(&y));
        power(&mut case, "(g^y)^x", &exchange.s, backend.pow(&gy, &x));
        power(&mut case, "(g^x)^y", &exchange.s, backend.pow(&gx, &y));
        cases.push(case);
    }
    for run in &corpus.smp {
        cases.push(smp::case(backend, run)?);
    }
    Ok(cases)
}

/// Numbers on the wire (WIRE-03).
pub(crate) fn numbers(_: &dyn Backend, vectors: &Vectors) -> Result<Vec<Case>, Unusable> {
    let corpus: Corpus = vectors.corpus(NAME)?;
    let cases = corpus.mpi.iter().enumerate().map(|(index, Mpi { value, mpi })| {
        let mut case = Case::new(format!("{NAME}/mpi/{index}"));
        let mut writer = Writer::default();
        case.bytes("written", &mpi.0, writer.mpi(&[&[0], value.magnitude()].concat()).as_slice());
        case.equal("read", &Ok(value.magnitude()), &Reader::new(&mpi.0).mpi(mpi.0.len()));
        case
    });
    Ok(cases.collect())
}

fn power(case: &mut Case, what: &str, expected: &Number, got: otr_traits::Result<Element>) {
    match got {
        Ok(got) => case.bytes(what, expected.magnitude(), Number::from_bytes(got.as_be_bytes()).magnitude()),
        Err(error) => case.fail(None, what, show(expected.magnitude()), error.to_string()),
    }
}

fn element(number: &Number) -> Result<Element, Unusable> {
    Element::from_be_bytes(number.magnitude()).ok_or_else(|| unusable("too long a group element"))
}

fn exponent(number: &Number) -> Result<Exponent, Unusable> {
    Exponent::from_be_bytes(number.magnitude()).ok_or_else(|| unusable("too long an exponent"))
}

fn unusable(reason: impl ToString) -> Unusable {
    Unusable::new(NAME, reason)
}
