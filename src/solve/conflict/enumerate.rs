//! [`corrections`]: every smallest way out of a contradiction, and every contradiction.
//!
//! Requirements that contradict each other (a *conflict*) cannot all stay; a set of requirements whose removal makes the
//! rest possible (a *correction*) takes at least one of each conflict. Known conflicts therefore propose the smallest set
//! that meets all of them: either it is a correction, or what it leaves holds a conflict that was not known. When nothing
//! is left to propose, all minimal corrections are known, and, since conflicts are the smallest sets that meet
//! every correction, so are all minimal conflicts.

use std::collections::{BTreeMap, BTreeSet};

use super::among::{refute_among, requirements, shrink};
use super::weight::{heaviest_first, lightest_first};
use crate::exact::{Program, RequirementId};
use crate::solve::effort::{Effort, MOST_STEPS, SolveError};

/// How far to look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Requirements of the largest correction that is looked for.
    pub size: usize,
    /// Most corrections.
    pub count: usize,
    /// Most steps of work.
    pub effort: u64,
}

impl Default for Limits {
    /// Everything that can be found within [`MOST_STEPS`].
    fn default() -> Self {
        Self { size: usize::MAX, count: usize::MAX, effort: MOST_STEPS }
    }
}

/// Minimal corrections and conflicts of a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Enumeration {
    /// Sets of requirements without which the program has a solution, none of which can stay: the smallest first. The empty
    /// set alone if nothing has to go.
    pub corrections: Vec<Vec<RequirementId>>,
    /// Sets of requirements that contradict each other (and what always stays), none of which can be spared: first those
    /// with the least to explain.
    pub conflicts: Vec<Vec<RequirementId>>,
    /// What is known of those that are not listed.
    pub extent: Extent,
}

/// How complete an enumeration is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// Every minimal correction and every minimal conflict is listed.
    Everything,
    /// Every minimal correction of fewer requirements than this is listed.
    Below(usize),
    /// What always stays contradicts itself: there is no correction.
    Never,
}

/// The minimal corrections of a program among some requirements, the smallest first; the definitions and all other
/// requirements always stay. Those of one size come in an order that depends on `soft` alone. What is too much work ends
/// the enumeration: its extent says so.
///
/// # Errors
/// If a row has an unknown that is not declared.
pub fn corrections(
    program: &Program,
    soft: &[RequirementId],
    limits: &Limits,
) -> Result<Enumeration, SolveError> {
    let effort = Effort::on(program, limits.effort);
    let mut search = Corrections::new(program, soft, &effort);
    let mut listed = Vec::new();
    let extent = loop {
        if listed.len() == limits.count {
            // The next one is not taken, but its size tells how far the list is complete.
            break match search.propose(limits.size) {
                Ok(Proposal::Set(next)) => Extent::Below(next.len()),
                Ok(Proposal::Larger) => Extent::Below(limits.size.saturating_add(1)),
                Ok(Proposal::None) => search.ended(),
                Err(error) => search.given_up(error)?,
            };
        }
        match search.next(limits.size) {
            Ok(Next::Correction(correction)) => listed.push(correction),
            Ok(Next::Larger) => break Extent::Below(limits.size.saturating_add(1)),
            Ok(Next::None) => break search.ended(),
            Err(error) => break search.given_up(error)?,
        }
    };
    let conflicts = lightest_first(program, search.conflicts());
    Ok(Enumeration { corrections: listed, conflicts, extent })
}

/// The enumeration under way. Soft requirements are known by their position in the order of preference.
pub(in crate::solve) struct Corrections<'a> {
    program: &'a Program,
    effort: &'a Effort,
    soft: Vec<RequirementId>,
    hard: BTreeSet<RequirementId>,
    /// The order in which requirements are left out to make a conflict minimal.
    heaviest_first: Vec<RequirementId>,
    conflicts: Vec<Vec<usize>>,
    corrections: Vec<Vec<usize>>,
    /// The size of the next proposal, at least.
    size: usize,
}

/// What comes next.
#[derive(Debug)]
pub(in crate::solve) enum Next {
    /// A minimal correction.
    Correction(Vec<RequirementId>),
    /// Any other is larger than asked for.
    Larger,
    /// There is no other.
    None,
}

/// A set that meets every known conflict and holds no known correction.
enum Proposal {
    Set(Vec<usize>),
    Larger,
    None,
}

impl<'a> Corrections<'a> {
    pub(in crate::solve) fn new(program: &'a Program, soft: &[RequirementId], effort: &'a Effort) -> Self {
        let mut hard: BTreeSet<RequirementId> =
            program.clauses.iter().filter_map(|clause| clause.requirement()).collect();
        let soft: Vec<RequirementId> = soft.iter().copied().filter(|id| hard.remove(id)).collect();
        let heaviest_first = heaviest_first(program, &soft);
        let (conflicts, corrections) = (Vec::new(), Vec::new());
        Self { program, effort, soft, hard, heaviest_first, conflicts, corrections, size: 0 }
    }

    /// The next minimal correction of at most `most` requirements.
    ///
    /// # Errors
    /// If no effort is left, or a row has an unknown that is not declared.
    pub(in crate::solve) fn next(&mut self, most: usize) -> Result<Next, SolveError> {
        loop {
            let proposed = match self.propose(most)? {
                Proposal::Set(proposed) => proposed,
                Proposal::Larger => return Ok(Next::Larger),
                Proposal::None => return Ok(Next::None),
            };
            if !self.learn(&proposed, most)? {
                self.corrections.push(proposed.clone());
                return Ok(Next::Correction(self.named(&proposed)));
            }
        }
    }

