//! A backend that notes every secret it sees.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use num_bigint::BigUint;
use otr_protocol::traits::{
    AesCtr, AesKey, Base, Digest, Dsa, Element, Exponent, Hash, KeyGeneration, ModExp, Power, Prepared,
    PreparedKey, PublicKey, Purpose, Result, Rng, SecretKey, Signature, SmpExponent, Term, Thoroughness,
    delegate,
};

use crate::{Secrets, Shared, aside};

/// A backend that notes what it draws at random, the keys it is given, and what it computes of secrets, unless that
/// becomes public. It keeps them aside.
#[derive(Clone)]
pub struct Recorder {
    inner: Shared,
    whose: &'static str,
    secrets: Arc<Mutex<Secrets>>,
}

impl Recorder {
    /// Notes the secrets of a party.
    #[must_use]
    pub fn new(inner: Shared, whose: &'static str, secrets: Arc<Mutex<Secrets>>) -> Self {
        Self { inner, whose, secrets }
    }

    /// Notes a secret.
    pub fn note(&self, what: &'static str, bytes: &[u8]) {
        aside(|| self.secrets().note(self.whose, what, bytes));
    }

    fn secrets(&self) -> MutexGuard<'_, Secrets> {
        self.secrets.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether it is known as that.
    fn is(&self, what: &str, bytes: &[u8]) -> bool {
        aside(|| self.secrets().what(bytes) == Some(what))
    }

    /// Whether there is a secret in it.
    fn is_made_of_secrets(&self, parts: &[&[u8]]) -> bool {
        aside(|| parts.iter().any(|part| self.secrets().find(part).next().is_some()))
    }

    /// What of a product of powers nobody else ever sees.
    fn name_of(&self, terms: &[Term<'_>]) -> Option<&'static str> {
        let [Term { base, exponent: Power::Secret(exponent) }] = terms else { return None };
        let is = |what| self.is(what, exponent.expose());
        match base {
            Base::Generator => is("r4").then_some("g1^r4"),
            _ if is("D-H private") => Some("shared secret"),
            _ if is("product with the secret") => Some("g2^secret"),
            Base::Element(_) if is("a3") || is("b3") => Some("Rab"),
            _ => None,
        }
    }

    /// A nonce follows from the key and the signature: k = (z + x r) / s mod q. Libraries add q to it, once or twice, so
    /// that its length tells nothing.
    fn note_nonce(&self, key: &SecretKey, digest: &Digest, Signature { r, s }: &Signature) {
        aside(|| {
            let number = BigUint::from_bytes_be;
            let (q, r, s) = (number(key.public().q()), number(r), number(s));
            let sum = (number(digest.as_bytes()) + number(key.x().expose()) * r) % &q;
            let nonce = s.modinv(&q).map(|inverse| sum * inverse % &q);
            let inverse = nonce.as_ref().and_then(|nonce| nonce.modinv(&q));
            for (what, number) in [("nonce", nonce), ("inverse of the nonce", inverse)] {
                for times in 0_u8..3 {
                    let number = number.clone().map(|number| number + times * &q).unwrap_or_default();
                    self.note(what, &number.to_bytes_be());
                }
            }
        });
    }
}

impl Rng for Recorder {
    fn fill(&self, purpose: Purpose, buf: &mut [u8]) -> Result<()> {
        self.inner.fill(purpose, buf)?;
        match purpose {
            Purpose::DhPrivate => self.note("D-H private", buf),
            Purpose::R => self.note("r", buf),
            Purpose::Smp(exponent) => self.note(name_of(exponent), buf),
            _ => {} // Tags and salts are public; what keys and nonces are made of stays in the backends.
        }
        Ok(())
    }
}

fn name_of(exponent: SmpExponent) -> &'static str {
    match exponent {
        SmpExponent::A2 => "a2",
        SmpExponent::A3 => "a3",
        SmpExponent::B2 => "b2",
        SmpExponent::B3 => "b3",
        SmpExponent::R2 => "r2",
        SmpExponent::R3 => "r3",
        SmpExponent::R4 => "r4",
        SmpExponent::R5 => "r5",
        SmpExponent::R6 => "r6",
        SmpExponent::R7 => "r7",
    }
}

impl AesCtr for Recorder {
    fn aes_ctr(&self, key: &AesKey, counter: [u8; 16], data: &mut [u8]) -> Result<()> {
        self.note("AES key", key.expose());
        self.inner.aes_ctr(key, counter, data)
    }

