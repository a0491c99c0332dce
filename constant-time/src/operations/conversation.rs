//! Whole conversations, on a backend that conceals what is secret and reveals what is published.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use otr_backend_rustcrypto::RustCrypto;
use otr_benches::{Pair, Shared};
use otr_traits::{
    AesCtr, AesKey, Base, Digest, Dsa, Element, Exponent, Hash, KeyGeneration, ModExp, Prepared, PreparedKey,
    PublicKey, Purpose, Result, Rng, SecretKey, Signature, Term, Thoroughness, delegate,
};

use super::{Operation, fill};
use crate::memcheck::{conceal, reveal};

pub(super) const ALL: &[Operation] = &[
    Operation { name: "key-exchange", id: "S-41", run: || drop(connected()) },
    Operation { name: "messages", id: "S-40", run: messages },
    Operation { name: "comparison", id: "S-43", run: || connected().compare() },
];

fn connected() -> Pair {
    let backend: Shared = Arc::new(Concealing { inner: RustCrypto, drawn: AtomicU8::new(0) });
    Pair::connected(&backend, None)
}

/// Keys change with every turn, and dead ones are revealed.
fn messages() {
    let mut pair = connected();
    for text in ["a", "b", "c", "d", "e", "f"] {
        pair.write(text.as_bytes());
        pair.turn();
    }
}

/// Conceals every exponent, the long-term key, and the secret of a comparison; so also all that is computed of them.
/// Reveals what is published, as it is computed. Random bytes are always the same.
struct Concealing {
    inner: RustCrypto,
    drawn: AtomicU8,
}

impl Rng for Concealing {
    fn fill(&self, purpose: Purpose, buf: &mut [u8]) -> Result<()> {
        fill(self.drawn.fetch_add(1, Ordering::Relaxed), buf);
        // Tags are sent in clear, and the key of a commit is sent to open it.
        if matches!(purpose, Purpose::DhPrivate | Purpose::Smp(_)) {
            conceal(buf);
        }
        Ok(())
    }
}

impl ModExp for Concealing {
    fn product(&self, terms: &[Term<'_>]) -> Result<Element> {
        let product = self.inner.product(terms)?;
        match terms {
            // A shared secret, or Rab. How many leading zero bytes it has is told by the length of its MPI, in the
            // protocol; in 255 of 256 the first byte is not 0.
            [Term { base: Base::Element(_), .. }] => reveal(&product.as_be_bytes()[..1]),
            // Anything else is sent, or computed again by the peer from what is sent: but for g1^r4 and g2^y, which are
            // multiplied first.
            _ => reveal(product.as_be_bytes()),
        }
        Ok(product)
    }

    fn prepare(&self, base: &Element, uses: u8) -> Result<Prepared> {
        self.inner.prepare(base, uses)
    }

    /// Q is sent. Rab · Pb, which is compared with Pa, the peer knows as well.
    fn mul(&self, a: &Element, b: &Element) -> Result<Element> {
        let product = self.inner.mul(a, b)?;
        reveal(product.as_be_bytes());
        Ok(product)
    }

    fn div(&self, a: &Element, b: &Element) -> Result<Element> {
        self.inner.div(a, b)
    }

    /// It is sent.
    fn response(&self, r: &Exponent, x: &Exponent, c: &Exponent) -> Result<Exponent> {
        let response = self.inner.response(r, x, c)?;
        reveal(response.expose());
        Ok(response)
    }

    fn exponent_product(&self, a: &Exponent, b: &Exponent) -> Result<Exponent> {
        self.inner.exponent_product(a, b)
    }
}

impl Dsa for Concealing {
    fn generation(&self) -> Result<Box<dyn KeyGeneration>> {
        self.inner.generation()
    }

    /// It is sent, though encrypted.
    fn sign(&self, key: &SecretKey, digest: &Digest) -> Result<Signature> {
        conceal(key.x().expose());
        let signature = self.inner.sign(key, digest)?;
        reveal(&signature.r);
        reveal(&signature.s);
        Ok(signature)
    }

    fn verify(&self, key: &PublicKey, digest: &Digest, signature: &Signature) -> Result<()> {
        // What was signed, whoever has the signature and the key can tell from them.
        reveal(digest.as_bytes());
        self.inner.verify(key, digest, signature)
    }

    fn validate(&self, key: &PublicKey, thoroughness: Thoroughness) -> Result<()> {
        self.inner.validate(key, thoroughness)
    }

    fn validate_secret(&self, key: &SecretKey) -> Result<()> {
        self.inner.validate_secret(key)
    }
}

/// Ciphertext is sent. Plaintext is the user's, and is parsed.
impl AesCtr for Concealing {
    fn aes_ctr(&self, key: &AesKey, counter: [u8; 16], data: &mut [u8]) -> Result<()> {
        self.inner.aes_ctr(key, counter, data)?;
        reveal(data);
        Ok(())
    }

    fn aes_ctr_prepared(&self, key: &mut PreparedKey<16>, counter: [u8; 16], data: &mut [u8]) -> Result<()> {
        self.inner.aes_ctr_prepared(key, counter, data)?;
        reveal(data);
        Ok(())
    }
}

impl Hash for Concealing {
    fn sha1(&self, parts: &[&[u8]], out: &mut [u8; 20]) -> Result<()> {
        self.inner.sha1(parts, out)?;
        // A MAC key, made of an AES key: it is sent when it is dead (DATA-27).
        if let [key] = parts
            && key.len() == 16
        {
            reveal(out);
        }
        Ok(())
    }

    fn sha256(&self, parts: &[&[u8]], out: &mut [u8; 32]) -> Result<()> {
        self.inner.sha256(parts, out)?;
        // The secret of a comparison is the only hash of so many parts.
        if parts.len() == 5 {
            conceal(out);
        }
        Ok(())
    }

    /// MACs are sent, or compared with what was sent; here with what is the same.
    fn hmac_sha1(&self, key: &[u8], parts: &[&[u8]], out: &mut [u8; 20]) -> Result<()> {
        self.inner.hmac_sha1(key, parts, out)?;
        reveal(out);
        Ok(())
    }

    fn hmac_sha1_prepared(
        &self,
        key: &mut PreparedKey<20>,
        parts: &[&[u8]],
        out: &mut [u8; 20],
    ) -> Result<()> {
        self.inner.hmac_sha1_prepared(key, parts, out)?;
        reveal(out);
        Ok(())
    }

    fn hmac_sha256(&self, key: &[u8], parts: &[&[u8]], out: &mut [u8; 32]) -> Result<()> {
        self.inner.hmac_sha256(key, parts, out)?;
        // M, which is signed, has one part. It is not sent.
        if parts.len() == 2 {
            reveal(out);
        }
        Ok(())
    }
}

delegate! { impl[] Backend for Concealing => |self| self.inner }
