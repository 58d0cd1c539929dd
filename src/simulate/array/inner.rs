//! Inner products of long rows with each other, summed in double precision.
//!
//! Sums are cut into parts, and these into pieces, by their length and count alone: the result does not depend on the
//! number of threads.

use std::ops::Range;

use faer::linalg::matmul::triangular::{self, BlockStructure};
use faer::{Mat, MatMut, MatRef, Par};
use rayon::prelude::*;

use super::product::{Onto, TILE, row_major, tile};
use super::real::Real;
use super::tensor::widen;
use super::{buffer, timings};

/// Terms of an inner product that are multiplied at a time.
const PIECE: usize = 256;

/// Parts of a sum that are summed apart, at least and at most, if it has so many pieces.
const PARTS: [usize; 2] = [4, 16];

/// Numbers that the sums of all parts together may be, unless they are the fewest.
const SUMS: usize = 1 << 20;

/// Multiplications below which threads are not worth it.
const WORTH_SPREADING: usize = 1 << 21;

/// `left right^T` of two matrices with long rows, of `length` numbers each: row `i` of the result holds the inner products of
/// row `i` of `left`. Every product of numbers is exact.
pub(crate) fn inner_products<R: Real>(left: &[R], right: &[R], length: usize) -> Mat<f64> {
    Sides { left, right, length, is_exact: true }.products()
}

/// The same where a number of the precision of the rows is enough: a piece is multiplied in that precision, and only pieces
/// are added in double precision.
pub(crate) fn rounded_inner_products<R: Real>(left: &[R], right: &[R], length: usize) -> Mat<f64> {
    Sides { left, right, length, is_exact: false }.products()
}

/// Rows that are multiplied with each other.
struct Sides<'a, R> {
    left: &'a [R],
    right: &'a [R],
    length: usize,
    is_exact: bool,
}

impl<R: Real> Sides<'_, R> {
    fn products(&self) -> Mat<f64> {
        let &Self { left, right, length, .. } = self;
        let (rows, columns) = (left.len() / length, right.len() / length);
        let mut result = Mat::zeros(rows, columns);
        if rows * columns == 0 {
            return result;
        }
        let blocks = Block::of(rows, std::ptr::eq(left, right));
        let pieces = length.div_ceil(PIECE);
        let parts = (SUMS / (rows * columns)).clamp(PARTS[0], PARTS[1]).min(pieces);
        let places: Vec<(&Block, usize)> =
            blocks.iter().flat_map(|block| (0..parts).map(move |part| (block, part))).collect();
        let sum = |(block, part): &(&Block, usize)| {
            let bound = |part: usize| length.min(part * pieces / parts * PIECE);
            self.sum(block, bound(*part)..bound(part + 1))
        };
        let sums: Vec<Mat<f64>> = if rows * columns * length < WORTH_SPREADING {
            places.iter().map(sum).collect()
        } else {
            places.par_iter().map(sum).collect()
        };
        for ((block, _), sum) in places.iter().zip(&sums) {
            add(result.as_mut().submatrix_mut(block.first, 0, sum.nrows(), sum.ncols()), sum.as_ref());
        }
        if blocks.iter().any(|block| block.is_symmetric) {
            for j in 0..columns {
                for i in 0..j {
                    result[(i, j)] = result[(j, i)];
                }
            }
        }
        result
    }

    /// What a range of the terms comes to in a block.
    fn sum(&self, block: &Block, terms: Range<usize>) -> Mat<f64> {
        let &Self { left, right, length, is_exact } = self;
        let columns = if block.is_symmetric { block.first + block.rows } else { right.len() / length };
        let left = &left[block.first * length..][..block.rows * length];
        let right = &right[..columns * length];
        let mut sums = Mat::zeros(block.rows, columns);
        let mut rounded = Mat::zeros(if is_exact { 0 } else { block.rows }, columns);
        for first in terms.clone().step_by(PIECE) {
            let count = PIECE.min(terms.end - first);
            if !is_exact {
                let p = row_major(left, block.rows, length).subcols(first, count);
                let q = row_major(right, columns, length).subcols(first, count);
                block.add(&mut rounded, Onto::Nothing, p, q);
                add(sums.as_mut(), rounded.as_ref());
                continue;
            }
            let wide = |rows: &[R]| -> Vec<f64> {
                let mut wide = buffer::empty(rows.len() / length * count);
                rows.chunks_exact(length).for_each(|row| widen(&row[first..first + count], &mut wide));
                wide
            };
            let others = wide(right);
            let q = row_major(&others, columns, count);
            if block.is_symmetric {
                block.add(&mut sums, Onto::Sum, q.subrows(block.first, block.rows), q);
            } else {
                let ours = wide(left);
                block.add(&mut sums, Onto::Sum, row_major(&ours, block.rows, count), q);
                buffer::give(ours);
            }
            buffer::give(others);
        }
        sums
    }
}

