//! DSA with 1024-bit p and 160-bit q: the only size OTR has (KEY-04).

mod generation;
mod sieve;

pub use generation::{Generated, KeyGeneration, Progress};
pub use sieve::Sieve;

use core::fmt;

use subtle::{Choice, ConditionallySelectable, ConstantTimeEq};
use zeroize::Zeroize;

use crate::{Error, Result, Secret};

/// DSA with 1024/160-bit keys.
///
/// What is signed is a [`Digest`], already below q: OTR *reduces* the 32 bytes it signs modulo q where FIPS 186
/// truncates them (KEY-05). Deciding that here, before any backend, is what makes every backend talk to
/// libotr; a backend tested only against itself would be green and talk to no one.
pub trait Dsa {
    /// Begins to generate domain parameters of exactly 1024 and 160 bits and a key pair in them (KEY-08), step by step:
    /// for whoever wants to show progress, or to be able to cancel.
    ///
    /// # Errors
    /// [`Error::Rng`], or [`Error::Refused`] if the library refuses keys of this size.
    fn generation(&self) -> Result<Box<dyn KeyGeneration>>;

    /// Generates a key in one go, which takes some hundredths of a second, and now and then ten times that.
    ///
    /// # Errors
    /// As [`generation`](Self::generation) and its steps.
    fn generate(&self) -> Result<SecretKey> {
        let mut generation = self.generation()?;
        loop {
            if let Generated::Key(key) = generation.step()? {
                return Ok(key);
            }
        }
    }

    /// Signs `digest` with a fresh nonce, uniform in 1..q (KEY-07). Constant time in the key and the nonce.
    ///
    /// # Errors
    /// [`Error::Rng`], or [`Error::Refused`]. Never a signature with a weak nonce.
    fn sign(&self, key: &SecretKey, digest: &Digest) -> Result<Signature>;

    /// Checks a signature; r and s outside 1..q are refused before any arithmetic (KEY-06).
    ///
    /// # Errors
    /// [`Error::InvalidSignature`] if it does not verify; [`Error::Refused`].
    fn verify(&self, key: &PublicKey, digest: &Digest, signature: &Signature) -> Result<()>;

    /// Checks what [`PublicKey::new`] cannot: that q divides p − 1 and that g and y have order q, and on demand
    /// that p and q are prime (KEY-04).
    ///
    /// # Errors
    /// [`Error::InvalidKey`] naming the first condition broken; [`Error::Refused`].
    fn validate(&self, key: &PublicKey, thoroughness: Thoroughness) -> Result<()>;

    /// Checks that y = g^x (KEY-09).
    ///
    /// # Errors
    /// [`Error::InvalidKey`]; [`Error::Refused`].
    fn validate_secret(&self, key: &SecretKey) -> Result<()>;
}

/// How much of a public key [`Dsa::validate`] checks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Thoroughness {
    /// The orders of g and y: two powers.
    Orders,
    /// The orders, and that p and q are prime (at least 40 rounds of Miller–Rabin with random bases).
    Primality,
}

/// A DSA public key whose numbers have the right sizes and ranges.
///
/// All numbers are big-endian and padded to their full width. These bytes are public.
#[derive(Clone, PartialEq, Eq)]
pub struct PublicKey {
    p: Box<[u8; 128]>,
    q: [u8; 20],
    g: Box<[u8; 128]>,
    y: Box<[u8; 128]>,
}

impl PublicKey {
    /// Checks sizes and ranges: p has 1024 bits and q 160, both odd; 1 < g < p; 1 < y < p (KEY-04). The orders
    /// cost powers and are left to [`Dsa::validate`].
    ///
    /// # Errors
    /// [`Error::InvalidKey`] naming the first condition broken.
    pub fn new(p: [u8; 128], q: [u8; 20], g: [u8; 128], y: [u8; 128]) -> Result<Self> {
        let is_odd = |n: &[u8]| n.last().is_some_and(|last| last & 1 == 1);
        let has_top_bit = |n: &[u8]| n.first().is_some_and(|first| first & 0x80 != 0);
        let fault = if !has_top_bit(&p) || !is_odd(&p) {
            KeyFault::P
        } else if !has_top_bit(&q) || !is_odd(&q) {
            KeyFault::Q
        } else if g <= one() || g >= p {
            KeyFault::G
        } else if y <= one() || y >= p {
            KeyFault::Y
        } else {
            return Ok(Self { p: Box::new(p), q, g: Box::new(g), y: Box::new(y) });
        };
        Err(Error::InvalidKey(fault))
    }

    /// The modulus p, 1024 bits.
    #[must_use]
    pub fn p(&self) -> &[u8; 128] {
        &self.p
    }

    /// The order q, 160 bits.
    #[must_use]
    pub fn q(&self) -> &[u8; 20] {
        &self.q
    }

