//! [`fn@derive`]: the phases in order, from a question to a certified answer.

use super::alone::Alone;
use super::answer::{Answer, Obstacle, Verdict};
use super::breaks::{Joined, joined};
use super::error::DeriveError;
use super::nearest::nearest;
use super::prefer::Priority;
use super::relax::Search;
use super::together;
use crate::exact::Certified;
use crate::graph::ParameterId;
use crate::propagate::{Question, Table};

impl Question {
    /// The answer: see [`fn@derive`].
    ///
    /// # Errors
    /// As [`fn@derive`].
    pub fn derive(&self) -> Result<Answer, DeriveError> {
        derive(self)
    }
}

/// Derives the scaling table, or the conflict that forbids it. Of several tables it takes the one with the
/// largest forward magnitudes, then the largest updates, then the fewest multipliers, then the smallest
/// absolute exponents (theory, section 7).
///
/// # Errors
/// If the question [cannot be asked](Question::posed), or is too hard to answer.
pub fn derive(question: &Question) -> Result<Answer, DeriveError> {
    derive_within(question, Search::default())
}

/// The same, looking so far for ways out if the scaling is impossible.
///
/// # Errors
/// As [`derive`](fn@derive).
pub fn derive_within(question: &Question, search: Search) -> Result<Answer, DeriveError> {
    derive_by(question, search, Priority::default())
}

/// The same, taking of several tables in a scale variable the one that a priority says.
///
/// # Errors
/// As [`derive`](fn@derive).
pub fn derive_by(question: &Question, search: Search, priority: Priority) -> Result<Answer, DeriveError> {
    let mut answer = answered(question, search, priority)?;
    if search != Search::Conflict {
        answer.nearest = nearest(&answer, priority)?.map(Box::new);
    }
    // What is given was read where something is large, and is not known where nothing is.
    if !question.scaling.large.is_empty() && question.given.is_none() {
        let fixed = Question { scaling: question.scaling.grown(), ..question.clone() };
        answer.fixed = Some(Box::new(derive_by(&fixed, Search::Conflict, priority)?));
    }
    Ok(answer)
}

fn answered(question: &Question, search: Search, priority: Priority) -> Result<Answer, DeriveError> {
    let variables = question.scaling.variables.len();
    let posed = question.posed()?;
    if variables < 2 {
        let alone = vec![Alone::of(posed, search, priority)?];
        let verdict = match impossible(&alone) {
            Some(obstacle) => Verdict::Infeasible(obstacle),
            None => {
                let table = alone.first().and_then(Alone::table).ok_or(DeriveError::Inconsistent)?;
                Verdict::Feasible { table, refutations: Vec::new() }
            }
        };
        return Ok(Answer {
            question: question.clone(),
            alone,
            open: None,
            verdict,
            nearest: None,
            fixed: None,
        });
    }
    let alone = (0..variables).map(|variable| Alone::of(question.only(variable).posed()?, search, priority));
    let alone: Vec<Alone> = alone.collect::<Result<_, _>>()?;
    let verdict = match impossible(&alone) {
        Some(obstacle) => Verdict::Infeasible(obstacle),
        None => {
            let certified: Vec<&Certified> = alone.iter().filter_map(Alone::solution).collect();
            let unique = certified.iter().all(|held| held.is_unique());
            let smaller = alone.iter().zip(&certified);
            let smaller = smaller.flat_map(|(alone, held)| alone.posed.propagation.smaller_starts(held));
            let smaller: Vec<ParameterId> = smaller.collect();
            let no_other = unique && smaller.is_empty();
            let hyperparameters: Vec<_> = alone.iter().filter_map(Alone::hyperparameters).collect();
            let table = Table::new(&posed.propagation, &question.scaling.variables, &hyperparameters, unique)
                .starting_smaller(if unique { smaller } else { Vec::new() });
            match joined(&posed, &hyperparameters)? {
                Joined::Holds(refutations) => Verdict::Feasible { table, refutations },
                Joined::Breaks(breaks) if no_other => {
                    Verdict::Infeasible(Obstacle::Breaks { table, breaks, no_other: true })
                }
                Joined::Breaks(breaks) => together::search(&posed, table, breaks)?,
            }
        }
    };
    Ok(Answer { question: question.clone(), alone, open: Some(posed), verdict, nearest: None, fixed: None })
}

/// The scale variables in which there is no table even with the others fixed, if there are any.
fn impossible(alone: &[Alone]) -> Option<Obstacle> {
    let positions = (0..alone.len()).filter(|position| alone[*position].impossible().is_some());
    let positions: Vec<usize> = positions.collect();
    (!positions.is_empty()).then_some(Obstacle::Alone(positions))
}
