//! Products with entries that are there, or can be drawn.

use rayon::prelude::*;

use super::linear::Side;
use super::sizes::Sizes;
use crate::simulate::array::{
    MatMut, MatRef, Onto, Real, buffer, multiply, row_major, row_major_mut, tile, timings,
};
use crate::simulate::random::Normals;

/// Columns of a tile.
const COLUMNS: usize = 1024;

/// Rows of a tile.
const ROWS: usize = 256;

/// Entries of a matrix that is multiplied as a whole, and drawn as a whole if it is not stored. Larger ones are
/// multiplied tile by tile, whether they are stored or not: the result is the same.
const WHOLE: usize = 1 << 20;

/// Where a sum is this long and leaves no more than a tile, it is cut instead of what it leaves.
const LONG: usize = 8 * COLUMNS;

/// Numbers drawn in one piece.
const PIECE: usize = 1 << 16;

/// One matrix of a stack.
pub(super) enum Direct<'a, R> {
    Stored { entries: &'a [R] },
    Drawn { normals: &'a Normals, deviation: f64, place: usize },
}

/// All entries of a stack of matrices, matrix after matrix, row after row.
pub(super) fn entries<R: Real>(sizes: &Sizes, normals: &Normals, deviation: f64) -> Vec<R> {
    let mut entries = buffer::any(sizes.places() * sizes.rows() * sizes.columns());
    draw(normals, 0, &mut entries, R::narrow(deviation));
    entries
}

/// Draws entries from a position on, in parallel if they are many.
pub(super) fn draw<R: Real>(normals: &Normals, first: u64, entries: &mut [R], deviation: R) {
    entries.par_chunks_mut(PIECE).enumerate().for_each(|(piece, part)| {
        let first = first + (piece * PIECE) as u64;
        timings::random(part.len(), || normals.fill(first, part, deviation));
    });
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
        let input = row_major(input, count, length);
        if sizes.rows() * sizes.columns() <= WHOLE {
            let all = Part { first_row: 0, rows: sizes.rows(), first_column: 0, columns: sizes.columns() };
            let mut buffer = Vec::new();
            let matrix = facing(side, self.matrix(sizes, all, &mut buffer));
            return multiply(row_major_mut(result, count, produced), Onto::Nothing, input, matrix, 1.0);
        }
        let (width, depth) = match side {
            Side::Columns => (ROWS, COLUMNS),
            Side::Rows => (COLUMNS, ROWS),
        };
        // What comes from a part of the sum, in a part of the result.
        let write = |mut onto: MatMut<'_, R>, summed: (usize, usize), made: (usize, usize)| {
            let mut buffer = Vec::new();
            for (first, depth) in parts(summed.1, depth) {
                let summed = (summed.0 + first, depth);
                let (rows, columns) = match side {
                    Side::Columns => (made, summed),
                    Side::Rows => (summed, made),
                };
                let part =
                    Part { first_row: rows.0, rows: rows.1, first_column: columns.0, columns: columns.1 };
                let matrix = facing(side, self.matrix(sizes, part, &mut buffer));
                let before = if first == 0 { Onto::Nothing } else { Onto::Sum };
                tile(onto.as_mut(), before, input.subcols(summed.0, summed.1), matrix, 1.0);
            }
        };
        if produced <= width && length >= LONG {
            // Parts of the sum are summed apart and added in order.
            let sum = |summed: (usize, usize)| {
                let mut sum = buffer::any(count * produced);
                write(row_major_mut(&mut sum, count, produced), summed, (0, produced));
                sum
            };
            let sums: Vec<Vec<R>> = parts(length, LONG).into_par_iter().map(sum).collect();
            result.fill(R::zero());
            for sum in sums {
                result.iter_mut().zip(&sum).for_each(|(total, part)| *total += *part);
                buffer::give(sum);
            }
        } else {
            let result = row_major_mut(result, count, produced);
            result.par_col_chunks_mut(width).enumerate().for_each(|(place, block)| {
                let made = (place * width, block.ncols());
                write(block, (0, length), made);
            });
        }
    }

    /// A part of the matrix, in the buffer if it is drawn.
    fn matrix<'b>(&'b self, sizes: &Sizes, part: Part, buffer: &'b mut Vec<R>) -> MatRef<'b, R> {
        let Part { first_row, rows, first_column, columns } = part;
        match self {
            Self::Stored { entries } => row_major(entries, sizes.rows(), sizes.columns()).submatrix(
                first_row,
                first_column,
                rows,
                columns,
            ),
            Self::Drawn { normals, deviation, place } => {
                buffer.resize(rows * columns, R::zero());
                let scale = R::narrow(*deviation);
                let position = |row: usize| {
                    let row = (place * sizes.rows() + first_row + row) as u64;
                    row * sizes.columns() as u64 + first_column as u64
                };
                timings::random(rows * columns, || {
                    if columns == sizes.columns() {
                        return normals.fill(position(0), buffer, scale);
                    }
                    for (row, entries) in buffer.chunks_exact_mut(columns).enumerate() {
                        normals.fill(position(row), entries, scale);
                    }
                });
                row_major(buffer, rows, columns)
            }
        }
    }
}

/// A part of the matrix as what the rows of an input are multiplied with.
fn facing<R>(side: Side, matrix: MatRef<'_, R>) -> MatRef<'_, R> {
    match side {
        Side::Columns => matrix.transpose(),
        Side::Rows => matrix,
    }
}

/// The parts of a length, each its first place and its size.
fn parts(length: usize, step: usize) -> Vec<(usize, usize)> {
    (0..length).step_by(step).map(|first| (first, step.min(length - first))).collect()
}
