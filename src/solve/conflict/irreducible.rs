//! [`irreducible`]: a contradiction from which nothing can be left out, found near a sum of rows that is one.

use std::collections::{BTreeMap, BTreeSet};

use super::among::{Contradiction, positions_among, refute, requirements};
use super::light::{lighter, moved};
use super::weight::heaviest_first;
use crate::exact::{Clause, Origin, Program, Refutation, RequirementId, Row, RowId, Unknown};
use crate::solve::bound::Combination;
use crate::solve::effort::{Effort, SolveError};

/// A conflict among requirements some of whose rows, without any choice, contradict each other: few of them, near
/// those of `sum`, which does. It takes time in the size of the sum rather than of the program.
///
/// # Errors
/// If it is too hard to shrink.
pub(super) fn irreducible<'p>(
    program: &'p Program,
    rows: impl Iterator<Item = (RowId, &'p Row)> + Clone,
    sum: Combination,
    effort: &Effort,
) -> Result<Contradiction, SolveError> {
    let alternatives = |id: &RowId| match id {
        RowId::Row { clause, .. } | RowId::Choice { clause, .. } => {
            let clause = program.clauses.get(*clause);
            clause.map_or(1, |clause| clause.rows.len().max(clause.choice.len()))
        }
        RowId::Assumed => 1,
    };
    // A shorter one is worth some effort, not all of it.
    let lighter = effort.portion(LIGHTER_PART, || lighter(rows, sum.clone(), alternatives, effort))?;
    let mut refutation = Refutation::Farkas(lighter.unwrap_or(sum));
    let mut kept = requirements(program, &refutation);
    let (excerpt, positions) = program.excerpt(|id| kept.contains(&id));
    let excerpt = renumbered(&excerpt);
    let order: Vec<RequirementId> = kept.iter().copied().collect();
    for candidate in heaviest_first(&excerpt, &order) {
        if !kept.contains(&candidate) {
            continue;
        }
        let (fewer, places) = excerpt.excerpt(|id| id != candidate && kept.contains(&id));
        if let Some(found) = refute(&fewer, effort)? {
            kept = requirements(&fewer, &found);
            refutation = found.moved(&places).moved(&positions);
        }
    }
    let refutation = refutation.moved(&positions_among(program, &kept));
    Ok(Contradiction { requirements: kept.into_iter().collect(), refutation, is_minimal: true })
}

/// What part of the effort the search for fewer rows may take, one in so many.
const LIGHTER_PART: u64 = 4;

/// The program with only the unknowns it speaks of. Its refutations are the same: they name rows.
fn renumbered(program: &Program) -> Program {
    let rows = program.clauses.iter().flat_map(|clause| clause.rows.iter().chain(&clause.choice));
    let spoken: BTreeSet<Unknown> =
        rows.flat_map(|row| row.form.coefficients().map(|(unknown, _)| unknown)).collect();
    let numbers: BTreeMap<Unknown, Unknown> = spoken.iter().copied().zip((0..).map(Unknown)).collect();
    let moved = |row: &Row| moved(row, &numbers);
    let origin = |clause: &Clause| match clause.origin {
        Origin::Definition(unknown) => Origin::Definition(numbers.get(&unknown).copied().unwrap_or(unknown)),
        requirement @ Origin::Requirement(_) => requirement,
    };
    Program {
        unknowns: spoken
            .iter()
            .filter_map(|unknown| program.unknowns.get(unknown.0 as usize).cloned())
            .collect(),
        clauses: program
            .clauses
            .iter()
            .map(|clause| Clause {
                origin: origin(clause),
                rows: clause.rows.iter().map(moved).collect(),
                choice: clause.choice.iter().map(moved).collect(),
            })
            .collect(),
    }
}
