//! How much memory a run takes, told before it is run.

use super::constants::Plan;
use super::needs::Needs;
use super::points::Point;
use super::questions::Questions;
use super::region::{Part, Schedule};
use super::simulation::{Precision, Updates};
use crate::graph::{AxisId, NodeId, ParameterId};
use crate::simulate::weight::Way;

/// Numbers in the tiles that threads draw or take signs of.
const TILES: u128 = 1 << 20;

/// An upper estimate of the bytes that one run holds at once where parameters are held in the given ways: weights, or what
/// has been asked of them, values and derivatives of all nodes, and the responses alive at the same time, with room for the
/// copies that products make.
pub(crate) fn bytes(plan: &Plan<'_>, point: &Point, ways: &[Way], schedule: &Schedule) -> u128 {
    let graph = plan.graph;
    let extent = |axes: &[AxisId]| -> u128 {
        let sizes = axes.iter().map(|axis| point.size(graph.dimension_of(*axis)) as u128);
        sizes.fold(1, u128::saturating_mul)
    };
    let node = |id: NodeId| {
        let slices = schedule.slicing(id).map_or(1, |region| region.slices as u128);
        extent(&graph.node(id).axes).div_ceil(slices)
    };
    let largest = graph.nodes().map(node).max().unwrap_or(0);
    let parameter = |id: ParameterId| {
        let sliced = schedule.regions.iter().find(|region| region.parameters(graph).contains(&id));
        let entries = extent(&graph.parameter(id).axes);
        match (Questions::of(plan, id, point), ways[id.0]) {
            (Some(_), Way::Drawn) if sliced.is_some() => {
                entries.div_ceil(sliced.map_or(1, |region| region.slices as u128))
            }
            // Its gradient and direction have entries too.
            (None, _) => entries.saturating_mul(4),
            (Some(_), Way::Stored) => entries,
            (Some(_), Way::Drawn) => 0,
            (Some(questions), Way::Asked) => questions.kept(),
        }
    };
    let parameters = graph.parameter_ids().map(parameter).fold(TILES, u128::saturating_add);

    let (mut alive, mut most) = (0_u128, 0_u128);
    for (part, done) in schedule.parts.iter().zip(&schedule.done) {
        let responses = |id: NodeId| {
            let upstream = plan.causes(id);
            let count = match plan.simulation.updates {
                Updates::Each => upstream,
                Updates::Total => upstream.min(1),
            };
            node(id).saturating_mul(count as u128)
        };
        let members = match part {
            Part::Node(id) => vec![*id],
            Part::Region(number) => schedule.regions[*number].members(),
        };
        for id in members {
            alive = alive.saturating_add(responses(id));
            // The operand's stack may be copied into another order, the result's is summed from its parts.
            let operands = graph.operands(id).into_iter().map(responses).max().unwrap_or(0);
            let copies = responses(id).saturating_mul(2).saturating_add(operands);
            most = most.max(alive.saturating_add(copies));
        }
        for done in done {
            alive = alive.saturating_sub(responses(*done));
        }
    }
    let passes = graph.nodes().map(node).fold(0, u128::saturating_add).saturating_mul(2);
    // The step of a block has rows and columns of its own for each sample, and is made from copies of as many.
    let blocks = |id: ParameterId| -> u128 {
        let Some(split) = plan.split(id).filter(|split| split.blocks != [0, 0]) else { return 0 };
        let parameter = graph.parameter(id);
        let along = |places: &[usize]| -> u128 {
            extent(&places.iter().map(|place| parameter.axes[*place]).collect::<Vec<_>>())
        };
        let apart = split.apart();
        let uses = graph.uses(id).into_iter();
        let samples: u128 = uses.map(|node| extent(&graph.shared_along(id, node))).sum();
        let sides = along(&apart.produced).saturating_add(along(&apart.contracted));
        along(&apart.shared).saturating_mul(samples).saturating_mul(sides).saturating_mul(2)
    };
    let whole = || graph.parameter_ids().filter(|id| plan.step(*id).needs() == Needs::Whole);
    let cut = whole().map(blocks).fold(0, u128::saturating_add);
    let numbers = [parameters, passes, most, largest.saturating_mul(3), cut];
    let width = match plan.simulation.precision {
        Precision::F32 => 4,
        Precision::F64 => 8,
    };
    // Factors are copied, and factorised in double precision: about as many numbers as its uses have.
    let factors = whole().map(|_| largest.saturating_mul(4 * 8)).max().unwrap_or(0);
    numbers.into_iter().fold(0, u128::saturating_add).saturating_mul(width).saturating_add(factors)
}
