//! [`decide`]: whether a system of rows without disjunctions has a solution.
//!
//! What can be taken out of it sparsely is ([`Elimination`]). Of what is left, floating-point numbers guess which rows
//! matter ([`guess`]); those are solved exactly ([`solution`]), or a short point away from them is taken ([`inside`]), and
//! the answer is put into every row. A guess that proves wrong costs time and nothing else: the exact simplex method of the
//! [`Tableau`] then answers, and always ends.

use std::collections::BTreeMap;

use super::bound::Combination;
use super::effort::{Effort, SolveError};
use super::eliminate::{Elimination, Line};
use super::guide::{Guess, Guided, PARTS, guess, inside};
use super::lift::{Matrix, solution};
use super::tableau::Tableau;
use crate::exact::{Exponent, Form, Relation, Row, RowId, Unknown};

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

/// The tight rows from which on a solution away from them is looked for: where so many meet, numbers are long.
const MANY: usize = 24;

/// What an elimination leaves, over its unknowns numbered anew.
pub(super) struct Core<'s> {
    pub(super) unknowns: Vec<u32>,
    pub(super) lines: Vec<&'s Line>,
    entries: Vec<Vec<(usize, i64)>>,
}

/// The answer to a core: the values of its unknowns, or lines, by their sources, that add up to a contradiction.
enum Decided {
    Point(Vec<Exponent>),
    Refuted(Vec<(usize, Exponent)>),
}

impl<'s> Core<'s> {
    pub(super) fn of(system: &'s Elimination) -> Self {
        let lines: Vec<&Line> = system.left().collect();
        let mut unknowns: Vec<u32> =
            lines.iter().flat_map(|line| line.whole.entries.iter().map(|(unknown, _)| *unknown)).collect();
        unknowns.sort_unstable();
        unknowns.dedup();
        let position = |unknown: u32| unknowns.partition_point(|held| *held < unknown);
        let entries = lines.iter().map(|line| {
            line.whole.entries.iter().map(|(unknown, number)| (position(*unknown), *number)).collect()
        });
        Self { entries: entries.collect(), unknowns, lines }
    }

    /// The answer that a guess leads to, if it is right.
    fn guided(&self, effort: &Effort) -> Result<Option<Decided>, SolveError> {
        let (rows, columns) = (self.rows(), self.unknowns.len());
        let Some(guess) = guess(&rows, columns, effort)? else { return Ok(None) };
        if let Guess::Tight { rows: tight, .. } = &guess
            && tight.len() > MANY
            && let Some(parts) = inside(&rows, columns, effort)?
        {
            let point: Vec<Exponent> = parts.into_iter().map(|parts| Exponent::ratio(parts, PARTS)).collect();
            if self.holds_at(&point, effort)? {
                return Ok(Some(Decided::Point(point)));
            }
        }
        self.verified(&guess, effort)
    }

    /// The lines as a guide sees them.
    pub(super) fn rows(&self) -> Vec<Guided<'_>> {
        let lines = self.lines.iter().zip(&self.entries);
        let guided = lines.map(|(line, entries)| Guided {
            entries,
            constant: line.whole.constant,
            is_equality: line.relation == Relation::Zero,
        });
        guided.collect()
    }

    /// What a guess says, if it is right.
    fn verified(&self, guess: &Guess, effort: &Effort) -> Result<Option<Decided>, SolveError> {
        match guess {
            Guess::Tight { rows, columns } => self.point(rows, columns, effort),
            Guess::Contradicted { row, rows, columns } => self.contradiction(*row, rows, columns, effort),
        }
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
        let right: Vec<i64> = rows.iter().map(|row| -self.lines[*row].whole.constant).collect();
        let Some(values) = solution(&matrix, &right, effort)? else { return Ok(None) };
        let mut point = vec![Exponent::ZERO; self.unknowns.len()];
        for (column, value) in columns.iter().zip(values) {
            point[*column] = value;
        }
        Ok(self.holds_at(&point, effort)?.then_some(Decided::Point(point)))
    }

    /// Whether every line holds at a point.
    fn holds_at(&self, point: &[Exponent], effort: &Effort) -> Result<bool, SolveError> {
        for (line, entries) in self.lines.iter().zip(&self.entries) {
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
                return Ok(false);
            }
        }
        Ok(true)
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
            constant += &(times * &Exponent::integer(self.lines[*index].whole.constant));
            for (column, number) in &self.entries[*index] {
                total[*column] += &(times * &Exponent::integer(*number));
            }
        }
        // An equality may contradict the others from below.
        if constant.is_negative() {
            sum.iter_mut().for_each(|(_, times)| *times = -&*times);
        }
        let allowed = |(index, times): &(usize, Exponent)| {
            !times.is_negative() || self.lines[*index].relation == Relation::Zero
        };
        let refuted = !constant.is_zero() && total.iter().all(Exponent::is_zero) && sum.iter().all(allowed);
        let named = sum.into_iter().map(|(index, times)| (self.lines[index].source, times));
        Ok(refuted.then(|| Decided::Refuted(named.collect())))
    }

    /// The answer of the exact simplex method.
    fn exact(&self, effort: &Effort) -> Result<Decided, SolveError> {
        let mut tableau = Tableau::new(self.unknowns.len(), effort);
        for (position, (line, entries)) in self.lines.iter().zip(&self.entries).enumerate() {
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
            RowId::Row { clause, .. } => Some((self.lines[clause].source, times)),
            RowId::Choice { .. } | RowId::Assumed => None,
        });
        Decided::Refuted(named.collect())
    }
}

