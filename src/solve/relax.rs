//! [`relaxations`]: what to give up so that the rest becomes possible.

use std::collections::BTreeSet;

use super::conflict::{Corrections, Extent, Next, is_contradictory};
use super::effort::{Effort, SolveError};
use crate::exact::{Change, Program, RequirementId};

/// How many requirements may be changed together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// As few as suffice, but at most so many.
    Fewest(usize),
    /// At most so many.
    UpTo(usize),
}

/// Requirements, each with what becomes of it.
pub type Changes = Vec<(RequirementId, Change)>;

/// What changing requirements does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Relaxed {
    /// Changes that make the program possible: those of fewer requirements first, then those that drop fewer.
    pub found: Vec<Changes>,
    /// Below how many changed requirements nothing is missing.
    pub extent: Extent,
    /// Changes of which it could not be told: they were too hard.
    pub undecided: Vec<Changes>,
}

/// Most sets of requirements whose changes are listed.
const MOST_SETS: usize = 100;

/// The part of what is left that one question may cost.
const ONE_IN: u64 = 8;

/// The smallest changes to some requirements that make the whole program possible: no requirement of a set can stay, and
/// none is dropped where a bound suffices. `order` is that of [`conflict`](super::conflict()).
///
/// # Errors
/// If a row has an unknown that is not declared.
pub fn relaxations(
    program: &Program,
    soft: &[RequirementId],
    order: &[RequirementId],
    depth: Depth,
    effort: &Effort,
) -> Result<Relaxed, SolveError> {
    let mut search = Corrections::new(program, soft, effort);
    let (mut found, mut undecided) = (Vec::new(), Vec::new());
    let mut sets = 0;
    let (Depth::Fewest(mut most) | Depth::UpTo(mut most)) = depth;
    let extent = loop {
        match search.next(most) {
            Ok(Next::Correction(set)) if sets == MOST_SETS => break Extent::Below(set.len()),
            Ok(Next::Correction(set)) => {
                if let Depth::Fewest(_) = depth {
                    most = set.len();
                }
                sets += 1;
                for changes in softened(program, &set, order, effort, &mut undecided)? {
                    found.push(changes);
                }
            }
            Ok(Next::Larger) => break Extent::Below(most.saturating_add(1)),
            Ok(Next::None) => break search.ended(),
            Err(error) => break search.given_up(error)?,
        }
    };
    let drops = |changes: &Changes| changes.iter().filter(|(_, change)| *change == Change::Dropped).count();
    found.sort_by_key(|changes| (changes.len(), drops(changes)));
    Ok(Relaxed { found, extent, undecided })
}

/// The ways to make bounds of a correction, with as little dropped as possible.
fn softened(
    program: &Program,
    set: &[RequirementId],
    order: &[RequirementId],
    effort: &Effort,
    undecided: &mut Vec<Changes>,
) -> Result<Vec<Changes>, SolveError> {
    let mut dropped: Vec<BTreeSet<RequirementId>> = Vec::new();
    for drop in subsets(set) {
        if dropped.iter().any(|fewer| fewer.is_subset(&drop)) {
            continue;
        }
        let changed = changed(program, &changes(set, &drop));
        match is_possible(&changed, order, effort)? {
            Some(true) => dropped.push(drop),
            Some(false) => {}
            None => undecided.push(changes(set, &drop)),
        }
    }
    Ok(dropped.iter().map(|drop| changes(set, drop)).collect())
}

/// Those of `drop` dropped, the others bounded.
fn changes(set: &[RequirementId], drop: &BTreeSet<RequirementId>) -> Changes {
    let change = |id: &RequirementId| if drop.contains(id) { Change::Dropped } else { Change::Bounded };
    set.iter().map(|id| (*id, change(id))).collect()
}

/// All subsets, the smaller ones first. Of more requirements than one would change, only none and all.
fn subsets(set: &[RequirementId]) -> Vec<BTreeSet<RequirementId>> {
    const MOST: usize = 6;
    if set.len() > MOST {
        return vec![BTreeSet::new(), set.iter().copied().collect()];
    }
    let chosen = |bits: usize| (0..).zip(set).filter(move |(index, _)| bits >> index & 1 == 1);
    let mut subsets: Vec<BTreeSet<RequirementId>> =
        (0..1_usize << set.len()).map(|bits| chosen(bits).map(|(_, id)| *id).collect()).collect();
    subsets.sort_by_key(BTreeSet::len);
    subsets
}

/// The program with some requirements changed.
#[must_use]
pub fn changed(program: &Program, changes: &[(RequirementId, Change)]) -> Program {
    changes.iter().fold(program.clone(), |program, (id, change)| program.changed(*id, *change))
}

/// Whether a program has a solution; nothing if that costs more than a part of the effort that is left. `order` is that of
/// [`conflict`](super::conflict()).
///
/// # Errors
/// If a row has an unknown that is not declared.
pub fn is_possible(
    program: &Program,
    order: &[RequirementId],
    effort: &Effort,
) -> Result<Option<bool>, SolveError> {
    let contradictory = effort.portion(ONE_IN, || is_contradictory(program, order, effort))?;
    Ok(contradictory.map(|contradictory| !contradictory))
}
