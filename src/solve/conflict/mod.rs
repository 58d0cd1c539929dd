//! [`conflict`]: which requirements contradict each other.

mod among;
mod enumerate;
mod irreducible;
mod light;
mod reduced;
mod weight;

use std::collections::BTreeSet;

pub use among::Contradiction;
pub use enumerate::{Enumeration, Extent, Limits, corrections};

use among::{positions_among, refute, refute_among, shrink};
pub(super) use enumerate::{Corrections, Next};
use irreducible::irreducible;
use reduced::{REDUCED_PART, reduced};
use weight::{Weight, heaviest_first, lightest_first, weights};

use super::effort::{Effort, MOST_STEPS, SolveError};
use super::linear::{Decision, decide};
use crate::exact::{Program, Refutation, RequirementId, RowId};

/// A conflict of the program, nothing if it has a solution. It need not be the smallest there is.
///
/// It is one of requirements that are a single row, the easiest to explain, if those contradict each other: of few
/// rows, whose multipliers have a small sum. Else, the same is tried with all rows that are in no choice. Beside it,
/// `order` puts requirements that have to do with each other side by side, those left out follow: a conflict is looked
/// for among neighbours, from the first on, so that a contradiction of few requirements is found however large the
/// program is. Two ways to make it minimal are tried, and other conflicts are looked for with a share of the effort; the
/// one with the least to explain is returned.
///
/// # Errors
/// If the program is too hard, or a row has an unknown that is not declared.
pub fn conflict(program: &Program, order: &[RequirementId]) -> Result<Option<Contradiction>, SolveError> {
    conflict_with(program, order, &Effort::on(program, MOST_STEPS))
}

/// As [`conflict`], of a program that a refutation is known of: the same answer, sooner; and where a minimal one is too hard to
/// find, what the refutation speaks of, without what could be spared at little cost.
///
/// # Errors
/// If a row has an unknown that is not declared.
pub fn conflict_of(
    program: &Program,
    refutation: &Refutation,
    order: &[RequirementId],
) -> Result<Option<Contradiction>, SolveError> {
    match conflict_in(program, refutation, order, &Effort::on(program, MOST_STEPS / MINIMAL_PART)) {
        Err(SolveError::TooHard { .. }) => {
            let effort = Effort::on(program, MOST_STEPS / REDUCED_PART);
            reduced(program, refutation.clone(), &effort).map(Some)
        }
        other => other,
    }
}

/// What part of the effort of a question the search for a minimal conflict may take, one in so many, where one is known.
const MINIMAL_PART: u64 = 3;

pub(super) fn conflict_with(
    program: &Program,
    order: &[RequirementId],
    effort: &Effort,
) -> Result<Option<Contradiction>, SolveError> {
    match refute(program, effort)? {
        Some(refutation) => conflict_in(program, &refutation, order, effort),
        None => Ok(None),
    }
}

fn conflict_in(
    program: &Program,
    refutation: &Refutation,
    order: &[RequirementId],
    effort: &Effort,
) -> Result<Option<Contradiction>, SolveError> {
    let plain: BTreeSet<RequirementId> =
        weights(program).into_iter().filter(|(_, weight)| weight.is_plain()).map(|(id, _)| id).collect();
    let is_plain = |row: &RowId| match row {
        RowId::Row { clause, .. } | RowId::Choice { clause, .. } => program
            .clauses
            .get(*clause)
            .is_some_and(|clause| clause.requirement().is_none_or(|id| plain.contains(&id))),
        RowId::Assumed => false,
    };
    let rows = program.rows().filter(|(id, _)| is_plain(id));
    match refutation {
        Refutation::Farkas(sum) if sum.iter().all(|(row, _)| is_plain(row)) => {
            return Ok(Some(irreducible(program, rows, sum.clone(), effort)?));
        }
        Refutation::Farkas(_) | Refutation::Split { .. } => {}
    }
    // Those easy to explain are worth some effort, not all of it.
    let unknowns = program.unknowns.len();
    let easy = effort.portion(PLAIN_PART, || decide(unknowns, rows.clone(), |_| false, effort))?;
    if let Some(Some(Decision::Refuted(sum))) = easy {
        return Ok(Some(irreducible(program, rows, sum, effort)?));
    }
    let known = match refutation {
        Refutation::Farkas(sum) => Some(irreducible(program, program.rows(), sum.clone(), effort)?),
        Refutation::Split { .. } => None,
    };
    conflict_among(program, known, order, effort)
}

