//! Arithmetic in the group, for backends: what most libraries do not offer, or not as fast.
//!
//! A general library raises one base to one power. OTR raises the same generator again and again, one received
//! element to several exponents, and multiplies such powers at once. With tables that costs a third of it:
//!
//! * the generator has a table, made when it is first needed: a comb;
//! * so has a base that [`prepare`] has worked on, for about what one power costs;
//! * the powers of a [`product`] share their squarings;
//! * public exponents are raised in variable time, with sliding windows.
//!
//! The time of a secret exponent depends on its width only: every table is read from end to end. It is plain safe Rust, and
//! needs nothing of the processor but a multiplication of 64 by 64 bits in constant time.
//!
//! # Variable time
//!
//! On purpose, because all they see is public:
//!
//! * powers with a [`Power::Public`] exponent: where its windows are, how many, and which entry of a table is read. They are
//!   for challenges and answers, which are sent. The bases, and secret exponents in the same product, remain constant;
//! * the kind of each base, whether it has a table, and the number of terms;
//! * [`is_square`], which asks it of values that arrived.

mod comb;
mod digits;
mod jacobi;
mod residue;
mod window;

use std::sync::OnceLock;

use comb::{Comb, Shape};
use digits::Bits;
pub use jacobi::is_square;
use residue::Residue;
use window::{Fixed, Sliding};

use crate::{Base, Element, Power, Prepared, Term};

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
    let powers: Vec<_> = terms.iter().map(Factor::new).collect();
    let steps = powers.iter().map(Factor::steps).max().unwrap_or(0);
    let mut product = Accumulator(None);
    for step in (0..steps).rev() {
        product.square();
        for power in &powers {
            power.multiply(step, &mut product);
        }
    }
    product.0.unwrap_or_else(Residue::one).to_element()
}

/// The base with a table, if it will be used often enough, as [`ModExp::prepare`](crate::ModExp::prepare) wants it. The table
/// has 12 KB, gains nothing for exponents of 320 bits, and is wiped on drop.
#[must_use]
pub fn prepare(base: &Element, uses: u8) -> Prepared {
    if uses < 2 {
        return Prepared::plain(base.clone());
    }
    Prepared::with_table(base.clone(), Comb::new(Residue::new(base), RECEIVED))
}

/// Whether there is a table for this base, so that its powers are cheap.
#[must_use]
pub fn has_table(base: &Base<'_>) -> bool {
    table(base).is_some()
}

/// a · b mod p.
#[must_use]
pub fn mul(a: &Element, b: &Element) -> Element {
    Residue::new(a).mul(&Residue::new(b)).to_element()
}

/// 640 products, 123 KB: for exponents of 1536 bits, and with the first of five groups for those of 320.
const GENERATOR: Shape = Shape { spacing: 64, blocks: 4, group: 5 };

/// 60 products, 12 KB.
const RECEIVED: Shape = Shape { spacing: 384, blocks: 4, group: 4 };

fn table<'a>(base: &Base<'a>) -> Option<&'a Comb> {
    static TABLE: OnceLock<Comb> = OnceLock::new();
    match base {
        Base::Generator => {
            Some(TABLE.get_or_init(|| Comb::new(Residue::new(&Element::generator()), GENERATOR)))
        }
        Base::Prepared(prepared) => prepared.table(),
        Base::Element(_) => None,
    }
}

/// One power in a product.
struct Factor<'a> {
    exponent: Power<'a>,
    method: Method<'a>,
}

enum Method<'a> {
    Comb(&'a Comb),
    Fixed(Fixed),
    Sliding(Sliding),
}

impl<'a> Factor<'a> {
    fn new(term: &Term<'a>) -> Self {
        let exponent = term.exponent;
        let bits = Bits::of(exponent.exponent());
        let base = || Residue::new(&term.base.to_element());
        let method = match (table(&term.base), exponent) {
            (Some(comb), _) => Method::Comb(comb),
            (None, Power::Secret(_)) => Method::Fixed(Fixed::new(base(), bits.len())),
            (None, Power::Public(_)) => Method::Sliding(Sliding::new(base(), bits)),
        };
        Self { exponent, method }
    }

    fn steps(&self) -> usize {
        match &self.method {
            Method::Comb(comb) => comb.steps(),
            Method::Fixed(_) => self.bits().len(),
            Method::Sliding(windows) => windows.steps(),
        }
    }

    fn multiply(&self, step: usize, product: &mut Accumulator) {
        if step >= self.steps() {
            return;
        }
        match &self.method {
            Method::Comb(comb) => {
                for (entries, index) in comb.at(step, self.bits()) {
                    self.multiply_entry(entries, index, product);
                }
            }
            Method::Fixed(window) => {
                if let Some((entries, index)) = window.at(step, self.bits()) {
                    self.multiply_entry(entries, index, product);
                }
            }
            Method::Sliding(windows) => {
                if let Some(power) = windows.at(step) {
                    product.multiply(power);
                }
            }
        }
    }

    /// Entry number `index`, counted from 1; 0 stands for none.
    fn multiply_entry(&self, entries: &[Residue], index: u32, product: &mut Accumulator) {
        match self.exponent {
            Power::Secret(_) => product.multiply(&Residue::select(entries, index)),
            Power::Public(_) => {
                let place = (index as usize).checked_sub(1);
                if let Some(entry) = place.and_then(|place| entries.get(place)) {
                    product.multiply(entry);
                }
            }
        }
    }

    fn bits(&self) -> Bits<'a> {
        Bits::of(self.exponent.exponent())
    }
}

/// The product so far; nothing until the first factor, so that no 1 is squared.
struct Accumulator(Option<Residue>);

impl Accumulator {
    fn square(&mut self) {
        if let Some(product) = &mut self.0 {
            *product = product.square();
        }
    }

    fn multiply(&mut self, factor: &Residue) {
        self.0 = Some(match self.0.take() {
            Some(product) => product.mul(factor),
            None => factor.clone(),
        });
    }
}

#[cfg(test)]
mod tests;
