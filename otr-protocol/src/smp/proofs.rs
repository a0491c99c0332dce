//! The zero-knowledge proofs inside the messages (SMP-01, SMP-10 … SMP-13).
//!
//! Each says "I know the numbers behind these group elements" without showing them: a commitment with fresh
//! exponents r, the hash c of the commitment, and answers D = r − secret · c mod q. Whoever checks it computes the
//! commitment again from D and c, and compares the hash.

use otr_traits::{
    Backend, Base, Element, Exponent, ModExp, ModExpExt, Power, Purpose, Result, SmpExponent, Term,
};

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

/// The bases that both sides have agreed on.
#[derive(Debug)]
pub(super) struct Bases {
    pub(super) g2: Element,
    pub(super) g3: Element,
}

/// The two coordinates of a hidden secret.
#[derive(Clone, Copy)]
pub(super) struct Hidden<'a> {
    pub(super) p: &'a Element,
    pub(super) q: &'a Element,
}

impl Log {
    pub(super) fn prove(backend: &impl Backend, version: u8, r: SmpExponent, x: &Exponent) -> Result<Self> {
        let r = draw(backend, r)?;
        let c = hash(backend, version, &[&backend.pow_g(&r)?])?;
        let d = backend.response(&r, x, &c)?;
        Ok(Self { c, d })
    }

    pub(super) fn holds(&self, backend: &impl Backend, version: u8, power: &Element) -> Result<bool> {
        let commitment = backend.product(&[g1(&self.d), public(power, &self.c)])?;
        Ok(hash(backend, version, &[&commitment])? == self.c)
    }
}

impl Coordinates {
    /// `r4` and `secret` are the exponents in question.
    pub(super) fn prove(
        backend: &impl Backend,
        version: u8,
        bases: &Bases,
        r4: &Exponent,
        secret: &Exponent,
    ) -> Result<Self> {
        let (r5, r6) = (draw(backend, SmpExponent::R5)?, draw(backend, SmpExponent::R6)?);
        let first = backend.pow(&bases.g3, &r5)?;
        let second = backend.product(&[g1_secret(&r5), hidden(&bases.g2, &r6)])?;
        let c = hash(backend, version, &[&first, &second])?;
        let d5 = backend.response(&r5, r4, &c)?;
        let d6 = backend.response(&r6, secret, &c)?;
        Ok(Self { c, d5, d6 })
    }

    pub(super) fn holds(
        &self,
        backend: &impl Backend,
        version: u8,
        bases: &Bases,
        Hidden { p, q }: Hidden<'_>,
    ) -> Result<bool> {
        let first = backend.product(&[public(&bases.g3, &self.d5), public(p, &self.c)])?;
        let second = [g1(&self.d5), public(&bases.g2, &self.d6), public(q, &self.c)];
        Ok(hash(backend, version, &[&first, &backend.product(&second)?])? == self.c)
    }
}

impl EqualLogs {
    /// `quotient` is Qa/Qb.
    pub(super) fn prove(
        backend: &impl Backend,
        version: u8,
        quotient: &Element,
        x: &Exponent,
    ) -> Result<Self> {
        let r7 = draw(backend, SmpExponent::R7)?;
        let c = hash(backend, version, &[&backend.pow_g(&r7)?, &backend.pow(quotient, &r7)?])?;
        let d = backend.response(&r7, x, &c)?;
        Ok(Self { c, d })
    }

    /// `power` is g1^x, `ratio` is (Qa/Qb)^x.
    pub(super) fn holds(
        &self,
        backend: &impl Backend,
        version: u8,
        quotient: &Element,
        power: &Element,
        ratio: &Element,
    ) -> Result<bool> {
        let first = backend.product(&[g1(&self.d), public(power, &self.c)])?;
        let second = backend.product(&[public(quotient, &self.d), public(ratio, &self.c)])?;
        Ok(hash(backend, version, &[&first, &second])? == self.c)
    }
}

/// A fresh exponent: 1536 random bits (SMP-03). With fewer, D would not be reduced and the secret would follow from
/// it by division (S-24).
pub(super) fn draw(backend: &impl Backend, exponent: SmpExponent) -> Result<Exponent> {
    let mut drawn = Exponent::zeroed(Exponent::MAX_BYTES);
    backend.fill(Purpose::Smp(exponent), drawn.expose_mut())?;
    Ok(drawn)
}

/// g1^r · g2^secret, a secret hidden in the second coordinate.
pub(super) fn hide(
    backend: &(impl ModExp + ?Sized),
    g2: &Element,
    r: &Exponent,
    secret: &Exponent,
) -> Result<Element> {
    backend.product(&[g1_secret(r), hidden(g2, secret)])
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

fn g1_secret(exponent: &Exponent) -> Term<'_> {
    Term { base: Base::Generator, exponent: Power::Secret(exponent) }
}

fn public<'a>(base: &'a Element, exponent: &'a Exponent) -> Term<'a> {
    Term { base: Base::Element(base), exponent: Power::Public(exponent) }
}

fn hidden<'a>(base: &'a Element, exponent: &'a Exponent) -> Term<'a> {
    Term { base: Base::Element(base), exponent: Power::Secret(exponent) }
}
