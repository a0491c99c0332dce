//! Products modulo an odd number, in Montgomery form: a number stands there as R times itself, so that a product is
//! reduced without a division.
//!
//! Every operation takes the same time whatever the numbers are; the modulus is public. What the compiler leaves of
//! intermediate results on the stack is not wiped.
#![expect(clippy::indexing_slicing, reason = "the widths are constants, and the compiler removes the checks")]

use subtle::{Choice, ConditionallySelectable, ConstantTimeEq};

/// A number, the lowest limb of 64 bits first.
pub(super) type Limbs<const N: usize> = [u64; N];

/// A number below R²: the lower half, then the upper.
type Wide<const N: usize> = [Limbs<N>; 2];

/// The limbs of a number of 8 · N bytes.
pub(super) fn limbs<const N: usize>(be_bytes: &[u8]) -> Limbs<N> {
    let mut limbs = [0; N];
    for (limb, bytes) in limbs.iter_mut().zip(be_bytes.as_rchunks().1.iter().rev()) {
        *limb = u64::from_be_bytes(*bytes);
    }
    limbs
}

/// An odd p whose highest bit is set, and what its arithmetic needs. R is 2^64N.
pub(super) struct Modulus<const N: usize> {
    p: Limbs<N>,
    /// −1/p mod 2^64.
    negative_inverse: u64,
    /// R mod p.
    one: Limbs<N>,
    /// R² mod p.
    r_squared: Limbs<N>,
}

/// Does the same for every column below the width, written out: a loop would be left as one, and take a sixth longer.
macro_rules! for_each_column {
    ($width:ident, $column:ident, $body:block) => {
        for_each_column!($width, $column, $body;
            0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23)
    };
    ($width:ident, $column:ident, $body:block; $($number:literal)*) => {$(
        if $number < $width {
            let $column: usize = $number;
            $body
        }
    )*};
}

impl<const N: usize> Modulus<N> {
    /// p must be odd, with the highest bit set.
    pub(super) fn new(p: Limbs<N>) -> Self {
        const {
            assert!(
                N.is_multiple_of(2) && N <= 24,
                "limbs are taken in pairs, and 24 columns are written out"
            )
        };
        debug_assert!(p[0] % 2 == 1 && p[N - 1] >> 63 == 1);
        let lowest = p[0];
        // Newton: p · p = 1 mod 8, and each round doubles the number of bits that are right.
        let inverse = (0..5).fold(lowest, |inverse, _| {
            inverse.wrapping_mul(2_u64.wrapping_sub(lowest.wrapping_mul(inverse)))
        });
        let mut modulus =
            Self { p, negative_inverse: inverse.wrapping_neg(), one: [0; N], r_squared: [0; N] };
        // R − p, because R is below 2p.
        modulus.one = modulus.below_p(&[0; N], 1);
        // 2^N, and squared until it is 2^64N.
        let two_to_n = (0..N).fold(modulus.one, |power, _| modulus.double(&power));
        modulus.r_squared = (0..6).fold(two_to_n, |power, _| modulus.square(&power));
        modulus
    }

    /// 1 in Montgomery form.
    pub(super) fn one(&self) -> &Limbs<N> {
        &self.one
    }

    /// To Montgomery form. A number that is not below p is reduced.
    pub(super) fn enter(&self, number: &Limbs<N>) -> Limbs<N> {
        self.mul(number, &self.r_squared)
    }

    /// Back from Montgomery form.
    pub(super) fn leave(&self, number: &Limbs<N>) -> Limbs<N> {
        self.reduce([*number, [0; N]])
    }

    /// a · b / R mod p, which is the product in Montgomery form. One of the two must be below p.
    pub(super) fn mul(&self, a: &Limbs<N>, b: &Limbs<N>) -> Limbs<N> {
        self.reduce(product(a, b))
    }

    /// a · a / R mod p, for a below p.
    pub(super) fn square(&self, a: &Limbs<N>) -> Limbs<N> {
        self.reduce(squared(a))
    }

    /// 2a, for a below p.
    fn double(&self, a: &Limbs<N>) -> Limbs<N> {
        let mut top = 0;
        let double = a.map(|limb| {
            let shifted = limb << 1 | top;
            top = limb >> 63;
            shifted
        });
        self.below_p(&double, top)
    }

