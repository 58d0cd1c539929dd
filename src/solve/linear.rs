//! [`decide`]: whether a system of rows without disjunctions has a solution.
//!
//! What can be taken out of it sparsely is ([`Elimination`]). Of what is left, floating-point numbers guess which rows
//! matter ([`guess`]); those are solved exactly ([`solution`]) and the answer is put into every row. A guess that proves
//! wrong costs time and nothing else: the exact simplex method of the [`Tableau`] then answers, and always ends.

use std::collections::BTreeMap;

use super::bound::Combination;
use super::effort::{Effort, SolveError};
use super::eliminate::{Elimination, Line};
use super::guide::{Guess, Guided, guess};
use super::lift::{Matrix, solution};
use super::tableau::Tableau;
use crate::desiderata::{Relation, Row, RowId};
use crate::exponent::{Exponent, Form, Unknown};

/// The answer to a system of rows.
#[derive(Debug)]
pub(super) enum Decision {
    /// A solution: the value of every unknown.
    Point(Vec<Exponent>),
    /// There is none: these rows add up to a contradiction.
    Refuted(Combination),
}

/// A solution of the rows over so many unknowns, or why there is none; nothing if a row does not fit in machine words.
/// Every unknown must be one of those. Of a range of values an unknown gets the least if `least` says so, else the
/// largest.
///
/// # Errors
/// If no effort is left.
pub(super) fn decide<'r>(
    unknowns: usize,
    rows: impl Iterator<Item = (RowId, &'r Row)>,
    least: impl Fn(u32) -> bool,
    effort: &Effort,
) -> Result<Option<Decision>, SolveError> {
    let Some(mut system) = Elimination::new(unknowns, rows) else { return Ok(None) };
    if let Some(contradiction) = system.run(effort)? {
        return Ok(Some(Decision::Refuted(system.refutation(contradiction))));
    }
    let core = Core::of(&system);
    let decided = match core.guided(effort)? {
        Some(decided) => decided,
        None => core.exact(effort)?,
    };
    Ok(Some(match decided {
        Decided::Refuted(sum) => Decision::Refuted(system.traced(sum)),
        Decided::Point(values) => {
            let mut point = vec![Exponent::ZERO; unknowns];
            for (unknown, value) in core.unknowns.iter().zip(values) {
                point[*unknown as usize] = value;
            }
            system.complete(&mut point, least);
            Decision::Point(point)
        }
    }))
}

/// What an elimination leaves, over its unknowns numbered anew.
struct Core<'s> {
    unknowns: Vec<u32>,
    lines: Vec<(usize, &'s Line)>,
    entries: Vec<Vec<(usize, i64)>>,
}

/// The answer to a core: the values of its unknowns, or lines that add up to a contradiction.
enum Decided {
    Point(Vec<Exponent>),
    Refuted(Vec<(usize, Exponent)>),
}

impl<'s> Core<'s> {
    fn of(system: &'s Elimination) -> Self {
        let lines: Vec<(usize, &Line)> = system.left().collect();
        let mut unknowns: Vec<u32> = lines
            .iter()
            .flat_map(|(_, line)| line.whole.entries.iter().map(|(unknown, _)| *unknown))
            .collect();
        unknowns.sort_unstable();
        unknowns.dedup();
        let position = |unknown: u32| unknowns.partition_point(|held| *held < unknown);
        let entries = lines.iter().map(|(_, line)| {
            line.whole.entries.iter().map(|(unknown, number)| (position(*unknown), *number)).collect()
        });
        Self { entries: entries.collect(), unknowns, lines }
    }

    /// The answer that a guess leads to, if it is right.
    fn guided(&self, effort: &Effort) -> Result<Option<Decided>, SolveError> {
        if self.lines.is_empty() {
            return Ok(Some(Decided::Point(Vec::new())));
        }
        let guided = self.lines.iter().zip(&self.entries).map(|((_, line), entries)| Guided {
            entries,
            constant: line.whole.constant,
            is_equality: line.relation == Relation::Zero,
        });
        Ok(match guess(&guided.collect::<Vec<_>>(), self.unknowns.len(), effort)? {
            None => None,
            Some(Guess::Tight { rows, columns }) => self.point(&rows, &columns, effort)?,
            Some(Guess::Contradicted { row, rows, columns }) => {
                self.contradiction(row, &rows, &columns, effort)?
            }
        })
    }

