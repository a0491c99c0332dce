//! DSA with 1024-bit p and 160-bit q.

mod generation;

use generation::Generation;
use openssl::bn::BigNum;
use openssl::dsa::{Dsa as Pair, DsaSig};
use openssl::pkey::PKey;
use openssl::pkey_ctx::PkeyCtx;
use otr_traits::{
    Digest, Dsa, Error, KeyFault, KeyGeneration, PublicKey, Result, SecretKey, Signature, Thoroughness,
};

use crate::number::{self, Modulus, public, secret, to_bytes};
use crate::{OpenSsl, refused};

impl Dsa for OpenSsl {
    fn generation(&self) -> Result<Box<dyn KeyGeneration>> {
        Ok(Box::new(Generation::new()?))
    }

    fn sign(&self, key: &SecretKey, digest: &Digest) -> Result<Signature> {
        sign(key, digest).map_err(refused("DSA signature"))
    }

    fn verify(&self, key: &PublicKey, digest: &Digest, signature: &Signature) -> Result<()> {
        // All have 20 bytes, so their order as bytes is their order as numbers.
        let in_range = |n: &[u8; 20]| *n != [0; 20] && n < key.q();
        if !in_range(&signature.r) || !in_range(&signature.s) {
            return Err(Error::InvalidSignature);
        }
        let is_valid = verify(key, digest, signature).map_err(refused("DSA verification"))?;
        if is_valid { Ok(()) } else { Err(Error::InvalidSignature) }
    }

    fn validate(&self, key: &PublicKey, thoroughness: Thoroughness) -> Result<()> {
        let refused = || refused("DSA key validation");
        let mut fault = wrong_order(key).map_err(refused())?;
        if fault.is_none() && thoroughness == Thoroughness::Primality {
            fault = not_prime(key).map_err(refused())?;
        }
        fault.map_or(Ok(()), |fault| Err(Error::InvalidKey(fault)))
    }

    fn validate_secret(&self, key: &SecretKey) -> Result<()> {
        let belongs = is_pair(key).map_err(refused("DSA key validation"))?;
        if belongs { Ok(()) } else { Err(Error::InvalidKey(KeyFault::X)) }
    }
}

/// OpenSSL makes its nonce of the key, the digest and fresh random bytes (KEY-07), and leaves a digest as it is
/// that is no longer than q (KEY-05).
fn sign(key: &SecretKey, digest: &Digest) -> number::Result<Signature> {
    let (p, q, g) = parameters(key.public())?;
    let y = public(key.public().y())?;
    let pair = PKey::from_dsa(Pair::from_private_components(p, q, g, secret(key.x().expose())?, y)?)?;
    let mut context = PkeyCtx::new(&pair)?;
    context.sign_init()?;
    let mut signature = Vec::new();
    context.sign_to_vec(digest.as_bytes(), &mut signature)?;
    let signature = DsaSig::from_der(&signature)?;
    Ok(Signature { r: *to_bytes(signature.r())?, s: *to_bytes(signature.s())? })
}

fn verify(key: &PublicKey, digest: &Digest, signature: &Signature) -> number::Result<bool> {
    let (p, q, g) = parameters(key)?;
    let key = PKey::from_dsa(Pair::from_public_components(p, q, g, public(key.y())?)?)?;
    let mut context = PkeyCtx::new(&key)?;
    context.verify_init()?;
    let signature =
        DsaSig::from_private_components(public(&signature.r)?, public(&signature.s)?)?.to_der()?;
    // Whoever refuses the key has done so by now. An error here comes from its numbers, as when q is not prime
    // and s has no inverse, and they are the peer's.
    Ok(context.verify(digest.as_bytes(), &signature).unwrap_or(false))
}

fn parameters(key: &PublicKey) -> number::Result<(BigNum, BigNum, BigNum)> {
    Ok((public(key.p())?, public(key.q())?, public(key.g())?))
}

fn wrong_order(key: &PublicKey) -> number::Result<Option<KeyFault>> {
    let (p, q, one) = (public(key.p())?, public(key.q())?, public(&[1])?);
    if Modulus::new(key.q())?.remainder(&p)? != one {
        return Ok(Some(KeyFault::Q));
    }
    let mut p = Modulus::new(key.p())?;
    if p.power(&public(key.g())?, &q)? != one {
        return Ok(Some(KeyFault::G));
    }
    let y_has_order_q = p.power(&public(key.y())?, &q)? == one;
    Ok((!y_has_order_q).then_some(KeyFault::Y))
}

fn not_prime(key: &PublicKey) -> number::Result<Option<KeyFault>> {
    if !Modulus::new(key.p())?.is_prime()? {
        return Ok(Some(KeyFault::P));
    }
    let q_is_prime = Modulus::new(key.q())?.is_prime()?;
    Ok((!q_is_prime).then_some(KeyFault::Q))
}

fn is_pair(key: &SecretKey) -> number::Result<bool> {
    let y = Modulus::new(key.public().p())?.power(&public(key.public().g())?, &secret(key.x().expose())?)?;
    Ok(y == public(key.public().y())?)
}

#[cfg(test)]
mod tests;
