//! Powers of a base that is known beforehand: a comb of Lim and Lee.

use super::digits::Bits;
use super::residue::Residue;

/// A table of powers of one base.
///
/// The bits of an exponent are written in rows of `spacing` bits, the lowest row first. One column holds a bit of each row: a
/// tooth each. Every row is cut into `blocks` of equal width; the columns of all blocks with the same place in their
/// block are worked on together, so that a power takes as many squarings as a block is wide, and one multiplication
/// for each column and each group of teeth:
///
/// ```text
///             block 1    block 0
///    row 0    7 6 5 4    3 2 1 0        spacing 8, blocks 2: with bits 4 and 12 one digit, with bits 0 and 8 another,
///    row 1   15 … … 12  11 … … 8        both worked on at step 0
/// ```
///
/// The table holds, for each block and each group of teeth, the product of every subset of what the teeth stand for.
pub(super) struct Comb<'p, const N: usize> {
    shape: Shape,
    /// Block by block, group by group: the products of the subsets 1, 2, 3 … as binary numbers.
    products: Vec<Vec<Residue<'p, N>>>,
}

/// How a comb lays out exponents of up to 1536 bits.
#[derive(Clone, Copy)]
pub(super) struct Shape {
    /// How many bits a row has; a multiple of `blocks`.
    pub(super) spacing: usize,
    /// How many blocks a row is cut into.
    pub(super) blocks: usize,
    /// How many teeth make one digit.
    pub(super) group: usize,
}

impl Shape {
    const MAX_BITS: usize = 8 * crate::Exponent::MAX_BYTES;

    fn teeth(self) -> usize {
        Self::MAX_BITS.div_ceil(self.spacing)
    }

    fn groups(self) -> usize {
        self.teeth().div_ceil(self.group)
    }

    fn steps(self) -> usize {
        self.spacing / self.blocks
    }

    /// The bits of an exponent that stand in one column, a group of teeth only.
    fn column(self, block: usize, group: usize, step: usize) -> impl DoubleEndedIterator<Item = usize> {
        let first = group * self.group;
        let last = self.teeth().min(first + self.group);
        (first..last).map(move |tooth| tooth * self.spacing + block * self.steps() + step)
    }
}

impl<'p, const N: usize> Comb<'p, N> {
    pub(super) fn new(base: Residue<'p, N>, shape: Shape) -> Self {
        // What the lowest bit of each block of each row stands for.
        let mut teeth: Vec<Vec<Residue<'p, N>>> = Vec::new();
        let mut power = base;
        for _ in 0..shape.teeth() {
            let mut row = Vec::with_capacity(shape.blocks);
            for _ in 0..shape.blocks {
                let next = power.square_times(shape.steps());
                row.push(core::mem::replace(&mut power, next));
            }
            teeth.push(row);
        }
        let products = (0..shape.blocks)
            .flat_map(|block| teeth.chunks(shape.group).map(move |group| subset_products(group, block)))
            .collect();
        Self { shape, products }
    }

    #[cfg(test)]
    pub(super) fn is_full(&self) -> bool {
        self.products.iter().all(|products| products.len() == products.capacity())
    }

    /// How many steps a power takes.
    pub(super) fn steps(&self) -> usize {
        self.shape.steps()
    }

    /// What is multiplied at a step: the products of subsets, and which subset, 0 for none. How many depends on the
    /// exponent's width only.
    pub(super) fn at(
        &self,
        step: usize,
        exponent: Bits<'_>,
    ) -> impl Iterator<Item = (&[Residue<'p, N>], u32)> {
        let shape = self.shape;
        let places =
            (0..shape.blocks).flat_map(move |block| (0..shape.groups()).map(move |group| (block, group)));
        places.zip(&self.products).filter_map(move |((block, group), products)| {
            let mut column = shape.column(block, group, step);
            let lowest = column.next()?;
            (lowest < exponent.len()).then(|| {
                let subset = exponent.gather(core::iter::once(lowest).chain(column));
                (products.as_slice(), subset)
            })
        })
    }
}

/// The products of all subsets of a block's teeth, but for the empty one.
fn subset_products<'p, const N: usize>(teeth: &[Vec<Residue<'p, N>>], block: usize) -> Vec<Residue<'p, N>> {
    // Of its final size at once: growing would leave residues behind.
    let mut products = Vec::with_capacity((1 << teeth.len()) - 1);
    for tooth in teeth.iter().filter_map(|row| row.get(block)) {
        let without = products.len();
        products.push(tooth.clone());
        for subset in 0..without {
            let with = products.get(subset).map(|product: &Residue<'p, N>| product.mul(tooth));
            products.extend(with);
        }
    }
    products
}
