//! A backend that counts the powers it is asked for, and what it does with long-term keys.

use std::collections::BTreeMap;
use std::sync::Mutex;

use otr_protocol::RustCrypto;
use otr_protocol::traits::{
    Base, Digest, Dsa, Element, Exponent, KeyGeneration, ModExp, Power, Prepared, PublicKey, Result,
    SecretKey, Signature, Term, Thoroughness, delegate,
};

/// Which powers and other work, how often: `"g^1536"` is a secret power of the generator with an exponent of 1536
/// bits, `"t^256 public"` a public one of a base with a table, `"e^…"` one of any element; `"sign"`, `"verify"` and
/// `"validate"` are Dsa's.
pub(crate) type Costs = BTreeMap<String, usize>;

#[derive(Default)]
pub(crate) struct Counting {
    inner: RustCrypto,
    costs: Mutex<Costs>,
}

impl Counting {
    /// What has been counted since the last time.
    pub(crate) fn take(&self) -> Costs {
        std::mem::take(&mut self.costs.lock().unwrap())
    }

    fn count(&self, what: String) {
        *self.costs.lock().unwrap().entry(what).or_default() += 1;
    }
}

impl ModExp for Counting {
    fn product(&self, terms: &[Term<'_>]) -> Result<Element> {
        for Term { base, exponent } in terms {
            let base = match base {
                Base::Generator => "g",
                Base::Element(_) => "e",
                Base::Prepared(_) => "t",
            };
            // One number from the wire in 256 begins with a zero byte, and is shorter.
            let bits = match exponent.exponent().bits() {
                bits @ ..=320 => bits,
                _ => 1536,
            };
            let public = if matches!(exponent, Power::Public(_)) { " public" } else { "" };
            self.count(format!("{base}^{bits}{public}"));
        }
        self.inner.product(terms)
    }

    fn prepare(&self, base: &Element, uses: u8) -> Result<Prepared> {
        self.count("tables".into());
        self.inner.prepare(base, uses)
    }

    fn mul(&self, a: &Element, b: &Element) -> Result<Element> {
        self.inner.mul(a, b)
    }

    fn div(&self, a: &Element, b: &Element) -> Result<Element> {
        self.count("inversions".into());
        self.inner.div(a, b)
    }

    fn response(&self, r: &Exponent, x: &Exponent, c: &Exponent) -> Result<Exponent> {
        self.inner.response(r, x, c)
    }

    fn exponent_product(&self, a: &Exponent, b: &Exponent) -> Result<Exponent> {
        self.inner.exponent_product(a, b)
    }
}

impl Dsa for Counting {
    fn generation(&self) -> Result<Box<dyn KeyGeneration>> {
        self.inner.generation()
    }

    fn sign(&self, key: &SecretKey, digest: &Digest) -> Result<Signature> {
        self.count("sign".into());
        self.inner.sign(key, digest)
    }

    fn verify(&self, key: &PublicKey, digest: &Digest, signature: &Signature) -> Result<()> {
        self.count("verify".into());
        self.inner.verify(key, digest, signature)
    }

    fn validate(&self, key: &PublicKey, thoroughness: Thoroughness) -> Result<()> {
        self.count("validate".into());
        self.inner.validate(key, thoroughness)
    }

    fn validate_secret(&self, key: &SecretKey) -> Result<()> {
        self.inner.validate_secret(key)
    }
}

delegate! { impl[] AesCtr, Hash, Rng, Backend for Counting => |self| self.inner }
