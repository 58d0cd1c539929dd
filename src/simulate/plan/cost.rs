//! How much a run costs, told before it is run: what weighs it against others in an estimate of the time left, and in a
//! share of a sweep.

use std::collections::BTreeMap;

use super::constants::Plan;
use super::error::{SimulateError, bytes};
use super::experiment::Experiment;
use super::layout::Layout;
use super::points::Point;
use super::questions::{Questions, count};
use crate::graph::{NodeId, ParameterId};
use crate::simulate::weight::Way;

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

impl Experiment<'_> {
    /// What its runs cost.
    ///
    /// # Errors
    /// What is wrong with the experiment, see [`SimulateError`].
    pub fn costs(&self) -> Result<Costs, SimulateError> {
        let (plan, held) = self.checked()?;
        let cost = |(point, held): (&Point, u128)| {
            let work = plan.written_out(point, |plan| work(plan, point, &Layout::of(plan, point)));
            let work = work.ceil();
            // What does not fit becomes the largest number that does.
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "work is positive")]
            Cost { multiply_adds: work as u64, bytes: clamped(held) }
        };
        let points = plan.points.all.iter().zip(held);
        let costs = points.map(|(point, held)| (point.value, cost((point, held))));
        Ok(Costs(costs.collect()))
    }
}

/// Multiplications of one run.
fn work(plan: &Plan<'_>, point: &Point, layout: &Layout) -> f64 {
    let graph = plan.graph;
    let of_weight = |(id, way): (ParameterId, &Way)| match (Questions::of(plan, id, point), way) {
        (Some(questions), Way::Stored | Way::Drawn) => questions.direct(),
        (Some(questions), Way::Asked) => questions.law(),
        (None, _) => 0.0,
    };
    let of_node = |id: NodeId| {
        let axes = graph.operands(id).into_iter().flat_map(|operand| graph.node(operand).axes.clone());
        let mut axes: Vec<_> = axes.chain(graph.node(id).axes.iter().copied()).collect();
        axes.sort_unstable();
        axes.dedup();
        let extent: f64 = axes.iter().map(|axis| count(point.size(graph.dimension_of(*axis)))).product();
        extent * count(3 + plan.causes(id))
    };
    let weights: f64 = graph.parameter_ids().zip(&layout.ways).map(of_weight).sum();
    let is_linear = |id: &NodeId| graph.parameter_at(*id).is_some();
    weights + graph.nodes().filter(|id| !is_linear(id)).map(of_node).sum::<f64>()
}

/// The number, or the largest that fits.
fn clamped(number: u128) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::{Hyperparameters, Scaling};
    use crate::rule::Step;
    use crate::simulate::testing::{TWO_SIZES, experiment, graph, graphs};

    #[test]
    fn a_run_costs_what_its_products_multiply_and_what_it_draws() {
        let graph = graph(TWO_SIZES);
        let (hyperparameters, scaling) =
            (Hyperparameters::constant(&graph), Scaling::parse("m", &graph).unwrap());
        let experiment = experiment(&graph, &hyperparameters, Step::Gradient, &scaling, &[64, 128, 4096]);
        let costs = experiment.costs().unwrap();
        for size in [64, 128, 4096] {
            let [samples, outputs, draw] = [2, 4, 150];
            // Once forward and once back; and the data are looked at three times.
            let expected = size * outputs * (2 * samples + draw) + 3 * samples * size;
            assert_eq!(costs.at(size).multiply_adds, expected as u64, "{size}");
        }
        assert!(costs.at(64).bytes < costs.at(128).bytes && costs.at(128).bytes < costs.at(4096).bytes);
        assert_eq!(costs.at(65), Cost::default());
    }

    /// Attention is sliced by heads where there are many, but a few heads of a large size are sliced by that.
    #[test]
    fn what_is_sliced_is_what_makes_a_run_fit() {
        let graph = &graphs()["transformer"];
        let hyperparameters = Hyperparameters::constant(graph);
        for dimension in ["heads", "d_k", "d_v", "d_ff"] {
            let scaling = Scaling::parse(dimension, graph).unwrap();
            let mut experiment = experiment(graph, &hyperparameters, Step::Gradient, &scaling, &[4, 1 << 20]);
            experiment.runs.simulation.memory = 1 << 24;
            let costs = experiment.costs().unwrap_or_else(|error| panic!("{dimension}: {error}"));
            assert!(costs.at(1 << 20).bytes <= 1 << 24, "{dimension}");
            experiment.runs.simulation.memory = 1 << 14;
            assert!(matches!(experiment.costs(), Err(SimulateError::Memory { .. })), "{dimension}");
        }
    }
}