    /// Finds conflicts among what a proposal leaves, each apart from those before; whether there is one. Of more than `most`
    /// apart each correction needs a member, so no more are looked for: the last ones are the hardest to find.
    fn learn(&mut self, proposed: &[usize], most: usize) -> Result<bool, SolveError> {
        let position: BTreeMap<RequirementId, usize> = self.soft.iter().copied().zip(0..).collect();
        let mut kept: BTreeSet<RequirementId> = self.soft.iter().copied().collect();
        for gone in proposed {
            kept.remove(&self.soft[*gone]);
        }
        let mut learned = 0;
        while learned <= most {
            let everything = kept.union(&self.hard).copied().collect();
            let Some(refutation) = refute_among(self.program, &everything, self.effort)? else {
                return Ok(learned > 0);
            };
            let used = requirements(self.program, &refutation).difference(&self.hard).copied().collect();
            let conflict = shrink(self.program, used, &self.hard, &self.heaviest_first, self.effort)?;
            learned += 1;
            for requirement in &conflict {
                kept.remove(requirement);
            }
            let mut positions: Vec<usize> = conflict.iter().map(|id| position[id]).collect();
            positions.sort_unstable();
            let hopeless = positions.is_empty();
            self.conflicts.push(positions);
            if hopeless {
                break;
            }
        }
        Ok(true)
    }

    /// The smallest set that meets every known conflict and holds no known correction, of several the first.
    fn propose(&mut self, most: usize) -> Result<Proposal, SolveError> {
        loop {
            if self.size > most {
                return Ok(Proposal::Larger);
            }
            let mut hitting =
                Hitting { search: self, chosen: Vec::new(), without: BTreeSet::new(), cut: false };
            if hitting.complete(self.size)? {
                return Ok(Proposal::Set(
                    hitting.chosen.iter().copied().collect::<BTreeSet<_>>().into_iter().collect(),
                ));
            }
            if !hitting.cut {
                return Ok(Proposal::None);
            }
            self.size += 1;
        }
    }

    /// What is known when nothing is left to propose.
    pub(in crate::solve) fn ended(&self) -> Extent {
        if self.conflicts.iter().any(Vec::is_empty) { Extent::Never } else { Extent::Everything }
    }

    /// What is known when the effort is spent.
    ///
    /// # Errors
    /// Any other error.
    pub(in crate::solve) fn given_up(&self, error: SolveError) -> Result<Extent, SolveError> {
        match error {
            SolveError::TooHard { .. } => Ok(Extent::Below(self.size)),
            SolveError::Undeclared(_) => Err(error),
        }
    }

    /// The conflicts found so far.
    pub(in crate::solve) fn conflicts(&self) -> Vec<Vec<RequirementId>> {
        self.conflicts.iter().map(|conflict| self.named(conflict)).collect()
    }

    fn named(&self, positions: &[usize]) -> Vec<RequirementId> {
        let ids: BTreeSet<RequirementId> = positions.iter().map(|position| self.soft[*position]).collect();
        ids.into_iter().collect()
    }
}

/// A set of requirements that grows until it meets every known conflict.
struct Hitting<'s, 'a> {
    search: &'s Corrections<'a>,
    chosen: Vec<usize>,
    /// Those that are not taken here, for the sets with them were tried before.
    without: BTreeSet<usize>,
    /// Whether some set was given up for its size alone.
    cut: bool,
}

impl Hitting<'_, '_> {
    /// Adds members, up to `most` in all, until every conflict is met; whether that is possible.
    fn complete(&mut self, most: usize) -> Result<bool, SolveError> {
        let Corrections { conflicts, corrections, effort, .. } = self.search;
        effort.spend(1 + conflicts.len() + corrections.len())?;
        if corrections.iter().any(|known| known.iter().all(|id| self.chosen.contains(id))) {
            return Ok(false);
        }
        let Some((first, apart)) = self.unmet() else { return Ok(true) };
        if self.chosen.len() + apart > most {
            self.cut = true;
            return Ok(false);
        }
        let mut tried = Vec::new();
        for member in first {
            self.chosen.push(member);
            if self.complete(most)? {
                return Ok(true);
            }
            self.chosen.pop();
            self.without.insert(member);
            tried.push(member);
        }
        for member in tried {
            self.without.remove(&member);
        }
        Ok(false)
    }

    /// What may still be taken of the first conflict that is not met, nothing if one cannot be met any more; and how many
    /// such conflicts there are that have nothing in common, each of which needs a member of its own. `None` if all are met.
    fn unmet(&self) -> Option<(Vec<usize>, usize)> {
        let mut first = None;
        let mut apart = 0;
        let mut taken = BTreeSet::new();
        for conflict in &self.search.conflicts {
            if conflict.iter().any(|id| self.chosen.contains(id)) {
                continue;
            }
            let open: Vec<usize> = conflict.iter().copied().filter(|id| !self.without.contains(id)).collect();
            if open.is_empty() {
                return Some((open, 0));
            }
            if open.iter().all(|id| !taken.contains(id)) {
                apart += 1;
                taken.extend(open.iter().copied());
            }
            first = first.or(Some(open));
        }
        first.map(|open| (open, apart))
    }
}