/// A conflict that requirements of several rows or with choices take part in, `known` if none has less to explain.
fn conflict_among(
    program: &Program,
    known: Option<Contradiction>,
    order: &[RequirementId],
    effort: &Effort,
) -> Result<Option<Contradiction>, SolveError> {
    let order = all_of(program, order);
    let weights = weights(program);
    let weight = |id: &RequirementId| weights.get(id).copied().unwrap_or_default();
    let hard = BTreeSet::new();
    let Some(window) = window(program, &order, effort)? else { return Ok(None) };
    let total = |conflict: &Contradiction| conflict.requirements.iter().map(weight).sum();
    let mut best: Option<(Weight, Contradiction)> = known.map(|known| (total(&known), known));
    for order in [heaviest_first(program, &window), window.iter().rev().copied().collect()] {
        let kept = shrink(program, window.iter().copied().collect(), &hard, &order, effort)?;
        let Some(refutation) = refute_among(program, &kept, effort)? else { continue };
        let refutation = refutation.moved(&positions_among(program, &kept));
        let found = Contradiction { requirements: kept.into_iter().collect(), refutation, is_minimal: true };
        let weight = total(&found);
        let lighter = |(held, conflict): &(Weight, Contradiction)| {
            (weight, &found.requirements) < (*held, &conflict.requirements)
        };
        if best.as_ref().is_none_or(lighter) {
            best = Some((weight, found));
        }
    }
    let Some((held, best)) = best else { return Ok(None) };
    let others = lightest_first(program, others(program, &order, effort)?);
    match others.first().filter(|other| other.iter().map(weight).sum::<Weight>() < held) {
        None => Ok(Some(best)),
        Some(lighter) => {
            let kept = lighter.iter().copied().collect();
            let refutation = refute_among(program, &kept, effort)?;
            let refutation = refutation.map(|refutation| refutation.moved(&positions_among(program, &kept)));
            Ok(refutation.map(|refutation| Contradiction {
                requirements: lighter.clone(),
                refutation,
                is_minimal: true,
            }))
        }
    }
}

/// What part of the effort the search for other conflicts may take, one in so many.
const OTHERS_PART: u64 = 200;

/// Conflicts that show while the smallest corrections are looked for.
fn others(
    program: &Program,
    order: &[RequirementId],
    effort: &Effort,
) -> Result<Vec<Vec<RequirementId>>, SolveError> {
    let mut search = Corrections::new(program, order, effort);
    effort.portion(OTHERS_PART, || {
        while let Next::Correction(_) = search.next(usize::MAX)? {}
        Ok(())
    })?;
    Ok(search.conflicts())
}

/// Neighbours in `order` that contradict each other, none of which can be spared at either end; nothing if none do.
fn window(
    program: &Program,
    order: &[RequirementId],
    effort: &Effort,
) -> Result<Option<Vec<RequirementId>>, SolveError> {
    let contradict = |requirements: &[RequirementId]| {
        Ok(refute_among(program, &requirements.iter().copied().collect(), effort)?.is_some())
    };
    let Some(end) = fewest(order.len(), |count| contradict(&order[..count]))? else { return Ok(None) };
    let before = &order[..end];
    let Some(count) = fewest(end, |count| contradict(&before[end - count..]))? else { return Ok(None) };
    Ok(Some(before[end - count..].to_vec()))
}

/// The requirements of the program, first those that `order` names.
fn all_of(program: &Program, order: &[RequirementId]) -> Vec<RequirementId> {
    let mut rest: BTreeSet<RequirementId> =
        program.clauses.iter().filter_map(|clause| clause.requirement()).collect();
    let mut all: Vec<RequirementId> = order.iter().copied().filter(|id| rest.remove(id)).collect();
    all.extend(rest);
    all
}

/// What part of the effort the search among single rows may take, one in so many.
const PLAIN_PART: u64 = 4;

/// The fewest requirements to begin with.
const FEW: usize = 8;

/// The least count of at most `all` with which something holds that holds with every larger count; nothing if it never
/// does. Small counts are cheap, so they are tried first.
fn fewest(
    all: usize,
    mut holds: impl FnMut(usize) -> Result<bool, SolveError>,
) -> Result<Option<usize>, SolveError> {
    let mut least = 0;
    let mut with = FEW.min(all);
    while !holds(with)? {
        if with == all {
            return Ok(None);
        }
        (least, with) = (with + 1, (2 * with).min(all));
    }
    while least < with {
        let middle = least.midpoint(with);
        if holds(middle)? { with = middle } else { least = middle + 1 }
    }
    Ok(Some(with))
}

/// Whether requirements of the program contradict each other. A contradiction of few neighbours is found first.
pub(super) fn is_contradictory(
    program: &Program,
    order: &[RequirementId],
    effort: &Effort,
) -> Result<bool, SolveError> {
    let order = all_of(program, order);
    let mut count = FEW.min(order.len());
    loop {
        if refute_among(program, &order[..count].iter().copied().collect(), effort)?.is_some() {
            return Ok(true);
        }
        if count == order.len() {
            return Ok(false);
        }
        count = (2 * count).min(order.len());
    }
}
