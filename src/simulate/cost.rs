//! How much a run costs, told before it is run: what weighs it against others in an estimate of the time left, and in a
//! share of a sweep.

use std::collections::BTreeMap;

use super::error::{SimulateError, bytes};
use super::experiment::Experiment;
use super::plan::Plan;
use super::sizes::Point;
use crate::graph::{AxisId, NodeId, Op};

/// What a run costs at one size, whatever its seed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cost {
    /// About how many multiplications with an addition it makes.
    pub multiply_adds: u64,
    /// The bytes it holds at once, estimated from above.
    pub bytes: u64,
}

impl Cost {
    /// The bytes in words: `12 MiB`.
    #[must_use]
    pub fn memory(&self) -> String {
        bytes(self.bytes.into())
    }
}

/// What the runs of an experiment cost, for each size of the first scaled dimension.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Costs(BTreeMap<usize, Cost>);

impl Costs {
    /// What a run at a size costs; nothing if the experiment has none there.
    #[must_use]
    pub fn at(&self, size: usize) -> Cost {
        self.0.get(&size).copied().unwrap_or_default()
    }
}

/// Drawing a normal number takes about as long as so many multiplications with an addition.
const DRAW: u128 = 16;

impl Experiment<'_> {
    /// What its runs cost.
    ///
    /// # Errors
    /// What is wrong with the experiment, see [`SimulateError`].
    pub fn costs(&self) -> Result<Costs, SimulateError> {
        let (plan, held) = self.checked()?;
        // Every run begins with one at the base point, which sets its learning rates.
        let base = multiply_adds(&plan, plan.sizes.base());
        let cost = |(point, held): (&Point, u128)| Cost {
            multiply_adds: clamped(base.saturating_add(multiply_adds(&plan, point))),
            bytes: clamped(held),
        };
        let points = plan.sizes.points.iter().zip(held);
        let costs = points.map(|(point, held)| (point.value, cost((point, held))));
        Ok(Costs(costs.collect()))
    }
}

/// Those of one forward and backward pass and of the responses to the step of every parameter, with the drawing of
/// parameters and data.
fn multiply_adds(plan: &Plan<'_>, point: &Point) -> u128 {
    let graph = plan.graph;
    let extent = |axes: &[AxisId]| -> u128 {
        let sizes = axes.iter().map(|axis| point.size(graph.dimension_of(*axis)) as u128);
        sizes.fold(1, u128::saturating_mul)
    };
    let drawn = graph.parameter_ids().map(|id| extent(&graph.parameter(id).axes));
    let data = graph.nodes().filter(|id| matches!(graph.node(*id).op, Op::Input { .. }));
    let drawn = drawn.chain(data.map(|id| extent(&graph.node(id).axes)));
    let drawn = drawn.fold(0, u128::saturating_add).saturating_mul(DRAW);
    let node = |id: NodeId| -> u128 {
        let operands = graph.operands(id);
        let once = match graph.node(id).op.einsum() {
            Some(einsum) => {
                let mut axes: Vec<AxisId> = einsum.operands.concat();
                axes.sort_unstable();
                axes.dedup();
                extent(&axes)
            }
            None => {
                let read = operands.iter().map(|operand| extent(&graph.node(*operand).axes));
                read.chain([extent(&graph.node(id).axes)]).max().unwrap_or(1)
            }
        };
        // Forward, backward to the operand and to the parameter or the second operand, and once for each response.
        once.saturating_mul(3 + graph.parameters_upstream(id).len() as u128)
    };
    graph.nodes().map(node).fold(drawn, u128::saturating_add)
}

/// The number, or the largest that fits.
fn clamped(number: u128) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::architecture::Hyperparameters;
    use crate::graph::Scaling;
    use crate::rule::Step;
    use crate::simulate::testing::{TWO_SIZES, experiment, graph};

    #[test]
    fn a_product_costs_as_much_as_it_multiplies_at_the_base_point_and_again_at_the_size() {
        let graph = graph(TWO_SIZES);
        let (hyperparameters, scaling) =
            (Hyperparameters::constant(&graph), Scaling::parse("m", &graph).unwrap());
        let experiment = experiment(&graph, &hyperparameters, Step::Gradient, &scaling, &[64, 128, 4096]);
        let costs = experiment.costs().unwrap();
        let of = |size: usize| {
            let (weight, data, product) = (4 * size, 2 * size, 2 * 4 * size);
            16 * (weight + data) + 3 * data + (3 + 1) * product
        };
        for size in [64, 128, 4096] {
            assert_eq!(costs.at(size).multiply_adds, (of(64) + of(size)) as u64, "{size}");
        }
        assert!(costs.at(64).bytes < costs.at(128).bytes && costs.at(128).bytes < costs.at(4096).bytes);
        assert_eq!(costs.at(65), Cost::default());
    }
}