    /// The generator g of order q.
    #[must_use]
    pub fn g(&self) -> &[u8; 128] {
        &self.g
    }

    /// The public value y = g^x mod p.
    #[must_use]
    pub fn y(&self) -> &[u8; 128] {
        &self.y
    }
}

fn one() -> [u8; 128] {
    let mut one = [0; 128];
    if let Some(last) = one.last_mut() {
        *last = 1;
    }
    one
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d, ..] = *self.y;
        write!(f, "PublicKey(y = {a:02x}{b:02x}{c:02x}{d:02x}…)")
    }
}

/// A DSA key pair.
#[derive(Debug)]
pub struct SecretKey {
    public: PublicKey,
    x: Secret<20>,
}

impl SecretKey {
    /// Joins the two halves; 0 < x < q is checked here, y = g^x by [`Dsa::validate_secret`] (KEY-09).
    ///
    /// # Errors
    /// [`Error::InvalidKey`] if x is out of range.
    pub fn new(public: PublicKey, x: Secret<20>) -> Result<Self> {
        let is_zero = x.expose().ct_eq(&[0; 20]);
        let mut limbs = Limbs::from_be_bytes(x.expose());
        let (_, is_below_q) = limbs.minus(&Limbs::from_be_bytes(public.q()));
        limbs.0.zeroize();
        if bool::from(is_zero | !is_below_q) {
            return Err(Error::InvalidKey(KeyFault::X));
        }
        Ok(Self { public, x })
    }

    /// The public half.
    #[must_use]
    pub fn public(&self) -> &PublicKey {
        &self.public
    }

    /// The secret x, 160 bits.
    #[must_use]
    pub fn x(&self) -> &Secret<20> {
        &self.x
    }

    /// A second copy, wiped on its own.
    #[must_use]
    pub fn duplicate(&self) -> Self {
        Self { public: self.public.clone(), x: self.x.duplicate() }
    }
}

/// The condition of KEY-04 or KEY-09 that a key breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyFault {
    /// p is not an odd number of exactly 1024 bits, or not prime.
    P,
    /// q is not an odd number of exactly 160 bits, not prime, or does not divide p − 1.
    Q,
    /// g is outside 2..p, or its order is not q.
    G,
    /// y is outside 2..p, or its order is not q.
    Y,
    /// x is outside 1..q, or y is not g^x.
    X,
}

impl fmt::Display for KeyFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::P => "p must be a prime of exactly 1024 bits",
            Self::Q => "q must be a prime of exactly 160 bits that divides p - 1",
            Self::G => "g must lie between 1 and p and have order q",
            Self::Y => "y must lie between 1 and p and have order q",
            Self::X => "x must lie between 0 and q, and y must be g^x",
        })
    }
}

/// A DSA signature: r and s, 20 bytes each, big-endian, padded (KEY-03). Public, and not yet checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    /// r = (g^k mod p) mod q.
    pub r: [u8; 20],
    /// s = k⁻¹ (z + x r) mod q.
    pub s: [u8; 20],
}

/// What DSA signs: 160 bits below q.
#[derive(Clone, PartialEq, Eq)]
pub struct Digest([u8; 20]);

impl Digest {
    /// Reads the 32 bytes of `mac` as an integer and **reduces** it modulo q (KEY-05). Constant time in `mac`.
    ///
    /// ```
    /// use otr_traits::Digest;
    /// let mut q = [0; 20];
    /// q[0] = 0x80;
    /// q[19] = 3; // q = 2^159 + 3
    /// let mut mac = [0; 32];
    /// mac[12..].copy_from_slice(&q);
    /// mac[31] += 4;
    /// let mut four = [0; 20];
    /// four[19] = 4;
    /// assert_eq!(Digest::reduce(&mac, &q).as_bytes(), &four);
    /// ```
    #[must_use]
    pub fn reduce(mac: &[u8; 32], q: &[u8; 20]) -> Self {
        let q = Limbs::from_be_bytes(q);
        let mut rest = Limbs([0; 3]);
        for byte in mac {
            for shift in (0..8).rev() {
                rest.double_and_add(u64::from(byte >> shift & 1));
                rest.subtract_if_not_below(&q);
            }
        }
        let digest = Self(rest.to_be_bytes());
        rest.0.zeroize();
        digest
    }

    /// The digest, big-endian, padded to 20 bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 20] {
        &self.0
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Digest(..)")
    }
}

impl Drop for Digest {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

/// A number below 2^161 in little-endian limbs, for [`Digest::reduce`] only.
struct Limbs([u64; 3]);

impl Limbs {
    fn from_be_bytes(bytes: &[u8; 20]) -> Self {
        let mut limbs = [0; 3];
        for (limb, chunk) in limbs.iter_mut().zip(bytes.rchunks(8)) {
            *limb = chunk.iter().fold(0, |limb, byte| limb << 8 | u64::from(*byte));
        }
        Self(limbs)
    }

