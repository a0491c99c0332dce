//! The search for a key (KEY-08).

use crypto_bigint::{CheckedAdd, U192, U1024};
use crypto_primes::fips::{FipsOptions, is_prime};
use crypto_primes::{Flavor, random_prime};
use otr_traits::group::DsaModulus;
use otr_traits::{
    Digest, Error, Generated, KeyFault, KeyGeneration, Power, Progress, PublicKey, Purpose, Result, Rng,
    Secret, SecretKey, Sieve,
};
use rand_core::TryRng;

use super::{exponent, exponent_of, is_one, less_one, modulus, order_bytes, sign, uniform, verify};
use crate::{RustCrypto, rng::Stream};

/// A search under way. Everything in it but `stream`, of which x will come, becomes public.
pub(super) struct Generation {
    stream: Stream,
    tried: u32,
    line: Line,
}

/// A prime q, and numbers p₀ + 2qk of which one may be the prime p.
struct Line {
    q: U192,
    p0: U1024,
    left: Sieve,
}

impl Generation {
    pub(super) fn new(rng: &impl Rng) -> Result<Self> {
        let mut stream = Stream::new(rng, Purpose::DsaKey, &[])?;
        let line = Line::draw(&mut stream);
        Ok(Self { stream, tried: 0, line })
    }
}

impl KeyGeneration for Generation {
    fn step(&mut self) -> Result<Generated> {
        let Some(p) = self.line.next() else {
            self.line = Line::draw(&mut self.stream);
            return Ok(Generated::Not(Progress::tried(self.tried)));
        };
        self.tried += 1;
        if !is_large_prime(&mut self.stream, &p) {
            return Ok(Generated::Not(Progress::tried(self.tried)));
        }
        let key = key_pair(&mut self.stream, &p, &self.line.q)?;
        (self.tried, self.line) = (0, Line::draw(&mut self.stream));
        Ok(Generated::Key(key))
    }
}

impl Line {
    fn draw(stream: &mut Stream) -> Self {
        loop {
            let q: U192 = random_prime(stream, Flavor::Any, 160);
            let mut bytes = [0; 128];
            let Ok(()) = stream.try_fill_bytes(&mut bytes);
            let drawn = U1024::from_be_slice(&bytes) | U1024::ONE.shl_vartime(1023);
            let Some(two_q) = q.shl_vartime(1).to_nz_vartime() else { continue };
            // 1 mod 2q, and odd: q divides p0 - 1.
            let p0 = drawn.wrapping_sub(&drawn.wrapping_sub(&U1024::ONE).rem_vartime(&two_q).resize());
            if p0.bit_width_vartime() == 1024 {
                let left = Sieve::new(&to_bytes(&p0), &order_bytes(&q));
                return Self { q, p0, left };
            }
        }
    }

    /// The next candidate for p. Those with more than 1024 bits are none.
    fn next(&mut self) -> Option<U1024> {
        let k = U1024::from_u32(self.left.next()?);
        let offset = k.wrapping_mul(&self.q.shl_vartime(1));
        self.p0.checked_add(&offset).into_option_copied()
    }
}

/// As FIPS 186-4 has it for the p of DSA with 1024 bits: 3 rounds of Miller–Rabin with random bases and a Lucas test (table
/// C.1). A Fermat test comes first: it finds nearly every composite number, in less than half of a round's time.
fn is_large_prime(stream: &mut Stream, candidate: &U1024) -> bool {
    passes_fermat(&to_bytes(candidate))
        && is_prime(stream, Flavor::Any, candidate, FipsOptions::with_mr_iterations(3).with_lucas_test())
}

/// Whether 2^(n − 1) = 1 mod n, as for every odd prime n.
fn passes_fermat(n: &[u8; 128]) -> bool {
    let exponent = exponent(&less_one(n));
    modulus(n).is_ok_and(|n| is_one(&n.product(&[(&small(2), Power::Public(&exponent))])))
}

fn key_pair(stream: &mut Stream, p: &U1024, q: &U192) -> Result<SecretKey> {
    let order = q.to_nz_vartime().ok_or(Error::InvalidKey(KeyFault::Q))?;
    let cofactor = p.wrapping_sub(&U1024::ONE).wrapping_div_vartime(&order);
    let (p, q) = (to_bytes(p), order_bytes(q));
    let modulus = modulus(&p)?;
    let g = generator(&modulus, &to_bytes(&cofactor)).ok_or(Error::InvalidKey(KeyFault::G))?;
    let x = uniform(stream, &q)?;
    let y = modulus.product(&[(&g, Power::Secret(&exponent_of(&x)))]);
    let public = PublicKey::new(p, q, g, y)?;
    let key = SecretKey::new(public, Secret::from(order_bytes(&x)))?;

    // Never hand out a key that does not work.
    let digest = Digest::reduce(&[0xa5; 32], key.public().q());
    verify(key.public(), &digest, &sign(&RustCrypto, &key, &digest)?)?;
    Ok(key)
}

/// An element of order q: h^((p-1)/q) for the first h from 2 that does not make it 1.
fn generator(p: &DsaModulus, cofactor: &[u8; 128]) -> Option<[u8; 128]> {
    let cofactor = exponent(cofactor);
    let power = |h| p.product(&[(&small(h), Power::Public(&cofactor))]);
    (2..100).map(power).find(|g| !is_one(g))
}

/// A small number, as wide as p.
fn small(number: u8) -> [u8; 128] {
    let mut bytes = [0; 128];
    bytes[127] = number;
    bytes
}

fn to_bytes(number: &U1024) -> [u8; 128] {
    let mut bytes = [0; 128];
    for (to, from) in bytes.iter_mut().zip(number.to_be_bytes().as_slice()) {
        *to = *from;
    }
    bytes
}