#[cfg(test)]
mod tests {
    use rand::{RngExt, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    use super::*;

    /// Rows of up to six of so many unknowns; with a little room at some point, or a few of them denied.
    fn random(random: &mut ChaCha8Rng, unknowns: usize, feasible: bool) -> Vec<(RowId, Row)> {
        let point: Vec<Exponent> =
            (0..unknowns).map(|_| Exponent::ratio(random.random_range(-4..=4), 2)).collect();
        let mut rows = Vec::new();
        for _ in 0..2 * unknowns {
            let mut form = Form::zero();
            for _ in 0..random.random_range(2..=6) {
                let unknown = Unknown(random.random_range(0..unknowns) as u32);
                form.add_scaled(&Exponent::ratio(random.random_range(-3..=3), 2), &Form::unknown(unknown));
            }
            let value = form.evaluate(|unknown| point.get(unknown.0 as usize)).unwrap();
            rows.push(match random.random_range(0..3) {
                0 => Row::zero(form.plus(&-value)),
                room => Row::at_most_zero(form.plus(&-(value + Exponent::ratio(room - 1, 2)))),
            });
        }
        if !feasible {
            let few = rows.iter().step_by(7).take(5);
            let sum = few.fold(Form::constant(Exponent::ONE), |sum, row| &sum - &row.form);
            rows.push(Row::at_most_zero(sum));
        }
        rows.into_iter().enumerate().map(|(clause, row)| (RowId::Row { clause, row: 0 }, row)).collect()
    }

    fn is_true(decision: &Decision, rows: &[(RowId, Row)]) -> bool {
        match decision {
            Decision::Point(point) => rows.iter().all(|(_, row)| {
                let value = row.form.evaluate(|unknown| point.get(unknown.0 as usize)).unwrap();
                value.is_zero() || (value.is_negative() && row.relation == Relation::AtMostZero)
            }),
            Decision::Refuted(sum) => {
                let mut total = Form::zero();
                for (id, times) in sum {
                    let (_, row) = rows.iter().find(|(held, _)| held == id).unwrap();
                    assert!(!times.is_negative() || row.relation == Relation::Zero);
                    total.add_scaled(times, &row.form);
                }
                total.as_constant().is_some_and(Exponent::is_positive)
            }
        }
    }

    fn borrowed(rows: &[(RowId, Row)]) -> impl Iterator<Item = (RowId, &Row)> {
        rows.iter().map(|(id, row)| (*id, row))
    }

    #[test]
    fn guesses_are_nearly_always_right_and_the_exact_method_agrees() {
        let mut generator = ChaCha8Rng::seed_from_u64(1);
        let (mut cores, mut guided) = (0, 0);
        for round in 0..400 {
            let feasible = round % 2 == 0;
            let rows = random(&mut generator, 8 + round % 40, feasible);
            let effort = Effort::limited(1_000_000_000);
            let decision = decide(48, borrowed(&rows), |_| false, &effort).unwrap().unwrap();
            assert!(is_true(&decision, &rows), "round {round}");
            assert_eq!(matches!(decision, Decision::Point(_)), feasible, "round {round}");

            let mut system = Elimination::new(48, borrowed(&rows)).unwrap();
            if system.run(&effort).unwrap().is_some() {
                continue;
            }
            let core = Core::of(&system);
            cores += usize::from(!core.lines.is_empty());
            guided += usize::from(!core.lines.is_empty() && core.guided(&effort).unwrap().is_some());
            match core.exact(&effort).unwrap() {
                Decided::Point(point) => assert!(feasible && core.holds_at(&point, &effort).unwrap()),
                Decided::Refuted(sum) => {
                    let sum = system.traced(sum);
                    assert!(!feasible && is_true(&Decision::Refuted(sum), &rows), "round {round}");
                }
            }
        }
        assert!(cores > 100 && 100 * guided >= 98 * cores, "{guided} of {cores}");
    }

    #[test]
    fn what_is_made_of_a_guess_is_true_or_nothing() {
        let mut generator = ChaCha8Rng::seed_from_u64(2);
        let (mut taken, mut refused) = (0, 0);
        for round in 0..2000 {
            let rows = random(&mut generator, 6, round % 2 == 0);
            let effort = Effort::limited(1_000_000_000);
            // Nothing is taken out: the guesses are about the rows themselves.
            let system = Elimination::new(6, borrowed(&rows)).unwrap();
            let core = Core::of(&system);
            let Some(mut guess) = guess(&core.rows(), core.unknowns.len(), &effort).unwrap() else {
                continue;
            };
            let (Guess::Tight { rows: tight, .. } | Guess::Contradicted { rows: tight, .. }) = &mut guess;
            if round % 3 > 0 && !tight.is_empty() {
                let spoilt = generator.random_range(0..tight.len());
                tight[spoilt] = generator.random_range(0..core.lines.len());
            }
            let decision = match core.verified(&guess, &effort).unwrap() {
                None => {
                    refused += 1;
                    continue;
                }
                Some(Decided::Point(values)) => {
                    let mut point = vec![Exponent::ZERO; 6];
                    core.unknowns.iter().zip(values).for_each(|(at, value)| point[*at as usize] = value);
                    Decision::Point(point)
                }
                Some(Decided::Refuted(sum)) => Decision::Refuted(system.traced(sum)),
            };
            taken += 1;
            assert!(is_true(&decision, &rows), "round {round}");
        }
        assert!(taken > 600 && refused > 600, "{taken} taken, {refused} refused");
    }
}