    fn to_be_bytes(&self) -> [u8; 20] {
        let mut bytes = [0; 20];
        for (chunk, limb) in bytes.rchunks_mut(8).zip(self.0) {
            let limb = limb.to_be_bytes();
            for (to, from) in chunk.iter_mut().rev().zip(limb.iter().rev()) {
                *to = *from;
            }
        }
        bytes
    }

    fn double_and_add(&mut self, bit: u64) {
        let mut carry = bit;
        for limb in &mut self.0 {
            let next = *limb >> 63;
            *limb = *limb << 1 | carry;
            carry = next;
        }
    }

    /// Subtracts `q` once if the number is q or more, touching the same words either way.
    fn subtract_if_not_below(&mut self, q: &Self) {
        let (difference, is_below) = self.minus(q);
        for (limb, difference) in self.0.iter_mut().zip(difference) {
            limb.conditional_assign(&difference, !is_below);
        }
    }

    /// What is left without `other`, modulo 2^192, and whether the number is below it. Constant time.
    fn minus(&self, other: &Self) -> ([u64; 3], Choice) {
        let mut difference = [0; 3];
        let mut borrow = false;
        for ((to, a), b) in difference.iter_mut().zip(self.0).zip(other.0) {
            (*to, borrow) = a.borrowing_sub(b, borrow);
        }
        (difference, Choice::from(u8::from(borrow)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Long division, digit by digit: slow, plain, and written another way than the code under test.
    fn remainder(n: &[u8], q: &[u8; 20]) -> Vec<u8> {
        let mut rest = vec![0_u8; 21];
        let q: Vec<u8> = [0].iter().chain(q).copied().collect();
        for digit in n {
            let mut carry = *digit;
            for byte in rest.iter_mut().rev() {
                std::mem::swap(byte, &mut carry);
            }
            while rest >= q {
                let mut borrow = 0_i16;
                for (byte, q) in rest.iter_mut().zip(&q).rev() {
                    let difference = i16::from(*byte) - i16::from(*q) - borrow;
                    *byte = difference.rem_euclid(256) as u8;
                    borrow = i16::from(difference < 0);
                }
            }
        }
        rest.split_off(1)
    }

    /// S-27.
    #[test]
    fn key_05_the_whole_mac_is_reduced_and_not_truncated() {
        let mut q = [0xa6; 20];
        q[19] = 0xb9;
        for seed in 0..64_u8 {
            let mut mac: [u8; 32] =
                std::array::from_fn(|i| seed.wrapping_mul(37).wrapping_add((i as u8).wrapping_mul(11)));
            if seed % 4 == 0 {
                mac = [0xff; 32];
                mac[31] = 0xff - seed;
            }
            assert_eq!(Digest::reduce(&mac, &q).as_bytes().as_slice(), remainder(&mac, &q), "{mac:?}");
        }
        let mut exactly_q = [0; 32];
        exactly_q[12..].copy_from_slice(&q);
        assert_eq!(Digest::reduce(&exactly_q, &q).as_bytes(), &[0; 20]);
    }

    #[test]
    fn key_04_sizes_and_ranges_are_checked_first() {
        let mut p = [0xf0; 128];
        p[127] = 1;
        let mut q = [0xa0; 20];
        q[19] = 1;
        let good = [2; 128];
        assert!(PublicKey::new(p, q, good, good).is_ok());
        let fault = |p, q, g, y| match PublicKey::new(p, q, g, y) {
            Err(Error::InvalidKey(fault)) => fault,
            other => panic!("{other:?}"),
        };
        let change = |mut n: [u8; 128], at: usize, to| {
            n[at] = to;
            n
        };
        assert_eq!(fault(change(p, 0, 0x70), q, good, good), KeyFault::P);
        assert_eq!(fault(change(p, 127, 2), q, good, good), KeyFault::P);
        let (mut short, mut even) = (q, q);
        short[0] = 0x7f;
        even[19] = 2;
        assert_eq!(fault(p, short, good, good), KeyFault::Q);
        assert_eq!(fault(p, even, good, good), KeyFault::Q);
        for bad in [[0; 128], one(), p, [0xff; 128]] {
            assert_eq!(fault(p, q, bad, good), KeyFault::G);
            assert_eq!(fault(p, q, good, bad), KeyFault::Y);
        }
    }

    #[test]
    fn key_09_x_lies_between_0_and_q() {
        let mut p = [0xf0; 128];
        p[127] = 1;
        let mut q = [0xa0; 20];
        q[19] = 1;
        let public = PublicKey::new(p, q, [2; 128], [2; 128]).unwrap();
        for bad in [[0; 20], q, [0xff; 20]] {
            assert!(SecretKey::new(public.clone(), Secret::from(bad)).is_err());
        }
        assert!(SecretKey::new(public, Secret::from([1; 20])).is_ok());
    }
}
