//! [`guess`]: which rows are tight at a solution, or which contradict each other. Floating-point numbers find it, and
//! they may be wrong: the answer names rows and unknowns, no value, and whoever asks verifies it exactly.
//!
//! It is the dual simplex method on a dense tableau: first every unknown is made basic, in the place of a row that then
//! holds with equality; then the row violated most leaves the basis for the tight row that costs least. The costs are
//! uneven, so that ties are rare. It stops after a number of steps that the size sets, so rounding cannot make it cycle.
#![allow(
    clippy::disallowed_types,
    reason = "a guess that is verified exactly: no floating-point number leaves this file"
)]

use super::effort::{Effort, SolveError};

/// A row of a system: entries by column, the constant, and whether it says `= 0` rather than `<= 0`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Guided<'a> {
    pub(super) entries: &'a [(usize, i64)],
    pub(super) constant: i64,
    pub(super) is_equality: bool,
}

/// What seems to be so. As many rows as columns: they determine the rest.
#[derive(Debug)]
pub(super) enum Guess {
    /// There is a solution where these rows are zero, and every column but these.
    Tight { rows: Vec<usize>, columns: Vec<usize> },
    /// This row contradicts the others named, which cancel it in these columns and thereby in all.
    Contradicted { row: usize, rows: Vec<usize>, columns: Vec<usize> },
}

/// The largest tableau, in numbers.
const LARGEST: usize = 1 << 22;

/// Below it a violation is taken for rounding.
const FEASIBLE: f64 = 1e-7;

/// Below it a number is taken for zero.
const ZERO: f64 = 1e-9;

