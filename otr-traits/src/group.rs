//! Arithmetic in the group, and in those of DSA keys, for backends: what most libraries do not offer, or not as fast.
//!
//! A general library raises one base to one power. OTR raises the same generator again and again, one received
//! element to several exponents, and multiplies such powers at once. With tables that costs a third of it:
//!
//! * the generator has a table, made when it is first needed: a comb;
//! * so has a base that [`prepare`] has worked on, for about what one power costs;
//! * the powers of a [`product`] share their squarings;
//! * public exponents are raised in variable time, with sliding windows.
//!
//! DSA keys, of which each brings a group of its own, have [`DsaModulus`].
//!
//! The time of a secret exponent depends on its width only: every table is read from end to end. It is plain safe Rust, and
//! needs nothing of the processor but a multiplication of 64 by 64 bits in constant time.
//!
//! # Variable time
//!
//! On purpose, because all they see is public:
//!
//! * powers with a [`Power::Public`](crate::Power::Public) exponent: where its windows are, how many, and which entry of a
//!   table is read. They are for challenges and answers, which are sent. The bases, and secret exponents in the same
//!   product, remain constant;
//! * the kind of each base, whether it has a table, and the number of terms;
//! * [`is_square`], which asks it of values that arrived.

mod comb;
mod digits;
mod dsa;
mod jacobi;
mod montgomery;
mod product;
mod residue;
mod window;

use std::sync::LazyLock;

use comb::{Comb, Shape};
pub use dsa::DsaModulus;
pub use jacobi::is_square;
use montgomery::{Modulus, limbs};
use product::Factor;
use residue::Residue;
use zeroize::Zeroizing;

use crate::{Base, Element, PRIME, Prepared, Term};

/// The product of all terms, as [`ModExp::product`](crate::ModExp::product) wants it.
///
/// ```
/// # use otr_traits::{group, Base, Element, Exponent, Power, Term};
/// let exponent = Exponent::from_be_bytes(&[10]).ok_or("at most 192 bytes")?;
/// let term = Term { base: Base::Generator, exponent: Power::Secret(&exponent) };
/// assert_eq!(group::product(&[term]).as_be_bytes()[190..], [4, 0]);
/// # Ok::<(), &str>(())
/// ```
#[must_use]
pub fn product(terms: &[Term<'_>]) -> Element {
    let factors: Vec<_> = terms.iter().map(factor).collect();
    to_element(&product::product(&factors, &MODULUS))
}

/// The base with a table, if it will be used often enough, as [`ModExp::prepare`](crate::ModExp::prepare) wants it. The table
/// has 12 KB, gains nothing for exponents of 320 bits, and is wiped on drop.
#[must_use]
pub fn prepare(base: &Element, uses: u8) -> Prepared {
    if uses < 2 {
        return Prepared::plain(base.clone());
    }
    Prepared::with_table(base.clone(), Comb::new(residue(base), RECEIVED))
}

/// Whether there is a table for this base, so that its powers are cheap.
#[must_use]
pub fn has_table(base: &Base<'_>) -> bool {
    table(base).is_some()
}

/// a · b mod p.
#[must_use]
pub fn mul(a: &Element, b: &Element) -> Element {
    to_element(&residue(a).mul(&residue(b)))
}

/// 556 products, 111 KB: for exponents of 1536 bits, and with the first of five groups for those of 320.
const GENERATOR: Shape = Shape { spacing: 64, blocks: 4, group: 5 };

/// 60 products, 12 KB.
const RECEIVED: Shape = Shape { spacing: 384, blocks: 4, group: 4 };

fn factor<'a>(term: &Term<'a>) -> Factor<'a, LIMBS> {
    match table(&term.base) {
        Some(comb) => Factor::with_table(comb, term.exponent),
        None => Factor::new(residue(&term.base.to_element()), term.exponent),
    }
}

fn table<'a>(base: &Base<'a>) -> Option<&'a Comb<'static, LIMBS>> {
    static TABLE: LazyLock<Comb<'static, LIMBS>> =
        LazyLock::new(|| Comb::new(residue(&Element::generator()), GENERATOR));
    match base {
        Base::Generator => Some(&TABLE),
        Base::Prepared(prepared) => prepared.table(),
        Base::Element(_) => None,
    }
}

/// How many 64-bit limbs an element has.
const LIMBS: usize = 24;

static MODULUS: LazyLock<Modulus<LIMBS>> = LazyLock::new(|| Modulus::new(limbs(&PRIME)));

fn residue(element: &Element) -> Residue<'static, LIMBS> {
    Residue::new(element.as_be_bytes(), &MODULUS)
}

fn to_element(residue: &Residue<'_, LIMBS>) -> Element {
    let mut bytes = Zeroizing::new([0; 8 * LIMBS]);
    residue.write_to(bytes.as_mut_slice());
    Element::from(*bytes)
}

#[cfg(test)]
mod tests;
