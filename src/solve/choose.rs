//! [`Preference`]: which solution to take where there are several.

use std::collections::BTreeMap;

use super::effort::SolveError;
use super::point::{Goal, Outcome, holds_at, value_at};
use super::search::Search;
use super::unique::hyperparameters;
use crate::exact::{Exponent, Form, Program, Row, Unknown};

/// Sets of unknowns tried to be zero before [`Stage::FewestNonZero`] settles for the greedy answer.
const MOST_SETS: usize = 500;

/// The part of the effort left that one question of a choice may cost: one in so many.
const PART: u64 = 16;

/// How to choose among solutions: by the first stage; among what that leaves, by the second; and so on. What freedom
/// remains is taken from the hyperparameters in order: each gets its smallest absolute value, of two the negative one.
/// So the choice depends on what the program says, not on how it is solved; except that a step which takes a large part
/// of [`MOST_STEPS`](super::MOST_STEPS) is left at the best solution found until then.
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
    /// Make the largest of these as large as possible: the first of them that can be. Left alone if one of them has no
    /// largest value.
    LargestOf(Vec<Form>),
    /// Let as few of these differ from zero as possible. Of several smallest sets, the first in the order of the list
    /// (by position, lexicographically); exact up to a fixed number of sets, beyond it greedily from the end of the list.
    FewestNonZero(Vec<Unknown>),
    /// Make the sum of the absolute values as small as possible.
    SmallestAbsolute(Vec<Unknown>),
    /// Make the sum of the distances from these values as small as possible.
    Nearest(Vec<(Unknown, Exponent)>),
}

/// The solution that a preference takes from a program, of which `point` is one.
///
/// # Errors
/// If no effort is left.
pub(super) fn choose(
    search: Search<'_>,
    program: &Program,
    preference: &Preference,
    point: Vec<Exponent>,
) -> Result<Vec<Exponent>, SolveError> {
    let mut choice = Choice { search, point, bounds: bounds(program) };
    for stage in &preference.stages {
        match stage {
            Stage::Largest(form) => choice.keep_largest(form)?,
            Stage::LargestOf(forms) => choice.keep_largest_of(forms)?,
            Stage::FewestNonZero(unknowns) => choice.keep_fewest_nonzero(unknowns)?,
            Stage::SmallestAbsolute(unknowns) => {
                let to_zero: Vec<_> = unknowns.iter().map(|unknown| (*unknown, Exponent::ZERO)).collect();
                choice.keep_nearest(&to_zero)?;
            }
            Stage::Nearest(wanted) => choice.keep_nearest(wanted)?,
        }
    }
    for unknown in hyperparameters(program) {
        choice.fix(unknown)?;
    }
    Ok(choice.point)
}

/// What is left to choose from: the solutions that the search still allows. The point is one of them.
struct Choice<'a> {
    search: Search<'a>,
    point: Vec<Exponent>,
    /// What rows of the program alone say of forms: each, its constant left out, is at most so large.
    bounds: BTreeMap<Form, Exponent>,
}

/// The bounds that single rows put on forms. What is asked to be at most zero is mostly as large as it can be already, and
/// needs no search then.
fn bounds(program: &Program) -> BTreeMap<Form, Exponent> {
    let mut bounds: BTreeMap<Form, Exponent> = BTreeMap::new();
    for (_, row) in program.rows() {
        let bound = -row.form.constant_part();
        let held = bounds.entry(row.form.plus(&bound)).or_insert_with(|| bound.clone());
        *held = bound.min(held.clone());
    }
    bounds
}

