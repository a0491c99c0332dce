//! A backend for making very many sessions: each power and each signature is computed once.

use std::collections::HashMap;
use std::hash::Hash as Key;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Mutex, PoisonError};

use otr_protocol::traits::{
    Digest, Dsa, Element, Exponent, KeyGeneration, ModExp, Prepared, PublicKey, Purpose, Result, Rng,
    SecretKey, Signature, Term, Thoroughness, delegate,
};

use crate::Shared;

/// Its random bytes come again after [`restart`](Self::restart), so that one key exchange is like another and costs
/// little but hashes. All else is the backend's inside.
pub struct Repeated {
    inner: Shared,
    /// Tells the two parties' random bytes apart.
    party: u8,
    drawn: AtomicU8,
    powers: Mutex<HashMap<Vec<u8>, Element>>,
    signatures: Mutex<HashMap<[u8; 20], Signature>>,
}

impl Repeated {
    /// The backend of one of the parties.
    #[must_use]
    pub fn new(inner: &Shared, party: u8) -> Self {
        Self {
            inner: Shared::clone(inner),
            party,
            drawn: AtomicU8::new(0),
            powers: Mutex::default(),
            signatures: Mutex::default(),
        }
    }

    /// The next random bytes will be the first ones again.
    pub fn restart(&self) {
        self.drawn.store(0, Ordering::Relaxed);
    }
}

/// What is kept under `key`; computed if nothing is.
fn once<K: Key + Eq, V: Clone>(
    kept: &Mutex<HashMap<K, V>>,
    key: K,
    compute: impl FnOnce() -> Result<V>,
) -> Result<V> {
    let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(value) = kept.get(&key) {
        return Ok(value.clone());
    }
    let value = compute()?;
    kept.insert(key, value.clone());
    Ok(value)
}

impl Rng for Repeated {
    fn fill(&self, _: Purpose, buf: &mut [u8]) -> Result<()> {
        buf.fill(self.party.wrapping_add(self.drawn.fetch_add(1, Ordering::Relaxed)));
        Ok(())
    }
}

impl ModExp for Repeated {
    fn product(&self, terms: &[Term<'_>]) -> Result<Element> {
        let bytes = |term: &Term<'_>| {
            [term.base.to_element().as_be_bytes(), term.exponent.exponent().expose()].concat()
        };
        once(&self.powers, terms.iter().flat_map(bytes).collect(), || self.inner.product(terms))
    }

    fn prepare(&self, base: &Element, uses: u8) -> Result<Prepared> {
        self.inner.prepare(base, uses)
    }

    fn mul(&self, a: &Element, b: &Element) -> Result<Element> {
        self.inner.mul(a, b)
    }

    fn div(&self, a: &Element, b: &Element) -> Result<Element> {
        self.inner.div(a, b)
    }

    fn response(&self, r: &Exponent, x: &Exponent, c: &Exponent) -> Result<Exponent> {
        self.inner.response(r, x, c)
    }

    fn exponent_product(&self, a: &Exponent, b: &Exponent) -> Result<Exponent> {
        self.inner.exponent_product(a, b)
    }
}

impl Dsa for Repeated {
    fn generation(&self) -> Result<Box<dyn KeyGeneration>> {
        self.inner.generation()
    }

    fn sign(&self, key: &SecretKey, digest: &Digest) -> Result<Signature> {
        once(&self.signatures, *digest.as_bytes(), || self.inner.sign(key, digest))
    }

    fn verify(&self, key: &PublicKey, digest: &Digest, signature: &Signature) -> Result<()> {
        let verified = || self.inner.verify(key, digest, signature).map(|()| signature.clone());
        match once(&self.signatures, *digest.as_bytes(), verified)? {
            known if known == *signature => Ok(()),
            _ => self.inner.verify(key, digest, signature),
        }
    }

    fn validate(&self, key: &PublicKey, thoroughness: Thoroughness) -> Result<()> {
        self.inner.validate(key, thoroughness)
    }

    fn validate_secret(&self, key: &SecretKey) -> Result<()> {
        self.inner.validate_secret(key)
    }
}

delegate! { impl[] AesCtr, Hash, Backend for Repeated => |self| self.inner }
