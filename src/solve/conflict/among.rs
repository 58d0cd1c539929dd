//! [`Contradiction`]: requirements that contradict each other, and the proof that some do.

use std::collections::BTreeSet;

use crate::exact::{Clause, Program, Refutation, RequirementId, RowId};
use crate::solve::effort::{Effort, SolveError};
use crate::solve::point::Outcome;
use crate::solve::search::Search;

/// Requirements that contradict each other. If it is minimal none of them can be spared: without any one of them the others
/// (with the definitions, which always stay) have a solution.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contradiction {
    /// The requirements, in order.
    pub requirements: Vec<RequirementId>,
    /// The proof, for the program [restricted](Program::restricted) to these requirements.
    pub refutation: Refutation,
    /// Whether none can be spared, as far as it was told: that one can be may be too hard to tell.
    pub is_minimal: bool,
}

/// The proof that a program has no solution, if that is so.
pub(super) fn refute(program: &Program, effort: &Effort) -> Result<Option<Refutation>, SolveError> {
    Ok(match Search::new(program, effort)?.run(None)? {
        Outcome::Refuted(refutation) => Some(refutation),
        Outcome::Found(_) | Outcome::Unbounded => None,
    })
}

/// The proof, in the clauses of `program`, that these requirements contradict each other, if that is so.
pub(super) fn refute_among(
    program: &Program,
    kept: &BTreeSet<RequirementId>,
    effort: &Effort,
) -> Result<Option<Refutation>, SolveError> {
    let (excerpt, positions) = program.excerpt(|requirement| kept.contains(&requirement));
    Ok(refute(&excerpt, effort)?.map(|refutation| refutation.moved(&positions)))
}

/// The requirements that a refutation of the program uses.
pub(super) fn requirements(program: &Program, refutation: &Refutation) -> BTreeSet<RequirementId> {
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

/// The position of each clause in the program restricted to some requirements; out of reach for those left out.
pub(super) fn positions_among(program: &Program, kept: &BTreeSet<RequirementId>) -> Vec<usize> {
    let mut next = 0..;
    let is_kept = |clause: &Clause| clause.requirement().is_none_or(|id| kept.contains(&id));
    let clauses = program.clauses.iter();
    clauses.map(|clause| if is_kept(clause) { next.next() } else { None }.unwrap_or(usize::MAX)).collect()
}

/// Leaves out one requirement after the other, as long as the rest still contradict each other and those of `hard`, which
/// stay.
pub(super) fn shrink(
    program: &Program,
    mut kept: BTreeSet<RequirementId>,
    hard: &BTreeSet<RequirementId>,
    order: &[RequirementId],
    effort: &Effort,
) -> Result<BTreeSet<RequirementId>, SolveError> {
    for candidate in order {
        if !kept.contains(candidate) {
            continue;
        }
        let mut fewer = kept.clone();
        fewer.remove(candidate);
        fewer.extend(hard);
        if let Some(refutation) = refute_among(program, &fewer, effort)? {
            kept = requirements(program, &refutation).difference(hard).copied().collect();
        }
    }
    Ok(kept)
}
