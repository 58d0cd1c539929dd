//! How much memory a run takes, told before it is run.

use super::experiment::Precision;
use super::plan::Plan;
use super::response::last_used;
use super::sizes::Point;
use crate::graph::{AxisId, NodeId};
use crate::rule::Step;

/// An upper estimate of the bytes that one run holds at once: parameters, the gradient and direction of the
/// largest ones, values and derivatives of all nodes, and the responses alive at the same time, with room for
/// the copies that products make.
pub(super) fn bytes(plan: &Plan<'_>, point: &Point, precision: Precision) -> u128 {
    let graph = plan.graph;
    let extent = |axes: &[AxisId]| -> u128 {
        let sizes = axes.iter().map(|axis| point.size(graph.dimension_of(*axis)) as u128);
        sizes.fold(1, u128::saturating_mul)
    };
    let parameter = |id| extent(&graph.parameter(id).axes);
    let node = |id: NodeId| extent(&graph.node(id).axes);
    let largest = graph.nodes().map(node).max().unwrap_or(0);
    let parameters = graph.parameter_ids().map(parameter).fold(0, u128::saturating_add);

    let last_used = last_used(graph);
    let (mut alive, mut most, mut directions) = (0_u128, 0_u128, 0_u128);
    for id in graph.nodes() {
        let responses = |id: NodeId| node(id).saturating_mul(graph.parameters_upstream(id).len() as u128);
        if let Some(parameter) = graph.parameter_at(id) {
            let uses = graph.uses(parameter);
            let held = extent(&graph.parameter(parameter).axes);
            directions = directions.saturating_add(if uses.first() == Some(&id) { held } else { 0 });
            most = most.max(alive.saturating_add(directions).saturating_add(held.saturating_mul(3)));
            directions = directions.saturating_sub(if uses.last() == Some(&id) { held } else { 0 });
        }
        alive = alive.saturating_add(responses(id));
        // The operand's and the result's stack may both be copied into another order.
        most = most.max(alive.saturating_add(directions).saturating_add(responses(id).saturating_mul(3)));
        for done in &last_used[id.index()] {
            alive = alive.saturating_sub(responses(*done));
        }
    }
    let passes = graph.nodes().map(node).fold(0, u128::saturating_add).saturating_mul(3);
    let numbers = [parameters, passes, most, largest.saturating_mul(3)];
    let width = match precision {
        Precision::F32 => 4,
        Precision::F64 => 8,
    };
    let orthogonal = graph.parameter_ids().filter(|id| matches!(plan.step(*id), Step::Orthogonal));
    // Its factorisations are made in double precision, from about as many numbers as its uses have.
    let factors = orthogonal.map(|_| largest.saturating_mul(4 * 8)).max().unwrap_or(0);
    numbers.into_iter().fold(0, u128::saturating_add).saturating_mul(width).saturating_add(factors)
}
