//! [`Conditioned`]: a Gaussian matrix known only by what it has been asked.
//!
//! `W` has independent normal entries. What `W f` is for vectors `f` asked so far, and `W^T b` likewise, leaves the rest
//! of `W` Gaussian: a new answer `W x` is the combination of earlier answers that `x` is of earlier vectors, plus a fresh
//! Gaussian vector for what is new in `x`, made to agree with every known `W^T b`. Questions may depend on earlier
//! answers in any way. The law of all answers is exactly that of a matrix drawn beforehand (Lu, *Householder Dice*,
//! arXiv:2101.07464, sections 2 and 3), at `O(q^2 d)` operations for `q` questions of length `d`, and no matrix is ever
//! stored.
//!
//! Here the vectors asked stay as they are, scaled to length 1, with the Cholesky factor of their inner products in
//! double precision. A vector with little that is new in it would make that factor ill-conditioned: then what is new is
//! computed, scaled and asked for itself. What is new only up to rounding is nothing.

use std::mem;

use faer::linalg::triangular_solve::{solve_lower_triangular_in_place, solve_upper_triangular_in_place};
use faer::{Mat, MatRef, Par};
use rayon::prelude::*;

use super::linear::Side;
use crate::simulate::array::{
    Onto, Real, buffer, dot, inner_products, lower_times, multiply, rounded_inner_products, row_major,
    row_major_mut, tile, timings,
};
use crate::simulate::random::Normals;

/// The part of a vector that must be new for it to be kept as it is, relative to its length. Coordinates are magnified
/// by one over this, and so are roundings.
const NEW: f64 = 0.1;

/// Roundings below which the new part of a vector counts as nothing.
const ROUNDINGS: f64 = 64.0;

/// How often the new part of a vector is taken for a vector of its own: each time it is new by at least [`NEW`].
const MOST_DEPTH: usize = 8;

/// What is known of one matrix.
pub(super) struct Conditioned<R: Real> {
    deviation: f64,
    /// How many normal numbers it has used up.
    drawn: u64,
    /// What was multiplied from the right, with the products.
    columns: Known<R>,
    /// What was multiplied from the left, with the products.
    rows: Known<R>,
    /// `<W f, b>` for each vector `f` of `columns` (row) and `b` of `rows` (column).
    core: Mat<f64>,
}

/// Independent vectors of length 1 that a matrix was multiplied with, from one side.
struct Known<R: Real> {
    length: usize,
    /// In the order in which they were asked.
    blocks: Vec<Asked<R>>,
    /// Lower triangular, times its transpose the inner products of the vectors.
    factor: Mat<f64>,
}

/// Vectors that were asked at once.
struct Asked<R: Real> {
    count: usize,
    vectors: Vec<R>,
    answers: Vec<R>,
}

impl<R: Real> Drop for Asked<R> {
    fn drop(&mut self) {
        [&mut self.vectors, &mut self.answers].into_iter().for_each(|side| buffer::give(mem::take(side)));
    }
}

impl<R: Real> Known<R> {
    fn new(length: usize) -> Self {
        Self { length, blocks: Vec::new(), factor: Mat::zeros(0, 0) }
    }

    fn count(&self) -> usize {
        self.factor.nrows()
    }

    /// What a function of others gives for each block: side by side, with a column for each vector.
    fn beside(&self, rows: usize, products: impl Fn(&Asked<R>) -> Mat<f64>) -> Mat<f64> {
        let mut all = Mat::zeros(rows, self.count());
        let mut first = 0;
        for block in &self.blocks {
            all.as_mut().subcols_mut(first, block.count).copy_from(products(block));
            first += block.count;
        }
        all
    }

    /// The inner products of others with the vectors.
    fn along(&self, others: &[R]) -> Mat<f64> {
        self.beside(others.len() / self.length, |block| inner_products(others, &block.vectors, self.length))
    }