    /// Divides a number below p · R by R, mod p: adds multiples of p that make its lower half 0, a limb at a time. They are
    /// taken in pairs, so that two chains of carries run side by side.
    fn reduce(&self, mut number: Wide<N>) -> Limbs<N> {
        let p = &self.p;
        let mut top = 0;
        for start in (0..N).step_by(2) {
            let sum = &mut number.as_flattened_mut()[start..start + N + 2];
            let first = sum[0].wrapping_mul(self.negative_inverse);
            let (_, carry) = p[0].carrying_mul_add(first, sum[0], 0);
            let (low, mut carry_first) = p[1].carrying_mul_add(first, sum[1], carry);
            let second = low.wrapping_mul(self.negative_inverse);
            let (_, mut carry_second) = p[0].carrying_mul_add(second, low, 0);
            for_each_column!(N, column, {
                if column > 1 {
                    (sum[column], carry_first) = p[column].carrying_mul_add(first, sum[column], carry_first);
                    (sum[column], carry_second) =
                        p[column - 1].carrying_mul_add(second, sum[column], carry_second);
                }
            });
            let (low, over) = add(sum[N], carry_first, top);
            let (low, high) = p[N - 1].carrying_mul_add(second, low, carry_second);
            sum[N] = low;
            (sum[N + 1], top) = add(sum[N + 1], high, over);
        }
        let [_, upper] = number;
        self.below_p(&upper, top)
    }

    /// `number` + top · R, which is below 2p, less p if it is not below p.
    fn below_p(&self, number: &Limbs<N>, top: u64) -> Limbs<N> {
        let mut difference = [0; N];
        let mut borrow = false;
        for ((to, limb), p) in difference.iter_mut().zip(number).zip(&self.p) {
            (*to, borrow) = limb.borrowing_sub(*p, borrow);
        }
        let kept = mask(Choice::from(u8::from(borrow)) & top.ct_eq(&0));
        for (to, limb) in difference.iter_mut().zip(number) {
            *to ^= (*to ^ limb) & kept;
        }
        difference
    }
}

/// a · b, two rows at a time, as in [`Modulus::reduce`].
fn product<const N: usize>(a: &Limbs<N>, b: &Limbs<N>) -> Wide<N> {
    let mut product = [[0; N]; 2];
    for (pair, [first, second]) in b.as_chunks().0.iter().enumerate() {
        let sum = &mut product.as_flattened_mut()[2 * pair..2 * pair + N + 2];
        let (mut carry_first, mut carry_second) = (0, 0);
        for_each_column!(N, column, {
            (sum[column], carry_first) = a[column].carrying_mul_add(*first, sum[column], carry_first);
            if column > 0 {
                (sum[column], carry_second) =
                    a[column - 1].carrying_mul_add(*second, sum[column], carry_second);
            }
        });
        (sum[N], sum[N + 1]) = a[N - 1].carrying_mul_add(*second, carry_first, carry_second);
    }
    product
}

/// a · a: half of the products of two limbs are the other half once more.
fn squared<const N: usize>(a: &Limbs<N>) -> Wide<N> {
    let mut square = [[0; N]; 2];
    let sum = square.as_flattened_mut();
    for_each_column!(N, row, {
        let mut carry = 0;
        for_each_column!(N, column, {
            if column > row {
                let at = row + column;
                (sum[at], carry) = a[row].carrying_mul_add(a[column], sum[at], carry);
            }
        });
        sum[row + N] = carry;
    });
    let (mut carry, mut shifted) = (0, 0);
    for (pair, limb) in sum.as_chunks_mut::<2>().0.iter_mut().zip(a) {
        let (low, high) = (pair[0] << 1 | shifted, pair[1] << 1 | pair[0] >> 63);
        shifted = pair[1] >> 63;
        let (square_low, square_high) = limb.carrying_mul(*limb, 0);
        (pair[0], carry) = add(low, square_low, carry);
        (pair[1], carry) = add(high, square_high, carry);
    }
    square
}

/// All bits, if chosen, or none.
pub(super) fn mask(chosen: Choice) -> u64 {
    u64::conditional_select(&0, &u64::MAX, chosen)
}

/// a + b + carry: the limb, and the next carry, which is at most 1 if this one is.
#[inline(always)]
fn add(a: u64, b: u64, carry: u64) -> (u64, u64) {
    let (sum, over) = a.overflowing_add(b);
    let (sum, again) = sum.overflowing_add(carry);
    (sum, u64::from(over) + u64::from(again))
}
