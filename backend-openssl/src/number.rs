//! OpenSSL's numbers, and arithmetic modulo one of them.

use openssl::bn::{BigNum, BigNumContext, BigNumRef};
use openssl::error::ErrorStack;
use zeroize::Zeroizing;

/// A result of OpenSSL's, until it is known which operation it refused.
pub(crate) type Result<T> = core::result::Result<T, ErrorStack>;

/// The number in `bytes`, big-endian. OpenSSL wipes it when it is freed, but may take its time over it.
pub(crate) fn public(bytes: &[u8]) -> Result<BigNum> {
    let mut number = zero()?;
    number.copy_from_slice(bytes)?;
    Ok(number)
}

/// The number in `bytes`, big-endian, as an exponent or a key that the time must not tell: the only place that
/// sets `BN_FLG_CONSTTIME`.
pub(crate) fn secret(bytes: &[u8]) -> Result<BigNum> {
    let mut number = public(bytes)?;
    number.set_const_time();
    Ok(number)
}

/// The number, big-endian, padded to `N` bytes; an error if it has more.
pub(crate) fn to_bytes<const N: usize>(number: &BigNumRef) -> Result<Zeroizing<[u8; N]>> {
    let padded = Zeroizing::new(number.to_vec_padded(N as i32)?);
    let mut bytes = Zeroizing::new([0; N]);
    bytes.copy_from_slice(&padded);
    Ok(bytes)
}

fn zero() -> Result<BigNum> {
    BigNum::new_secure()
}

/// Arithmetic modulo a public number.
pub(crate) struct Modulus {
    modulus: BigNum,
    temporaries: BigNumContext,
}

impl Modulus {
    /// Modulo the number in `bytes`, big-endian.
    pub(crate) fn new(bytes: &[u8]) -> Result<Self> {
        let number = public(bytes)?;
        Self::of(&number)
    }

    /// Modulo this number.
    pub(crate) fn of(number: &BigNumRef) -> Result<Self> {
        Ok(Self { modulus: number.to_owned()?, temporaries: BigNumContext::new_secure()? })
    }

    /// base^exponent, for an odd modulus; constant time in an exponent made by [`secret`].
    pub(crate) fn power(&mut self, base: &BigNum, exponent: &BigNum) -> Result<BigNum> {
        let mut power = zero()?;
        power.mod_exp(base, exponent, &self.modulus, &mut self.temporaries)?;
        Ok(power)
    }

    /// a · b, both of them secret.
    ///
    /// No flag keeps OpenSSL's multiplication and division from branching on digits. So they get random factors
    /// only: with u and v random, A = a + u and B = b + v are, and a · b = (A · B + u · v) − (A · v + u · B).
    /// What may still show is whether a + u is below the modulus, for a u used once.
    pub(crate) fn product(&mut self, a: &BigNum, b: &BigNum) -> Result<BigNum> {
        let (u, v) = (self.random()?, self.random()?);
        let (a, b) = (self.sum(a, &u)?, self.sum(b, &v)?);
        let (ab, uv) = (self.unmasked_product(&a, &b)?, self.unmasked_product(&u, &v)?);
        let (av, ub) = (self.unmasked_product(&a, &v)?, self.unmasked_product(&u, &b)?);
        let (straight, crossed) = (self.sum(&ab, &uv)?, self.sum(&av, &ub)?);
        self.difference(&straight, &crossed)
    }

    /// a − b.
    pub(crate) fn difference(&mut self, a: &BigNum, b: &BigNum) -> Result<BigNum> {
        let mut difference = zero()?;
        difference.mod_sub(a, b, &self.modulus, &mut self.temporaries)?;
        Ok(difference)
    }

    /// What is left of a public number.
    pub(crate) fn remainder(&mut self, number: &BigNum) -> Result<BigNum> {
        let mut remainder = zero()?;
        remainder.nnmod(number, &self.modulus, &mut self.temporaries)?;
        Ok(remainder)
    }

    /// 1 / number, of a public number that has an inverse.
    pub(crate) fn inverse(&mut self, number: &BigNum) -> Result<BigNum> {
        let mut inverse = zero()?;
        inverse.mod_inverse(number, &self.modulus, &mut self.temporaries)?;
        Ok(inverse)
    }

    /// Whether the modulus is prime, as far as at least 64 rounds of Miller–Rabin with random bases tell.
    pub(crate) fn is_prime(&mut self) -> Result<bool> {
        self.modulus.is_prime(64, &mut self.temporaries)
    }

    fn sum(&mut self, a: &BigNum, b: &BigNum) -> Result<BigNum> {
        let mut sum = zero()?;
        sum.mod_add(a, b, &self.modulus, &mut self.temporaries)?;
        Ok(sum)
    }

    fn unmasked_product(&mut self, a: &BigNum, b: &BigNum) -> Result<BigNum> {
        let mut product = zero()?;
        product.mod_mul(a, b, &self.modulus, &mut self.temporaries)?;
        Ok(product)
    }

    /// A number from 1 to the modulus − 1, as an exponent or a key that the time must not tell.
    pub(crate) fn random_secret(&self) -> Result<BigNum> {
        loop {
            let mut number = self.random()?;
            if number.num_bits() > 0 {
                number.set_const_time();
                return Ok(number);
            }
        }
    }

    fn random(&self) -> Result<BigNum> {
        let mut number = zero()?;
        self.modulus.rand_range(&mut number)?;
        Ok(number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s_41_secrets_are_constant_time_and_every_number_is_wiped() {
        assert!(secret(&[7]).unwrap().is_const_time());
        let mut modulus = Modulus::new(&[101]).unwrap();
        let (a, b) = (secret(&[7]).unwrap(), public(&[3]).unwrap());
        let results = [
            modulus.power(&b, &a).unwrap(),
            modulus.product(&a, &b).unwrap(),
            modulus.difference(&a, &b).unwrap(),
            modulus.remainder(&a).unwrap(),
            modulus.inverse(&b).unwrap(),
        ];
        for number in [a, b].iter().chain(&results) {
            assert!(number.is_secure());
        }
    }

    #[test]
    fn masks_leave_the_product_as_it_is() {
        // Every pair, and factors that are not below the modulus.
        let mut modulus = Modulus::new(&[10]).unwrap();
        for a in 0..15 {
            for b in 0..15 {
                let product = modulus.product(&public(&[a]).unwrap(), &public(&[b]).unwrap()).unwrap();
                assert_eq!(*to_bytes(&product).unwrap(), [a * b % 10], "{a} · {b}");
            }
        }
    }

    #[test]
    fn a_number_is_padded_but_never_cut() {
        let number = public(&[0, 1, 2]).unwrap();
        assert_eq!(*to_bytes(&number).unwrap(), [0, 0, 1, 2]);
        assert_eq!(*to_bytes(&number).unwrap(), [1, 2]);
        assert!(to_bytes::<1>(&number).is_err());
    }
}
