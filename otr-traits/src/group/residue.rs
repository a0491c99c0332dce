//! Numbers modulo p, each with its p.

use subtle::ConstantTimeEq;
use zeroize::Zeroize;

use super::montgomery::{Limbs, Modulus, limbs, mask};

/// A number below p, in Montgomery form.
///
/// Every operation takes the same time whatever the number is. Wiped on drop.
#[derive(Clone)]
pub(super) struct Residue<'p, const N: usize> {
    limbs: Limbs<N>,
    modulus: &'p Modulus<N>,
}

impl<'p, const N: usize> Residue<'p, N> {
    /// The number; one that is not below p is reduced.
    pub(super) fn new(be_bytes: &[u8], modulus: &'p Modulus<N>) -> Self {
        let mut number = limbs(be_bytes);
        let residue = Self { limbs: modulus.enter(&number), modulus };
        number.zeroize();
        residue
    }

    pub(super) fn one(modulus: &'p Modulus<N>) -> Self {
        Self { limbs: *modulus.one(), modulus }
    }

    /// The number, big-endian, into 8 · N bytes.
    pub(super) fn write_to(&self, be_bytes: &mut [u8]) {
        let mut number = self.modulus.leave(&self.limbs);
        for (to, limb) in be_bytes.as_rchunks_mut().1.iter_mut().rev().zip(&number) {
            *to = limb.to_be_bytes();
        }
        number.zeroize();
    }

    #[must_use]
    pub(super) fn mul(&self, other: &Self) -> Self {
        Self { limbs: self.modulus.mul(&self.limbs, &other.limbs), modulus: self.modulus }
    }

    #[must_use]
    pub(super) fn square(&self) -> Self {
        Self { limbs: self.modulus.square(&self.limbs), modulus: self.modulus }
    }

    pub(super) fn mul_assign(&mut self, other: &Self) {
        self.limbs = self.modulus.mul(&self.limbs, &other.limbs);
    }

    pub(super) fn square_assign(&mut self) {
        self.limbs = self.modulus.square(&self.limbs);
    }

    /// a^(2^times).
    #[must_use]
    pub(super) fn square_times(&self, times: usize) -> Self {
        let mut power = self.clone();
        (0..times).for_each(|_| power.square_assign());
        power
    }

    /// Entry number `index`, counted from 1; the number 1 for 0. Reads all of them.
    pub(super) fn select(entries: &[Self], index: u32, modulus: &'p Modulus<N>) -> Self {
        let mut limbs = [0; N];
        mix(&mut limbs, modulus.one(), mask(index.ct_eq(&0)));
        let mut numbers = 1_u32..;
        for entries in entries.chunks(8) {
            // All masks first: each takes calls, over which the limbs would not stay in the processor's registers.
            let mut masks = [0; 8];
            for (entry_mask, number) in masks.iter_mut().zip(&mut numbers) {
                *entry_mask = mask(number.ct_eq(&index));
            }
            for (entry, entry_mask) in entries.iter().zip(masks) {
                mix(&mut limbs, &entry.limbs, entry_mask);
            }
        }
        Self { limbs, modulus }
    }
}

/// Puts `number` where 0 is, if all bits of the mask are set; nothing if none is.
#[inline(always)]
fn mix<const N: usize>(limbs: &mut Limbs<N>, number: &Limbs<N>, mask: u64) {
    for (to, limb) in limbs.iter_mut().zip(number) {
        *to |= limb & mask;
    }
}

impl<const N: usize> Drop for Residue<'_, N> {
    fn drop(&mut self) {
        self.limbs.zeroize();
    }
}