    /// Adds to each row a factor times the combination of the vectors, or of their answers, that a column of the coordinates
    /// says.
    fn combine(&self, rows: &mut [R], factor: f64, coordinates: &Mat<f64>, what: fn(&Asked<R>) -> &[R]) {
        let mut first = 0;
        for block in &self.blocks {
            add(rows, factor, coordinates.as_ref().subrows(first, block.count), what(block));
            first += block.count;
        }
    }

    /// `L^-1 right`.
    fn halfway(&self, mut right: Mat<f64>) -> Mat<f64> {
        solve_lower_triangular_in_place(self.factor.as_ref(), right.as_mut(), Par::Seq);
        right
    }

    /// What combinations of the vectors lie nearest to some others: a column for each.
    fn coordinates(&self, others: &[R]) -> Mat<f64> {
        self.back(self.halfway(self.along(others).transpose().to_owned()))
    }

    /// `(L^T)^-1 right`.
    fn back(&self, mut right: Mat<f64>) -> Mat<f64> {
        solve_upper_triangular_in_place(self.factor.transpose(), right.as_mut(), Par::Seq);
        right
    }
}

impl<R: Real> Conditioned<R> {
    /// A matrix of which nothing is known, with entries of a standard deviation.
    pub(super) fn new(rows: usize, columns: usize, deviation: f64) -> Self {
        let (rows, columns) = (Known::new(rows), Known::new(columns));
        Self { deviation, drawn: 0, columns, rows, core: Mat::zeros(0, 0) }
    }

    /// How many normal numbers it has used up.
    pub(super) fn drawn(&self) -> u64 {
        self.drawn
    }

    /// What the matrix (or its transpose) makes of each row of the input. Fresh numbers are taken from the normals, from
    /// the given position on.
    pub(super) fn times(&mut self, side: Side, input: &[R], result: &mut [R], normals: &Normals, taken: u64) {
        let before = self.drawn;
        let mut fresh = |deviation: f64, drawn: u64, entries: &mut [R]| {
            let first = taken + (drawn - before);
            timings::random(entries.len(), || normals.fill(first, entries, R::narrow(deviation)));
        };
        self.answer(side, input, result, &mut fresh, 0);
    }

    fn sides(&self, side: Side) -> (&Known<R>, &Known<R>) {
        match side {
            Side::Columns => (&self.columns, &self.rows),
            Side::Rows => (&self.rows, &self.columns),
        }
    }

    fn side_mut(&mut self, side: Side) -> &mut Known<R> {
        match side {
            Side::Columns => &mut self.columns,
            Side::Rows => &mut self.rows,
        }
    }

    fn answer(
        &mut self,
        side: Side,
        input: &[R],
        result: &mut [R],
        fresh: &mut dyn FnMut(f64, u64, &mut [R]),
        depth: usize,
    ) {
        let (length, produced) = (self.sides(side).0.length, self.sides(side).1.length);
        let (unit, lengths) = scaled_to_length_one(input, length);
        let row = |place: usize| place * length..(place + 1) * length;
        let answer = |place: usize| place * produced..(place + 1) * produced;
        let Learnt { places, rest, unit } = self.learn(side, unit, fresh);
        let known = self.sides(side).0;
        if let Some(last) = known.blocks.last().filter(|_| !places.is_empty()) {
            for (place, found) in places.iter().zip(last.answers.chunks_exact(produced)) {
                scaled(found, lengths[*place], &mut result[answer(*place)]);
            }
        }
        if rest.is_empty() {
            return;
        }
        // The others are combinations of known vectors, up to a small part.
        let mut parts = chosen(&unit, length, &rest);
        buffer::give(unit);
        let coordinates = known.coordinates(&parts);
        let mut answers = buffer::zeros(rest.len() * produced);
        known.combine(&mut answers, 1.0, &coordinates, |block| &block.answers);
        known.combine(&mut parts, -1.0, &coordinates, |block| &block.vectors);
        let tolerance = ROUNDINGS * R::epsilon().wide();
        let is_room = known.count() < length && depth < MOST_DEPTH;
        let is_new = |part: &[R]| is_room && dot(part, part).sqrt() > tolerance;
        let new: Vec<usize> = (0..rest.len()).filter(|number| is_new(&parts[row(*number)])).collect();
        if !new.is_empty() {
            let parts = chosen(&parts, length, &new);
            let mut more = buffer::any(new.len() * produced);
            self.answer(side, &parts, &mut more, fresh, depth + 1);
            for (number, more) in new.iter().zip(more.chunks_exact(produced)) {
                answers[answer(*number)].iter_mut().zip(more).for_each(|(sum, part)| *sum += *part);
            }
            [parts, more].into_iter().for_each(buffer::give);
        }
        for (place, found) in rest.iter().zip(answers.chunks_exact(produced)) {
            scaled(found, lengths[*place], &mut result[answer(*place)]);
        }
        [parts, answers].into_iter().for_each(buffer::give);
    }

