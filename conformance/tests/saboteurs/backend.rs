//! The pure-Rust backend with one fault.

use std::sync::Mutex;

use otr_backend_rustcrypto::RustCrypto;
use otr_traits::{
    AesCtr, AesKey, Base, Digest, Dsa, Element, Error, Exponent, Hash, KeyGeneration, ModExp, Power,
    Prepared, PublicKey, Purpose, Result, Rng, SecretKey, Signature, Term, Thoroughness, delegate,
};

/// In which way it is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    None,
    Sha1WithoutLastPart,
    LongHmacKeyCut,
    HmacSha256Cut,
    Counter64,
    Counter32,
    SecondTermIgnored,
    PowerTrimmed,
    PreparedForgotten,
    SecretsCut,
    ResponseModP,
    ExponentsModQ,
    NoInverseIgnored,
    DivisionSwapped,
    Gullible,
    Suspicious,
    NotValidated,
    SecretNotValidated,
    OtherDigestSigned,
    OneKeyForAll,
    RngRepeats,
    RngStopsEarly,
    RngFails,
}

pub(crate) struct Saboteur {
    fault: Fault,
    /// The key of [`Fault::OneKeyForAll`].
    key: Mutex<Option<SecretKey>>,
}

impl Saboteur {
    pub(crate) fn new(fault: Fault) -> Self {
        Self { fault, key: Mutex::default() }
    }
}

impl Hash for Saboteur {
    fn sha1(&self, parts: &[&[u8]], out: &mut [u8; 20]) -> Result<()> {
        let count =
            if self.fault == Fault::Sha1WithoutLastPart { 1.max(parts.len()) - 1 } else { parts.len() };
        RustCrypto.sha1(&parts[..count], out)
    }
    fn sha256(&self, parts: &[&[u8]], out: &mut [u8; 32]) -> Result<()> {
        RustCrypto.sha256(parts, out)
    }
    fn hmac_sha1(&self, key: &[u8], parts: &[&[u8]], out: &mut [u8; 20]) -> Result<()> {
        let cut = self.fault == Fault::LongHmacKeyCut;
        RustCrypto.hmac_sha1(if cut { &key[..key.len().min(64)] } else { key }, parts, out)
    }
    fn hmac_sha256(&self, key: &[u8], parts: &[&[u8]], out: &mut [u8; 32]) -> Result<()> {
        RustCrypto.hmac_sha256(key, parts, out)?;
        if self.fault == Fault::HmacSha256Cut {
            out[20..].fill(0);
        }
        Ok(())
    }
}

impl AesCtr for Saboteur {
    fn aes_ctr(&self, key: &AesKey, counter: [u8; 16], data: &mut [u8]) -> Result<()> {
        let bits = match self.fault {
            Fault::Counter64 => 64,
            Fault::Counter32 => 32,
            _ => return RustCrypto.aes_ctr(key, counter, data),
        };
        let (mut counter, low) = (u128::from_be_bytes(counter), (1_u128 << bits) - 1);
        for block in data.chunks_mut(16) {
            RustCrypto.aes_ctr(key, counter.to_be_bytes(), block)?;
            counter = counter & !low | counter.wrapping_add(1) & low;
        }
        Ok(())
    }
}