/// A guess about a system in so many columns; nothing if it is too large or too delicate.
///
/// # Errors
/// If no effort is left.
pub(super) fn guess(
    rows: &[Guided<'_>],
    columns: usize,
    effort: &Effort,
) -> Result<Option<Guess>, SolveError> {
    if rows.len().saturating_mul(columns) > LARGEST {
        return Ok(None);
    }
    let mut tableau = Tableau::of(rows, columns);
    for column in 0..columns {
        effort.spend(rows.len() * columns / 16 + 1)?;
        if let Some(row) = tableau.tightest(rows, column) {
            tableau.pivot(row, column);
        }
    }
    for _ in 0..10 * (rows.len() + columns) {
        effort.spend(rows.len() * columns / 16 + 1)?;
        let Some(row) = tableau.most_violated() else { return Ok(Some(tableau.tight())) };
        match tableau.cheapest(row) {
            Some(column) => tableau.pivot(row, column),
            None => return Ok(Some(tableau.contradicted(row))),
        }
    }
    Ok(None)
}

/// What a row or column of the tableau stands for.
#[derive(Clone, Copy, Debug)]
enum Name {
    Column(usize),
    /// The value of a row without its constant, at most `-constant`.
    Row {
        index: usize,
        is_equality: bool,
    },
}

/// `basic = sum of number * other`, where the others lie at their bounds.
struct Tableau {
    numbers: Vec<f64>,
    width: usize,
    basic: Vec<Name>,
    others: Vec<Name>,
    /// How far each basic one lies beyond its bound: below zero is within.
    excess: Vec<f64>,
    /// What it costs to move each of the others from its bound.
    costs: Vec<f64>,
}

impl Tableau {
    fn of(rows: &[Guided<'_>], width: usize) -> Self {
        // Rows of the same size, so that what is taken for rounding is as much of each.
        let largest = |row: &Guided<'_>| row.entries.iter().map(|(_, number)| number.unsigned_abs()).max();
        let sizes: Vec<f64> = rows.iter().map(|row| largest(row).unwrap_or(1).max(1) as f64).collect();
        let mut numbers = vec![0.0; rows.len() * width];
        for (index, row) in rows.iter().enumerate() {
            for (column, number) in row.entries {
                numbers[index * width + column] = *number as f64 / sizes[index];
            }
        }
        let name = |(index, row): (usize, &Guided<'_>)| Name::Row { index, is_equality: row.is_equality };
        Self {
            numbers,
            width,
            basic: rows.iter().enumerate().map(name).collect(),
            others: (0..width).map(Name::Column).collect(),
            excess: rows.iter().zip(&sizes).map(|(row, size)| row.constant as f64 / size).collect(),
            costs: vec![0.0; width],
        }
    }

    fn at(&self, row: usize, column: usize) -> f64 {
        self.numbers[row * self.width + column]
    }

    /// The row to be made tight by moving a column: an equality if there is one, else the one that is met first.
    fn tightest(&self, rows: &[Guided<'_>], column: usize) -> Option<usize> {
        let mut best: Option<(bool, f64, usize)> = None;
        for row in 0..rows.len() {
            let Name::Row { is_equality, .. } = self.basic[row] else { continue };
            let size = self.at(row, column).abs();
            if size < ZERO.sqrt() {
                continue;
            }
            let rank = if is_equality { size } else { self.excess[row] / size };
            if best.is_none_or(|(equality, held, _)| (is_equality, rank) > (equality, held)) {
                best = Some((is_equality, rank, row));
            }
        }
        best.map(|(_, _, row)| row)
    }

    fn most_violated(&self) -> Option<usize> {
        let mut most: Option<(f64, usize)> = None;
        for (row, name) in self.basic.iter().enumerate() {
            let violation = match name {
                Name::Column(_) => continue,
                Name::Row { is_equality: true, .. } => self.excess[row].abs(),
                Name::Row { is_equality: false, .. } => self.excess[row],
            };
            if violation > FEASIBLE && most.is_none_or(|(held, _)| violation > held) {
                most = Some((violation, row));
            }
        }
        most.map(|(_, row)| row)
    }

    /// The tight row that brings a violated one back at the least cost.
    fn cheapest(&self, row: usize) -> Option<usize> {
        let sign = self.excess[row].signum();
        let mut best: Option<(f64, f64, usize)> = None;
        for (column, name) in self.others.iter().enumerate() {
            let number = sign * self.at(row, column);
            // A tight row can only fall, an equality cannot move at all.
            let ratio = match name {
                Name::Column(_) if number.abs() > ZERO => 0.0,
                Name::Row { is_equality: false, .. } if number > ZERO => self.costs[column] / number,
                Name::Column(_) | Name::Row { .. } => continue,
            };
            let better =
                best.is_none_or(|(held, size, _)| ratio < held || (ratio <= held && number.abs() > size));
            if better {
                best = Some((ratio, number.abs(), column));
            }
        }
        best.map(|(_, _, column)| column)
    }

    /// Makes the basic one of a row take its bound and leave the basis, in exchange for that of a column.
    fn pivot(&mut self, row: usize, column: usize) {
        let Self { numbers, width, basic, others, excess, costs } = self;
        let (width, start) = (*width, row * *width);
        let inverse = 1.0 / numbers[start + column];
        let step = -excess[row] * inverse;
        let mut pivot: Vec<f64> =
            numbers[start..start + width].iter().map(|number| -number * inverse).collect();
        pivot[column] = inverse;
        for (index, line) in numbers.chunks_exact_mut(width).enumerate() {
            let factor = line[column];
            if index == row || factor == 0.0 {
                continue;
            }
            excess[index] += factor * step;
            line[column] = 0.0;
            for (number, solved) in line.iter_mut().zip(&pivot) {
                *number += factor * solved;
                if number.abs() < ZERO * 1e-3 {
                    *number = 0.0;
                }
            }
        }
        let factor = std::mem::take(&mut costs[column]);
        if factor != 0.0 {
            costs
                .iter_mut()
                .zip(&pivot)
                .for_each(|(cost, solved)| *cost = (*cost + factor * solved).max(0.0));
        }
        numbers[start..start + width].copy_from_slice(&pivot);
        std::mem::swap(&mut basic[row], &mut others[column]);
        excess[row] = step;
        if let (Name::Column(_), Name::Row { index, .. }) = (basic[row], others[column]) {
            // Uneven, and the same in every run: the fractional parts of multiples of the golden ratio.
            costs[column] = 1.0 + (index as f64 * 0.618_033_988_749_895).fract();
        }
    }

    fn named(&self) -> (Vec<usize>, Vec<usize>) {
        let rows = self.others.iter().filter_map(|name| match name {
            Name::Row { index, .. } => Some(*index),
            Name::Column(_) => None,
        });
        let columns = self.basic.iter().filter_map(|name| match name {
            Name::Column(index) => Some(*index),
            Name::Row { .. } => None,
        });
        (rows.collect(), columns.collect())
    }

    fn tight(&self) -> Guess {
        let (rows, columns) = self.named();
        Guess::Tight { rows, columns }
    }

    fn contradicted(&self, row: usize) -> Guess {
        let (rows, columns) = self.named();
        match self.basic[row] {
            Name::Row { index: row, .. } => Guess::Contradicted { row, rows, columns },
            Name::Column(_) => Guess::Tight { rows, columns },
        }
    }
}
