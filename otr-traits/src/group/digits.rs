//! Exponents, cut into digits.

use crate::Exponent;

/// The bits of an exponent, the lowest being bit 0.
#[derive(Clone, Copy)]
pub(super) struct Bits<'a>(&'a [u8]);

impl<'a> Bits<'a> {
    pub(super) fn of(exponent: &'a Exponent) -> Self {
        Self(exponent.expose())
    }

    /// How many there are, leading zeros and all: what may be known of a secret exponent.
    pub(super) fn len(self) -> usize {
        8 * self.0.len()
    }

    /// Bit number `index`; 0 beyond the end.
    pub(super) fn get(self, index: usize) -> u32 {
        let byte = self.0.iter().rev().nth(index / 8).copied().unwrap_or(0);
        u32::from(byte >> (index % 8) & 1)
    }

    /// The number whose bits, the lowest first, are those at `indices`.
    pub(super) fn gather(self, indices: impl DoubleEndedIterator<Item = usize>) -> u32 {
        indices.rev().fold(0, |number, index| number << 1 | self.get(index))
    }
}
