//! Powers of a base that is new: windows of the exponent.

use super::digits::Bits;
use super::residue::Residue;

/// The first powers of a base, for secret exponents: every digit of a fixed width costs one multiplication.
pub(super) struct Fixed<'p, const N: usize> {
    width: usize,
    /// base, base², base³ …
    powers: Vec<Residue<'p, N>>,
}

impl<'p, const N: usize> Fixed<'p, N> {
    pub(super) fn new(base: Residue<'p, N>, bits: usize) -> Self {
        let width = if bits > 512 { 5 } else { 4 };
        // Of its final size at once: growing would leave residues behind.
        let mut powers = Vec::with_capacity((1 << width) - 1);
        powers.push(base.clone());
        // Even powers are squares of former ones.
        for exponent in 2..1_usize << width {
            let power = match (exponent % 2, powers.get(exponent / 2 - 1), powers.last()) {
                (0, Some(half), _) => half.square(),
                (_, _, Some(last)) => last.mul(&base),
                _ => break,
            };
            powers.push(power);
        }
        Self { width, powers }
    }

    #[cfg(test)]
    pub(super) fn is_full(&self) -> bool {
        self.powers.len() == self.powers.capacity()
    }

    /// The powers and which of them is multiplied at a step, 0 for none; nothing at steps between two digits.
    pub(super) fn at(&self, step: usize, exponent: Bits<'_>) -> Option<(&[Residue<'p, N>], u32)> {
        step.is_multiple_of(self.width)
            .then(|| (self.powers.as_slice(), exponent.gather(step..step + self.width)))
    }
}

/// The odd powers of a base, for public exponents: windows begin and end with a 1, and zeros between them are skipped.
pub(super) struct Sliding<'p, const N: usize> {
    /// base, base³, base⁵ …
    powers: Vec<Residue<'p, N>>,
    /// The odd numbers in the windows, each with the step it is multiplied at, the highest first.
    windows: Vec<(usize, usize)>,
}

impl<'p, const N: usize> Sliding<'p, N> {
    pub(super) fn new(base: Residue<'p, N>, exponent: Bits<'_>) -> Self {
        let width = if exponent.len() > 512 { 6 } else { 5 };
        let square = base.square();
        let mut powers = Vec::with_capacity(1 << (width - 1));
        powers.extend(
            core::iter::successors(Some(base), |power| Some(power.mul(&square))).take(1 << (width - 1)),
        );
        Self { powers, windows: windows(exponent, width) }
    }

    #[cfg(test)]
    pub(super) fn is_full(&self) -> bool {
        self.powers.len() == self.powers.capacity()
    }

    /// How many steps the power takes.
    pub(super) fn steps(&self) -> usize {
        self.windows.first().map_or(0, |(step, _)| step + 1)
    }

    /// What is multiplied at a step, if anything.
    pub(super) fn at(&self, step: usize) -> Option<&Residue<'p, N>> {
        let place = self.windows.binary_search_by(|(at, _)| step.cmp(at)).ok()?;
        let (_, odd) = self.windows.get(place)?;
        self.powers.get(odd / 2)
    }
}

fn windows(exponent: Bits<'_>, width: usize) -> Vec<(usize, usize)> {
    let mut windows = Vec::new();
    let mut end = exponent.len();
    while let Some(highest) = (0..end).rev().find(|index| exponent.get(*index) == 1) {
        let reach = (highest + 1).saturating_sub(width);
        let lowest = (reach..=highest).find(|index| exponent.get(*index) == 1).unwrap_or(highest);
        windows.push((lowest, exponent.gather(lowest..highest + 1) as usize));
        end = lowest;
    }
    windows
}
