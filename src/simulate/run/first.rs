//! [`First`]: a weight that starts at zero, as its first step leaves it. Values are those before that step, so everything that passes
//! such a weight is of first order in it.

use super::step::Direction;
use crate::graph::NodeId;
use crate::rule::Step;
use crate::simulate::array::{Real, Tensor};
use crate::simulate::plan::Plan;
use crate::simulate::weight::Use;

/// The first step of a weight that starts at zero.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct First {
    step: Step,
    rate: f64,
}

impl First {
    /// That of the weight that a node applies; nothing if it does not start at zero. `rates` are learning rates.
    pub(super) fn of(plan: &Plan<'_>, rates: &[f64], id: NodeId) -> Option<Self> {
        let parameter = plan.graph.parameter_at(id).filter(|_| plan.graph.is_from_zero(id))?;
        Some(Self { step: plan.step(parameter), rate: rates[parameter.0] })
    }

    /// The derivative of the loss by the operand of the node, from the value of that and the derivative by the node.
    pub(super) fn pull<R: Real>(
        self,
        applied: Use<'_, R>,
        operand: &Tensor<R>,
        back: &Tensor<R>,
    ) -> Tensor<R> {
        let direction = Direction::of_zero(applied, operand, back, self.step);
        let mut pulled = direction.transposed(applied, back);
        pulled.scale(-self.rate);
        pulled
    }

    /// What the weight makes of the tangents of the operand, stacked.
    pub(super) fn push<R: Real>(
        self,
        applied: Use<'_, R>,
        operand: &Tensor<R>,
        back: &Tensor<R>,
        stack: &Tensor<R>,
    ) -> Tensor<R> {
        let direction = Direction::of_zero(applied, operand, back, self.step);
        let mut pushed = direction.applied(applied, stack);
        pushed.scale(-self.rate);
        pushed
    }
}
