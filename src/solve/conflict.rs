//! [`conflict`]: which requirements contradict each other.

use std::collections::BTreeSet;

use super::effort::{Effort, MOST_STEPS, SolveError};
use super::search::{Outcome, Search};
use crate::desiderata::{Program, Refutation, RequirementId, RowId};

/// Requirements that contradict each other, none of which can be spared: without any one of them the others (with
/// the definitions, which always stay) have a solution.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// The requirements, in order.
    pub requirements: Vec<RequirementId>,
    /// The proof, for the program [restricted](Program::restricted) to these requirements.
    pub refutation: Refutation,
}

/// A conflict of the program, nothing if it has a solution. There may be several; a few are tried and the smallest is
/// returned, of equally small ones the first in the order of their requirements. It need not be the smallest there is.
///
/// # Errors
/// If the program is too hard, or a row has an unknown that is not declared.
pub fn conflict(program: &Program) -> Result<Option<Conflict>, SolveError> {
    conflict_with(program, &Effort::of(MOST_STEPS))
}

pub(super) fn conflict_with(program: &Program, effort: &Effort) -> Result<Option<Conflict>, SolveError> {
    let Some(refutation) = refute(program, effort)? else { return Ok(None) };
    let used = requirements(program, &refutation);
    let all: BTreeSet<RequirementId> =
        program.clauses.iter().filter_map(|clause| clause.requirement()).collect();

    let ascending: Vec<_> = used.iter().copied().collect();
    let descending: Vec<_> = used.iter().rev().copied().collect();
    let others_first: Vec<_> = used.iter().chain(all.difference(&used)).copied().collect();
    let mut best: Option<Conflict> = None;
    for (start, order) in [(&used, ascending), (&used, descending), (&all, others_first)] {
        let kept = shrink(program, start.clone(), &order, effort)?;
        let Some(refutation) = refute(&restricted(program, &kept), effort)? else { continue };
        let found = Conflict { requirements: kept.into_iter().collect(), refutation };
        let smaller = |held: &Conflict| {
            (found.requirements.len(), &found.requirements) < (held.requirements.len(), &held.requirements)
        };
        if best.as_ref().is_none_or(smaller) {
            best = Some(found);
        }
    }
    Ok(best)
}

/// Leaves out one requirement after the other, as long as the rest still contradict each other.
fn shrink(
    program: &Program,
    mut kept: BTreeSet<RequirementId>,
    order: &[RequirementId],
    effort: &Effort,
) -> Result<BTreeSet<RequirementId>, SolveError> {
    for candidate in order {
        if !kept.contains(candidate) {
            continue;
        }
        let mut fewer = kept.clone();
        fewer.remove(candidate);
        let fewer = restricted(program, &fewer);
        if let Some(refutation) = refute(&fewer, effort)? {
            kept = requirements(&fewer, &refutation);
        }
    }
    Ok(kept)
}

fn restricted(program: &Program, kept: &BTreeSet<RequirementId>) -> Program {
    program.restricted(|requirement| kept.contains(&requirement))
}

/// The proof that a program has no solution, if that is so.
pub(super) fn refute(program: &Program, effort: &Effort) -> Result<Option<Refutation>, SolveError> {
    Ok(match Search::new(program, effort)?.run(None)? {
        Outcome::Refuted(refutation) => Some(refutation),
        Outcome::Found(_) | Outcome::Unbounded => None,
    })
}

/// The requirements that a refutation of the program uses.
fn requirements(program: &Program, refutation: &Refutation) -> BTreeSet<RequirementId> {
    let mut clauses = BTreeSet::new();
    collect_clauses(refutation, &mut clauses);
    let used = clauses.into_iter().filter_map(|clause| program.clauses.get(clause));
    used.filter_map(|clause| clause.requirement()).collect()
}

fn collect_clauses(refutation: &Refutation, clauses: &mut BTreeSet<usize>) {
    match refutation {
        Refutation::Farkas(combination) => {
            clauses.extend(combination.iter().filter_map(|(row, _)| match row {
                RowId::Row { clause, .. } | RowId::Choice { clause, .. } => Some(*clause),
                RowId::Assumed => None,
            }))
        }
        Refutation::Split { clause, branches } => {
            clauses.insert(*clause);
            for branch in branches {
                collect_clauses(branch, clauses);
            }
        }
    }
}
