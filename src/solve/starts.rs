//! [`starting_smaller`]: which parameters cannot all start smaller together.

use super::conflict::{Limits, corrections};
use super::effort::{MOST_STEPS, SolveError};
use crate::exact::{Clause, Exponent, Form, Origin, Program, RequirementId, Row, Unknown};

/// What part of the effort of a question this may take, one in so many: it is told beside an answer.
const PART: u64 = 20;

/// Most of these parameters: a dozen are a line that nobody reads.
const MOST: usize = 40;

/// By how much they start smaller: any small number tells the same, as long as no other exponent lies between.
const STEP: (i64, i64) = (1, 1000);

/// The smallest sets of the given initial sizes of which at least one must be as it is at a solution, while the others are
/// smaller; nothing if that is too hard to tell.
///
/// # Errors
/// If a row has an unknown that is not declared.
pub fn starting_smaller(
    program: &Program,
    point: &[Exponent],
    starts: &[Unknown],
) -> Result<Option<Vec<Vec<Unknown>>>, SolveError> {
    if starts.len() > MOST {
        return Ok(None);
    }
    let mut smaller = program.clone();
    let first =
        program.clauses.iter().filter_map(Clause::requirement).map(|id| id.0 + 1).max().unwrap_or_default();
    let soft: Vec<RequirementId> = (first..).map(RequirementId).take(starts.len()).collect();
    for (id, start) in soft.iter().zip(starts) {
        let value = point.get(start.0 as usize).cloned().unwrap_or_default();
        let row = Row::at_most_zero(Form::unknown(*start).plus(&(&Exponent::ratio(STEP.0, STEP.1) - &value)));
        let origin = Origin::Requirement(*id);
        smaller.clauses.push(Clause { origin, rows: vec![row], choice: Vec::new() });
    }
    let limits = Limits { effort: MOST_STEPS / PART, ..Limits::default() };
    let found = match corrections(&smaller, &soft, &limits) {
        Err(SolveError::TooHard { .. }) => return Ok(None),
        found => found?,
    };
    if !matches!(found.extent, super::Extent::Everything) {
        return Ok(None);
    }
    let start = |id: &RequirementId| starts.get(id.0 - first).copied();
    let sets = found.conflicts.iter().map(|conflict| conflict.iter().filter_map(start).collect());
    Ok(Some(sets.collect()))
}
