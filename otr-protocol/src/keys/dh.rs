//! Diffie-Hellman pairs (AKE-01).

use otr_traits::{Element, Exponent, ModExp, ModExpExt, PRIME, Purpose, Result, Rng};

/// A Diffie-Hellman pair of our own: 320 random bits x, and g^x.
#[derive(Debug)]
pub struct DhPair {
    private: Exponent,
    public: Element,
}

impl DhPair {
    /// A fresh pair.
    ///
    /// # Errors
    /// If the backend fails.
    pub fn generate(backend: &(impl ModExp + Rng + ?Sized)) -> Result<Self> {
        let mut private = Exponent::zeroed(40);
        // Below 2^256 the private would be weaker than the rest; that happens once in 2^64 draws.
        while is_short(&private) {
            backend.fill(Purpose::DhPrivate, private.expose_mut())?;
        }
        Self::from_private(backend, private)
    }

    /// The pair of a given private.
    ///
    /// # Errors
    /// If the backend fails.
    pub fn from_private(backend: &(impl ModExp + ?Sized), private: Exponent) -> Result<Self> {
        let public = backend.pow_g(&private)?;
        Ok(Self { private, public })
    }

    /// g^x.
    #[must_use]
    pub fn public(&self) -> &Element {
        &self.public
    }

    /// x.
    #[cfg(feature = "serde")]
    pub(crate) fn private(&self) -> &Exponent {
        &self.private
    }

    /// The shared secret with the peer's public value, which must be in range (CONST-02).
    ///
    /// # Errors
    /// If the backend fails.
    pub fn shared_secret(&self, backend: &(impl ModExp + ?Sized), theirs: &Element) -> Result<Element> {
        backend.pow(theirs, &self.private)
    }
}

/// Whether two public values have the same powers for every second private, or for all: they add up to p, or are equal. What
/// must never meet one private twice must not come back with the other sign either.
pub(crate) fn is_same_but_for_the_sign(a: &Element, b: &Element) -> bool {
    let mut carry = 0;
    let digits = a.as_be_bytes().iter().zip(b.as_be_bytes()).zip(&PRIME).rev();
    let adds_up = digits.fold(true, |so_far, ((a, b), p)| {
        let [high, low] = (u16::from(*a) + u16::from(*b) + u16::from(carry)).to_be_bytes();
        carry = high;
        so_far && low == *p
    });
    a == b || adds_up && carry == 0
}

/// Whether the first 64 bits are 0, and nothing else about them.
fn is_short(private: &Exponent) -> bool {
    private.expose().iter().take(8).fold(0, |bits, byte| bits | byte) == 0
}
