//! The search for a key (KEY-08).

use openssl::bn::{BigNum, MsbOption};
use openssl::rand::rand_priv_bytes;
use otr_traits::{
    Digest, Dsa, Generated, KeyGeneration, Progress, PublicKey, Result, Secret, SecretKey, Sieve,
};

use crate::number::{self, Modulus, public, quotient, secret, to_bytes};
use crate::{OpenSsl, refused};

/// A search under way. Everything in it becomes public.
pub(super) struct Generation {
    tried: u32,
    line: Line,
}

/// A prime q, and numbers p₀ + 2qk of which one may be the prime p.
struct Line {
    q: [u8; 20],
    p0: [u8; 128],
    left: Sieve,
}

impl Generation {
    pub(super) fn new() -> Result<Self> {
        Ok(Self { tried: 0, line: Line::draw().map_err(refused(OPERATION))? })
    }
}

const OPERATION: &str = "DSA key generation";

impl KeyGeneration for Generation {
    fn step(&mut self) -> Result<Generated> {
        let Some(p) = self.line.next().map_err(refused(OPERATION))? else {
            self.line = Line::draw().map_err(refused(OPERATION))?;
            return Ok(Generated::Not(Progress::tried(self.tried)));
        };
        self.tried += 1;
        if !is_prime(&p).map_err(refused(OPERATION))? {
            return Ok(Generated::Not(Progress::tried(self.tried)));
        }
        let key = key_pair(p, self.line.q)?;
        *self = Self::new()?;
        Ok(Generated::Key(key))
    }
}

impl Line {
    fn draw() -> number::Result<Self> {
        let q = loop {
            let q = random(160, true)?;
            if is_prime::<20>(&*to_bytes(&q)?)? {
                break q;
            }
        };
        let mut two_q = public(&[])?;
        two_q.lshift1(&q)?;
        let q = *to_bytes(&q)?;
        loop {
            let drawn = random(1024, false)?;
            // 1 mod 2q, and odd: q divides p0 - 1.
            let (excess, mut p0) = (Modulus::of(&two_q)?.remainder(&drawn)?, public(&[])?);
            p0.checked_sub(&drawn, &excess)?;
            p0.add_word(1)?;
            if p0.num_bits() == 1024 {
                let p0 = *to_bytes(&p0)?;
                return Ok(Self { q, p0, left: Sieve::new(&p0, &q) });
            }
        }
    }

    /// The next candidate for p. Those with more than 1024 bits are none.
    fn next(&mut self) -> number::Result<Option<[u8; 128]>> {
        let Some(k) = self.left.next() else { return Ok(None) };
        let (p0, mut offset, mut p) = (public(&self.p0)?, public(&self.q)?, public(&[])?);
        offset.mul_word(2 * k)?;
        p.checked_add(&p0, &offset)?;
        Ok(if p.num_bits() == 1024 { Some(*to_bytes(&p)?) } else { None })
    }
}

/// A number of so many bits.
fn random(bits: i32, odd: bool) -> number::Result<BigNum> {
    let mut number = public(&[])?;
    number.rand(bits, MsbOption::ONE, odd)?;
    Ok(number)
}

/// A composite number takes one round.
fn is_prime<const N: usize>(number: &[u8; N]) -> number::Result<bool> {
    Modulus::new(number)?.is_prime()
}

fn key_pair(p: [u8; 128], q: [u8; 20]) -> Result<SecretKey> {
    let numbers = || {
        let mut modulus = Modulus::new(&p)?;
        let g = generator(&mut modulus, &p, &q)?;
        let x = private(&q)?;
        let y = modulus.power(&g, &secret(x.expose())?)?;
        Ok((*to_bytes(&g)?, *to_bytes(&y)?, x))
    };
    let (g, y, x) = numbers().map_err(refused(OPERATION))?;
    let key = SecretKey::new(PublicKey::new(p, q, g, y)?, x)?;

    // Never hand out a key that does not work.
    let digest = Digest::reduce(&[0xa5; 32], key.public().q());
    OpenSsl.verify(key.public(), &digest, &OpenSsl.sign(&key, &digest)?)?;
    Ok(key)
}

/// A number from 1 to q − 1, from OpenSSL's generator for private values. At least every second draw is one, since q has
/// 160 bits.
fn private(q: &[u8; 20]) -> number::Result<Secret<20>> {
    loop {
        let mut x = Secret::zeroed();
        rand_priv_bytes(x.expose_mut())?;
        // The order of their bytes is that of the numbers. Its time may tell how many leading bytes of x and q agree:
        // nothing for a uniform x.
        if x != Secret::zeroed() && x.expose() < q {
            return Ok(x);
        }
    }
}

/// An element of order q: h^((p-1)/q) for the first h from 2 that does not make it 1.
fn generator(modulus: &mut Modulus, p: &[u8; 128], q: &[u8; 20]) -> number::Result<BigNum> {
    // 1 is what remains of p.
    let (p, q, one) = (public(p)?, public(q)?, public(&[1])?);
    let cofactor = quotient(&p, &q)?;
    let mut h = 2_u32;
    loop {
        let g = modulus.power(&public(&h.to_be_bytes())?, &cofactor)?;
        if g != one {
            return Ok(g);
        }
        h += 1;
    }
}
