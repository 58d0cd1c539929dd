//! [`Questions`]: what a weight is asked in one run, and what it costs to answer by its entries or by its law.

use super::constants::Plan;
use super::points::Point;
use super::simulation::Updates;
use crate::graph::{NodeId, ParameterId};
use crate::simulate::weight::{Linear, Side, Sizes, Split};

/// Multiplications that take as long as drawing a normal number and writing it down.
const DRAW: f64 = 150.0;

/// How much longer a multiplication takes where matrices are thin.
const THIN: f64 = 1.5;

/// What a weight is asked in one run.
pub(crate) struct Questions {
    pub(crate) sizes: Sizes,
    /// Vectors that are multiplied from the right and from the left, for each matrix.
    pub(crate) vectors: [usize; 2],
}

impl Questions {
    /// What a parameter is asked; nothing if it is no weight that is only multiplied with something.
    pub(crate) fn of(plan: &Plan<'_>, id: ParameterId, point: &Point) -> Option<Self> {
        let graph = plan.graph;
        let split = Split::of_weight(graph, id)?;
        let shape: Vec<usize> =
            graph.parameter(id).axes.iter().map(|axis| point.size(graph.dimension_of(*axis))).collect();
        let mut vectors = [0_usize; 2];
        for node in graph.uses(id) {
            let linear = Linear::new(&split, graph.node(node).op.einsum()?, 1.0)?;
            let samples = samples(plan, node, point);
            let operand = *graph.operands(node).first()?;
            let tangents = match plan.simulation.updates {
                Updates::Each => plan.causes(operand),
                Updates::Total => plan.causes(operand).min(1),
            };
            let [forward, back] = match linear.side {
                Side::Columns => [0, 1],
                Side::Rows => [1, 0],
            };
            vectors[forward] = vectors[forward].saturating_add(samples.saturating_mul(1 + tangents));
            vectors[back] = vectors[back].saturating_add(samples);
        }
        Some(Self { sizes: Sizes::of(&split, &shape), vectors })
    }

    pub(super) fn entries(&self) -> f64 {
        count(self.sizes.places()) * count(self.sizes.rows()) * count(self.sizes.columns())
    }

    fn all(&self) -> f64 {
        count(self.vectors[0]) + count(self.vectors[1])
    }

    /// Multiplications of all products with entries, their drawing included.
    pub(crate) fn direct(&self) -> f64 {
        self.entries() * (self.all() + DRAW)
    }

    /// The same for a weight known by what it has been asked.
    pub(crate) fn law(&self) -> f64 {
        let lengths = count(self.sizes.rows()) + count(self.sizes.columns());
        THIN * count(self.sizes.places()) * lengths * self.all() * (self.all() + DRAW)
    }

    /// Numbers that are kept of what has been asked: vectors and answers, with room for those that are being
    /// asked.
    pub(crate) fn kept(&self) -> u128 {
        let lengths = self.sizes.rows() as u128 + self.sizes.columns() as u128;
        let vectors = self.vectors[0] as u128 + self.vectors[1] as u128;
        (self.sizes.places() as u128).saturating_mul(lengths).saturating_mul(vectors).saturating_mul(2)
    }
}

/// The samples for which a node applies one matrix of its weight.
fn samples(plan: &Plan<'_>, node: NodeId, point: &Point) -> usize {
    let graph = plan.graph;
    let Some(einsum) = graph.node(node).op.einsum() else { return 0 };
    let [weight, input] = &einsum.operands;
    let axes = input.iter().filter(|axis| !weight.contains(axis));
    axes.map(|axis| point.size(graph.dimension_of(*axis))).fold(1, usize::saturating_mul)
}

/// A number as one of an estimate.
#[allow(clippy::cast_precision_loss, reason = "work is only estimated")]
pub(super) fn count(number: usize) -> f64 {
    number as f64
}
