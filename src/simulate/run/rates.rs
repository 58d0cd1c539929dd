//! Base learning rates: those that make every parameter move something by about 1 at the base point.

use super::quantity::Quantity;
use super::record::record_at;
use crate::graph::{AxisId, NodeId, ParameterId};
use crate::simulate::array::Real;
use crate::simulate::plan::{Plan, Point, SimulateError, Updates};
use crate::simulate::random::Source;

/// The base learning rate of each parameter: what makes the largest response of a node to its step 1 at the base point, with
/// the same seed, so no parameter is drowned by another; 1 if nothing moves. Of a weight that starts at zero: see [`balanced`].
pub(crate) fn base_rates<R: Real>(plan: &Plan<'_>, source: Source) -> Result<Vec<f64>, SimulateError> {
    let mut largest = vec![0.0_f64; plan.graph.parameters.len()];
    let balanced = balanced::<R>(plan, source)?;
    for (quantity, magnitude) in record_at::<R>(plan, plan.points.base(), source, &balanced, Updates::Each)? {
        if let Quantity::UpdateBy(parameter, _) = quantity {
            largest[parameter.0] = largest[parameter.0].max(magnitude);
        }
    }
    let rate = |(id, largest): (ParameterId, f64)| {
        let starts_at_zero = plan.graph.uses(id).into_iter().any(|node| plan.graph.is_from_zero(node));
        if starts_at_zero {
            balanced[id.0]
        } else if largest.is_normal() {
            largest.recip()
        } else {
            1.0
        }
    };
    Ok(plan.graph.parameter_ids().zip(largest).map(rate).collect())
}

/// Base learning rates, 1 but for weights that start at zero. What comes back through one of `r` inputs and `n` outputs sums
/// over the outputs, and the weight before it spreads that among its own inputs: for it to be no larger at the base point than
/// what comes back beside an adapter, the first step moves its node by `sqrt(r / n)`, or 1 if that is more.
fn balanced<R: Real>(plan: &Plan<'_>, source: Source) -> Result<Vec<f64>, SimulateError> {
    let mut rates = vec![1.0; plan.graph.parameters.len()];
    let base = plan.points.base();
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
