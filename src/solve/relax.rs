//! [`relaxations`]: what to give up so that the rest becomes possible.

use super::choose::Preference;
use super::conflict::{Conflict, refute};
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

/// Every single change to a requirement of the conflict that makes the whole program possible: first the bounds, then
/// the removals, each in the order of the requirements. A requirement that is a bound already is only removed; one
/// whose bound suffices is listed as removed too. Empty if no single change suffices.
///
/// # Errors
/// If the program is too hard, or a row has an unknown that is not declared.
pub fn relaxations(
    program: &Program,
    conflict: &Conflict,
    preference: &Preference,
) -> Result<Vec<Relaxation>, SolveError> {
    let effort = Effort::of(MOST_STEPS);
    let mut found = Vec::new();
    for change in [Change::Bounded, Change::Dropped] {
        for requirement in conflict.requirements.iter().copied() {
            let changed = program.changed(requirement, change);
            if changed == *program || refute(&changed, &effort)?.is_some() {
                continue;
            }
            let claim = solve_with(&changed, preference, &effort)?;
            found.push(Relaxation { requirement, change, claim });
        }
    }
    Ok(found)
}
