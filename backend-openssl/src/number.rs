//! OpenSSL's numbers, and arithmetic modulo one of them.

use openssl::bn::{BigNum, BigNumContext, BigNumRef};
use openssl::error::ErrorStack;
use openssl::rand::rand_priv_bytes;
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

/// How often `b`, which is not 0, goes into `a`, both public.
pub(crate) fn quotient(a: &BigNumRef, b: &BigNumRef) -> Result<BigNum> {
    let mut quotient = zero()?;
    quotient.checked_div(a, b, &mut *BigNumContext::new_secure()?)?;
    Ok(quotient)
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
    /// What may still show is the sign of the last subtraction: a coin, tossed once, that falls on the negative side
    /// the oftener the larger the product is.
    pub(crate) fn product(&mut self, a: &BigNum, b: &BigNum) -> Result<BigNum> {
        let (straight, crossed) = self.halves(a, b)?;
        self.difference(&straight, &crossed)
    }

    /// r − a · b, all of them secret, the result not.
    ///
    /// The result together with the sign of r − a · b would tell whether a · b is above a known number, which is
    /// enough to try guesses at a: so both sides of the last subtraction are masked, and its sign is random.
    pub(crate) fn rest(&mut self, r: &BigNum, a: &BigNum, b: &BigNum) -> Result<BigNum> {
        let ((straight, crossed), mask) = (self.halves(a, b)?, self.mask()?);
        let (r, straight) = (self.sum(r, &mask)?, self.sum(&straight, &mask)?);
        let minuend = self.sum(&r, &crossed)?;
        self.difference(&minuend, &straight)
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

    /// Two numbers whose difference is a · b, and neither of which tells anything of a or b.
    ///
    /// No flag keeps OpenSSL's multiplication and division from branching on digits. So they get random factors
    /// only: with u and v random, A = a + u and B = b + v are, and a · b = (A · B + u · v) − (A · v + u · B).
    fn halves(&mut self, a: &BigNum, b: &BigNum) -> Result<(BigNum, BigNum)> {
        let (u, v) = (self.mask()?, self.mask()?);
        let (a, b) = (self.sum(a, &u)?, self.sum(b, &v)?);
        let (ab, uv) = (self.unmasked_product(&a, &b)?, self.unmasked_product(&u, &v)?);
        let (av, ub) = (self.unmasked_product(&a, &v)?, self.unmasked_product(&u, &b)?);
        Ok((self.sum(&ab, &uv)?, self.sum(&av, &ub)?))
    }

    fn sum(&mut self, a: &BigNum, b: &BigNum) -> Result<BigNum> {
        let mut sum = zero()?;
        sum.mod_add(a, b, &self.modulus, &mut self.temporaries)?;
        Ok(sum)
    }

    fn difference(&mut self, a: &BigNum, b: &BigNum) -> Result<BigNum> {
        let mut difference = zero()?;
        difference.mod_sub(a, b, &self.modulus, &mut self.temporaries)?;
        Ok(difference)
    }

    fn unmasked_product(&mut self, a: &BigNum, b: &BigNum) -> Result<BigNum> {
        let mut product = zero()?;
        product.mod_mul(a, b, &self.modulus, &mut self.temporaries)?;
        Ok(product)
    }

    /// A random number with 64 bits more than the modulus: how often the modulus goes into it does not change by
    /// adding a secret, but for once in 2^64, and so the division tells nothing.
    fn mask(&self) -> Result<BigNum> {
        let mut bytes = Zeroizing::new(vec![0; self.modulus.num_bytes() as usize + 8]);
        // BN_rand_range would take them from the generator whose output others may see.
        rand_priv_bytes(&mut bytes)?;
        public(&bytes)
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
            modulus.rest(&b, &a, &b).unwrap(),
            modulus.mask().unwrap(),
            modulus.remainder(&a).unwrap(),
            modulus.inverse(&b).unwrap(),
        ];
        for number in [a, b].iter().chain(&results) {
            assert!(number.is_secure());
        }
    }

    #[test]
    fn masks_leave_the_result_as_it_is() {
        // Every pair, and factors that are not below the modulus.
        let mut modulus = Modulus::new(&[10]).unwrap();
        for a in 0..15 {
            for b in 0..15 {
                let [x, y, r] = [a, b, 7].map(|n| public(&[n]).unwrap());
                let product = modulus.product(&x, &y).unwrap();
                assert_eq!(*to_bytes(&product).unwrap(), [a * b % 10], "{a} · {b}");
                let rest = modulus.rest(&r, &x, &y).unwrap();
                assert_eq!(*to_bytes(&rest).unwrap(), [(17 - a * b % 10) % 10], "7 − {a} · {b}");
            }
        }
    }

    /// So long a mask hides how often the modulus goes into a number.
    #[test]
    fn s_41_masks_are_64_bits_longer_than_the_modulus_and_never_the_same() {
        let modulus = Modulus::new(&[0xff; 20]).unwrap();
        let masks: Vec<_> = (0..8).map(|_| modulus.mask().unwrap()).collect();
        // A mask with 64 leading zeros: once in 2^64.
        assert!(masks.iter().all(|mask| mask.num_bits() > 160 && mask.num_bits() <= 224));
        assert!(masks.iter().enumerate().all(|(i, mask)| !masks[..i].contains(mask)));
    }

    #[test]
    fn a_number_is_padded_but_never_cut() {
        let number = public(&[0, 1, 2]).unwrap();
        assert_eq!(*to_bytes(&number).unwrap(), [0, 0, 1, 2]);
        assert_eq!(*to_bytes(&number).unwrap(), [1, 2]);
        assert!(to_bytes::<1>(&number).is_err());
    }
}