    /// The solution where these lines are zero and every unknown but these, if it is one.
    fn point(
        &self,
        rows: &[usize],
        columns: &[usize],
        effort: &Effort,
    ) -> Result<Option<Decided>, SolveError> {
        if rows.len() != columns.len() {
            return Ok(None);
        }
        let numbered: BTreeMap<usize, usize> = columns.iter().copied().zip(0..).collect();
        let among = |row: &usize| {
            let entries = self.entries[*row].iter();
            entries.filter_map(|(column, number)| Some((*numbered.get(column)?, *number))).collect()
        };
        let matrix: Matrix = rows.iter().map(among).collect();
        let right: Vec<i64> = rows.iter().map(|row| -self.lines[*row].1.whole.constant).collect();
        let Some(values) = solution(&matrix, &right, effort)? else { return Ok(None) };
        let mut point = vec![Exponent::ZERO; self.unknowns.len()];
        for (column, value) in columns.iter().zip(values) {
            point[*column] = value;
        }
        for ((_, line), entries) in self.lines.iter().zip(&self.entries) {
            effort.spend(entries.len())?;
            let mut value = Exponent::integer(line.whole.constant);
            for (column, number) in entries {
                value += &(&Exponent::integer(*number) * &point[*column]);
            }
            let holds = match line.relation {
                Relation::Zero => value.is_zero(),
                Relation::AtMostZero => !value.is_positive(),
            };
            if !holds {
                return Ok(None);
            }
        }
        Ok(Some(Decided::Point(point)))
    }

    /// A line and multiples of these others that cancel it in these columns, if they add up to a contradiction.
    fn contradiction(
        &self,
        row: usize,
        rows: &[usize],
        columns: &[usize],
        effort: &Effort,
    ) -> Result<Option<Decided>, SolveError> {
        if rows.len() != columns.len() {
            return Ok(None);
        }
        let numbered: BTreeMap<usize, usize> = columns.iter().copied().zip(0..).collect();
        let mut transposed: Matrix = vec![Vec::new(); columns.len()];
        for (position, other) in rows.iter().enumerate() {
            for (column, number) in &self.entries[*other] {
                if let Some(column) = numbered.get(column) {
                    transposed[*column].push((position, *number));
                }
            }
        }
        let mut right = vec![0; columns.len()];
        for (column, number) in &self.entries[row] {
            if let Some(column) = numbered.get(column) {
                right[*column] = -number;
            }
        }
        let Some(times) = solution(&transposed, &right, effort)? else { return Ok(None) };
        let mut sum: Vec<(usize, Exponent)> =
            rows.iter().copied().zip(times).filter(|(_, times)| !times.is_zero()).collect();
        sum.push((row, Exponent::ONE));

        let mut total = vec![Exponent::ZERO; self.unknowns.len()];
        let mut constant = Exponent::ZERO;
        for (index, times) in &sum {
            effort.spend(self.entries[*index].len())?;
            constant += &(times * &Exponent::integer(self.lines[*index].1.whole.constant));
            for (column, number) in &self.entries[*index] {
                total[*column] += &(times * &Exponent::integer(*number));
            }
        }
        // An equality may contradict the others from below.
        if constant.is_negative() {
            sum.iter_mut().for_each(|(_, times)| *times = -&*times);
        }
        let allowed = |(index, times): &(usize, Exponent)| {
            !times.is_negative() || self.lines[*index].1.relation == Relation::Zero
        };
        let refuted = !constant.is_zero() && total.iter().all(Exponent::is_zero) && sum.iter().all(allowed);
        let named = sum.into_iter().map(|(index, times)| (self.lines[index].0, times));
        Ok(refuted.then(|| Decided::Refuted(named.collect())))
    }

    /// The answer of the exact simplex method.
    fn exact(&self, effort: &Effort) -> Result<Decided, SolveError> {
        let mut tableau = Tableau::new(self.unknowns.len(), effort);
        for (position, ((_, line), entries)) in self.lines.iter().zip(&self.entries).enumerate() {
            let mut form = Form::constant(Exponent::integer(line.whole.constant));
            for (column, number) in entries {
                let unknown = Unknown(u32::try_from(*column).unwrap_or(u32::MAX));
                form.add_scaled(&Exponent::integer(*number), &Form::unknown(unknown));
            }
            let row = Row { form, relation: line.relation };
            let literal = tableau.literal(RowId::Row { clause: position, row: 0 }, &row)?;
            if let Some(conflict) = tableau.assert(&literal) {
                return Ok(self.named(conflict));
            }
        }
        Ok(match tableau.check()? {
            Some(conflict) => self.named(conflict),
            None => Decided::Point(tableau.values().cloned().collect()),
        })
    }

    fn named(&self, conflict: Combination) -> Decided {
        let named = conflict.into_iter().filter_map(|(id, times)| match id {
            RowId::Row { clause, .. } => Some((self.lines[clause].0, times)),
            RowId::Choice { .. } | RowId::Assumed => None,
        });
        Decided::Refuted(named.collect())
    }
}
