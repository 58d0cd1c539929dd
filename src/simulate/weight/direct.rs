//! Products with entries that are there, or can be drawn.

use rayon::prelude::*;

use super::Sizes;
use crate::simulate::linear::Side;
use crate::simulate::product::{MatMut, MatRef, Onto, TILE, multiply, row_major, row_major_mut, tile};
use crate::simulate::random::Normals;
use crate::simulate::tensor::Real;
use crate::simulate::timings;

/// Columns or rows of a tile along what is summed.
const DEPTH: usize = 1024;

/// Where a sum is this long and leaves less than a tile, it is cut instead of what it leaves.
const LONG: usize = 8 * DEPTH;

/// Numbers drawn in one piece.
const PIECE: usize = 1 << 16;

/// One matrix of a stack.
pub(super) enum Direct<'a, R> {
    Stored { entries: &'a [R] },
    Drawn { normals: &'a Normals, deviation: f64, place: usize },
}

/// All entries of a stack of matrices, matrix after matrix, row after row.
pub(super) fn entries<R: Real>(sizes: &Sizes, normals: &Normals, deviation: f64) -> Vec<R> {
    let mut entries = vec![R::zero(); sizes.places() * sizes.rows() * sizes.columns()];
    entries.par_chunks_mut(PIECE).enumerate().for_each(|(piece, part)| {
        timings::random(part.len(), || R::fill(normals, (piece * PIECE) as u64, part, deviation));
    });
    entries
}

/// A rectangle of a matrix.
#[derive(Clone, Copy)]
struct Part {
    first_row: usize,
    rows: usize,
    first_column: usize,
    columns: usize,
}

impl<R: Real> Direct<'_, R> {
    /// `result = input W^T` or `input W`, with a row for each row of the input.
    pub(super) fn times(&self, sizes: &Sizes, side: Side, input: &[R], result: &mut [R]) {
        let (length, produced) = (sizes.along(side), sizes.along(side.other()));
        let count = input.len() / length;
        let whole = row_major(input, count, length);
        let mut answer = row_major_mut(result, count, produced);
        if let Self::Stored { entries } = self {
            let matrix = row_major(entries, sizes.rows(), sizes.columns());
            let right = match side {
                Side::Columns => matrix.transpose(),
                Side::Rows => matrix,
            };
            if produced > TILE || length < LONG {
                return multiply(answer, Onto::Nothing, whole, right, 1.0);
            }
        }
        let part = |summed: (usize, usize), left: (usize, usize)| {
            let (rows, columns) = match side {
                Side::Columns => (left, summed),
                Side::Rows => (summed, left),
            };
            Part { first_row: rows.0, rows: rows.1, first_column: columns.0, columns: columns.1 }
        };
        let add = |mut onto: MatMut<'_, R>, summed: (usize, usize), left: (usize, usize), buffer: &mut Vec<R>| {
            let input = whole.subcols(summed.0, summed.1);
            let matrix = self.matrix(sizes, part(summed, left), buffer);
            let right = match side {
                Side::Columns => matrix.transpose(),
                Side::Rows => matrix,
            };
            let onto_what = if summed.0 == 0 { Onto::Nothing } else { Onto::Sum };
            tile(onto.as_mut(), onto_what, input, right, 1.0);
        };
        if produced <= TILE && length >= LONG {
            // Every part of the sum begins anew, and they are added in order.
            let sums: Vec<Vec<R>> = starts(length, LONG / 2)
                .into_par_iter()
                .map(|(first, depth)| {
                    let (mut sum, mut buffer) = (vec![R::zero(); count * produced], Vec::new());
                    for (start, depth) in starts(depth, DEPTH) {
                        let onto = row_major_mut(&mut sum, count, produced);
                        let input = whole.subcols(first + start, depth);
                        let matrix = self.matrix(sizes, part((first + start, depth), (0, produced)), &mut buffer);
                        let right = match side {
                            Side::Columns => matrix.transpose(),
                            Side::Rows => matrix,
                        };
                        tile(onto, Onto::Sum, input, right, 1.0);
                    }
                    sum
                })
                .collect();
            for sum in sums {
                result.iter_mut().zip(sum).for_each(|(total, part)| *total += part);
            }
            return;
        }
        answer.as_mut().par_col_chunks_mut(TILE).enumerate().for_each(|(place, mut block)| {
            let (left, mut buffer) = ((place * TILE, block.ncols()), Vec::new());
            for summed in starts(length, DEPTH) {
                add(block.as_mut(), summed, left, &mut buffer);
            }
        });
    }

    /// A part of the matrix, in the buffer if it is drawn.
    fn matrix<'b>(&'b self, sizes: &Sizes, part: Part, buffer: &'b mut Vec<R>) -> MatRef<'b, R> {
        let Part { first_row, rows, first_column, columns } = part;
        match self {
            Self::Stored { entries } => row_major(entries, sizes.rows(), sizes.columns())
                .submatrix(first_row, first_column, rows, columns),
            Self::Drawn { normals, deviation, place } => {
                buffer.resize(rows * columns, R::zero());
                let first = place * sizes.rows() + first_row;
                timings::random(rows * columns, || {
                    for (row, entries) in buffer.chunks_exact_mut(columns).enumerate() {
                        let position = (first + row) as u64 * sizes.columns() as u64 + first_column as u64;
                        R::fill(normals, position, entries, *deviation);
                    }
                });
                row_major(buffer, rows, columns)
            }
        }
    }
}

/// The parts of a length, each its first place and its size.
fn starts(length: usize, step: usize) -> Vec<(usize, usize)> {
    (0..length).step_by(step).map(|first| (first, step.min(length - first))).collect()
}
