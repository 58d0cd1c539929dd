//! Products of matrices, cut into tiles that do not depend on the number of threads: so neither does the result.

use faer::linalg::matmul::matmul;
use faer::{Accum, Mat, Par};
pub(super) use faer::{MatMut, MatRef};
use rayon::prelude::*;

use super::buffer;
use super::tensor::{Real, widen};
use super::timings;

/// Rows or columns of the result in one tile.
pub(super) const TILE: usize = 256;

/// Multiplications below which a product is not worth being cut.
const WORTH_CUTTING: usize = 1 << 22;

/// What becomes of the numbers that stand in the result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Onto {
    /// They are replaced.
    Nothing,
    /// The product is added to them.
    Sum,
}

impl Onto {
    fn accumulate(self) -> Accum {
        match self {
            Self::Nothing => Accum::Replace,
            Self::Sum => Accum::Add,
        }
    }
}

/// `result = factor * left right`, or the sum with it. In parallel if it is large.
pub(super) fn multiply<R: Real>(
    result: MatMut<'_, R>,
    onto: Onto,
    left: MatRef<'_, R>,
    right: MatRef<'_, R>,
    factor: f64,
) {
    let (rows, columns) = (result.nrows(), result.ncols());
    if rows * columns * left.ncols() < WORTH_CUTTING {
        tile(result, onto, left, right, factor);
    } else if columns >= rows {
        result.par_col_chunks_mut(TILE).enumerate().for_each(|(place, part)| {
            let width = part.ncols();
            tile(part, onto, left, right.subcols(place * TILE, width), factor);
        });
    } else {
        result.par_row_chunks_mut(TILE).enumerate().for_each(|(place, part)| {
            let height = part.nrows();
            tile(part, onto, left.subrows(place * TILE, height), right, factor);
        });
    }
}

/// The same in one piece, on this thread.
pub(super) fn tile<R: Real>(
    result: MatMut<'_, R>,
    onto: Onto,
    left: MatRef<'_, R>,
    right: MatRef<'_, R>,
    factor: f64,
) {
    let operations = 2 * result.nrows() * result.ncols() * left.ncols();
    timings::product(operations, || {
        matmul(result, onto.accumulate(), left, right, R::narrow(factor), Par::Seq);
    });
}

/// Terms of an inner product that are summed in one piece.
const INNER: usize = 1024;

/// Pieces whose sums are held in memory at once.
const PIECES: usize = 64;

/// `left right^T` of two matrices with long rows, of `length` numbers each, in `f64`: row `i` of the result holds the
/// inner products of row `i` of `left`.
pub(super) fn inner_products<R: Real>(left: &[R], right: &[R], length: usize) -> Mat<f64> {
    let (rows, columns) = (left.len() / length, right.len() / length);
    let mut result = Mat::zeros(rows, columns);
    if rows * columns == 0 {
        return result;
    }
    let piece = |first: usize| {
        let count = INNER.min(length - first);
        let wide = |side: &[R]| -> Vec<f64> {
            let mut wide = buffer::empty(side.len() / length * count);
            side.chunks_exact(length).for_each(|row| widen(&row[first..first + count], &mut wide));
            wide
        };
        let mut sums = vec![0.0; rows * columns];
        let p = wide(left);
        let other = (!std::ptr::eq(left, right)).then(|| wide(right));
        let q = other.as_ref().unwrap_or(&p);
        let onto = row_major_mut(&mut sums, rows, columns);
        tile(onto, Onto::Nothing, row_major(&p, rows, count), row_major(q, columns, count).transpose(), 1.0);
        [Some(p), other].into_iter().flatten().for_each(buffer::give);
        sums
    };
    let mut add = |sums: &[f64]| {
        for (place, sum) in sums.iter().enumerate() {
            result[(place / columns, place % columns)] += sum;
        }
    };
    let firsts: Vec<usize> = (0..length).step_by(INNER).collect();
    for firsts in firsts.chunks(PIECES) {
        if rows * columns * length < WORTH_CUTTING {
            firsts.iter().for_each(|first| add(&piece(*first)));
        } else {
            let pieces: Vec<Vec<f64>> = firsts.par_iter().map(|first| piece(*first)).collect();
            pieces.iter().for_each(|sums| add(sums));
        }
    }
    result
}

/// A matrix whose rows lie one after the other.
pub(super) fn row_major<R>(data: &[R], rows: usize, columns: usize) -> MatRef<'_, R> {
    MatRef::from_row_major_slice(data, rows, columns)
}

/// The same, to be written.
pub(super) fn row_major_mut<R>(data: &mut [R], rows: usize, columns: usize) -> MatMut<'_, R> {
    MatMut::from_row_major_slice_mut(data, rows, columns)
}
