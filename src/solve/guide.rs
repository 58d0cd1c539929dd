//! [`guess`], [`inside`] and [`lightest`]: which rows are tight at a solution, or which contradict each other.
//! Floating-point numbers find it, and they may be wrong: the answer names rows, unknowns and whole numbers, and whoever
//! asks verifies it exactly.
//!
//! It is the dual simplex method on a dense tableau: every unknown lies at zero until a row needs it; the row violated
//! most leaves the basis for the unknown that still lies at zero, else for the tight row that costs least. Of those that
//! cost nearly the same the one with the largest pivot is taken (Harris, "Pivot selection methods of the Devex LP code",
//! Mathematical Programming 5, 1973). The costs are uneven, so that ties are rare. It stops after a number of steps that
//! the size sets, so rounding cannot make it cycle.
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
#[derive(Clone, Debug, PartialEq, Eq)]
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

/// Below it a number is no pivot.
const PIVOT: f64 = 1e-7;

/// By how much a cost may turn out negative for the sake of a larger pivot.
const SLACK: f64 = 1e-9;

/// Below it a number is taken for zero.
const ZERO: f64 = 1e-12;

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
    let mut tableau = Tableau::of(rows, columns, 0.0, 1.0);
    Ok(match tableau.run(effort)? {
        None => None,
        Some(Stop::Feasible) => Some(tableau.tight()),
        Some(Stop::Stuck(row)) => Some(tableau.contradicted(row)),
    })
}

