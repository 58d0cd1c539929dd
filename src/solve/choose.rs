//! [`Preference`]: which solution to take where there are several.

use super::effort::SolveError;
use super::search::{Goal, Outcome, Search, value_at};
use super::unique::hyperparameters;
use crate::desiderata::{Program, Row};
use crate::exponent::{Exponent, Form, Unknown};

/// Sets of unknowns tried to be zero before [`Stage::FewestNonZero`] settles for the greedy answer.
const MOST_SETS: usize = 500;

/// How to choose among solutions: by the first stage; among what that leaves, by the second; and so on. What freedom
/// remains is taken from the hyperparameters in order: each gets its smallest absolute value, of two the negative one.
/// So the choice depends on what the program says, never on how it is solved.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Preference {
    /// The stages, the most important first.
    pub stages: Vec<Stage>,
}

/// One stage of a preference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Make a form as large as possible. A form without a largest value is left alone.
    Largest(Form),
    /// Let as few of these differ from zero as possible. Of several smallest sets, the first in the order of the list
    /// (by position, lexicographically); exact up to a fixed number of sets, beyond it greedily from the end of the list.
    FewestNonZero(Vec<Unknown>),
    /// Make the sum of the absolute values as small as possible.
    SmallestAbsolute(Vec<Unknown>),
}

/// The solution that a preference takes from a program that has one.
///
/// # Errors
/// If no effort is left.
pub(super) fn choose(
    search: &mut Search<'_>,
    program: &Program,
    preference: &Preference,
    mut point: Vec<Exponent>,
) -> Result<Vec<Exponent>, SolveError> {
    for stage in &preference.stages {
        match stage {
            Stage::Largest(form) => keep_largest(search, form)?,
            Stage::FewestNonZero(unknowns) => fewest_nonzero(search, unknowns)?,
            Stage::SmallestAbsolute(unknowns) => smallest_absolute(search, unknowns)?,
        }
    }
    for unknown in hyperparameters(program) {
        point = fix(search, unknown)?.unwrap_or(point);
    }
    Ok(point)
}

/// The largest value of a form and a solution that has it; nothing if it can be as large as one likes.
fn largest(search: &mut Search<'_>, form: &Form) -> Result<Option<(Exponent, Vec<Exponent>)>, SolveError> {
    let mut best: Option<(Exponent, Vec<Exponent>)> = None;
    loop {
        let beyond = best.as_ref().map(|(value, _)| value.clone());
        match search.run(Some(Goal { form: form.clone(), beyond }))? {
            Outcome::Refuted(_) => return Ok(best),
            Outcome::Unbounded => return Ok(None),
            Outcome::Found(point) => best = value_at(form, &point).map(|value| (value, point)),
        }
    }
}

fn keep_largest(search: &mut Search<'_>, form: &Form) -> Result<(), SolveError> {
    match largest(search, form)? {
        Some((value, _)) => search.assume(&Row::at_most_zero(-&form.plus(&-value))),
        None => Ok(()),
    }
}

fn fewest_nonzero(search: &mut Search<'_>, unknowns: &[Unknown]) -> Result<(), SolveError> {
    let zero = |unknown: &Unknown| Row::zero(Form::unknown(*unknown));
    // Which can be zero at all; the others count in every set.
    let mut open = Vec::new();
    for unknown in unknowns {
        if search.allows(&[zero(unknown)])? {
            open.push(*unknown);
        }
    }
    let mut tries = 0;
    for size in 0..open.len() {
        let mut nonzero: Vec<usize> = (0..size).collect();
        loop {
            tries += 1;
            if tries > MOST_SETS {
                return greedily_zero(search, &open);
            }
            let rest = open.iter().enumerate().filter(|(position, _)| !nonzero.contains(position));
            let rows: Vec<Row> = rest.map(|(_, unknown)| zero(unknown)).collect();
            if search.allows(&rows)? {
                return rows.iter().try_for_each(|row| search.assume(row));
            }
            if !next_subset(&mut nonzero, open.len()) {
                break;
            }
        }
    }
    Ok(())
}

/// The next of the sets of so many positions below `count`, in lexicographic order.
fn next_subset(positions: &mut [usize], count: usize) -> bool {
    let size = positions.len();
    let Some(last) = (0..size).rev().find(|&i| positions[i] + (size - i) < count) else { return false };
    let start = positions[last] + 1;
    for (position, value) in positions[last..].iter_mut().zip(start..) {
        *position = value;
    }
    true
}

fn greedily_zero(search: &mut Search<'_>, unknowns: &[Unknown]) -> Result<(), SolveError> {
    for unknown in unknowns.iter().rev() {
        let row = Row::zero(Form::unknown(*unknown));
        if search.allows(std::slice::from_ref(&row))? {
            search.assume(&row)?;
        }
    }
    Ok(())
}

fn smallest_absolute(search: &mut Search<'_>, unknowns: &[Unknown]) -> Result<(), SolveError> {
    let mut negated_sum = Form::zero();
    for unknown in unknowns {
        let size = Form::unknown(search.add_unknown());
        let value = Form::unknown(*unknown);
        search.assume(&Row::at_most_zero(&value - &size))?;
        search.assume(&Row::at_most_zero(&-&value - &size))?;
        negated_sum = &negated_sum - &size;
    }
    keep_largest(search, &negated_sum)
}

/// Gives an unknown its smallest absolute value, of two the negative one, for good. The answer is a solution with it.
fn fix(search: &mut Search<'_>, unknown: Unknown) -> Result<Option<Vec<Exponent>>, SolveError> {
    let form = Form::unknown(unknown);
    let mut nearest: Option<(Exponent, Vec<Exponent>)> = None;
    for signed in [form.clone(), -&form] {
        let side = [Row::at_most_zero(signed.clone())];
        let best = search.under(&side, |search| largest(search, &signed))?;
        if let Some((value, point)) = best
            && nearest.as_ref().is_none_or(|(held, _)| value > *held)
        {
            nearest = Some((value, point));
        }
    }
    let Some((_, point)) = nearest else { return Ok(None) };
    if let Some(value) = point.get(unknown.0 as usize) {
        search.assume(&Row::zero(form.plus(&-value)))?;
    }
    Ok(Some(point))
}
