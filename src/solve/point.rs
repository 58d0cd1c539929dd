//! [`Outcome`]: what a search looks for and finds, and points that are tried.

use super::effort::{Effort, SolveError};
use crate::exact::{Clause, Exponent, Form, Origin, Program, Refutation, Relation, Row, Unknown};

/// What to look for: a solution where `form` is above `beyond`.
#[derive(Clone, Debug)]
pub(super) struct Goal {
    pub(super) form: Form,
    pub(super) beyond: Exponent,
}

/// What a search found.
#[derive(Debug)]
pub(super) enum Outcome {
    /// A solution: the value of every unknown. With a goal, one that goes beyond it.
    Found(Vec<Exponent>),
    /// There are solutions that go beyond the goal as far as one likes.
    Unbounded,
    /// There is none; under a goal, `RowId::Assumed` stands for `beyond - form < 0`.
    Refuted(Refutation),
}

/// A point with every maximum lowered to the largest of its terms, if that is a solution of the program and of the rows
/// assumed. It spares the choices that only say which term is the largest.
///
/// # Errors
/// If no effort is left.
pub(super) fn rounded(
    program: &Program,
    assumed: &[Row],
    mut point: Vec<Exponent>,
    effort: &Effort,
) -> Result<Option<Vec<Exponent>>, SolveError> {
    for Clause { origin, choice, .. } in &program.clauses {
        let Origin::Definition(unknown) = origin else { continue };
        effort.spend(choice.len())?;
        let terms = choice.iter().filter_map(|row| solved_for(*unknown, &row.form, &point));
        if let (Some(largest), Some(value)) = (terms.max(), point.get_mut(unknown.0 as usize)) {
            *value = largest;
        }
    }
    for Clause { rows, choice, .. } in &program.clauses {
        effort.spend(rows.len() + choice.len())?;
        let chosen = choice.is_empty() || choice.iter().any(|row| holds_at(row, &point));
        if !chosen || !rows.iter().all(|row| holds_at(row, &point)) {
            return Ok(None);
        }
    }
    Ok(assumed.iter().all(|row| holds_at(row, &point)).then_some(point))
}

/// Whether a row holds at a point.
pub(super) fn holds_at(row: &Row, point: &[Exponent]) -> bool {
    value_at(&row.form, point).is_some_and(|value| match row.relation {
        Relation::Zero => value.is_zero(),
        Relation::AtMostZero => !value.is_positive(),
    })
}

/// The value of a form at a point; nothing if it speaks of unknowns the point does not have.
pub(super) fn value_at(form: &Form, point: &[Exponent]) -> Option<Exponent> {
    form.evaluate(|unknown| point.get(unknown.0 as usize))
}

/// The value of `unknown` that makes the form zero where the others are as in `point`.
fn solved_for(unknown: Unknown, form: &Form, point: &[Exponent]) -> Option<Exponent> {
    let excess = value_at(form, point)?;
    let slope = form.coefficient(unknown).reciprocal()?;
    Some(point.get(unknown.0 as usize)? - &(excess * &slope))
}
