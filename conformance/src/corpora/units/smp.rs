//! Runs of the Socialist Millionaires' Protocol from given exponents: every number of every message, computed by the
//! formulas of SMP-01, SMP-02 and the table after them, with nothing but the backend.

use std::collections::BTreeMap;

use otr_protocol::wire::{Reader, Writer};
use otr_traits::{Backend, Element, Exponent, ModExpExt};
use serde::Deserialize;

use super::{NAME, exponent, unusable};
use crate::hex::{Bytes, Number, show_both};
use crate::{Case, Unusable};

#[derive(Deserialize)]
pub(super) struct Run {
    name: String,
    initiator_fp: Bytes,
    responder_fp: Bytes,
    ssid: Bytes,
    initiator_input: String,
    responder_input: String,
    /// What the two put in, hashed.
    x: Number,
    y: Number,
    initiator: BTreeMap<String, Number>,
    responder: BTreeMap<String, Number>,
    messages: Vec<Bytes>,
    equal: bool,
}

/// The exponents of one side, and the backend that computes with them.
struct Side<'a> {
    backend: &'a dyn Backend,
    exponents: BTreeMap<&'a str, Exponent>,
    zero: Exponent,
}

type Result<T> = otr_traits::Result<T>;

pub(super) fn case(backend: &dyn Backend, run: &Run) -> core::result::Result<Case, Unusable> {
    let mut case = Case::new(format!("{NAME}/smp/{}", run.name));
    for (what, hashed, input) in [("x", &run.x, &run.initiator_input), ("y", &run.y, &run.responder_input)] {
        let parts = [&[1][..], &run.initiator_fp.0, &run.responder_fp.0, &run.ssid.0, input.as_bytes()];
        let mut digest = [0; 32];
        match backend.sha256(&parts, &mut digest) {
            Ok(()) => case.bytes(what, hashed.magnitude(), Number::from_bytes(&digest).magnitude()),
            Err(error) => case.fail(None, what, "a hash", error.to_string()),
        }
    }
    let (a, b) = (Side::new(backend, &run.initiator, &run.x)?, Side::new(backend, &run.responder, &run.y)?);
    match messages(&a, &b) {
        Ok((messages, equal)) => {
            for (number, (expected, got)) in (1..).zip(run.messages.iter().zip(messages)) {
                compare(&mut case, number, &numbers(&expected.0)?, &got);
            }
            case.equal("messages", &4, &run.messages.len());
            case.equal("the secrets are equal", &run.equal, &equal);
        }
        Err(error) => case.fail(None, "messages", "four of them", error.to_string()),
    }
    Ok(case)
}

/// The numbers of all four messages, and the result.
fn messages(a: &Side<'_>, b: &Side<'_>) -> Result<([Vec<Number>; 4], bool)> {
    let [x, y] = [a.exponent("secret"), b.exponent("secret")];
    let (g2a, g3a) = (a.power("a2")?, a.power("a3")?);
    let (g2b, g3b) = (b.power("b2")?, b.power("b3")?);
    let first = [a.known(1, "a2", "r2")?, a.known(2, "a3", "r3")?].concat();

    let (g2, g3) = (b.raise(&g2a, "b2")?, b.raise(&g3a, "b3")?);
    let (pb, qb) = (b.raise(&g3, "r4")?, b.hide(&g2, "r4", y)?);
    let second = [
        b.known(3, "b2", "r2")?,
        b.known(4, "b3", "r3")?,
        vec![element(&pb), element(&qb)],
        b.coordinates(5, &g2, &g3, y)?,
    ];

    let (g2, g3) = (a.raise(&g2b, "a2")?, a.raise(&g3b, "a3")?);
    let (pa, qa) = (a.raise(&g3, "r4")?, a.hide(&g2, "r4", x)?);
    let quotient = a.backend.div(&qa, &qb)?;
    let ra = a.raise(&quotient, "a3")?;
    let third = [
        vec![element(&pa), element(&qa)],
        a.coordinates(6, &g2, &g3, x)?,
        vec![element(&ra)],
        a.equal_logs(7, &quotient, "a3")?,
    ];

    let rb = b.raise(&quotient, "b3")?;
    let fourth = [vec![element(&rb)], b.equal_logs(8, &quotient, "b3")?].concat();
    let equal = b.raise(&ra, "b3")? == a.backend.div(&pa, &pb)?;
    Ok(([first, second.concat(), third.concat(), fourth], equal))
}