    fn aes_ctr_prepared(&self, key: &mut PreparedKey<16>, counter: [u8; 16], data: &mut [u8]) -> Result<()> {
        self.note("AES key", key.key().expose());
        self.inner.aes_ctr_prepared(key, counter, data)
    }
}

impl Hash for Recorder {
    fn sha1(&self, parts: &[&[u8]], out: &mut [u8; 20]) -> Result<()> {
        self.inner.sha1(parts, out)?;
        if self.is_made_of_secrets(parts) {
            self.note(if parts.len() == 1 { "MAC key" } else { "AES key" }, out);
        }
        Ok(())
    }

    fn sha256(&self, parts: &[&[u8]], out: &mut [u8; 32]) -> Result<()> {
        self.inner.sha256(parts, out)?;
        if self.is_made_of_secrets(parts) {
            self.note(
                match parts {
                    [[0], _] => "hash with the session id",
                    [[1], _] => "c and c'",
                    [[2], _] => "m1",
                    [[3], _] => "m2",
                    [[4], _] => "m1'",
                    [[5], _] => "m2'",
                    [[0xff], _] => "extra key",
                    _ => "secret of a comparison",
                },
                out,
            );
        }
        Ok(())
    }

    fn hmac_sha1(&self, key: &[u8], parts: &[&[u8]], out: &mut [u8; 20]) -> Result<()> {
        self.note("MAC key", key);
        self.inner.hmac_sha1(key, parts, out)
    }

    fn hmac_sha1_prepared(
        &self,
        key: &mut PreparedKey<20>,
        parts: &[&[u8]],
        out: &mut [u8; 20],
    ) -> Result<()> {
        self.note("MAC key", key.key().expose());
        self.inner.hmac_sha1_prepared(key, parts, out)
    }

    fn hmac_sha256(&self, key: &[u8], parts: &[&[u8]], out: &mut [u8; 32]) -> Result<()> {
        self.note("MAC key", key);
        self.inner.hmac_sha256(key, parts, out)?;
        match parts {
            [[1 | 2], _] => self.note("key for what is saved", out),
            [one] if !one.starts_with(b"OTRsaved") => self.note("M", out),
            _ => {} // The MAC of something sent or saved.
        }
        Ok(())
    }
}

impl ModExp for Recorder {
    fn product(&self, terms: &[Term<'_>]) -> Result<Element> {
        let product = self.inner.product(terms)?;
        if let Some(name) = self.name_of(terms) {
            self.note(name, product.as_be_bytes());
        }
        Ok(product)
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
        let product = self.inner.exponent_product(a, b)?;
        let with_secret = self.is("secret of a comparison", b.expose());
        self.note(
            if with_secret { "product with the secret" } else { "product of exponents" },
            product.expose(),
        );
        Ok(product)
    }
}

impl Dsa for Recorder {
    fn generation(&self) -> Result<Box<dyn KeyGeneration>> {
        self.inner.generation()
    }

    fn generate(&self) -> Result<SecretKey> {
        let key = self.inner.generate()?;
        self.note("x", key.x().expose());
        Ok(key)
    }

    fn sign(&self, key: &SecretKey, digest: &Digest) -> Result<Signature> {
        self.note("x", key.x().expose());
        self.note("z", digest.as_bytes());
        let signature = self.inner.sign(key, digest)?;
        // Whoever signs has gone so far that r is sent in clear, with the signature.
        aside(|| self.secrets().publish_all(self.whose, "r"));
        self.note_nonce(key, digest, &signature);
        Ok(signature)
    }

    fn verify(&self, key: &PublicKey, digest: &Digest, signature: &Signature) -> Result<()> {
        self.note("z", digest.as_bytes());
        self.inner.verify(key, digest, signature)
    }

    fn validate(&self, key: &PublicKey, thoroughness: Thoroughness) -> Result<()> {
        self.inner.validate(key, thoroughness)
    }

    fn validate_secret(&self, key: &SecretKey) -> Result<()> {
        self.note("x", key.x().expose());
        self.inner.validate_secret(key)
    }
}

delegate! { impl[] Backend for Recorder => |self| self.inner }