impl Choice<'_> {
    fn value(&self, unknown: Unknown) -> Result<&Exponent, SolveError> {
        self.point.get(unknown.0 as usize).ok_or(SolveError::Undeclared(unknown))
    }

    /// How large single rows let a form be.
    fn bound(&self, form: &Form) -> Option<Exponent> {
        let constant = form.constant_part();
        self.bounds.get(&form.plus(&-constant)).map(|bound| bound + constant)
    }

    /// The largest value of a form; the point given is moved to where it has that. Nothing if there is none.
    fn largest(&mut self, form: &Form, point: &mut Vec<Exponent>) -> Result<Option<Exponent>, SolveError> {
        let bound = self.bound(form);
        if bound.is_some() && value_at(form, point) == bound {
            return Ok(bound);
        }
        raise(&mut self.search, form, point)
    }

    fn keep_largest(&mut self, form: &Form) -> Result<(), SolveError> {
        let mut point = std::mem::take(&mut self.point);
        let largest = self.largest(form, &mut point);
        self.point = point;
        match largest? {
            Some(value) => self.search.assume(&Row::at_most_zero(-&form.plus(&-value))),
            None => Ok(()),
        }
    }

    fn keep_largest_of(&mut self, forms: &[Form]) -> Result<(), SolveError> {
        let mut best: Option<(Exponent, &Form, Vec<Exponent>)> = None;
        let bounds: Option<Vec<Exponent>> = forms.iter().map(|form| self.bound(form)).collect();
        let most = bounds.and_then(|bounds| bounds.into_iter().max());
        for form in forms {
            if best.as_ref().is_some_and(|(held, ..)| Some(held) == most.as_ref()) {
                break;
            }
            let mut point = self.point.clone();
            let Some(value) = self.largest(form, &mut point)? else { return Ok(()) };
            if best.as_ref().is_none_or(|(held, ..)| value > *held) {
                best = Some((value, form, point));
            }
        }
        let Some((value, form, point)) = best else { return Ok(()) };
        self.point = point;
        self.search.assume(&Row::at_most_zero(-&form.plus(&-value)))
    }

    fn keep_fewest_nonzero(&mut self, unknowns: &[Unknown]) -> Result<(), SolveError> {
        // Those that cannot be zero count in every set.
        let mut open = Vec::new();
        for unknown in unknowns {
            if self.value(*unknown)?.is_zero() || self.zeroed(&[*unknown])?.is_some() {
                open.push(*unknown);
            }
        }
        let mut tries = 0;
        for size in 0..=open.len() {
            let mut nonzero: Vec<usize> = (0..size).collect();
            loop {
                tries += 1;
                if tries > MOST_SETS {
                    return self.keep_greedily_zero(&open);
                }
                let rest = open.iter().enumerate().filter(|(position, _)| !nonzero.contains(position));
                let rest: Vec<Unknown> = rest.map(|(_, unknown)| *unknown).collect();
                if let Some(point) = self.zeroed(&rest)? {
                    self.point = point;
                    return rest.iter().try_for_each(|unknown| self.search.assume(&zero(*unknown)));
                }
                if !next_set(&mut nonzero, open.len()) {
                    break;
                }
            }
        }
        Ok(())
    }

    fn keep_greedily_zero(&mut self, unknowns: &[Unknown]) -> Result<(), SolveError> {
        for unknown in unknowns.iter().rev() {
            if let Some(point) = self.zeroed(&[*unknown])? {
                self.point = point;
                self.search.assume(&zero(*unknown))?;
            }
        }
        Ok(())
    }

    /// A solution where these are zero, if there is one.
    fn zeroed(&mut self, unknowns: &[Unknown]) -> Result<Option<Vec<Exponent>>, SolveError> {
        let rows: Vec<Row> = unknowns.iter().map(|unknown| zero(*unknown)).collect();
        if rows.iter().all(|row| holds_at(row, &self.point)) {
            return Ok(Some(self.point.clone()));
        }
        Ok(match self.search.under(&rows, |search| search.try_run(None, PART))? {
            Some(Outcome::Found(point)) => Some(point),
            Some(Outcome::Unbounded | Outcome::Refuted(_)) | None => None,
        })
    }

    fn keep_nearest(&mut self, wanted: &[(Unknown, Exponent)]) -> Result<(), SolveError> {
        let mut negated_sum = Form::zero();
        for (unknown, wanted) in wanted {
            let size = (self.value(*unknown)? - wanted).abs();
            self.point.push(size);
            let size = Form::unknown(self.search.add_unknown()?);
            let value = Form::unknown(*unknown).plus(&-wanted);
            self.search.assume(&Row::at_most_zero(&value - &size))?;
            self.search.assume(&Row::at_most_zero(&-&value - &size))?;
            negated_sum = &negated_sum - &size;
        }
        self.keep_largest(&negated_sum)
    }

    /// Gives an unknown its smallest absolute value, of two the negative one, for good.
    fn fix(&mut self, unknown: Unknown) -> Result<(), SolveError> {
        if !self.value(unknown)?.is_zero() {
            self.move_to_zero(unknown)?;
        }
        let value = -self.value(unknown)?;
        self.search.assume(&Row::zero(Form::unknown(unknown).plus(&value)))
    }

    /// Moves an unknown that is not zero as near to it as it goes, on its own side and on the other.
    fn move_to_zero(&mut self, unknown: Unknown) -> Result<(), SolveError> {
        let sign = if self.value(unknown)?.is_negative() { Exponent::ONE } else { Exponent::integer(-1) };
        let own = Form::unknown(unknown).scaled(&sign);
        let Self { search, point, .. } = self;
        search.under(&[Row::at_most_zero(own.clone())], |search| raise(search, &own, point))?;

        let nearest = self.value(unknown)?.clone();
        let other = -&own;
        let no_farther = -&other.plus(&nearest.abs());
        let rows = [Row::at_most_zero(other.clone()), Row::at_most_zero(no_farther)];
        let found = self.search.under(&rows, |search| search.try_run(None, PART))?;
        let Some(Outcome::Found(mut point)) = found else { return Ok(()) };
        self.search.under(&rows, |search| raise(search, &other, &mut point))?;
        if nearest.is_positive() || value_at(&other, &point).is_some_and(|value| value.abs() < nearest.abs())
        {
            self.point = point;
        }
        Ok(())
    }
}

/// Moves a solution to where a form is largest. The answer is that value; nothing if the form can be as large as one
/// likes, and the solution stays.
pub(super) fn raise(
    search: &mut Search<'_>,
    form: &Form,
    point: &mut Vec<Exponent>,
) -> Result<Option<Exponent>, SolveError> {
    let mut best = point.clone();
    loop {
        let value = value_at(form, &best).ok_or_else(|| undeclared(form, &best))?;
        match search.try_run(Some(Goal { form: form.clone(), beyond: value.clone() }), PART)? {
            Some(Outcome::Found(better)) => best = better,
            Some(Outcome::Unbounded) => return Ok(None),
            Some(Outcome::Refuted(_)) | None => {
                *point = best;
                return Ok(Some(value));
            }
        }
    }
}

fn zero(unknown: Unknown) -> Row {
    Row::zero(Form::unknown(unknown))
}

/// The next of the sets of so many positions below `count`, in lexicographic order.
fn next_set(positions: &mut [usize], count: usize) -> bool {
    let size = positions.len();
    let Some(last) = (0..size).rev().find(|&i| positions[i] + (size - i) < count) else { return false };
    let start = positions[last] + 1;
    for (position, value) in positions[last..].iter_mut().zip(start..) {
        *position = value;
    }
    true
}

fn undeclared(form: &Form, point: &[Exponent]) -> SolveError {
    let mut unknowns = form.coefficients().map(|(unknown, _)| unknown);
    SolveError::Undeclared(unknowns.find(|unknown| unknown.0 as usize >= point.len()).unwrap_or(Unknown(0)))
}
