//! Backends that are wrong in one way.

use std::sync::Mutex;

use otr_backend_rustcrypto::RustCrypto;
use otr_traits::{Dsa, Generated, KeyGeneration, Result, delegate};

use super::super::tests::failed;
use super::order::{Number, nonce};
use super::*;

#[derive(Clone, Copy, Debug, PartialEq)]
enum Fault {
    /// Reduces r and s instead of refusing them.
    RangesNotChecked,
    /// Accepts everything.
    Gullible,
    /// Verifies no signature whose r or s has a leading zero byte.
    ShortNumberRefused,
    NoPrimality,
    OrderOfYNotChecked,
    PairNotChecked,
    /// Every nonce lies in the lower half.
    NonceShort,
    /// Every nonce is odd.
    NonceOdd,
    /// Of two nonces the lesser is taken: the first quarter gets seven sixteenths.
    NonceUneven,
    OneNonceForAll,
    OneKeyForAll,
}

struct Wrong {
    fault: Fault,
    key: Mutex<Option<SecretKey>>,
    signature: Mutex<Option<Signature>>,
}

impl Wrong {
    fn draw(&self, key: &SecretKey, digest: &Digest) -> Result<(Number, Signature)> {
        let signature = RustCrypto.sign(key, digest)?;
        Ok((nonce(key, digest, &signature).unwrap(), signature))
    }

    fn draw_until(
        &self,
        key: &SecretKey,
        digest: &Digest,
        fits: impl Fn(Number) -> bool,
    ) -> Result<Signature> {
        loop {
            let (nonce, signature) = self.draw(key, digest)?;
            if fits(nonce) {
                return Ok(signature);
            }
        }
    }
}

fn reduced(n: [u8; 20], q: &[u8; 20]) -> [u8; 20] {
    let mut wide = [0; 32];
    wide[12..].copy_from_slice(&n);
    *Digest::reduce(&wide, q).as_bytes()
}

/// A key that is there at the first step.
struct Ready(Option<SecretKey>);

impl KeyGeneration for Ready {
    fn step(&mut self) -> Result<Generated> {
        self.0.take().map(Generated::Key).ok_or(Error::Rng)
    }
}

impl Dsa for Wrong {
    fn generation(&self) -> Result<Box<dyn KeyGeneration>> {
        let key = self.generate()?;
        Ok(Box::new(Ready(Some(key))))
    }

    fn generate(&self) -> Result<SecretKey> {
        let mut kept = self.key.lock().unwrap();
        match (self.fault, &*kept) {
            (Fault::OneKeyForAll, Some(key)) => Ok(key.duplicate()),
            _ => {
                let key = RustCrypto.generate()?;
                *kept = Some(key.duplicate());
                Ok(key)
            }
        }
    }

    fn sign(&self, key: &SecretKey, digest: &Digest) -> Result<Signature> {
        let q = Number::from_be_bytes(key.public().q());
        match self.fault {
            Fault::NonceShort => self.draw_until(key, digest, |nonce| nonce.quarter(q) < 2),
            Fault::NonceOdd => self.draw_until(key, digest, |nonce| nonce.bit(0)),
            Fault::NonceUneven => {
                let (one, other) = (self.draw(key, digest)?, self.draw(key, digest)?);
                Ok(if one.0 < other.0 { one.1 } else { other.1 })
            }
            Fault::OneNonceForAll => {
                let mut kept = self.signature.lock().unwrap();
                Ok(kept.get_or_insert(RustCrypto.sign(key, digest)?).clone())
            }
            _ => RustCrypto.sign(key, digest),
        }
    }

    fn verify(&self, key: &PublicKey, digest: &Digest, signature: &Signature) -> Result<()> {
        let (r, s) = (reduced(signature.r, key.q()), reduced(signature.s, key.q()));
        match self.fault {
            Fault::Gullible => Ok(()),
            // By Fermat's theorem the inverse of 0 is 0, and v is 1.
            Fault::RangesNotChecked if s == [0; 20] && r == reduced(one(), key.q()) => Ok(()),
            Fault::RangesNotChecked => RustCrypto.verify(key, digest, &Signature { r, s }),
            Fault::ShortNumberRefused if r[0] == 0 || s[0] == 0 => Err(Error::InvalidSignature),
            _ => RustCrypto.verify(key, digest, signature),
        }
    }

    fn validate(&self, key: &PublicKey, thoroughness: Thoroughness) -> Result<()> {
        match (self.fault, RustCrypto.validate(key, thoroughness)) {
            (Fault::NoPrimality, _) => RustCrypto.validate(key, Thoroughness::Orders),
            (Fault::OrderOfYNotChecked, Err(Error::InvalidKey(KeyFault::Y))) => Ok(()),
            (_, verdict) => verdict,
        }
    }

    fn validate_secret(&self, key: &SecretKey) -> Result<()> {
        if self.fault == Fault::PairNotChecked { Ok(()) } else { RustCrypto.validate_secret(key) }
    }
}
delegate! { impl[] ModExp, AesCtr, Hash, Rng, Backend for Wrong => |self| RustCrypto }

fn one() -> [u8; 20] {
    let mut one = [0; 20];
    one[19] = 1;
    one
}

#[test]
fn each_fault_is_caught_by_the_case_made_for_it_and_by_no_other_kind() {
    for (fault, kind, ids) in [
        (
            Fault::RangesNotChecked,
            "verify/",
            &["refused-r-plus-q", "refused-s-plus-q", "refused-r-one-s-q"][..],
        ),
        (Fault::Gullible, "verify/", &["refused-r-zero", "truncated-ones-by-x-1", "refused-mac-bit-255"]),
        (Fault::NoPrimality, "validate/", &["p-composite", "q-composite"]),
        (Fault::OrderOfYNotChecked, "validate/", &["y-p-minus-1", "y-outsider", "y-negated"]),
        (Fault::PairNotChecked, "pair/", &["wrong-x-plus-1", "wrong-negated", "wrong-y-negated"]),
        (Fault::NonceShort, "sign/", &["nonces"]),
        (Fault::NonceOdd, "sign/", &["nonces"]),
        (Fault::NonceUneven, "sign/", &["nonces"]),
        (Fault::OneKeyForAll, "generate", &[""]),
    ] {
        let wrong = Wrong { fault, key: Mutex::default(), signature: Mutex::default() };
        let cases = cases(&wrong, &Vectors::default()).unwrap();
        let failed: Vec<&str> = failed(&cases).iter().filter_map(|id| id.strip_prefix("dsa/")).collect();
        assert!(failed.iter().all(|id| id.starts_with(kind)), "{fault:?}: {failed:?}");
        for id in ids {
            assert!(failed.contains(&format!("{kind}{id}").as_str()), "{fault:?}: {id}: {failed:?}");
        }
    }
}

#[test]
fn key_03_key_07_short_numbers_and_one_signature_for_all_are_caught() {
    for (fault, ids) in [
        (Fault::ShortNumberRefused, &["verify/r-leading-zeros-1", "verify/s-leading-zero"][..]),
        (Fault::OneNonceForAll, &["sign/full", "sign/nonces"]),
    ] {
        let wrong = Wrong { fault, key: Mutex::default(), signature: Mutex::default() };
        let cases = cases(&wrong, &Vectors::default()).unwrap();
        for id in ids {
            assert!(failed(&cases).contains(&format!("dsa/{id}").as_str()), "{fault:?}: {id}");
        }
    }
}
