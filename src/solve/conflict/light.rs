//! [`lighter`]: from rows that contradict each other to fewer that do.
//!
//! How often a contradiction uses its rows, their multipliers, can be summed up, and the smallest sum is a linear program:
//! by how much must every row be violated so that all hold? Few rows tend to have small sums, but many rows each used
//! little may have smaller ones. So the rows are weighed anew several times: those that had a small part in what
//! was found before become dearer, and, in turn, those that had any part.
//! Source of the linear program: Chinneck, "Feasibility and Infeasibility in Optimization", 2008, on elastic programs; of
//! weighing anew: Candès, Wakin and Boyd, "Enhancing sparsity by reweighted l1 minimization", Journal of Fourier
//! Analysis and Applications 14, 2008.

use std::collections::{BTreeMap, BTreeSet};

use crate::exact::{Exponent, Form, Relation, Row, RowId, Unknown};
use crate::solve::bound::Combination;
use crate::solve::effort::{Effort, SolveError};
use crate::solve::eliminate::Elimination;
use crate::solve::guide::lightest;
use crate::solve::linear::{Core, Decision, decide};

/// How often the rows are weighed.
const ROUNDS: usize = 4;

/// The most that the price of a row rises at once.
const DEAREST: i64 = 64;

/// Rows of a system that contradict each other, with no larger a sum of their `base` prices than those of `known`, which
/// do: looked for among the rows that speak of no other unknowns than these.
///
/// # Errors
/// If no effort is left.
pub(super) fn lighter<'r>(
    rows: impl Iterator<Item = (RowId, &'r Row)> + Clone,
    known: Combination,
    base: impl Fn(&RowId) -> usize,
    effort: &Effort,
) -> Result<Combination, SolveError> {
    let ids: BTreeSet<RowId> = known.iter().map(|(id, _)| *id).collect();
    let unknowns_of = |row: &'r Row| row.form.coefficients().map(|(unknown, _)| unknown);
    let spoken: BTreeSet<Unknown> =
        rows.clone().filter(|(id, _)| ids.contains(id)).flat_map(|(_, row)| unknowns_of(row)).collect();
    let numbers: BTreeMap<Unknown, Unknown> = spoken.iter().copied().zip((0..).map(Unknown)).collect();
    let near = rows.filter(|(_, row)| unknowns_of(row).all(|unknown| numbers.contains_key(&unknown)));
    let near: Vec<(RowId, Row)> = near.map(|(id, row)| (id, moved(row, &numbers))).collect();

    let summands: BTreeMap<RowId, usize> = near.iter().map(|(id, row)| (*id, row.form.len())).collect();
    let length = |sum: &Combination| {
        let ids = sum.iter().map(|(id, _)| id);
        (ids.clone().map(&base).sum::<usize>(), ids.filter_map(|id| summands.get(id)).sum::<usize>())
    };
    let mut best = known;
    let mut prices = Prices::default();
    for round in 0..ROUNDS {
        let price = |id: &RowId| {
            let factor = if round % 2 == 0 { prices.by_size(id) } else { prices.by_use(id) };
            factor * i64::try_from(base(id)).unwrap_or(DEAREST).clamp(1, DEAREST)
        };
        let Some(chosen) = cheapest(&near, numbers.len(), price, effort)? else { break };
        let few = near.iter().filter(|(id, _)| chosen.contains(id)).map(|(id, row)| (*id, row));
        let Some(Decision::Refuted(found)) = decide(numbers.len(), few, |_| false, effort)? else { break };
        prices.note(&found);
        if length(&found) < length(&best) {
            best = found;
        }
    }
    Ok(best)
}

/// What the rows cost, by what they were used for before.
#[derive(Debug, Default)]
struct Prices(BTreeMap<RowId, (i64, i64)>);

impl Prices {
    /// One for a row not used yet, more the oftener it was.
    fn by_use(&self, id: &RowId) -> i64 {
        self.0.get(id).map_or(1, |(uses, _)| 1 + 4 * uses)
    }

    /// One for a row not used yet, more the smaller a part it had.
    fn by_size(&self, id: &RowId) -> i64 {
        self.0.get(id).map_or(1, |(_, smallness)| 1 + smallness)
    }

    fn note(&mut self, found: &Combination) {
        let most = found.iter().map(|(_, times)| times.abs()).max().unwrap_or_default();
        for (id, times) in found {
            let size = times.abs();
            let smallness = (1..DEAREST).find(|price| &size * &Exponent::integer(*price) >= most);
            let (uses, sum) = self.0.entry(*id).or_default();
            (*uses, *sum) = (*uses + 1, *sum + smallness.unwrap_or(DEAREST));
        }
    }
}

