//! DSA with 1024-bit p and 160-bit q.

mod generation;

use crypto_bigint::modular::{FixedMontyForm, FixedMontyParams};
use crypto_bigint::{NonZero, U192, U320, U1024};
use crypto_primes::Flavor;
use crypto_primes::fips::{FipsOptions, is_prime};
use generation::Generation;
use otr_traits::group::DsaModulus;
use otr_traits::{
    Digest, Dsa, Error, Exponent, KeyFault, KeyGeneration, Power, PublicKey, Purpose, Result, Rng, Secret,
    SecretKey, Signature, Thoroughness,
};
use rand_core::TryRng;
use zeroize::Zeroizing;

use crate::{RustCrypto, rng::Stream};

impl Dsa for RustCrypto {
    fn generation(&self) -> Result<Box<dyn KeyGeneration>> {
        Ok(Box::new(Generation::new(self)?))
    }

    fn sign(&self, key: &SecretKey, digest: &Digest) -> Result<Signature> {
        sign(self, key, digest)
    }

    fn verify(&self, key: &PublicKey, digest: &Digest, signature: &Signature) -> Result<()> {
        verify(key, digest, signature)
    }

    fn validate(&self, key: &PublicKey, thoroughness: Thoroughness) -> Result<()> {
        validate_orders(key)?;
        match thoroughness {
            Thoroughness::Orders => Ok(()),
            Thoroughness::Primality => validate_primality(self, key),
        }
    }

    fn validate_secret(&self, key: &SecretKey) -> Result<()> {
        let public = key.public();
        let y = modulus(public.p())?.product(&[(public.g(), Power::Secret(&exponent(key.x().expose())))]);
        fault_unless(U1024::from_be_slice(&y) == U1024::from_be_slice(public.y()), KeyFault::X)
    }
}

fn sign(rng: &impl Rng, key: &SecretKey, digest: &Digest) -> Result<Signature> {
    let (p, q) = (modulus(key.public().p())?, order_modulus(key.public())?);
    let mod_q = |n: &U192| Zeroizing::new(FixedMontyForm::new(n, &q));
    let k = nonce(rng, key, digest)?;
    let power = Zeroizing::new(p.product(&[(key.public().g(), Power::Secret(&exponent_of(&k)))]));
    let r = remainder(&power, q.modulus().as_nz_ref());
    let inverse =
        Zeroizing::new(mod_q(&k).invert().into_option_copied().ok_or(Error::InvalidKey(KeyFault::Q))?);
    let z = mod_q(&order(digest.as_bytes()));
    let xr = Zeroizing::new(mod_q(&Zeroizing::new(order(key.x().expose()))).mul(&mod_q(&r)));
    let sum = Zeroizing::new(z.add(&xr));
    let s = sum.mul(&inverse).retrieve();
    if r == U192::ZERO || s == U192::ZERO {
        return Err(Error::Refused { operation: "DSA signature", reason: "r or s is zero".into() });
    }
    Ok(Signature { r: order_bytes(&r), s: order_bytes(&s) })
}

/// A nonce in 1..q.
///
/// Hedged: even if the source repeats itself, no two digests or keys share a nonce (KEY-07).
fn nonce(rng: &impl Rng, key: &SecretKey, digest: &Digest) -> Result<Zeroizing<U192>> {
    let context: [&[u8]; 2] = [key.x().expose(), digest.as_bytes()];
    uniform(&mut Stream::new(rng, Purpose::DsaNonce, &context)?, key.public().q())
}

/// A secret number in 1..q: 320 bits reduced mod q - 1, plus 1.
fn uniform(stream: &mut Stream, q: &[u8; 20]) -> Result<Zeroizing<U192>> {
    let mut bytes = Secret::<40>::zeroed();
    let Ok(()) = stream.try_fill_bytes(bytes.expose_mut());
    let wide = Zeroizing::new(U320::from_be_slice(bytes.expose()));
    let q_minus_1 =
        order(q).wrapping_sub(&U192::ONE).to_nz_vartime().ok_or(Error::InvalidKey(KeyFault::Q))?;
    Ok(Zeroizing::new(wide.rem_vartime(&q_minus_1).wrapping_add(&U192::ONE)))
}

