//! [`relaxations`]: what to give up so that the rest becomes possible.

use super::choose::Preference;
use super::conflict::{Conflict, is_contradictory};
use super::effort::{Effort, MOST_STEPS, SolveError};
use super::solve_with;
use crate::desiderata::{Change, Claim, Program, RequirementId};

/// One change to one requirement after which the whole program has a solution.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Relaxation {
    /// The requirement.
    pub requirement: RequirementId,
    /// What becomes of it.
    pub change: Change,
    /// The solution, of the program [changed](Program::changed) so.
    pub claim: Claim,
}

/// What changing single requirements does.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Relaxations {
    /// The changes that make the program possible.
    pub found: Vec<Relaxation>,
    /// Those of which it could not be told: they were too hard.
    pub undecided: Vec<(RequirementId, Change)>,
}

/// Every single change to a requirement of the conflict that makes the whole program possible: first the bounds, then
/// the removals, each in the order of the requirements. A requirement that is a bound already is only removed; one
/// whose bound suffices is listed as removed too. Empty if no single change suffices. `order` is that of
/// [`conflict`](super::conflict).
///
/// # Errors
/// If a row has an unknown that is not declared.
pub fn relaxations(
    program: &Program,
    conflict: &Conflict,
    order: &[RequirementId],
    preference: &Preference,
) -> Result<Relaxations, SolveError> {
    let mut relaxations = Relaxations::default();
    for change in [Change::Bounded, Change::Dropped] {
        for requirement in conflict.requirements.iter().copied() {
            let changed = program.changed(requirement, change);
            if changed == *program {
                continue;
            }
            match possible(&changed, order, preference) {
                Ok(None) => {}
                Ok(Some(claim)) => relaxations.found.push(Relaxation { requirement, change, claim }),
                Err(SolveError::TooHard { .. }) => relaxations.undecided.push((requirement, change)),
                Err(undeclared @ SolveError::Undeclared(_)) => return Err(undeclared),
            }
        }
    }
    Ok(relaxations)
}

/// The preferred solution of a program, if it has one.
fn possible(
    program: &Program,
    order: &[RequirementId],
    preference: &Preference,
) -> Result<Option<Claim>, SolveError> {
    let effort = Effort::of(MOST_STEPS / 4);
    if is_contradictory(program, order, &effort)? {
        return Ok(None);
    }
    solve_with(program, preference, &effort).map(Some)
}