    /// Asks for those vectors of length 1 in which enough is new.
    fn learn(&mut self, side: Side, unit: Vec<R>, fresh: &mut dyn FnMut(f64, u64, &mut [R])) -> Learnt<R> {
        let (known, other) = self.sides(side);
        let (length, produced) = (known.length, other.length);
        let halfway = known.halfway(known.along(&unit).transpose().to_owned());
        let left = inner_products(&unit, &unit, length) - small(halfway.transpose(), halfway.as_ref());
        let Chosen { places, factor, rest } = Chosen::of(&left);
        if places.is_empty() {
            return Learnt { places, rest, unit };
        }
        let (vectors, unit) =
            if rest.is_empty() { (unit, Vec::new()) } else { (chosen(&unit, length, &places), unit) };
        let halfway = Mat::from_fn(known.count(), places.len(), |i, j| halfway[(i, places[j])]);
        let coordinates = known.back(halfway.clone());
        // A fresh answer for the new part of each, then what it must be along the other side's vectors.
        let mut draws = buffer::any(places.len() * produced);
        fresh(self.deviation, self.drawn, &mut draws);
        let mut answers = buffer::any(draws.len());
        let narrow = Mat::from_fn(places.len(), places.len(), |i, j| R::narrow(factor[(i, j)]));
        let new = row_major_mut(&mut answers, places.len(), produced);
        lower_times(new, narrow.as_ref(), row_major(&draws, places.len(), produced));
        buffer::give(draws);
        let core = match side {
            Side::Columns => self.core.clone(),
            Side::Rows => self.core.transpose().to_owned(),
        };
        // Of that, the precision of the answers is enough.
        let wanted =
            other.beside(places.len(), |block| rounded_inner_products(&vectors, &block.answers, length));
        let found =
            other.beside(places.len(), |block| rounded_inner_products(&answers, &block.vectors, produced));
        let missing = &wanted - small(coordinates.transpose(), core.as_ref()) - found;
        let correction = other.back(other.halfway(missing.transpose().to_owned()));
        known.combine(&mut answers, 1.0, &coordinates, |block| &block.answers);
        other.combine(&mut answers, 1.0, &correction, |block| &block.vectors);

        let (before, after) = (known.count(), known.count() + places.len());
        let factor = Mat::from_fn(after, after, |i, j| match (i < before, j < before) {
            (true, true) => known.factor[(i, j)],
            (true, false) => 0.0,
            (false, true) => halfway[(j, i - before)],
            (false, false) => factor[(i - before, j - before)],
        });
        let core = Mat::from_fn(after, other.count(), |i, j| {
            if i < before { core[(i, j)] } else { wanted[(i - before, j)] }
        });
        self.core = match side {
            Side::Columns => core,
            Side::Rows => core.transpose().to_owned(),
        };
        self.drawn += answers.len() as u64;
        let known = self.side_mut(side);
        known.factor = factor;
        known.blocks.push(Asked { count: places.len(), vectors, answers });
        Learnt { places, rest, unit }
    }
}

