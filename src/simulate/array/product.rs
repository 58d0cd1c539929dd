//! Products of matrices, cut into tiles that do not depend on the number of threads: so neither does the result.

use faer::linalg::matmul::matmul;
use faer::linalg::matmul::triangular::{self, BlockStructure};
use faer::{Accum, Par};
pub(crate) use faer::{MatMut, MatRef};
use rayon::prelude::*;

use super::real::Real;
use super::timings;

/// Rows or columns of the result in one tile.
pub(crate) const TILE: usize = 256;

/// Multiplications below which a product is not worth being cut.
const WORTH_CUTTING: usize = 1 << 22;

/// What becomes of the numbers that stand in the result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Onto {
    /// They are replaced.
    Nothing,
    /// The product is added to them.
    Sum,
}

impl Onto {
    pub(crate) fn accumulate(self) -> Accum {
        match self {
            Self::Nothing => Accum::Replace,
            Self::Sum => Accum::Add,
        }
    }
}

/// `result = factor * left right`, or the sum with it. In parallel if it is large.
pub(crate) fn multiply<R: Real>(
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

/// `result = left right` where `left` is lower triangular. In parallel if it is large.
pub(crate) fn lower_times<R: Real>(result: MatMut<'_, R>, left: MatRef<'_, R>, right: MatRef<'_, R>) {
    result.par_col_chunks_mut(TILE).enumerate().for_each(|(place, part)| {
        let right = right.subcols(place * TILE, part.ncols());
        timings::product(part.nrows() * part.ncols() * left.ncols(), || {
            triangular::matmul(
                part,
                BlockStructure::Rectangular,
                Accum::Replace,
                left,
                BlockStructure::TriangularLower,
                right,
                BlockStructure::Rectangular,
                R::one(),
                Par::Seq,
            );
        });
    });
}

/// The same in one piece, on this thread.
pub(crate) fn tile<R: Real>(
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

/// A matrix whose rows lie one after the other.
pub(crate) fn row_major<R>(data: &[R], rows: usize, columns: usize) -> MatRef<'_, R> {
    MatRef::from_row_major_slice(data, rows, columns)
}

/// The same, to be written.
pub(crate) fn row_major_mut<R>(data: &mut [R], rows: usize, columns: usize) -> MatMut<'_, R> {
    MatMut::from_row_major_slice_mut(data, rows, columns)
}
