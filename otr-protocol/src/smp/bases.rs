//! The two bases that both sides make together (SMP-10, SMP-11), without ever computing them.

use otr_traits::{Backend, Base, Element, Exponent, Power, Prepared, Result, Term};

/// g2 and g3.
#[derive(Debug)]
pub(super) struct Bases {
    pub(super) g2: SharedBase,
    pub(super) g3: SharedBase,
}

/// One of them: the element that the peer sent, to the power of our exponent. For the initiator g2 = g2b^a2, for the
/// responder g2 = g2a^b2.
///
/// Every power of it is a power of what was received, g2^r = g2b^(a2 · r mod p − 1), exact for every element. So one
/// table, of an element that is public, serves all of them, proofs and their checks alike.
#[derive(Debug)]
pub(super) struct SharedBase {
    received: Prepared,
    ours: Exponent,
}

impl SharedBase {
    pub(super) fn new(backend: &impl Backend, received: &Element, ours: Exponent) -> Result<Self> {
        /// Hiding the secret, its proof, the check of the peer's proof, and that of the comparison.
        const USES: u8 = 4;
        Ok(Self { received: backend.prepare(received, USES)?, ours })
    }

    /// What the peer sent.
    pub(super) fn received(&self) -> Base<'_> {
        Base::Prepared(&self.received)
    }

    /// Our exponent.
    pub(super) fn ours(&self) -> &Exponent {
        &self.ours
    }

    /// The base to the power of `exponent`.
    pub(super) fn power(&self, backend: &impl Backend, exponent: &Exponent) -> Result<SharedPower<'_>> {
        Ok(SharedPower { base: self, exponent: backend.exponent_product(&self.ours, exponent)? })
    }
}

/// A power of a shared base, as a factor of a product. Its exponent is secret even where the power is public, because
/// ours is a factor of it.
pub(super) struct SharedPower<'a> {
    base: &'a SharedBase,
    exponent: Exponent,
}

impl SharedPower<'_> {
    pub(super) fn term(&self) -> Term<'_> {
        Term { base: self.base.received(), exponent: Power::Secret(&self.exponent) }
    }
}