impl<'a> Side<'a> {
    fn new(
        backend: &'a dyn Backend,
        given: &'a BTreeMap<String, Number>,
        secret: &Number,
    ) -> core::result::Result<Self, Unusable> {
        let mut exponents = BTreeMap::from([("secret", exponent(secret)?)]);
        for (name, number) in given {
            exponents.insert(name.as_str(), exponent(number)?);
        }
        for name in ["r2", "r3", "r4", "r5", "r6", "r7"] {
            exponents.get(name).ok_or_else(|| unusable(format!("a run without {name}")))?;
        }
        let has = |names: [&str; 2]| names.iter().all(|name| exponents.contains_key(name));
        if !has(["a2", "a3"]) && !has(["b2", "b3"]) {
            return Err(unusable("a run without a2, a3 or b2, b3"));
        }
        Ok(Self { backend, exponents, zero: Exponent::zeroed(0) })
    }

    /// All names were looked for when the side was made.
    fn exponent(&self, name: &str) -> &Exponent {
        self.exponents.get(name).unwrap_or(&self.zero)
    }

    fn power(&self, name: &str) -> Result<Element> {
        self.backend.pow_g(self.exponent(name))
    }

    fn raise(&self, base: &Element, name: &str) -> Result<Element> {
        self.backend.pow(base, self.exponent(name))
    }

    /// g1^r · g2^secret.
    fn hide(&self, g2: &Element, r: &str, secret: &Exponent) -> Result<Element> {
        self.backend.mul(&self.power(r)?, &self.backend.pow(g2, secret)?)
    }

    /// g1^x, and the proof that x is known.
    fn known(&self, version: u8, x: &str, r: &str) -> Result<Vec<Number>> {
        let c = self.hash(version, &[&self.power(r)?])?;
        Ok(vec![element(&self.power(x)?), number(&c), self.response(r, self.exponent(x), &c)?])
    }

    /// The proof that r4 and the secret are known.
    fn coordinates(&self, version: u8, g2: &Element, g3: &Element, secret: &Exponent) -> Result<Vec<Number>> {
        let second = self.backend.mul(&self.power("r5")?, &self.raise(g2, "r6")?)?;
        let c = self.hash(version, &[&self.raise(g3, "r5")?, &second])?;
        let answers = [self.response("r5", self.exponent("r4"), &c)?, self.response("r6", secret, &c)?];
        Ok([vec![number(&c)], answers.to_vec()].concat())
    }

    /// The proof that x is the same in g1^x and in the quotient's power.
    fn equal_logs(&self, version: u8, quotient: &Element, x: &str) -> Result<Vec<Number>> {
        let c = self.hash(version, &[&self.power("r7")?, &self.raise(quotient, "r7")?])?;
        Ok(vec![number(&c), self.response("r7", self.exponent(x), &c)?])
    }

    fn response(&self, r: &str, x: &Exponent, c: &Exponent) -> Result<Number> {
        Ok(number(&self.backend.response(self.exponent(r), x, c)?))
    }

    /// SMP-01.
    fn hash(&self, version: u8, elements: &[&Element]) -> Result<Exponent> {
        let mut writer = Writer::default();
        for element in elements {
            writer.mpi(element.as_be_bytes());
        }
        let mut digest = Exponent::zeroed(32);
        let mut bytes = [0; 32];
        self.backend.sha256(&[&[version], writer.as_slice()], &mut bytes)?;
        digest.expose_mut().copy_from_slice(&bytes);
        Ok(digest)
    }
}

fn compare(case: &mut Case, message: usize, expected: &[Number], got: &[Number]) {
    case.equal(&format!("numbers of message {message}"), &expected.len(), &got.len());
    for (place, (expected, got)) in (1..).zip(expected.iter().zip(got)) {
        if expected != got {
            let (expected, got) = show_both(expected.magnitude(), got.magnitude());
            case.fail(None, format!("number {place} of message {message}"), expected, got);
        }
    }
}

/// The numbers of a message (SMP-04).
fn numbers(message: &[u8]) -> core::result::Result<Vec<Number>, Unusable> {
    let mut reader = Reader::new(message);
    let mut all = || {
        let count = reader.int()?;
        (0..count).map(|_| Ok(Number::from_bytes(reader.mpi(192)?))).collect::<core::result::Result<_, _>>()
    };
    all().map_err(|malformed: otr_protocol::wire::Malformed| unusable(malformed.to_string()))
}

fn element(element: &Element) -> Number {
    Number::from_bytes(element.as_be_bytes())
}

fn number(exponent: &Exponent) -> Number {
    Number::from_bytes(exponent.expose())
}
