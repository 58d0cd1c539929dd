//! [`Outcome`]: what came out in one scale variable.

use super::prefer::Priority;
use super::relax::Relaxations;
use crate::exact::{Certified, Program, RequirementId, Unknown};
use crate::solve::Freedom;

/// The outcome in one scale variable, the others fixed.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// There are hyperparameters that meet the desiderata.
    Feasible {
        /// The checked solution.
        certified: Certified,
        /// The program it solves: the demands, with the definitions that the choice among solutions speaks of.
        program: Program,
        /// Which of several solutions it is.
        priority: Priority,
        /// What other solutions there are around it, none if it is the only one; nothing if that is too hard to tell.
        freedom: Option<Freedom>,
        /// Where other solutions only [start smaller](crate::propagate::Table::smaller_starts), the sets of initial sizes of which one
        /// must be as told; nothing if that is too hard to tell.
        kept: Option<Vec<Vec<Unknown>>>,
    },
    /// There are none.
    Infeasible(Impossible),
}

/// Why there are no hyperparameters in one scale variable.
#[derive(Clone, Debug)]
pub struct Impossible {
    /// Requirements that contradict each other.
    pub conflict: Vec<RequirementId>,
    /// Whether none of them can be spared; if not, that was too hard to tell of some.
    pub is_minimal: bool,
    /// The checked proof, for the program restricted to the conflict.
    pub certified: Certified,
    /// Changes that make the scaling possible.
    pub relaxations: Relaxations,
}
