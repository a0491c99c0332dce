//! Which numbers are squares modulo p: by the Jacobi symbol, in variable time.
#![expect(clippy::indexing_slicing, reason = "both widths are constants or below them")]

use core::cmp::Ordering;

use super::{LIMBS, montgomery::limbs};
use crate::{Element, PRIME};

/// Whether the number is a square modulo p, as every power of g is: whether it is in the subgroup of order q (CONST-02).
///
/// For numbers that were on the wire: the time depends on them. It is a small part of what a power takes.
///
/// ```
/// # use otr_traits::{group, Element, PRIME};
/// assert!(group::is_square(&Element::generator()));
/// let mut negative = PRIME; // p − 2: −1 is no square, so the negative of a square is none
/// negative[191] -= 2;
/// assert!(!group::is_square(&Element::from(negative)));
/// ```
#[must_use]
pub fn is_square(element: &Element) -> bool {
    let (mut a, mut n) = (Number::new(element.as_be_bytes()), Number::new(&PRIME));
    // (a/n) is 1 if `is_even`, −1 if not, as far as the symbols before were told.
    let mut is_even = true;
    while a.len > 0 {
        // (2/n) = −1 for n = ±3 mod 8.
        let is_odd_power = a.strip_zeros() % 2 == 1;
        is_even ^= is_odd_power && matches!(n.limbs[0] % 8, 3 | 5);
        // Reciprocity: (a/n) = (n/a), or its negative if both are 3 mod 4.
        if a.compare(&n) == Ordering::Less {
            is_even ^= a.limbs[0] % 4 == 3 && n.limbs[0] % 4 == 3;
            core::mem::swap(&mut a, &mut n);
        }
        a.subtract(&n);
    }
    // What remains is the greatest common divisor: 1, or p for a multiple of p.
    is_even && n.len == 1 && n.limbs[0] == 1
}

/// A number, the lowest limb first. The first `len` are used: the last of them is not 0, all after it are.
struct Number {
    limbs: [u64; LIMBS],
    len: usize,
}

impl Number {
    fn new(number: &[u8; 192]) -> Self {
        let mut number = Self { limbs: limbs(number), len: LIMBS };
        number.trim();
        number
    }

    fn trim(&mut self) {
        while self.len > 0 && self.limbs[self.len - 1] == 0 {
            self.len -= 1;
        }
    }

    /// Divides by the greatest power of two that divides the number, which must not be 0, and gives its exponent.
    fn strip_zeros(&mut self) -> u32 {
        let mut stripped = 0;
        while self.limbs[0] == 0 {
            self.limbs[..self.len].rotate_left(1);
            self.len -= 1;
            stripped += u64::BITS;
        }
        let zeros = self.limbs[0].trailing_zeros();
        if zeros > 0 {
            let limbs = &mut self.limbs[..self.len];
            for at in 1..limbs.len() {
                limbs[at - 1] = limbs[at - 1] >> zeros | limbs[at] << (u64::BITS - zeros);
            }
            limbs[limbs.len() - 1] >>= zeros;
            self.trim();
        }
        stripped + zeros
    }

    fn compare(&self, other: &Self) -> Ordering {
        let (ours, theirs) = (&self.limbs[..self.len], &other.limbs[..other.len]);
        ours.len().cmp(&theirs.len()).then_with(|| ours.iter().rev().cmp(theirs.iter().rev()))
    }

    /// Subtracts a number that is not greater.
    fn subtract(&mut self, other: &Self) {
        let mut borrow = false;
        for (limb, other) in self.limbs[..self.len].iter_mut().zip(&other.limbs) {
            (*limb, borrow) = limb.borrowing_sub(*other, borrow);
        }
        self.trim();
    }
}
