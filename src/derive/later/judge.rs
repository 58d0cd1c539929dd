//! [`judge_later`]: which requirements given hyperparameters meet at every step.

use super::horizon::horizon;
use crate::derive::error::DeriveError;
use crate::exact::Exponent;
use crate::graph::{Graph, Hyperparameters};
use crate::propagate::{Growth, LaterRequirement, Question, Trajectory, Unknowns, require_later, trajectory};

/// What is found of given hyperparameters over several steps.
#[derive(Clone, Debug)]
pub struct LaterJudgement {
    /// The requirements.
    pub requirements: Vec<LaterRequirement>,
    /// The exponents.
    pub trajectory: Trajectory,
    /// After how many steps equations are asked.
    pub steps: usize,
    /// What fails, in the order of requirements: each at the first step at which it does.
    pub failures: Vec<LaterFailure>,
    /// The value of the left side over the right after the last step; nothing of what is zero.
    pub last: Vec<Option<Exponent>>,
}

/// A requirement that fails.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LaterFailure {
    /// Which.
    pub requirement: usize,
    /// After how many steps.
    pub step: usize,
    /// By how much the exponent of the left side is above what is required, below if negative; nothing where it is zero, and should
    /// not be.
    pub excess: Option<Exponent>,
}

impl LaterJudgement {
    /// Whether every requirement holds at every step.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.failures.is_empty() && self.trajectory.ends.is_none()
    }

    /// Judges exponents that are known.
    pub(super) fn of(
        graph: &Graph,
        requirements: Vec<LaterRequirement>,
        trajectory: Trajectory,
        multipliers: &[Exponent],
    ) -> Self {
        let steps = horizon(graph);
        let unknowns = Unknowns::of(graph);
        let mut failures = Vec::new();
        let mut last = Vec::new();
        for (index, requirement) in requirements.iter().enumerate() {
            let excess = |step| {
                let excess = requirement.excess(graph, &trajectory, (&unknowns, multipliers), step);
                excess.map(|excess| excess.value)
            };
            let fails = |step: usize| {
                let (excess, is_equation) = (excess(step), requirement.is_equation(step, steps));
                let wrong = match &excess {
                    Some(excess) => excess.is_positive() || (is_equation && excess.is_negative()),
                    None => is_equation,
                };
                wrong.then_some(LaterFailure { requirement: index, step, excess })
            };
            failures.extend((0..=trajectory.steps).find_map(fails));
            last.push(excess(trajectory.steps));
        }
        Self { requirements, trajectory, steps, failures, last }
    }
}

/// Judges hyperparameters, in one scale variable, by the desiderata of a question at every step.
///
/// # Errors
/// If exponents cannot be propagated over steps.
pub fn judge_later(
    question: &Question,
    hyperparameters: &Hyperparameters,
) -> Result<LaterJudgement, DeriveError> {
    let Question { graph, book, optimizer, desiderata, scaling, .. } = question;
    let steps = horizon(graph);
    let trajectory = trajectory(graph, book, optimizer, &scaling.along(0), hyperparameters, steps)?;
    let requirements = require_later(graph, desiderata, &Growth::along(scaling.along(0)));
    Ok(LaterJudgement::of(graph, requirements, trajectory, &hyperparameters.multiplier))
}
