//! A secret, hidden in two coordinates, with the proof that it is there (SMP-11, SMP-12).

use otr_traits::{Backend, Element, Exponent, ModExpExt, Result, SmpExponent};

use super::bases::Bases;
use super::proofs::{Commitment, Coordinates, draw};

/// P = g3^r, Q = g1^r · g2^secret.
#[derive(Clone, Copy)]
pub(super) struct Hidden<'a> {
    pub(super) p: &'a Element,
    pub(super) q: &'a Element,
}

/// All of it that can be computed before the secret is known.
#[derive(Debug)]
pub(super) struct Hiding {
    r4: Exponent,
    p: Element,
    /// g1^r4, the part of Q that hides the secret.
    blind: Element,
    commitment: Commitment,
}

impl Hiding {
    /// `version` separates the hashes of the proofs (SMP-01).
    pub(super) fn new(backend: &impl Backend, version: u8, bases: &Bases) -> Result<Self> {
        let r4 = draw(backend, SmpExponent::R4)?;
        Ok(Self {
            p: backend.product(&[bases.g3.power(backend, &r4)?.term()])?,
            blind: backend.pow_g(&r4)?,
            commitment: Commitment::new(backend, version, bases)?,
            r4,
        })
    }

    /// P, Q and the proof.
    pub(super) fn hide(
        self,
        backend: &impl Backend,
        bases: &Bases,
        secret: &Exponent,
    ) -> Result<(Element, Element, Coordinates)> {
        let q = backend.mul(&self.blind, &backend.product(&[bases.g2.power(backend, secret)?.term()])?)?;
        let proof = self.commitment.answer(backend, &self.r4, secret)?;
        Ok((self.p, q, proof))
    }
}
