//! [`outlook`]: whether a table that is derived for the first step stays within bounds at later ones.

use super::horizon::horizon;
use crate::derive::error::DeriveError;
use crate::exact::Exponent;
use crate::graph::{Hyperparameters, QuantityKind};
use crate::propagate::{
    Growth, LaterRequirement, Question, TrajectoryEnd, Unknowns, require_later, trajectory,
};

/// Where a training leaves the bounds of a set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outlook {
    /// After how many steps.
    pub step: usize,
    /// What is too large, as the theory writes it: `change(a)`; or the node at which exponents end, and why.
    pub what: Result<String, TrajectoryEnd>,
    /// By how much.
    pub excess: Exponent,
}

/// The first step at which a node is, or has changed by, more than a set asks as a bound; nothing if that never happens.
///
/// # Errors
/// If exponents cannot be propagated over steps.
pub fn outlook(
    question: &Question,
    hyperparameters: &Hyperparameters,
) -> Result<Option<Outlook>, DeriveError> {
    let (graph, steps) = (&question.graph, horizon(&question.graph));
    let growth = question.scaling.along(0);
    let (book, optimizer) = (&question.book, &question.optimizer);
    let trajectory = trajectory(graph, book, optimizer, &growth, hyperparameters, steps)?;
    let unknowns = Unknowns::of(graph);
    let of_size = |requirement: &LaterRequirement| {
        matches!(requirement.kind(), Some(QuantityKind::Forward | QuantityKind::Change))
    };
    let requirements: Vec<LaterRequirement> =
        require_later(graph, &question.desiderata, &Growth::along(growth))
            .into_iter()
            .filter(of_size)
            .collect();
    for step in 1..=trajectory.steps {
        for requirement in &requirements {
            let at = (&unknowns, hyperparameters.multiplier.as_slice());
            let excess = requirement.excess(graph, &trajectory, at, step).map(|excess| excess.value);
            if let Some(excess) = excess.filter(Exponent::is_positive) {
                return Ok(Some(Outlook { step, what: Ok(requirement.left_side().into()), excess }));
            }
        }
    }
    let end = |end| Outlook { step: trajectory.steps + 1, what: Err(end), excess: Exponent::ZERO };
    Ok(trajectory.ends.map(end))
}