fn verify(key: &PublicKey, digest: &Digest, signature: &Signature) -> Result<()> {
    // All have 20 bytes, so their order as bytes is their order as numbers.
    let in_range = |n: &[u8; 20]| *n != [0; 20] && n < key.q();
    if !in_range(&signature.r) || !in_range(&signature.s) {
        return Err(Error::InvalidSignature);
    }
    let (p, q) = (modulus(key.p())?, order_modulus(key)?);
    let mod_q = |n: &[u8; 20]| FixedMontyForm::new(&order(n), &q);
    let w = mod_q(&signature.s).invert_vartime().into_option_copied().ok_or(Error::InvalidSignature)?;
    let of_g = exponent_of(&mod_q(digest.as_bytes()).mul(&w).retrieve());
    let of_y = exponent_of(&mod_q(&signature.r).mul(&w).retrieve());
    let v = p.product(&[(key.g(), Power::Public(&of_g)), (key.y(), Power::Public(&of_y))]);
    let v = remainder(&v, q.modulus().as_nz_ref());
    if v == order(&signature.r) { Ok(()) } else { Err(Error::InvalidSignature) }
}

fn validate_orders(key: &PublicKey) -> Result<()> {
    let p = modulus(key.p())?;
    let divisor = order(key.q()).to_nz_vartime().ok_or(Error::InvalidKey(KeyFault::Q))?;
    fault_unless(remainder(&less_one(key.p()), &divisor) == U192::ZERO, KeyFault::Q)?;
    let q = exponent(key.q());
    let has_order_q = |n: &[u8; 128]| is_one(&p.product(&[(n, Power::Public(&q))]));
    fault_unless(has_order_q(key.g()), KeyFault::G)?;
    fault_unless(has_order_q(key.y()), KeyFault::Y)
}

fn validate_primality(rng: &impl Rng, key: &PublicKey) -> Result<()> {
    let mut bases = Stream::new(rng, Purpose::DsaKey, &[key.p(), key.q()])?;
    let rounds = FipsOptions::with_mr_iterations(40);
    fault_unless(is_prime(&mut bases, Flavor::Any, &U1024::from_be_slice(key.p()), rounds), KeyFault::P)?;
    fault_unless(is_prime(&mut bases, Flavor::Any, &order(key.q()), rounds), KeyFault::Q)
}

fn fault_unless(holds: bool, fault: KeyFault) -> Result<()> {
    if holds { Ok(()) } else { Err(Error::InvalidKey(fault)) }
}

fn modulus(p: &[u8; 128]) -> Result<DsaModulus> {
    DsaModulus::new(p).ok_or(Error::InvalidKey(KeyFault::P))
}

/// n − 1 for an odd n.
fn less_one(n: &[u8; 128]) -> [u8; 128] {
    let mut less = *n;
    less[127] &= !1;
    less
}

fn is_one(number: &[u8; 128]) -> bool {
    matches!(number, [zeros @ .., 1] if zeros.iter().all(|byte| *byte == 0))
}

/// The number mod q.
fn remainder(number: &[u8; 128], q: &NonZero<U192>) -> U192 {
    Zeroizing::new(U1024::from_be_slice(number)).rem_vartime(q)
}

/// A number of at most 192 bytes as an exponent.
fn exponent<const WIDTH: usize>(bytes: &[u8; WIDTH]) -> Exponent {
    let mut exponent = Exponent::zeroed(WIDTH);
    exponent.expose_mut().copy_from_slice(bytes);
    exponent
}

/// A number below q as an exponent.
fn exponent_of(number: &U192) -> Exponent {
    exponent(&Zeroizing::new(order_bytes(number)))
}

/// A number of 160 bits, as q has; the next wider type has 192.
fn order(bytes: &[u8; 20]) -> U192 {
    let mut padded = Zeroizing::new([0; 24]);
    let [_, _, _, _, low @ ..] = &mut *padded;
    low.copy_from_slice(bytes);
    U192::from_be_slice(padded.as_slice())
}

/// Arithmetic modulo q.
fn order_modulus(key: &PublicKey) -> Result<FixedMontyParams<{ U192::LIMBS }>> {
    let q = order(key.q()).to_odd().into_option_copied().ok_or(Error::InvalidKey(KeyFault::Q))?;
    Ok(FixedMontyParams::new_vartime(q))
}

/// The 20 bytes of a number below q.
fn order_bytes(number: &U192) -> [u8; 20] {
    let mut bytes = [0; 20];
    for (to, from) in bytes.iter_mut().rev().zip(number.to_be_bytes().as_slice().iter().rev()) {
        *to = *from;
    }
    bytes
}

#[cfg(test)]
mod tests;
