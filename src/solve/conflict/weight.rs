//! [`Weight`]: how much there is to explain about a requirement, and the orders that follow from it.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::iter::Sum;

use crate::exact::{Program, RequirementId};

/// How much there is to explain about a requirement.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Weight {
    /// Alternatives: those of a choice, or rows that hold together.
    alternatives: usize,
    /// Summands of its rows.
    summands: usize,
}

impl Weight {
    /// Whether it is a single row.
    pub(super) fn is_plain(self) -> bool {
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

/// How much there is to explain about each requirement.
pub(super) fn weights(program: &Program) -> BTreeMap<RequirementId, Weight> {
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
