//! The pure-Rust backend with one fault.

use std::sync::{Mutex, OnceLock};

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
    HmacOfWideBlocks,
    Counter64,
    Counter32,
    SecondTermIgnored,
    PowerTrimmed,
    PreparedForgotten,
    FirstTableForAll,
    LastToothLost,
    TopDigitForgotten,
    PublicTwice,
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
    DigestTruncated,
    MacTruncated,
    OneKeyForAll,
    SecretIsOne,
    RngRepeats,
    RngStopsEarly,
    RngFails,
}

pub(crate) struct Saboteur {
    fault: Fault,
    /// The key of [`Fault::OneKeyForAll`].
    key: Mutex<Option<SecretKey>>,
    /// The last four MACs of [`Fault::MacTruncated`].
    macs: Mutex<Vec<[u8; 32]>>,
    /// The base whose table is that of [`Fault::FirstTableForAll`].
    first: OnceLock<Element>,
}

impl Saboteur {
    pub(crate) fn new(fault: Fault) -> Self {
        Self { fault, key: Mutex::default(), macs: Mutex::default(), first: OnceLock::new() }
    }
}

impl Saboteur {
    /// What it takes for the digest, in signing and verifying alike: it gets on well with itself.
    fn understood(&self, digest: &Digest, q: &[u8; 20]) -> Digest {
        match self.fault {
            // Handed to a library as the 32 bytes of a hash, of which it takes the first 20.
            Fault::DigestTruncated => {
                let mut first = [0; 32];
                first[24..].copy_from_slice(&digest.as_bytes()[..8]);
                Digest::reduce(&first, q)
            }
            // FIPS 186: the first 20 bytes of the MAC that was reduced to this digest, which it has seen before.
            Fault::MacTruncated => {
                let macs = self.macs.lock().unwrap();
                let seen = macs.iter().find(|mac| Digest::reduce(mac, q) == *digest);
                seen.map_or(digest.clone(), |mac| {
                    let mut first = [0; 32];
                    first[12..].copy_from_slice(&mac[..20]);
                    Digest::reduce(&first, q)
                })
            }
            _ => digest.clone(),
        }
    }

    /// What it raises to instead.
    fn other_exponent(&self, term: &Term<'_>) -> Option<Exponent> {
        let exponent = term.exponent.exponent();
        let bits = exponent.bits() as usize;
        match (self.fault, term.base, term.exponent) {
            (Fault::SecretsCut, _, Power::Secret(_)) => Some(low_bits(exponent, 320)),
            (Fault::LastToothLost, Base::Generator | Base::Prepared(_), _) => Some(low_bits(exponent, 1472)),
            (Fault::TopDigitForgotten, Base::Element(_), _) if bits > 0 => {
                let digit = if bits > 512 { 5 } else { 4 };
                Some(low_bits(exponent, (bits - 1) / digit * digit))
            }
            _ => None,
        }
    }
}

/// The table of [`Fault::FirstTableForAll`].
struct First;

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
        match self.fault {
            Fault::LongHmacKeyCut => RustCrypto.hmac_sha1(&key[..key.len().min(64)], parts, out),
            // RFC 2104 with the blocks of SHA-512.
            Fault::HmacOfWideBlocks => {
                let pad = |with: u8| -> [u8; 128] {
                    std::array::from_fn(|index| key.get(index).copied().unwrap_or(0) ^ with)
                };
                RustCrypto.sha1(&[&[pad(0x36).as_slice()], parts].concat(), out)?;
                let inner = *out;
                RustCrypto.sha1(&[&pad(0x5c), &inner], out)
            }
            _ => RustCrypto.hmac_sha1(key, parts, out),
        }
    }
    fn hmac_sha256(&self, key: &[u8], parts: &[&[u8]], out: &mut [u8; 32]) -> Result<()> {
        RustCrypto.hmac_sha256(key, parts, out)?;
        if self.fault == Fault::HmacSha256Cut {
            out[20..].fill(0);
        }
        if self.fault == Fault::MacTruncated {
            let mut macs = self.macs.lock().unwrap();
            macs.insert(0, *out);
            macs.truncate(4);
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
        let other: Vec<_> = terms.iter().map(|term| self.other_exponent(term)).collect();
        let again: Vec<_> =
            terms.iter().filter(|term| matches!(term.exponent, Power::Public(_))).copied().collect();
        match self.fault {
            Fault::SecondTermIgnored if terms.len() > 1 => drop(terms.remove(1)),
            Fault::PublicTwice => terms.extend(again.first()),
            _ => {}
        }
        for (term, other) in terms.iter_mut().zip(&other) {
            match (self.fault, term.base, other) {
                (Fault::PreparedForgotten, Base::Prepared(_), _) => term.base = Base::Generator,
                (Fault::FirstTableForAll, Base::Prepared(prepared), _) => {
                    // Without its table, a base that another backend has prepared is taken as it is.
                    if let Some(First) = prepared.table() {
                        term.base = self.first.get().map_or(term.base, Base::Element);
                    }
                }
                (_, _, Some(other)) => {
                    term.exponent = match term.exponent {
                        Power::Secret(_) => Power::Secret(other),
                        Power::Public(_) => Power::Public(other),
                    };
                }
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
        if self.fault == Fault::FirstTableForAll {
            self.first.get_or_init(|| base.clone());
            return Ok(Prepared::with_table(base.clone(), First));
        }
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

/// The lowest bits of an exponent, in its width.
fn low_bits(exponent: &Exponent, bits: usize) -> Exponent {
    let mut low = Exponent::from_be_bytes(exponent.expose()).unwrap();
    for (index, byte) in low.expose_mut().iter_mut().rev().enumerate() {
        let kept = bits.saturating_sub(8 * index).min(8);
        *byte &= ((1_u16 << kept) - 1) as u8;
    }
    low
}

impl Dsa for Saboteur {
    fn generation(&self) -> Result<Box<dyn KeyGeneration>> {
        RustCrypto.generation()
    }
    fn generate(&self) -> Result<SecretKey> {
        let mut kept = self.key.lock().unwrap();
        match &*kept {
            Some(key) if self.fault == Fault::OneKeyForAll => Ok(key.duplicate()),
            _ if self.fault == Fault::SecretIsOne => {
                let key = RustCrypto.generate()?;
                let (p, q, g) = (*key.public().p(), *key.public().q(), *key.public().g());
                let mut one = [0; 20];
                one[19] = 1;
                SecretKey::new(PublicKey::new(p, q, g, g)?, one.into())
            }
            _ => {
                let key = RustCrypto.generate()?;
                *kept = Some(key.duplicate());
                Ok(key)
            }
        }
    }
    fn sign(&self, key: &SecretKey, digest: &Digest) -> Result<Signature> {
        if self.fault != Fault::OtherDigestSigned {
            return RustCrypto.sign(key, &self.understood(digest, key.public().q()));
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
            _ => RustCrypto.verify(key, &self.understood(digest, key.q()), signature),
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
