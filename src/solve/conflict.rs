//! [`conflict`]: which requirements contradict each other.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::iter::Sum;

use super::effort::{Effort, MOST_STEPS, SolveError};
use super::enumerate::{Corrections, Next};
use super::irreducible::irreducible;
use super::linear::{Decision, decide};
use super::reduced::{REDUCED_PART, reduced};
use super::search::{Outcome, Search};
use crate::exact::{Clause, Program, Refutation, RequirementId, RowId};

/// Requirements that contradict each other. If it is minimal none of them can be spared: without any one of them the others
/// (with the definitions, which always stay) have a solution.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// The requirements, in order.
    pub requirements: Vec<RequirementId>,
    /// The proof, for the program [restricted](Program::restricted) to these requirements.
    pub refutation: Refutation,
    /// Whether none can be spared, as far as it was told: that one can be may be too hard to tell.
    pub is_minimal: bool,
}

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
pub fn conflict(program: &Program, order: &[RequirementId]) -> Result<Option<Conflict>, SolveError> {
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
) -> Result<Option<Conflict>, SolveError> {
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
) -> Result<Option<Conflict>, SolveError> {
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
) -> Result<Option<Conflict>, SolveError> {
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
    known: Option<Conflict>,
    order: &[RequirementId],
    effort: &Effort,
) -> Result<Option<Conflict>, SolveError> {
    let order = all_of(program, order);
    let weights = weights(program);
    let weight = |id: &RequirementId| weights.get(id).copied().unwrap_or_default();
    let hard = BTreeSet::new();
    let Some(window) = window(program, &order, effort)? else { return Ok(None) };
    let total = |conflict: &Conflict| conflict.requirements.iter().map(weight).sum();
    let mut best: Option<(Weight, Conflict)> = known.map(|known| (total(&known), known));
    for order in [heaviest_first(program, &window), window.iter().rev().copied().collect()] {
        let kept = shrink(program, window.iter().copied().collect(), &hard, &order, effort)?;
        let Some(refutation) = refute_among(program, &kept, effort)? else { continue };
        let refutation = refutation.moved(&positions_among(program, &kept));
        let found = Conflict { requirements: kept.into_iter().collect(), refutation, is_minimal: true };
        let weight = total(&found);
        let lighter = |(held, conflict): &(Weight, Conflict)| {
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
            Ok(refutation.map(|refutation| Conflict {
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

/// How much there is to explain about a requirement.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Weight {
    /// Alternatives: those of a choice, or rows that hold together.
    alternatives: usize,
    /// Summands of its rows.
    summands: usize,
}

impl Weight {
    /// Whether it is a single row.
    fn is_plain(self) -> bool {
        self.alternatives <= 1
    }
}

impl Sum for Weight {
    fn sum<I: Iterator<Item = Self>>(weights: I) -> Self {
        weights.fold(Self::default(), |total, weight| Self {
            alternatives: total.alternatives + weight.alternatives,
            summands: total.summands + weight.summands,
        })
    }
}

/// Requirements in the order in which they are best spared: those with the most to explain first.
pub(super) fn heaviest_first(program: &Program, requirements: &[RequirementId]) -> Vec<RequirementId> {
    let weights = weights(program);
    let mut sorted = requirements.to_vec();
    sorted.sort_by_key(|id| Reverse(weights.get(id).copied().unwrap_or_default()));
    sorted
}

/// Conflicts in the order of how much there is to explain of their requirements.
pub(super) fn lightest_first(
    program: &Program,
    conflicts: Vec<Vec<RequirementId>>,
) -> Vec<Vec<RequirementId>> {
    let weights = weights(program);
    let weight = |id: &RequirementId| weights.get(id).copied().unwrap_or_default();
    let mut sorted = conflicts;
    sorted.sort_by_cached_key(|conflict| (conflict.iter().map(weight).sum::<Weight>(), conflict.clone()));
    sorted
}

fn weights(program: &Program) -> BTreeMap<RequirementId, Weight> {
    let mut weights: BTreeMap<RequirementId, Weight> = BTreeMap::new();
    for clause in &program.clauses {
        let Some(requirement) = clause.requirement() else { continue };
        let weight = weights.entry(requirement).or_default();
        weight.alternatives += clause.rows.len().max(clause.choice.len());
        let rows = clause.rows.iter().chain(&clause.choice);
        weight.summands += rows.map(|row| row.form.len()).sum::<usize>();
    }
    weights
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

/// The position of each clause in the program restricted to some requirements; out of reach for those left out.
pub(super) fn positions_among(program: &Program, kept: &BTreeSet<RequirementId>) -> Vec<usize> {
    let mut next = 0..;
    let is_kept = |clause: &Clause| clause.requirement().is_none_or(|id| kept.contains(&id));
    let clauses = program.clauses.iter();
    clauses.map(|clause| if is_kept(clause) { next.next() } else { None }.unwrap_or(usize::MAX)).collect()
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

/// The proof, in the clauses of `program`, that these requirements contradict each other, if that is so.
pub(super) fn refute_among(
    program: &Program,
    kept: &BTreeSet<RequirementId>,
    effort: &Effort,
) -> Result<Option<Refutation>, SolveError> {
    let (excerpt, positions) = program.excerpt(|requirement| kept.contains(&requirement));
    Ok(refute(&excerpt, effort)?.map(|refutation| refutation.moved(&positions)))
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

/// The proof that a program has no solution, if that is so.
pub(super) fn refute(program: &Program, effort: &Effort) -> Result<Option<Refutation>, SolveError> {
    Ok(match Search::new(program, effort)?.run(None)? {
        Outcome::Refuted(refutation) => Some(refutation),
        Outcome::Found(_) | Outcome::Unbounded => None,
    })
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
