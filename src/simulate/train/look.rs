//! [`Look`]: what is seen of a network in training, against what it was at step 0.

use std::collections::BTreeMap;

use super::watched::{Term, Watched};
use crate::graph::{AxisId, Graph, NodeId, ParameterId};
use crate::simulate::array::{Real, Tensor, dot};
use crate::simulate::plan::{Plan, Point, Precision};
use crate::simulate::run::{Network, Pass};

/// A network at step 0.
pub(super) struct Look<'a, R: Real> {
    plan: &'a Plan<'a>,
    values: Vec<Tensor<R>>,
    parameters: Vec<Tensor<R>>,
}

/// Sums of squares over all layers: of a product, of the weight and of the activation in it, each with its count.
type Squares = [(f64, f64); 3];

impl<'a, R: Real> Look<'a, R> {
    pub(super) fn begin(plan: &'a Plan<'a>, network: &Network<'_, R>, pass: &Pass<R>) -> Self {
        let parameters = plan.graph.parameter_ids().map(|id| network.tensor(id).clone());
        Self { plan, values: pass.values.clone(), parameters: parameters.collect() }
    }

    /// Everything that is seen now; of copies in several layers the root mean square.
    pub(super) fn at(&self, network: &Network<'_, R>, pass: &Pass<R>) -> BTreeMap<Watched, f64> {
        let graph = self.plan.graph;
        let mut sums: BTreeMap<Watched, Squares> = BTreeMap::new();
        let mut add = |watched: Watched, of: [(f64, f64); 3]| {
            let sum = sums.entry(watched).or_default();
            for (sum, more) in sum.iter_mut().zip(of) {
                sum.0 += more.0;
                sum.1 += more.1;
            }
        };
        let none = (0.0, 0.0);
        let parameters = graph.parameter_ids();
        let moved: Vec<Tensor<R>> =
            parameters.map(|id| difference(network.tensor(id), &self.parameters[id.0])).collect();
        for id in graph.nodes() {
            let (now, then) = (&pass.values[id.index()], &self.values[id.index()]);
            let origin = self.plan.node(id);
            add(Watched::Forward(origin), [square(now), none, none]);
            add(Watched::Change(origin), [square(&difference(now, then)), none, none]);
            if let Some(back) = &pass.back[id.index()] {
                add(Watched::Backward(origin), [square(back), none, none]);
            }
            let (Some(w), Some(_)) = (graph.parameter_at(id), graph.node(id).op.linear_einsum()) else {
                continue;
            };
            let Some(x) = graph.operands(id).first().copied() else { continue };
            let changed = difference(&pass.values[x.index()], &self.values[x.index()]);
            for term in Term::ALL {
                let (weight, activation) = match term {
                    Term::Update => (&moved[w.0], &self.values[x.index()]),
                    Term::Weight => (&self.parameters[w.0], &changed),
                    Term::Both => (&moved[w.0], &changed),
                };
                let mut product = network.product(id, weight, activation);
                product.scale(network.factor(id).recip());
                let squares = [square(&product), square(weight), square(activation)];
                add(Watched::Aligned(term, self.plan.parameter(w), origin), squares);
            }
        }
        for id in graph.parameter_ids().filter(|id| graph.parameter(*id).is_trained()) {
            let gradient = square(&pass.gradient(network, id));
            add(Watched::Gradient(self.plan.parameter(id)), [gradient, none, none]);
        }
        let rms = |(sum, count): (f64, f64)| (sum / count).sqrt();
        let mut found: BTreeMap<Watched, f64> = sums
            .into_iter()
            .map(|(watched, [whole, weight, activation])| match watched {
                Watched::Aligned(..) => (watched, rms(whole) / (rms(weight) * rms(activation))),
                Watched::Loss
                | Watched::Forward(_)
                | Watched::Change(_)
                | Watched::Backward(_)
                | Watched::Gradient(_) => (watched, rms(whole)),
            })
            .collect();
        found.insert(Watched::Loss, network.truth.loss(&pass.values));
        found
    }
}

fn square<R: Real>(tensor: &Tensor<R>) -> (f64, f64) {
    #[allow(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
    let count = tensor.data.len() as f64;
    (dot(&tensor.data, &tensor.data), count)
}

fn difference<R: Real>(now: &Tensor<R>, then: &Tensor<R>) -> Tensor<R> {
    let mut change = now.clone();
    change.data.iter_mut().zip(&then.data).for_each(|(now, then)| *now += -*then);
    change
}

fn extent(graph: &Graph, point: &Point, axes: &[AxisId]) -> u128 {
    let sizes = axes.iter().map(|axis| point.size(graph.dimension_of(*axis)) as u128);
    sizes.fold(1, u128::saturating_mul)
}

/// An upper estimate of the bytes that one run holds: of each parameter its value then and now, gradient, step, change and
/// two memories; of each node its value then and now, its derivative, and copies that products make.
pub(super) fn bytes(plan: &Plan<'_>, point: &Point) -> u128 {
    let graph = plan.graph;
    let of_parameter = |id: ParameterId| extent(graph, point, &graph.parameter(id).axes).saturating_mul(8);
    let of_node = |id: NodeId| extent(graph, point, &graph.node(id).axes).saturating_mul(6);
    let numbers = graph.parameter_ids().map(of_parameter).chain(graph.nodes().map(of_node));
    let width = match plan.simulation.precision {
        Precision::F32 => 4,
        Precision::F64 => 8,
    };
    numbers.fold(0, u128::saturating_add).saturating_mul(width)
}

/// About how many multiplications with an addition one step makes: each product once forward and twice back, and each
/// parameter looked at a few times.
pub(super) fn work(plan: &Plan<'_>, point: &Point) -> u64 {
    let graph = plan.graph;
    let of_node = |id: NodeId| {
        let node = graph.node(id);
        let summed = node.op.einsum().map_or_else(Vec::new, |einsum| einsum.contracted());
        let one = extent(graph, point, &node.axes).saturating_mul(extent(graph, point, &summed));
        one.saturating_mul(3)
    };
    let of_parameter = |id: ParameterId| extent(graph, point, &graph.parameter(id).axes).saturating_mul(4);
    let all = graph.nodes().map(of_node).chain(graph.parameter_ids().map(of_parameter));
    u64::try_from(all.fold(0, u128::saturating_add)).unwrap_or(u64::MAX)
}

/// How many terms each linear node sums, at each point.
pub(super) fn summed(graph: &Graph, points: &[Point]) -> BTreeMap<NodeId, Vec<f64>> {
    let of = |id: NodeId| {
        let summed = graph.node(id).op.linear_einsum()?.contracted();
        #[allow(clippy::cast_precision_loss, reason = "sizes stay far below 2^52")]
        let counts = points.iter().map(|point| extent(graph, point, &summed) as f64).collect();
        Some((id, counts))
    };
    graph.nodes().filter_map(of).collect()
}