impl ModExp for Saboteur {
    fn product(&self, terms: &[Term<'_>]) -> Result<Element> {
        let mut terms = terms.to_vec();
        let short: Vec<_> = terms.iter().map(|term| low_40_bytes(term.exponent.exponent())).collect();
        if self.fault == Fault::SecondTermIgnored && terms.len() > 1 {
            terms.remove(1);
        }
        for (term, short) in terms.iter_mut().zip(&short) {
            match (self.fault, term.base, term.exponent) {
                (Fault::PreparedForgotten, Base::Prepared(_), _) => term.base = Base::Generator,
                (Fault::SecretsCut, _, Power::Secret(_)) => term.exponent = Power::Secret(short),
                _ => {}
            }
        }
        let product = RustCrypto.product(&terms)?;
        if self.fault != Fault::PowerTrimmed {
            return Ok(product);
        }
        // As an MPI without its leading zeros, read from the left.
        let bytes = product.as_be_bytes();
        let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
        let mut trimmed = [0; 192];
        trimmed[..192 - zeros].copy_from_slice(&bytes[zeros..]);
        Ok(Element::from(trimmed))
    }
    fn prepare(&self, base: &Element, uses: u8) -> Result<Prepared> {
        RustCrypto.prepare(base, uses)
    }
    fn mul(&self, a: &Element, b: &Element) -> Result<Element> {
        RustCrypto.mul(a, b)
    }
    fn div(&self, a: &Element, b: &Element) -> Result<Element> {
        match (self.fault, RustCrypto.div(a, b)) {
            (Fault::DivisionSwapped, Ok(_)) => RustCrypto.div(b, a),
            (Fault::NoInverseIgnored, Err(Error::NoInverse)) => Ok(a.clone()),
            (_, result) => result,
        }
    }
    fn response(&self, r: &Exponent, x: &Exponent, c: &Exponent) -> Result<Exponent> {
        if self.fault != Fault::ResponseModP {
            return RustCrypto.response(r, x, c);
        }
        // r - x c mod p - 1, which is r + x c (p - 2).
        let minus_one = Exponent::from_be_bytes(&{
            let mut bytes = otr_traits::PRIME;
            bytes[191] -= 2;
            bytes
        });
        let xc = RustCrypto.exponent_product(x, c)?;
        let negative = RustCrypto.exponent_product(&xc, &minus_one.unwrap())?;
        Ok(sum(r, &negative))
    }
    fn exponent_product(&self, a: &Exponent, b: &Exponent) -> Result<Exponent> {
        let product = RustCrypto.exponent_product(a, b)?;
        let zero = Exponent::zeroed(1);
        if self.fault == Fault::ExponentsModQ {
            RustCrypto.response(&product, &zero, &zero)
        } else {
            Ok(product)
        }
    }
}

/// The sum of two exponents below p - 1, cut to 192 bytes.
fn sum(a: &Exponent, b: &Exponent) -> Exponent {
    let mut sum = Exponent::zeroed(192);
    let digits = a.expose().iter().rev().chain(std::iter::repeat(&0)).zip(b.expose().iter().rev());
    let mut carry = 0;
    for (to, (a, b)) in sum.expose_mut().iter_mut().rev().zip(digits) {
        let digit = u16::from(*a) + u16::from(*b) + carry;
        (*to, carry) = (digit as u8, digit >> 8);
    }
    sum
}

fn low_40_bytes(exponent: &Exponent) -> Exponent {
    let bytes = exponent.expose();
    Exponent::from_be_bytes(&bytes[bytes.len().saturating_sub(40)..]).unwrap()
}

impl Dsa for Saboteur {
    fn generation(&self) -> Result<Box<dyn KeyGeneration>> {
        RustCrypto.generation()
    }
    fn generate(&self) -> Result<SecretKey> {
        let mut kept = self.key.lock().unwrap();
        match &*kept {
            Some(key) if self.fault == Fault::OneKeyForAll => Ok(key.duplicate()),
            _ => {
                let key = RustCrypto.generate()?;
                *kept = Some(key.duplicate());
                Ok(key)
            }
        }
    }
    fn sign(&self, key: &SecretKey, digest: &Digest) -> Result<Signature> {
        if self.fault != Fault::OtherDigestSigned {
            return RustCrypto.sign(key, digest);
        }
        // The digest as the first 20 of 32 bytes instead of the last.
        let mut mac = [0; 32];
        mac[..20].copy_from_slice(digest.as_bytes());
        RustCrypto.sign(key, &Digest::reduce(&mac, key.public().q()))
    }
    fn verify(&self, key: &PublicKey, digest: &Digest, signature: &Signature) -> Result<()> {
        match self.fault {
            Fault::Gullible => Ok(()),
            Fault::Suspicious => Err(Error::InvalidSignature),
            _ => RustCrypto.verify(key, digest, signature),
        }
    }
    fn validate(&self, key: &PublicKey, thoroughness: Thoroughness) -> Result<()> {
        if self.fault == Fault::NotValidated { Ok(()) } else { RustCrypto.validate(key, thoroughness) }
    }
    fn validate_secret(&self, key: &SecretKey) -> Result<()> {
        if self.fault == Fault::SecretNotValidated { Ok(()) } else { RustCrypto.validate_secret(key) }
    }
}

impl Rng for Saboteur {
    fn fill(&self, purpose: Purpose, buf: &mut [u8]) -> Result<()> {
        match self.fault {
            Fault::RngFails => Err(Error::Rng),
            Fault::RngRepeats => {
                let bytes = (0..=255_u8).cycle().map(|index| index.wrapping_mul(151) ^ 0xa5);
                buf.iter_mut().zip(bytes).for_each(|(byte, repeated)| *byte = repeated);
                Ok(())
            }
            Fault::RngStopsEarly => {
                let length = buf.len().min(64);
                RustCrypto.fill(purpose, &mut buf[..length])
            }
            _ => RustCrypto.fill(purpose, buf),
        }
    }
}

delegate! { impl[] Backend for Saboteur => |self| RustCrypto }