/// A solution that is a whole number of parts of one in every column, [`PARTS`] of them, if it seems that there is one that
/// stays one when every column moves by half a part: its numbers are short, however many rows there are.
///
/// # Errors
/// If no effort is left.
pub(super) fn inside(
    rows: &[Guided<'_>],
    columns: usize,
    effort: &Effort,
) -> Result<Option<Vec<i64>>, SolveError> {
    if rows.iter().any(|row| row.is_equality) || rows.len().saturating_mul(columns) > LARGEST {
        return Ok(None);
    }
    let mut tableau = Tableau::of(rows, columns, 0.5 / PARTS as f64, 1.0);
    Ok(match tableau.run(effort)? {
        Some(Stop::Feasible) => Some(tableau.rounded()),
        Some(Stop::Stuck(_)) | None => None,
    })
}

/// Into how many parts one is cut: few, and a power of two, so that denominators stay small.
pub(super) const PARTS: i64 = 64;

/// Rows that contradict each other, where the last column is by how much each row may be violated (at most zero, and
/// the price of a row its coefficient): those whose multipliers, each times its price, have about the smallest sum that
/// there is. Nothing if there are none, or the system is too large or too delicate.
///
/// # Errors
/// If no effort is left.
pub(super) fn lightest(
    rows: &[Guided<'_>],
    columns: usize,
    effort: &Effort,
) -> Result<Option<Vec<usize>>, SolveError> {
    if columns == 0 || rows.len().saturating_mul(columns) > LARGEST {
        return Ok(None);
    }
    let at_most_zero = Guided { entries: &[(columns - 1, 1)], constant: 0, is_equality: false };
    let rows: Vec<Guided<'_>> = rows.iter().copied().chain([at_most_zero]).collect();
    let mut tableau = Tableau::of(&rows, columns, 0.0, UNEVEN);
    tableau.pivot(rows.len() - 1, columns - 1);
    tableau.costs[columns - 1] = 1.0;
    Ok(match tableau.run(effort)? {
        Some(Stop::Feasible) => Some(tableau.costly()),
        Some(Stop::Stuck(_)) | None => None,
    })
}

/// The costs that keep apart what costs nothing, beside a cost of one.
const UNEVEN: f64 = 1e-7;

/// The least cost that is more than that.
const COSTLY: f64 = 1e-5;

/// Where the method ends.
#[derive(Clone, Copy, Debug)]
enum Stop {
    /// No row is violated.
    Feasible,
    /// This row is violated, and nothing can bring it back.
    Stuck(usize),
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
    /// What it costs, about, to move a row from its bound when it first lies there.
    uneven: f64,
}

impl Tableau {
    /// Every row moved so far inside that it holds while each column moves by `room`.
    fn of(rows: &[Guided<'_>], width: usize, room: f64, uneven: f64) -> Self {
        // Rows of the same size, so that what is taken for rounding is as much of each.
        let largest = |row: &Guided<'_>| row.entries.iter().map(|(_, number)| number.unsigned_abs()).max();
        let sizes: Vec<f64> = rows.iter().map(|row| largest(row).unwrap_or(1).max(1) as f64).collect();
        let mut numbers = vec![0.0; rows.len() * width];
        for (index, row) in rows.iter().enumerate() {
            for (column, number) in row.entries {
                numbers[index * width + column] = *number as f64 / sizes[index];
            }
        }
        let margin = |row: &Guided<'_>| {
            room * row.entries.iter().map(|(_, number)| number.unsigned_abs() as f64).sum::<f64>()
        };
        let excess =
            rows.iter().zip(&sizes).map(|(row, size)| (row.constant as f64 + margin(row)) / size).collect();
        let name = |(index, row): (usize, &Guided<'_>)| Name::Row { index, is_equality: row.is_equality };
        Self {
            numbers,
            width,
            basic: rows.iter().enumerate().map(name).collect(),
            others: (0..width).map(Name::Column).collect(),
            excess,
            costs: vec![0.0; width],
            uneven,
        }
    }

    /// Nothing if it does not end soon.
    fn run(&mut self, effort: &Effort) -> Result<Option<Stop>, SolveError> {
        for _ in 0..10 * (self.basic.len() + self.width) {
            effort.spend(self.numbers.len() / 16 + 1)?;
            let Some(row) = self.most_violated() else { return Ok(Some(Stop::Feasible)) };
            match self.cheapest(row) {
                Some(column) => self.pivot(row, column),
                None => return Ok(Some(Stop::Stuck(row))),
            }
        }
        Ok(None)
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

    /// Of the others that can bring a violated row back, the one that does so at the least cost.
    fn cheapest(&self, row: usize) -> Option<usize> {
        let sign = self.excess[row].signum();
        let numbers = &self.numbers[row * self.width..(row + 1) * self.width];
        let size = |column: usize| numbers[column].abs();
        // A tight row can only fall, an equality cannot move at all.
        let can_move = |column: &usize| match self.others[*column] {
            Name::Column(_) => size(*column) > PIVOT,
            Name::Row { is_equality, .. } => !is_equality && sign * numbers[*column] > PIVOT,
        };
        let columns = (0..self.width).filter(can_move);
        let ratios = columns.clone().map(|column| (self.costs[column] + SLACK) / size(column));
        let least = ratios.fold(f64::INFINITY, f64::min);
        let cheap = columns.filter(|column| self.costs[*column] <= least * size(*column));
        cheap.max_by(|a, b| size(*a).total_cmp(&size(*b)))
    }

    /// Makes the basic one of a row take its bound and leave the basis, in exchange for that of a column.
    fn pivot(&mut self, row: usize, column: usize) {
        let Self { numbers, width, basic, others, excess, costs, uneven } = self;
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
                if number.abs() < ZERO {
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
            // The same in every run: the fractional parts of multiples of the golden ratio.
            costs[column] = *uneven * (1.0 + (index as f64 * 0.618_033_988_749_895).fract());
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

    /// The value of every column, as the nearest whole number of parts.
    fn rounded(&self) -> Vec<i64> {
        let mut values = vec![0; self.width];
        for (name, value) in self.basic.iter().zip(&self.excess) {
            if let Name::Column(column) = name {
                values[*column] = (value * PARTS as f64).round() as i64;
            }
        }
        values
    }

    /// The rows that it costs more than next to nothing to move from their bounds; all equalities there, the cost of which
    /// is not followed.
    fn costly(&self) -> Vec<usize> {
        let costly = self.others.iter().zip(&self.costs).filter_map(|(name, cost)| match name {
            Name::Row { index, is_equality } => (*is_equality || *cost > COSTLY).then_some(*index),
            Name::Column(_) => None,
        });
        costly.collect()
    }
}
