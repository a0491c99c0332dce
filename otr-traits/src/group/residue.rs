//! Numbers modulo p in Montgomery form.
#![expect(clippy::indexing_slicing, reason = "the widths are constants, and the compiler removes the checks")]

use subtle::{Choice, ConditionallySelectable, ConstantTimeEq};
use zeroize::Zeroize;

use crate::{Element, PRIME};

/// How many 64-bit digits a number has, the lowest first.
pub(super) const LIMBS: usize = 24;

/// A number below p, times R = 2^1536: in this form a product is reduced without a division.
///
/// Every operation takes the same time whatever the numbers are. Wiped on drop; what the compiler leaves of an
/// intermediate result on the stack is not.
#[derive(Clone)]
pub(super) struct Residue([u64; LIMBS]);

impl Residue {
    /// The number; one that is not below p is reduced.
    pub(super) fn new(element: &Element) -> Self {
        let mut limbs = Self(limbs(element));
        let residue = limbs.mul(&Self(R_SQUARED));
        limbs.0.zeroize();
        residue
    }

    pub(super) fn one() -> Self {
        Self(R)
    }

    /// Back from Montgomery form.
    pub(super) fn to_element(&self) -> Element {
        let mut one = [0; LIMBS];
        one[0] = 1;
        let number = self.mul(&Self(one));
        let mut bytes = [0; 8 * LIMBS];
        for (to, limb) in bytes.rchunks_exact_mut(8).zip(&number.0) {
            to.copy_from_slice(&limb.to_be_bytes());
        }
        let element = Element::from(bytes);
        bytes.zeroize();
        element
    }

    /// a · b. For each digit of `b`, from the lowest: adds a · digit, then the multiple of p that makes the lowest digit
    /// of the sum 0, and drops that digit. p ends in 64 ones, so the multiple is the lowest digit itself.
    #[must_use]
    pub(super) fn mul(&self, other: &Self) -> Self {
        let Self(a) = self;
        let mut sum = [0; LIMBS];
        let mut top = 0;
        for digit in &other.0 {
            let (multiple, mut carry) = multiply_add(sum[0], a[0], *digit, 0);
            let mut carry_p = multiple;
            // Written out: a loop would be left as one, and take a sixth longer.
            macro_rules! columns {
                ($($column:literal)*) => {$(
                    let (low, high) = multiply_add(sum[$column], a[$column], *digit, carry);
                    carry = high;
                    let (low, high) = multiply_add(low, P[$column], multiple, carry_p);
                    carry_p = high;
                    sum[$column - 1] = low;
                )*};
            }
            columns!(1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23);
            (sum[LIMBS - 1], top) = add(carry, carry_p, top);
        }
        Self(below_p(&sum, top))
    }

    /// a · a: half of the products of two digits are the other half once more.
    #[must_use]
    pub(super) fn square(&self) -> Self {
        let mut sum = squared(&self.0);
        reduce(&mut sum)
    }

    /// a^(2^times).
    #[must_use]
    pub(super) fn square_times(&self, times: usize) -> Self {
        (0..times).fold(self.clone(), |number, _| number.square())
    }

    /// Entry number `index`, counted from 1; the number 1 for 0. Reads all of them.
    pub(super) fn select(entries: &[Self], index: u32) -> Self {
        let mut selected = [0; LIMBS];
        let mut found = Choice::from(0);
        for (number, entry) in (1_u32..).zip(entries) {
            let here = number.ct_eq(&index);
            mix(&mut selected, &entry.0, here);
            found |= here;
        }
        mix(&mut selected, &R, !found);
        Self(selected)
    }
}

