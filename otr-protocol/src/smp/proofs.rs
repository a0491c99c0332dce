//! The zero-knowledge proofs inside the messages (SMP-01, SMP-10 … SMP-13).
//!
//! Each says "I know the numbers behind these group elements" without showing them: a commitment with fresh
//! exponents r, the hash c of the commitment, and answers D = r − secret · c mod q. Whoever checks it computes the
//! commitment again from D and c, and compares the hash.

use otr_traits::{
    Backend, Base, Element, Exponent, ModExpExt, Power, Prepared, Purpose, Result, SmpExponent, Term,
};

use super::bases::Bases;
use super::hidden::Hidden;
use crate::wire::Writer;

/// Knowledge of the exponent of g1^x.
#[derive(Debug)]
pub(super) struct Log {
    pub(super) c: Exponent,
    pub(super) d: Exponent,
}

/// Knowledge of the exponents r and y in P = g3^r, Q = g1^r · g2^y.
#[derive(Debug)]
pub(super) struct Coordinates {
    pub(super) c: Exponent,
    pub(super) d5: Exponent,
    pub(super) d6: Exponent,
}

/// Knowledge of one exponent x in both g1^x and (Qa/Qb)^x.
#[derive(Debug)]
pub(super) struct EqualLogs {
    pub(super) c: Exponent,
    pub(super) d: Exponent,
}

/// The first step of a proof of [`Coordinates`], for which the secret need not be known.
#[derive(Debug)]
pub(super) struct Commitment {
    r5: Exponent,
    r6: Exponent,
    c: Exponent,
}

impl Log {
    pub(super) fn prove(backend: &impl Backend, version: u8, r: SmpExponent, x: &Exponent) -> Result<Self> {
        let r = draw(backend, r)?;
        let c = hash(backend, version, &[&backend.pow_g(&r)?])?;
        let d = backend.response(&r, x, &c)?;
        Ok(Self { c, d })
    }

    /// `power` is g1^x.
    pub(super) fn holds(&self, backend: &impl Backend, version: u8, power: Base<'_>) -> Result<bool> {
        let commitment = backend.product(&[g1(&self.d), public(power, &self.c)])?;
        Ok(hash(backend, version, &[&commitment])? == self.c)
    }
}

impl Commitment {
    pub(super) fn new(backend: &impl Backend, version: u8, bases: &Bases) -> Result<Self> {
        let (r5, r6) = (draw(backend, SmpExponent::R5)?, draw(backend, SmpExponent::R6)?);
        let first = backend.product(&[bases.g3.power(backend, &r5)?.term()])?;
        let g1_r5 = Term { base: Base::Generator, exponent: Power::Secret(&r5) };
        let second = backend.product(&[g1_r5, bases.g2.power(backend, &r6)?.term()])?;
        let c = hash(backend, version, &[&first, &second])?;
        Ok(Self { r5, r6, c })
    }

    /// `r4` and `secret` are the exponents in question.
    pub(super) fn answer(
        self,
        backend: &impl Backend,
        r4: &Exponent,
        secret: &Exponent,
    ) -> Result<Coordinates> {
        let Self { r5, r6, c } = self;
        let d5 = backend.response(&r5, r4, &c)?;
        let d6 = backend.response(&r6, secret, &c)?;
        Ok(Coordinates { c, d5, d6 })
    }
}

impl Coordinates {
    pub(super) fn holds(
        &self,
        backend: &impl Backend,
        version: u8,
        bases: &Bases,
        Hidden { p, q }: Hidden<'_>,
    ) -> Result<bool> {
        let (g3_d5, g2_d6) = (bases.g3.power(backend, &self.d5)?, bases.g2.power(backend, &self.d6)?);
        let first = backend.product(&[g3_d5.term(), public(Base::Element(p), &self.c)])?;
        let second = backend.product(&[g1(&self.d5), g2_d6.term(), public(Base::Element(q), &self.c)])?;
        Ok(hash(backend, version, &[&first, &second])? == self.c)
    }
}

impl EqualLogs {
    /// `quotient` is Qa/Qb.
    pub(super) fn prove(
        backend: &impl Backend,
        version: u8,
        quotient: &Prepared,
        x: &Exponent,
    ) -> Result<Self> {
        let r7 = draw(backend, SmpExponent::R7)?;
        let c = hash(backend, version, &[&backend.pow_g(&r7)?, &power(backend, quotient, &r7)?])?;
        let d = backend.response(&r7, x, &c)?;
        Ok(Self { c, d })
    }

    /// `power` is g1^x, `ratio` is (Qa/Qb)^x.
    pub(super) fn holds(
        &self,
        backend: &impl Backend,
        version: u8,
        quotient: &Prepared,
        power: Base<'_>,
        ratio: &Element,
    ) -> Result<bool> {
        let first = backend.product(&[g1(&self.d), public(power, &self.c)])?;
        let quotient_d = public(Base::Prepared(quotient), &self.d);
        let second = backend.product(&[quotient_d, public(Base::Element(ratio), &self.c)])?;
        Ok(hash(backend, version, &[&first, &second])? == self.c)
    }
}

/// A secret power of a prepared base.
pub(super) fn power(backend: &impl Backend, base: &Prepared, exponent: &Exponent) -> Result<Element> {
    backend.product(&[Term { base: Base::Prepared(base), exponent: Power::Secret(exponent) }])
}

/// A fresh exponent: 1536 random bits (SMP-03). With fewer, D would not be reduced and the secret would follow from
/// it by division (S-24).
pub(super) fn draw(backend: &impl Backend, exponent: SmpExponent) -> Result<Exponent> {
    let mut drawn = Exponent::zeroed(Exponent::MAX_BYTES);
    backend.fill(Purpose::Smp(exponent), drawn.expose_mut())?;
    Ok(drawn)
}

/// H of the specification: SHA-256 of a version byte and MPIs (SMP-01).
fn hash(backend: &impl Backend, version: u8, elements: &[&Element]) -> Result<Exponent> {
    let mut input = Writer::default();
    input.byte(version);
    for element in elements {
        input.element(element);
    }
    let mut digest = [0; 32];
    backend.sha256(&[input.as_slice()], &mut digest)?;
    let mut c = Exponent::zeroed(32);
    c.expose_mut().copy_from_slice(&digest);
    Ok(c)
}

fn g1(exponent: &Exponent) -> Term<'_> {
    Term { base: Base::Generator, exponent: Power::Public(exponent) }
}

fn public<'a>(base: Base<'a>, exponent: &'a Exponent) -> Term<'a> {
    Term { base, exponent: Power::Public(exponent) }
}
