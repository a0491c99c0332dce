//! DSA with 1024-bit p and 160-bit q.

use crypto_bigint::modular::{FixedMontyForm, FixedMontyParams};
use crypto_bigint::{BoxedUint, U192, U1024};
use crypto_primes::Flavor;
use crypto_primes::fips::{FipsOptions, is_prime};
use dsa::{Components, KeySize, SigningKey, VerifyingKey};
use otr_traits::{
    Digest, Dsa, Error, KeyFault, PublicKey, Purpose, Result, Rng, Secret, SecretKey, Signature, Thoroughness,
};
use signature::hazmat::{PrehashVerifier, RandomizedPrehashSigner};
use zeroize::{Zeroize, Zeroizing};

use crate::{RustCrypto, rng::Stream};

impl Dsa for RustCrypto {
    fn generate(&self) -> Result<SecretKey> {
        generate(self)
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
        let x = Zeroizing::new(order(key.x().expose()));
        let g = FixedMontyForm::new(&U1024::from_be_slice(key.public().g()), &modulus(key.public())?);
        let y = g.pow_bounded_exp(&x, 160).retrieve();
        fault_unless(y == U1024::from_be_slice(key.public().y()), KeyFault::X)
    }
}

fn generate(rng: &impl Rng) -> Result<SecretKey> {
    #[expect(deprecated, reason = "OTR has no other size (KEY-08)")]
    let size = KeySize::DSA_1024_160;
    let mut stream = Stream::new(rng, Purpose::DsaKey, &[])?;
    let Ok(components) = Components::try_generate_from_rng_with_key_size(&mut stream, size);
    let Ok(pair) = SigningKey::try_generate_from_rng_with_components(&mut stream, components);

    let y = pair.verifying_key().y();
    let components = pair.verifying_key().components();
    let (p, q, g) = (components.p(), components.q(), components.g());
    let public = PublicKey::new(to_bytes(p), to_bytes(q), to_bytes(g), to_bytes(y))?;
    let key = SecretKey::new(public, Secret::from(to_bytes(pair.x())))?;

    // Never hand out a key that does not work (KEY-08).
    let digest = Digest::reduce(&[0xa5; 32], key.public().q());
    verify(key.public(), &digest, &sign(rng, &key, &digest)?)?;
    Ok(key)
}

fn sign(rng: &impl Rng, key: &SecretKey, digest: &Digest) -> Result<Signature> {
    let pair = SigningKey::from_components(verifying_key(key.public())?, number(key.x().expose()))
        .map_err(|_| Error::InvalidKey(KeyFault::X))?;
    // Hedged: even if the source repeats itself, no two digests or keys share a nonce (KEY-07).
    let context: [&[u8]; 2] = [key.x().expose(), digest.as_bytes()];
    let mut stream = Stream::new(rng, Purpose::DsaNonce, &context)?;
    let signature = pair
        .sign_prehash_with_rng(&mut stream, digest.as_bytes())
        .map_err(|error| Error::Refused { operation: "DSA signature", reason: error.to_string() })?;
    Ok(Signature { r: to_bytes(signature.r()), s: to_bytes(signature.s()) })
}

fn verify(key: &PublicKey, digest: &Digest, signature: &Signature) -> Result<()> {
    // Both have 20 bytes, so their order as bytes is their order as numbers.
    let in_range = |n: &[u8; 20]| *n != [0; 20] && n < key.q();
    if !in_range(&signature.r) || !in_range(&signature.s) {
        return Err(Error::InvalidSignature);
    }
    let signature = dsa::Signature::from_components(number(&signature.r), number(&signature.s))
        .ok_or(Error::InvalidSignature)?;
    verifying_key(key)?.verify_prehash(digest.as_bytes(), &signature).map_err(|_| Error::InvalidSignature)
}

fn validate_orders(key: &PublicKey) -> Result<()> {
    let modulus = modulus(key)?;
    let q = order(key.q());
    let divisor = q.to_nz_vartime().ok_or(Error::InvalidKey(KeyFault::Q))?;
    let p_minus_1 = modulus.modulus().wrapping_sub(&U1024::ONE);
    let has_order_q = |n: &[u8; 128]| {
        FixedMontyForm::new(&U1024::from_be_slice(n), &modulus).pow_vartime(&q).retrieve() == U1024::ONE
    };
    fault_unless(p_minus_1.rem_vartime(&divisor) == U192::ZERO, KeyFault::Q)?;
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

/// Arithmetic modulo p.
fn modulus(key: &PublicKey) -> Result<FixedMontyParams<{ U1024::LIMBS }>> {
    let p =
        U1024::from_be_slice(key.p()).to_odd().into_option_copied().ok_or(Error::InvalidKey(KeyFault::P))?;
    Ok(FixedMontyParams::new_vartime(p))
}

/// A number of 160 bits, as q has; the next wider type has 192.
fn order(bytes: &[u8; 20]) -> U192 {
    let mut padded = Zeroizing::new([0; 24]);
    let [_, _, _, _, low @ ..] = &mut *padded;
    low.copy_from_slice(bytes);
    U192::from_be_slice(padded.as_slice())
}

/// The `dsa` crate's key; the crate itself checks the order of y.
fn verifying_key(key: &PublicKey) -> Result<VerifyingKey> {
    let components = Components::from_components(number(key.p()), number(key.q()), number(key.g()))
        .map_err(|_| Error::InvalidKey(KeyFault::P))?;
    VerifyingKey::from_components(components, number(key.y())).map_err(|_| Error::InvalidKey(KeyFault::Y))
}

/// A number of the `dsa` crate, as wide as `N` bytes and their limbs.
fn number<const N: usize>(bytes: &[u8; N]) -> BoxedUint {
    BoxedUint::from_be_slice_truncated(bytes, 8 * N as u32)
}

/// The low `N` bytes of a number, big-endian: all that are not zero, since 20 of 24 bytes of q are used.
fn to_bytes<const N: usize>(number: &BoxedUint) -> [u8; N] {
    let mut wide = number.to_be_bytes();
    let mut bytes = [0; N];
    for (to, from) in bytes.iter_mut().rev().zip(wide.iter().rev()) {
        *to = *from;
    }
    wide.zeroize();
    bytes
}

#[cfg(test)]
mod tests;