/// What became of vectors.
struct Learnt<R> {
    /// Those that were asked: the last block that is known, in order.
    places: Vec<usize>,
    /// The others.
    rest: Vec<usize>,
    /// All of them, if there are others.
    unit: Vec<R>,
}

/// Vectors that are new enough, in order, and the others.
struct Chosen {
    places: Vec<usize>,
    /// The Cholesky factor of what is left of the chosen ones.
    factor: Mat<f64>,
    rest: Vec<usize>,
}

impl Chosen {
    /// Chooses by the inner products of what is left of vectors of length 1 without the known ones.
    fn of(left: &Mat<f64>) -> Self {
        let (mut places, mut rest) = (Vec::new(), Vec::new());
        let mut rows: Vec<Vec<f64>> = Vec::new();
        for place in 0..left.nrows() {
            let mut row = Vec::with_capacity(rows.len() + 1);
            for (above, other) in rows.iter().zip(&places) {
                let known: f64 = above.iter().zip(&row).map(|(a, b): (&f64, &f64)| a * b).sum();
                row.push((left[(place, *other)] - known) / above[above.len() - 1]);
            }
            let new = left[(place, place)] - row.iter().map(|entry| entry * entry).sum::<f64>();
            if new > NEW * NEW {
                row.push(new.sqrt());
                rows.push(row);
                places.push(place);
            } else {
                rest.push(place);
            }
        }
        let entry = |i: usize, j: usize| if j <= i { rows[i][j] } else { 0.0 };
        Self { factor: Mat::from_fn(rows.len(), rows.len(), entry), places, rest }
    }
}

/// Some of the rows.
fn chosen<R: Real>(rows: &[R], length: usize, places: &[usize]) -> Vec<R> {
    let mut chosen = buffer::empty(places.len() * length);
    places.iter().for_each(|place| chosen.extend_from_slice(&rows[place * length..][..length]));
    chosen
}

/// The rows divided by their lengths, and these; a row of zeros stays one.
fn scaled_to_length_one<R: Real>(rows: &[R], length: usize) -> (Vec<R>, Vec<f64>) {
    let lengths: Vec<f64> = rows.chunks_exact(length).map(|row| dot(row, row).sqrt()).collect();
    let mut unit = buffer::copy(rows);
    unit.par_chunks_exact_mut(length).zip(&lengths).for_each(|(row, length)| {
        let inverse = if *length > 0.0 { length.recip() } else { 0.0 };
        row.iter_mut().for_each(|entry| *entry = R::narrow(entry.wide() * inverse));
    });
    (unit, lengths)
}

/// Adds to each row a factor times the combination of the vectors that a column of the coordinates says.
fn add<R: Real>(rows: &mut [R], factor: f64, coordinates: MatRef<'_, f64>, vectors: &[R]) {
    let (count, combined) = (coordinates.nrows(), coordinates.ncols());
    if count == 0 || combined == 0 {
        return;
    }
    let narrow = Mat::from_fn(combined, count, |i, j| R::narrow(coordinates[(j, i)]));
    let length = vectors.len() / count;
    let result = row_major_mut(rows, combined, length);
    multiply(result, Onto::Sum, narrow.as_ref(), row_major(vectors, count, length), factor);
}

/// Numbers times a factor.
fn scaled<R: Real>(numbers: &[R], factor: f64, result: &mut [R]) {
    let factor = R::narrow(factor);
    result.iter_mut().zip(numbers).for_each(|(result, number)| *result = *number * factor);
}

/// The product of two small matrices.
fn small(left: MatRef<'_, f64>, right: MatRef<'_, f64>) -> Mat<f64> {
    let mut result = Mat::zeros(left.nrows(), right.ncols());
    tile(result.as_mut(), Onto::Nothing, left, right, 1.0);
    result
}