/// Adds one matrix to another.
fn add<R: Real>(onto: MatMut<'_, f64>, part: MatRef<'_, R>) {
    faer::zip!(onto, part).for_each(|faer::unzip!(total, part)| *total += part.wide());
}

/// Some rows of a result.
struct Block {
    first: usize,
    rows: usize,
    /// Whether only what stands below the diagonal, and on it, is wanted.
    is_symmetric: bool,
}

impl Block {
    fn of(rows: usize, is_symmetric: bool) -> Vec<Self> {
        let block = |first| Self { first, rows: TILE.min(rows - first), is_symmetric };
        (0..rows).step_by(TILE).map(block).collect()
    }

    /// `sums = p q^T`, or the sum with it.
    fn add<R: Real>(&self, sums: &mut Mat<R>, onto: Onto, p: MatRef<'_, R>, q: MatRef<'_, R>) {
        if !self.is_symmetric {
            return tile(sums.as_mut(), onto, p, q.transpose(), 1.0);
        }
        tile(sums.as_mut().subcols_mut(0, self.first), onto, p, q.subrows(0, self.first).transpose(), 1.0);
        timings::product(self.rows * self.rows * p.ncols(), || {
            triangular::matmul(
                sums.as_mut().subcols_mut(self.first, self.rows),
                BlockStructure::TriangularLower,
                onto.accumulate(),
                p,
                BlockStructure::Rectangular,
                p.transpose(),
                BlockStructure::Rectangular,
                R::one(),
                Par::Seq,
            );
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulate::random::Normals;

    #[test]
    fn products_are_those_of_their_terms() {
        for (rows, columns, length) in [(1, 1, 1), (3, 5, 7), (40, 300, 1500), (5, 2, 20_000), (600, 3, 513)]
        {
            let mut left = vec![0.0_f32; rows * length];
            let mut right = vec![0.0_f32; columns * length];
            Normals::new([1, 2, 3, 4]).fill(0, &mut left, 1.0);
            Normals::new([1, 2, 3, 5]).fill(0, &mut right, 1.0);
            for right in [&left, &right] {
                let found = inner_products(&left, right, length);
                let rounded = rounded_inner_products(&left, right, length);
                for (i, p) in left.chunks_exact(length).enumerate() {
                    for (j, q) in right.chunks_exact(length).enumerate() {
                        let expected: f64 = p.iter().zip(q).map(|(p, q)| f64::from(*p) * f64::from(*q)).sum();
                        let off = [found[(i, j)] - expected, rounded[(i, j)] - expected].map(f64::abs);
                        // Roundings of so many numbers of order 1 that add up, in either precision.
                        let most = [1e-13, 1e-6].map(|rounding| rounding * length as f64);
                        assert!(
                            off[0] <= most[0] && off[1] <= most[1],
                            "{rows}, {columns}, {length}: {i}, {j}: {off:?}"
                        );
                    }
                }
            }
        }
        assert_eq!(inner_products::<f64>(&[], &[1.0, 2.0], 2).shape(), (0, 1));
    }
}
