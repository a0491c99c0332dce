//! The groups that DSA keys are in: each key brings its own modulus.

use super::montgomery::{Modulus, limbs};
use super::product::{Factor, product};
use super::residue::Residue;
use crate::Power;

/// The p of a DSA key, 1024 bits, for powers modulo it: for backends whose library has none, or is slower.
///
/// ```
/// # use otr_traits::{Exponent, Power, group::DsaModulus};
/// let mut p = [0; 128]; // 2^1023 + 1, which is as good as a prime here
/// (p[0], p[127]) = (0x80, 1);
/// let p = DsaModulus::new(&p).ok_or("odd, of 1024 bits")?;
/// let mut two = [0; 128];
/// two[127] = 2;
/// let exponent = Exponent::from_be_bytes(&[10]).ok_or("at most 192 bytes")?;
/// assert_eq!(p.product(&[(&two, Power::Secret(&exponent))])[126..], [4, 0]);
/// # Ok::<(), &str>(())
/// ```
pub struct DsaModulus(Modulus<LIMBS>);

/// How many 64-bit limbs p has.
const LIMBS: usize = 16;

impl DsaModulus {
    /// Costs about seven products, so that it need not be kept. None unless p is odd and has 1024 bits, as that of every
    /// [`PublicKey`](crate::PublicKey) is.
    #[must_use]
    pub fn new(p: &[u8; 128]) -> Option<Self> {
        let [highest, .., lowest] = p;
        (highest >> 7 == 1 && lowest & 1 == 1).then(|| Self(Modulus::new(limbs(p))))
    }

    /// The product of powers, which share their squarings. All numbers are big-endian; bases that are not below p are
    /// reduced. The time depends on public exponents, and on the width only of secret ones. The caller wipes the result if it is
    /// secret.
    #[must_use]
    pub fn product(&self, powers: &[(&[u8; 128], Power<'_>)]) -> [u8; 128] {
        let Self(modulus) = self;
        let factors: Vec<_> = powers
            .iter()
            .map(|(base, exponent)| Factor::new(Residue::new(*base, modulus), *exponent))
            .collect();
        let mut bytes = [0; 128];
        product(&factors, modulus).write_to(&mut bytes);
        bytes
    }
}

#[cfg(test)]
mod tests {
    //! Against num-bigint, modulo any odd number of 1024 bits.

    use num_bigint::BigUint;
    use proptest::prelude::*;

    use super::*;
    use crate::Exponent;

    /// Long runs of zeros and ones, where carries run far.
    fn runs() -> impl Strategy<Value = [u8; 128]> {
        let limb = prop_oneof![Just([0; 8]), Just([0xff; 8]), any::<[u8; 8]>()];
        proptest::collection::vec(limb, LIMBS).prop_map(|limbs| limbs.concat().try_into().unwrap())
    }

    fn exponents() -> impl Strategy<Value = Vec<u8>> {
        prop_oneof![0..=2_usize, Just(20), Just(128)].prop_flat_map(|width| {
            prop_oneof![
                Just(vec![0; width]),
                Just(vec![0xff; width]),
                proptest::collection::vec(any::<u8>(), width)
            ]
        })
    }

    proptest! {
        #[test]
        fn products_of_powers_at_random(
            mut p in runs(),
            powers in proptest::collection::vec((runs(), exponents(), any::<bool>()), 0..3),
        ) {
            p[0] |= 0x80;
            p[127] |= 1;
            let exponents: Vec<_> =
                powers.iter().map(|(_, bytes, _)| Exponent::from_be_bytes(bytes).unwrap()).collect();
            let terms: Vec<_> = powers
                .iter()
                .zip(&exponents)
                .map(|((base, _, is_secret), exponent)| {
                    (base, if *is_secret { Power::Secret(exponent) } else { Power::Public(exponent) })
                })
                .collect();
            let number = BigUint::from_bytes_be;
            let modulus = number(&p);
            let expected = powers.iter().fold(BigUint::from(1_u8), |product, (base, exponent, _)| {
                product * number(base).modpow(&number(exponent), &modulus) % &modulus
            });
            let product = DsaModulus::new(&p).unwrap().product(&terms);
            prop_assert_eq!(number(&product), expected);
        }
    }

    #[test]
    fn only_odd_numbers_of_1024_bits_are_taken() {
        let with = |highest, lowest| {
            let mut p = [0; 128];
            (p[0], p[127]) = (highest, lowest);
            DsaModulus::new(&p).is_some()
        };
        assert!(with(0x80, 1) && with(0xff, 0xff));
        assert!(!with(0x7f, 1) && !with(0x80, 2));
    }
}