impl Drop for Residue {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

/// The digits of a number, the lowest first.
pub(super) fn limbs(number: &Element) -> [u64; LIMBS] {
    let mut limbs = [0; LIMBS];
    let (digits, _) = number.as_be_bytes().as_chunks();
    for (limb, digit) in limbs.iter_mut().zip(digits.iter().rev()) {
        *limb = u64::from_be_bytes(*digit);
    }
    limbs
}

/// Puts `number` into `selected`, which is 0, if `chosen`.
fn mix(selected: &mut [u64; LIMBS], number: &[u64; LIMBS], chosen: Choice) {
    let mask = u64::conditional_select(&0, &u64::MAX, chosen);
    for (to, digit) in selected.iter_mut().zip(number) {
        *to |= digit & mask;
    }
}

/// a · a, twice as wide.
fn squared(a: &[u64; LIMBS]) -> [u64; 2 * LIMBS] {
    let mut sum = [0; 2 * LIMBS];
    for (i, digit) in a.iter().enumerate() {
        let mut carry = 0;
        for (column, other) in sum[2 * i + 1..i + LIMBS].iter_mut().zip(&a[i + 1..]) {
            (*column, carry) = multiply_add(*column, *other, *digit, carry);
        }
        sum[i + LIMBS] = carry;
    }
    let (mut carry, mut shifted) = (0, 0);
    for (pair, digit) in sum.as_chunks_mut::<2>().0.iter_mut().zip(a) {
        let (low, high) = (pair[0] << 1 | shifted, pair[1] << 1 | pair[0] >> 63);
        shifted = pair[1] >> 63;
        let (square_low, square_high) = multiply_add(0, *digit, *digit, 0);
        (pair[0], carry) = add(low, square_low, carry);
        (pair[1], carry) = add(high, square_high, carry);
    }
    sum
}

/// Divides by R, mod p: as in [`Residue::mul`], two digits at a time, so that two chains of carries run side by side.
fn reduce(sum: &mut [u64; 2 * LIMBS]) -> Residue {
    let mut top = 0;
    for start in (0..LIMBS).step_by(2) {
        let Some(window) = sum[start..].first_chunk_mut::<{ LIMBS + 2 }>() else { break };
        let first = window[0];
        let (second, mut carry_first) = multiply_add(window[1], P[1], first, first);
        let mut carry_second = second;
        macro_rules! columns {
            ($($column:literal)*) => {$(
                let (low, high) = multiply_add(window[$column], P[$column], first, carry_first);
                carry_first = high;
                let (low, high) = multiply_add(low, P[$column - 1], second, carry_second);
                carry_second = high;
                window[$column] = low;
            )*};
        }
        columns!(2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23);
        let (low, over) = add(window[LIMBS], carry_first, top);
        let (low, high) = multiply_add(low, P[LIMBS - 1], second, carry_second);
        window[LIMBS] = low;
        (window[LIMBS + 1], top) = add(window[LIMBS + 1], high, over);
    }
    let (_, high) = sum.split_at(LIMBS);
    let mut number = [0; LIMBS];
    number.copy_from_slice(high);
    Residue(below_p(&number, top))
}

/// `number` + top · R, which is below 2p, less p if it is not below p.
fn below_p(number: &[u64; LIMBS], top: u64) -> [u64; LIMBS] {
    let mut difference = [0; LIMBS];
    let mut borrow = false;
    for ((to, digit), p) in difference.iter_mut().zip(number).zip(&P) {
        (*to, borrow) = digit.borrowing_sub(*p, borrow);
    }
    let is_below = Choice::from(u8::from(borrow)) & top.ct_eq(&0);
    for (to, digit) in difference.iter_mut().zip(number) {
        to.conditional_assign(digit, is_below);
    }
    difference
}

/// a · b + c + d, which always fits: the lower digit and the upper one.
#[inline(always)]
fn multiply_add(c: u64, a: u64, b: u64, d: u64) -> (u64, u64) {
    a.carrying_mul_add(b, c, d)
}

/// a + b + carry: the digit, and a carry of at most 2.
#[inline(always)]
fn add(a: u64, b: u64, carry: u64) -> (u64, u64) {
    let (sum, over) = a.overflowing_add(b);
    let (sum, again) = sum.overflowing_add(carry);
    (sum, u64::from(over) + u64::from(again))
}

/// p, the lowest digit first.
const P: [u64; LIMBS] = {
    let mut limbs = [0; LIMBS];
    let mut i = 0;
    while i < PRIME.len() {
        limbs[LIMBS - 1 - i / 8] = limbs[LIMBS - 1 - i / 8] << 8 | PRIME[i] as u64;
        i += 1;
    }
    limbs
};

/// R mod p: 1 in Montgomery form. R − p, because p is above R / 2.
const R: [u64; LIMBS] = {
    let mut limbs = P;
    let mut i = 0;
    while i < LIMBS {
        limbs[i] = !limbs[i];
        i += 1;
    }
    // −p = !p + 1, and the lowest digit of !p is 0.
    limbs[0] += 1;
    limbs
};

/// R² mod p, by doubling R as often as R has bits.
const R_SQUARED: [u64; LIMBS] = {
    let mut limbs = R;
    let mut doublings = 0;
    while doublings < 64 * LIMBS {
        limbs = doubled(limbs);
        doublings += 1;
    }
    limbs
};

/// 2a mod p, in variable time: for constants.
const fn doubled(a: [u64; LIMBS]) -> [u64; LIMBS] {
    let (mut double, mut less_p) = ([0; LIMBS], [0; LIMBS]);
    let (mut carry, mut borrow) = (0, false);
    let mut i = 0;
    while i < LIMBS {
        double[i] = a[i] << 1 | carry;
        carry = a[i] >> 63;
        let (partial, under) = double[i].overflowing_sub(P[i]);
        let (rest, again) = partial.overflowing_sub(borrow as u64);
        (less_p[i], borrow) = (rest, under || again);
        i += 1;
    }
    if carry == 0 && borrow { double } else { less_p }
}
