//! [`Gradient`]: the gradient of a weight as its factors.

use std::borrow::Cow;

use faer::Mat;
use rayon::prelude::*;

use super::blocks::{Block, Blocks};
use super::signs::Signs;
use crate::simulate::array::{
    Onto, ROUNDINGS, Real, TILE, Tensor, buffer, dot, inner_products, multiply, rms, rounded_inner_products,
    row_major, row_major_mut, tile,
};
use crate::simulate::weight::{Side, Sizes, Use};

/// Columns of a tile.
const DEPTH: usize = 1024;

/// For each matrix of a weight the sum of `left^T right` over its uses.
pub(crate) struct Gradient<'p, R: Real> {
    places: usize,
    rows: usize,
    columns: usize,
    blocks: Blocks,
    parts: Vec<Part<'p, R>>,
}

/// One use: a row of `left` (what flows back, or in, along the rows of the weight) and one of `right` (along its columns)
/// for each sample.
struct Part<'p, R: Real> {
    left: Cow<'p, Tensor<R>>,
    right: Cow<'p, Tensor<R>>,
    factor: f64,
}

impl<'p, R: Real> Gradient<'p, R> {
    /// The gradient of a weight of these sizes: of each of its uses, with the value of the operand and the derivative by the
    /// node.
    pub(crate) fn of(
        sizes: &Sizes,
        uses: impl IntoIterator<Item = (Use<'p, R>, &'p Tensor<R>, &'p Tensor<R>)>,
    ) -> Self {
        let part = |(applied, operand, back): (Use<'p, R>, &'p Tensor<R>, &'p Tensor<R>)| {
            let linear = applied.linear;
            let (input, back) = (linear.input(operand), linear.result(back));
            let (left, right) = match linear.side {
                Side::Columns => (back, input),
                Side::Rows => (input, back),
            };
            Part { left, right, factor: linear.factor }
        };
        let parts = uses.into_iter().map(part).collect();
        let blocks = Blocks { of: sizes.blocks() };
        Self { places: sizes.places(), rows: sizes.rows(), columns: sizes.columns(), blocks, parts }
    }

    /// Into which blocks its matrices are cut.
    pub(crate) fn blocks(&self) -> Blocks {
        self.blocks
    }

    /// One block of each matrix, as a matrix of its own.
    pub(crate) fn block(&self, block: Block) -> Gradient<'static, R> {
        let part = |part: &Part<'p, R>| Part {
            left: Cow::Owned(self.blocks.cut(block, Side::Rows, &part.left, self.rows)),
            right: Cow::Owned(self.blocks.cut(block, Side::Columns, &part.right, self.columns)),
            factor: part.factor,
        };
        let [of_rows, of_columns] = self.blocks.of;
        let parts = self.parts.iter().map(part).collect();
        let (rows, columns) = (self.rows / of_rows, self.columns / of_columns);
        Gradient { places: self.places, rows, columns, blocks: Blocks::ONE, parts }
    }

    /// How many entries it has.
    #[allow(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
    pub(crate) fn entries(&self) -> f64 {
        (self.places * self.rows * self.columns) as f64
    }

    pub(crate) fn places(&self) -> usize {
        self.places
    }

    pub(crate) fn rows(&self) -> usize {
        self.rows
    }

    pub(crate) fn columns(&self) -> usize {
        self.columns
    }

    /// The samples of one use, in one matrix.
    fn samples(&self, part: &Part<'p, R>) -> usize {
        part.left.data.len() / (self.places * self.rows)
    }

    /// How many rows the factors of one matrix have.
    pub(crate) fn rank(&self) -> usize {
        self.parts.iter().map(|part| self.samples(part)).sum()
    }

    fn sides<'a>(&self, part: &'a Part<'p, R>, place: usize) -> (&'a [R], &'a [R]) {
        let samples = self.samples(part);
        let left = &part.left.data[place * samples * self.rows..][..samples * self.rows];
        (left, &part.right.data[place * samples * self.columns..][..samples * self.columns])
    }

    /// The factors of one matrix, those of all uses one after the other. The number in front of a use is on its left.
    pub(crate) fn factors(&self, place: usize) -> [Vec<R>; 2] {
        let (mut lefts, mut rights) = (Vec::new(), Vec::new());
        for part in &self.parts {
            let (left, right) = self.sides(part, place);
            let factor = R::narrow(part.factor);
            lefts.extend(left.iter().map(|entry| *entry * factor));
            rights.extend_from_slice(right);
        }
        [lefts, rights]
    }

    /// The same with every row and column of each matrix times a number: those of the first matrix come first.
    pub(crate) fn scaled(&self, rows: &[f64], columns: &[f64]) -> Gradient<'static, R> {
        let scaled = |side: &Tensor<R>, factors: &[f64], length: usize| {
            let mut side = side.clone();
            let one = side.data.len() / self.places;
            if one > 0 {
                for (matrix, factors) in side.data.chunks_exact_mut(one).zip(factors.chunks_exact(length)) {
                    for row in matrix.chunks_exact_mut(length) {
                        row.iter_mut().zip(factors).for_each(|(entry, factor)| *entry *= R::narrow(*factor));
                    }
                }
            }
            Cow::Owned(side)
        };
        let part = |part: &Part<'p, R>| Part {
            left: scaled(&part.left, rows, self.rows),
            right: scaled(&part.right, columns, self.columns),
            factor: part.factor,
        };
        let parts = self.parts.iter().map(part).collect();
        let Self { places, rows, columns, blocks, .. } = *self;
        Gradient { places, rows, columns, blocks, parts }
    }

    /// The inner product with another one of the same shape and samples.
    pub(crate) fn inner(&self, other: &Gradient<'_, R>) -> f64 {
        let at = |place: usize| {
            if self.is_smaller_whole() {
                return dot(&self.whole(place), &other.whole(place));
            }
            let ([left, right], [other_left, other_right]) = (self.factors(place), other.factors(place));
            let left = inner_products(&left, &other_left, self.rows);
            let right = inner_products(&right, &other_right, self.columns);
            let mut sum = 0.0;
            for j in 0..left.ncols() {
                for i in 0..left.nrows() {
                    sum += left[(i, j)] * right[(i, j)];
                }
            }
            sum
        };
        (0..self.places).map(at).sum()
    }

    /// Whether all entries are fewer numbers to compute than the inner products of the factors.
    pub(crate) fn is_smaller_whole(&self) -> bool {
        self.rank() * (self.rows + self.columns) >= self.rows * self.columns
    }

    /// The Frobenius norm; zero if it is what rounding leaves of a cancellation.
    pub(crate) fn norm(&self) -> f64 {
        let squares = (0..self.places).map(|place| {
            if self.is_smaller_whole() {
                let whole = self.whole(place);
                return dot(&whole, &whole);
            }
            let [left, right] = match self.parts.as_slice() {
                [part] => {
                    let (left, right) = self.sides(part, place);
                    let right = inner_products(right, right, self.columns);
                    [inner_products(left, left, self.rows) * faer::Scale(part.factor * part.factor), right]
                }
                _ => {
                    let [left, right] = self.factors(place);
                    let left = inner_products(&left, &left, self.rows);
                    [left, inner_products(&right, &right, self.columns)]
                }
            };
            let mut sum = 0.0;
            for j in 0..left.ncols() {
                for i in 0..left.nrows() {
                    sum += left[(i, j)] * right[(i, j)];
                }
            }
            sum.max(0.0)
        });
        let norm = squares.sum::<f64>().sqrt();
        #[allow(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
        let floor = self.parts.iter().map(|part| {
            let expected = rms(&part.left.data) * rms(&part.right.data) * part.factor.abs();
            expected * self.samples(part) as f64
        });
        let floor = floor.fold(0.0, f64::max) * ROUNDINGS * R::epsilon().wide();
        if norm < floor * self.entries().sqrt() { 0.0 } else { norm }
    }

    /// All entries of one matrix.
    pub(crate) fn whole(&self, place: usize) -> Vec<R> {
        let mut whole = vec![R::zero(); self.rows * self.columns];
        for part in &self.parts {
            let (left, right) = self.sides(part, place);
            let samples = self.samples(part);
            multiply(
                row_major_mut(&mut whole, self.rows, self.columns),
                Onto::Sum,
                row_major(left, samples, self.rows).transpose(),
                row_major(right, samples, self.columns),
                part.factor,
            );
        }
        whole
    }

    /// What a number times the gradient, or its transpose, makes of rows.
    pub(crate) fn times(&self, side: Side, input: &[R], factor: f64) -> Vec<R> {
        let (length, produced) = match side {
            Side::Columns => (self.columns, self.rows),
            Side::Rows => (self.rows, self.columns),
        };
        let count = input.len() / (self.places * length);
        let mut result = buffer::zeros(self.places * count * produced);
        let blocks = input.chunks_exact(count * length).zip(result.chunks_exact_mut(count * produced));
        for (place, (input, result)) in blocks.enumerate() {
            if self.is_smaller_whole() {
                let whole = self.whole(place);
                let matrix = row_major(&whole, self.rows, self.columns);
                let right = match side {
                    Side::Columns => matrix.transpose(),
                    Side::Rows => matrix,
                };
                let onto = row_major_mut(result, count, produced);
                multiply(onto, Onto::Nothing, row_major(input, count, length), right, factor);
                continue;
            }
            for part in &self.parts {
                let (left, right) = self.sides(part, place);
                let (alike, made) = match side {
                    Side::Columns => (right, left),
                    Side::Rows => (left, right),
                };
                let samples = self.samples(part);
                let along = rounded_inner_products(input, alike, length);
                let along = Mat::from_fn(count, samples, |i, j| R::narrow(along[(i, j)]));
                let onto = row_major_mut(result, count, produced);
                let made = row_major(made, samples, produced);
                multiply(onto, Onto::Sum, along.as_ref(), made, factor * part.factor);
            }
        }
        result
    }

    /// What the signs of the gradient make of rows, and what was found on the way.
    pub(crate) fn signs_times(&self, side: Side, input: &[R]) -> (Vec<R>, Signs) {
        let (length, produced) = match side {
            Side::Columns => (self.columns, self.rows),
            Side::Rows => (self.rows, self.columns),
        };
        let count = input.len() / (self.places * length);
        let mut result = buffer::zeros(self.places * count * produced);
        let mut all = Signs::default();
        let blocks = input.chunks_exact(count * length).zip(result.chunks_exact_mut(count * produced));
        for (place, (input, result)) in blocks.enumerate() {
            let whole = row_major(input, count, length);
            let found: Vec<Signs> = row_major_mut(result, count, produced)
                .par_col_chunks_mut(TILE)
                .enumerate()
                .map(|(number, mut block)| {
                    let left = (number * TILE, block.ncols());
                    let mut entries = Vec::new();
                    let mut found = Signs::default();
                    for first in (0..length).step_by(DEPTH) {
                        let summed = (first, DEPTH.min(length - first));
                        // A row of the tile for each row that is left, whichever side of the gradient that is.
                        found.add(self.signs(place, side, left, summed, &mut entries));
                        let signs = row_major(&entries, left.1, summed.1).transpose();
                        tile(block.as_mut(), Onto::Sum, whole.subcols(summed.0, summed.1), signs, 1.0);
                    }
                    found
                })
                .collect();
            found.into_iter().for_each(|found| all.add(found));
        }
        (result, all)
    }

    /// The signs of a tile and what was found in it.
    fn signs(
        &self,
        place: usize,
        side: Side,
        left: (usize, usize),
        summed: (usize, usize),
        entries: &mut Vec<R>,
    ) -> Signs {
        entries.clear();
        entries.resize(left.1 * summed.1, R::zero());
        for part in &self.parts {
            let (rows, columns) = self.sides(part, place);
            let samples = self.samples(part);
            let (rows, columns) =
                (row_major(rows, samples, self.rows), row_major(columns, samples, self.columns));
            let (ours, others) = match side {
                Side::Columns => (rows, columns),
                Side::Rows => (columns, rows),
            };
            let ours = ours.subcols(left.0, left.1).transpose();
            let onto = row_major_mut(entries, left.1, summed.1);
            tile(onto, Onto::Sum, ours, others.subcols(summed.0, summed.1), part.factor);
        }
        let mut found = Signs::default();
        for row in entries.chunks_exact_mut(summed.1) {
            found.add(Signs::take(row));
        }
        found
    }
}

#[cfg(test)]
impl<R: Real> Gradient<'_, R> {
    /// All entries, matrix after matrix.
    pub(crate) fn all(&self) -> Vec<R> {
        (0..self.places).flat_map(|place| self.whole(place)).collect()
    }
}