/// Rows that seem to contradict each other at the lowest price, and rows of which these are sums.
fn cheapest(
    rows: &[(RowId, Row)],
    unknowns: usize,
    price: impl Fn(&RowId) -> i64,
    effort: &Effort,
) -> Result<Option<BTreeSet<RowId>>, SolveError> {
    let violation = u32::try_from(unknowns).unwrap_or(u32::MAX);
    let price_of = |id: &RowId| Form::unknown(Unknown(violation)).scaled(&Exponent::integer(price(id)));
    // An equality is a bound on either side.
    let sides = |(id, row): &(RowId, Row)| {
        let other = (row.relation == Relation::Zero).then(|| -&row.form);
        let price = price_of(id);
        let bounds = [Some(row.form.clone()), other].into_iter().flatten();
        let id = *id;
        bounds.map(move |form| (id, Row::at_most_zero(&form + &price)))
    };
    let elastic: Vec<(RowId, Row)> = rows.iter().flat_map(sides).collect();
    let Some(mut system) = Elimination::new(unknowns + 1, elastic.iter().map(|(id, row)| (*id, row))) else {
        return Ok(None);
    };
    system.keep(violation);
    if let Some(contradiction) = system.run(effort)? {
        return Ok(Some(system.origins([system.source(contradiction)])));
    }
    let core = Core::of(&system);
    let lines = lightest(&core.rows(), core.unknowns.len(), effort)?;
    Ok(lines.map(|lines| {
        let sources = lines.into_iter().filter_map(|line| core.lines.get(line));
        system.origins(sources.map(|line| line.source))
    }))
}

/// A row with every unknown that has another number here named by that.
pub(super) fn moved(row: &Row, numbers: &BTreeMap<Unknown, Unknown>) -> Row {
    let mut form = Form::constant(row.form.constant_part().clone());
    for (unknown, coefficient) in row.form.coefficients() {
        form.add_scaled(coefficient, &Form::unknown(numbers.get(&unknown).copied().unwrap_or(unknown)));
    }
    Row { form, relation: row.relation }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(constant: i64, coefficients: &[(u32, i64)]) -> Form {
        let mut form = Form::constant(Exponent::integer(constant));
        for (unknown, number) in coefficients {
            form.add_scaled(&Exponent::integer(*number), &Form::unknown(Unknown(*unknown)));
        }
        form
    }

    /// `x0 = x1 = ... = x30 = x0 + 1`: all thirty-one rows contradict each other. So do the next three, which say that
    /// `x0 + x15 <= 0`, `x15 + x30 >= 2` and `x30 <= x0`; and the last of these with `x30 = x0 + 1`.
    fn detour() -> Vec<(RowId, Row)> {
        let mut rows: Vec<Row> = (0..30).map(|i| Row::zero(form(0, &[(i, 1), (i + 1, -1)]))).collect();
        rows.push(Row::zero(form(1, &[(0, 1), (30, -1)])));
        rows.push(Row::at_most_zero(form(0, &[(0, 1), (15, 1)])));
        rows.push(Row::at_most_zero(form(2, &[(15, -1), (30, -1)])));
        rows.push(Row::at_most_zero(form(0, &[(30, 1), (0, -1)])));
        rows.into_iter().enumerate().map(|(clause, row)| (RowId::Row { clause, row: 0 }, row)).collect()
    }

    /// The clauses of a contradiction where the next three cost so much, found from the first thirty-one.
    fn found(price: usize) -> Vec<usize> {
        let (rows, effort) = (detour(), Effort::limited(1_000_000));
        let borrowed = |count: usize| rows[..count].iter().map(|(id, row)| (*id, row));
        let Ok(Some(Decision::Refuted(known))) = decide(31, borrowed(31), |_| false, &effort) else {
            unreachable!()
        };
        assert_eq!(known.len(), 31);
        let position = |id: &RowId| match id {
            RowId::Row { clause, .. } | RowId::Choice { clause, .. } => *clause,
            RowId::Assumed => usize::MAX,
        };
        let base = |id: &RowId| if position(id) < 31 { 1 } else { price };
        let sum = lighter(borrowed(rows.len()), known, base, &effort).unwrap();
        sum.iter().map(|(id, _)| position(id)).collect()
    }

    #[test]
    fn a_long_contradiction_leads_to_a_short_one_unless_that_costs_more() {
        assert_eq!(found(1), [30, 33]);
        assert_eq!(found(40), (0..31).collect::<Vec<_>>());
    }
}
