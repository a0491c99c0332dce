//! Just enough arithmetic modulo q to find the nonce of a signature whose key is known. In variable time: the keys
//! are those of the vectors.

use otr_traits::{Digest, SecretKey, Signature};

/// A number of 160 bits: its upper 32 and its lower 128.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Number {
    high: u64,
    low: u128,
}

const ZERO: Number = Number { high: 0, low: 0 };
const ONE: Number = Number { high: 0, low: 1 };

/// k = (z + x r) / s mod q (KEY-05); none if s has no inverse.
pub(super) fn nonce(key: &SecretKey, digest: &Digest, signature: &Signature) -> Option<Number> {
    let q = Number::from_be_bytes(key.public().q());
    let number = Number::from_be_bytes;
    let sum = number(digest.as_bytes()).add(number(key.x().expose()).mul(number(&signature.r), q), q);
    Some(sum.mul(number(&signature.s).inverse(q)?, q))
}

impl Number {
    pub(super) fn from_be_bytes(bytes: &[u8; 20]) -> Self {
        bytes.iter().fold(ZERO, |n, byte| {
            let high = (n.high << 8 | (n.low >> 120) as u64) & 0xffff_ffff;
            Self { high, low: n.low << 8 | u128::from(*byte) }
        })
    }

    /// Whether bit `index` of 160 is set.
    pub(super) fn bit(self, index: u32) -> bool {
        match index.checked_sub(128) {
            Some(index) => self.high >> index & 1 == 1,
            None => self.low >> index & 1 == 1,
        }
    }

    /// In which quarter of 0..q the number lies: 0 to 3.
    pub(super) fn quarter(self, q: Self) -> usize {
        let half = q.half();
        [half.half(), half, half.plus(half.half())].into_iter().filter(|limit| self > *limit).count()
    }

    fn add(self, other: Self, q: Self) -> Self {
        let sum = self.plus(other);
        if sum >= q { sum.minus(q) } else { sum }
    }

    fn mul(self, other: Self, q: Self) -> Self {
        (0..160).rev().fold(ZERO, |product, index| {
            let twice = product.add(product, q);
            if other.bit(index) { twice.add(self, q) } else { twice }
        })
    }

    /// Euclid's algorithm by halves: u = a · self and v = b · self all the time.
    fn inverse(self, q: Self) -> Option<Self> {
        let (mut u, mut v, mut a, mut b) = (self, q, ONE, ZERO);
        while u != ZERO {
            while !u.bit(0) {
                u = u.half();
                a = if a.bit(0) { a.plus(q).half() } else { a.half() };
            }
            if u < v {
                (u, v, a, b) = (v, u, b, a);
            }
            u = u.minus(v);
            a = a.add(q.minus(b), q);
        }
        (v == ONE).then_some(b)
    }

    fn plus(self, other: Self) -> Self {
        let (low, carry) = self.low.overflowing_add(other.low);
        Self { high: self.high + other.high + u64::from(carry), low }
    }

    /// The difference of a number and one that is not greater.
    fn minus(self, other: Self) -> Self {
        let (low, borrow) = self.low.overflowing_sub(other.low);
        Self { high: self.high.wrapping_sub(other.high + u64::from(borrow)), low }
    }

    fn half(self) -> Self {
        Self { high: self.high >> 1, low: self.low >> 1 | u128::from(self.high & 1) << 127 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Small numbers modulo a small prime, where everything can be tried.
    fn small(n: u128) -> Number {
        Number { high: 0, low: n }
    }

    #[test]
    fn arithmetic_modulo_a_small_prime_is_that_of_integers() {
        for a in 0..101 {
            for b in 0..101 {
                assert_eq!(small(a).add(small(b), small(101)), small((a + b) % 101));
                assert_eq!(small(a).mul(small(b), small(101)), small(a * b % 101));
            }
            let inverse = small(a).inverse(small(101));
            assert_eq!(inverse.map(|inverse| inverse.mul(small(a), small(101))), (a != 0).then_some(ONE));
        }
        assert_eq!(
            [0, 25, 26, 50, 51, 75, 76, 100].map(|n| small(n).quarter(small(101))),
            [0, 0, 1, 1, 2, 2, 3, 3]
        );
    }

    #[test]
    fn arithmetic_goes_on_above_128_bits() {
        let q = Number { high: 0xffff_ffff, low: u128::MAX - 46 }; // 2^160 - 47, a prime
        let big = Number::from_be_bytes(&[0xab; 20]);
        assert_eq!(big, Number { high: 0xabab_abab, low: u128::from_be_bytes([0xab; 16]) });
        assert_eq!(big.inverse(q).unwrap().mul(big, q), ONE);
        assert_eq!(big.add(q.minus(big), q), ZERO);
        // 2^80 · 2^80 = 2^160 = 47.
        assert_eq!(small(1 << 80).mul(small(1 << 80), q), small(47));
        assert!(big.bit(159) && !big.bit(158) && big.bit(128) && big.bit(127));
    }
}
