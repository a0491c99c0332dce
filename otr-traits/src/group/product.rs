//! Products of powers.

use super::comb::Comb;
use super::digits::Bits;
use super::montgomery::Modulus;
use super::residue::Residue;
use super::window::{Fixed, Sliding};
use crate::Power;

/// The product of all powers. They share their squarings.
pub(super) fn product<'p, const N: usize>(
    factors: &[Factor<'p, N>],
    modulus: &'p Modulus<N>,
) -> Residue<'p, N> {
    let steps = factors.iter().map(Factor::steps).max().unwrap_or(0);
    let mut product = Accumulator { so_far: None, modulus };
    for step in (0..steps).rev() {
        product.square();
        for factor in factors {
            factor.multiply(step, &mut product);
        }
    }
    product.so_far.unwrap_or_else(|| Residue::one(modulus))
}

/// One power in a product.
pub(super) struct Factor<'p, const N: usize> {
    exponent: Power<'p>,
    method: Method<'p, N>,
}

enum Method<'p, const N: usize> {
    Comb(&'p Comb<'p, N>),
    Fixed(Fixed<'p, N>),
    Sliding(Sliding<'p, N>),
}

impl<'p, const N: usize> Factor<'p, N> {
    /// A power of a base that is new.
    pub(super) fn new(base: Residue<'p, N>, exponent: Power<'p>) -> Self {
        let bits = Bits::of(exponent.exponent());
        let method = match exponent {
            Power::Secret(_) => Method::Fixed(Fixed::new(base, bits.len())),
            Power::Public(_) => Method::Sliding(Sliding::new(base, bits)),
        };
        Self { exponent, method }
    }

    /// A power of a base that has a table.
    pub(super) fn with_table(table: &'p Comb<'p, N>, exponent: Power<'p>) -> Self {
        Self { exponent, method: Method::Comb(table) }
    }

    fn steps(&self) -> usize {
        match &self.method {
            Method::Comb(comb) => comb.steps(),
            Method::Fixed(_) => self.bits().len(),
            Method::Sliding(windows) => windows.steps(),
        }
    }

    fn multiply(&self, step: usize, product: &mut Accumulator<'p, N>) {
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
    fn multiply_entry(&self, entries: &[Residue<'p, N>], index: u32, product: &mut Accumulator<'p, N>) {
        match self.exponent {
            Power::Secret(_) => product.multiply(&Residue::select(entries, index, product.modulus)),
            Power::Public(_) => {
                let place = (index as usize).checked_sub(1);
                if let Some(entry) = place.and_then(|place| entries.get(place)) {
                    product.multiply(entry);
                }
            }
        }
    }

    fn bits(&self) -> Bits<'p> {
        Bits::of(self.exponent.exponent())
    }
}

struct Accumulator<'p, const N: usize> {
    /// Nothing until the first factor, so that no 1 is squared.
    so_far: Option<Residue<'p, N>>,
    modulus: &'p Modulus<N>,
}

impl<'p, const N: usize> Accumulator<'p, N> {
    fn square(&mut self) {
        if let Some(product) = &mut self.so_far {
            product.square_assign();
        }
    }

    fn multiply(&mut self, factor: &Residue<'p, N>) {
        match &mut self.so_far {
            Some(product) => product.mul_assign(factor),
            None => self.so_far = Some(factor.clone()),
        }
    }
}
