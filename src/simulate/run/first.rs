//! [`First`]: a weight that starts at zero, as its first step leaves it. Values are those before that step, so everything that passes
//! such a weight is of first order in it.

use super::network::Network;
use super::record::record_at;
use super::step::Direction;
use crate::graph::{AxisId, NodeId};
use crate::rule::Step;
use crate::simulate::array::{Real, Tensor};
use crate::simulate::measure::Quantity;
use crate::simulate::plan::{Plan, Point, SimulateError, Updates};
use crate::simulate::random::Source;

/// The first step of a weight that starts at zero.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct First {
    step: Step,
    rate: f64,
}

impl First {
    /// That of the weight that a node applies; nothing if it does not start at zero. `rates` are learning rates.
    pub(crate) fn of(plan: &Plan<'_>, rates: &[f64], id: NodeId) -> Option<Self> {
        let parameter = plan.graph.parameter_at(id).filter(|_| plan.graph.is_from_zero(id))?;
        Some(Self { step: plan.step(parameter), rate: rates[parameter.0] })
    }

    /// The derivative of the loss by the operand, from that by the node.
    pub(crate) fn pull<R: Real>(
        self,
        network: &Network<'_, R>,
        id: NodeId,
        values: &[Tensor<R>],
        back: &Tensor<R>,
    ) -> Tensor<R> {
        let direction = Direction::at(network, values, id, back, self.step);
        let mut pulled = direction.transposed(network, id, back);
        pulled.scale(-self.rate);
        pulled
    }

    /// What the weight makes of the tangents of its operand, stacked.
    pub(crate) fn push<R: Real>(
        self,
        network: &Network<'_, R>,
        id: NodeId,
        values: &[Tensor<R>],
        back: &Tensor<R>,
        stack: &Tensor<R>,
    ) -> Tensor<R> {
        let direction = Direction::at(network, values, id, back, self.step);
        let mut pushed = direction.applied(network, id, stack);
        pushed.scale(-self.rate);
        pushed
    }
}

/// Base learning rates, 1 but for weights that start at zero. What comes back through one of `r` inputs and `n` outputs sums
/// over the outputs, and the weight before it spreads that among its own inputs: for it to be no larger at the base point than
/// what comes back beside an adapter, the first step moves its node by `sqrt(r / n)`, or 1 if that is more.
pub(crate) fn balanced<R: Real>(plan: &Plan<'_>, source: Source) -> Result<Vec<f64>, SimulateError> {
    let mut rates = vec![1.0; plan.graph.parameters.len()];
    let base = plan.sizes.base();
    let nodes: Vec<NodeId> = plan.graph.nodes().filter(|id| plan.graph.is_from_zero(*id)).collect();
    if nodes.is_empty() {
        return Ok(rates);
    }
    let found = record_at::<R>(plan, base, source, &rates, Updates::Each)?;
    for node in nodes {
        let Some(parameter) = plan.graph.parameter_at(node) else { continue };
        let moved = found.get(&Quantity::UpdateBy(parameter, node)).copied().unwrap_or_default();
        if moved.is_normal() {
            rates[parameter.0] = shrinking(plan, base, node) / moved;
        }
    }
    Ok(rates)
}

/// The root of how many inputs a linear node has for each output, at most 1.
#[allow(clippy::cast_precision_loss, reason = "sizes of arrays stay far below 2^52")]
fn shrinking(plan: &Plan<'_>, base: &Point, node: NodeId) -> f64 {
    let Some(einsum) = plan.graph.node(node).op.linear_einsum() else { return 1.0 };
    let [weight, input] = &einsum.operands;
    let size = |axes: &mut dyn Iterator<Item = AxisId>| -> usize {
        axes.map(|axis| base.size(plan.graph.dimension_of(axis))).product()
    };
    let inputs = size(&mut einsum.contracted().into_iter());
    let outputs = size(&mut weight.iter().copied().filter(|axis| !input.contains(axis)));
    (inputs as f64 / outputs.max(1) as f64).sqrt().min(1.0)
}
