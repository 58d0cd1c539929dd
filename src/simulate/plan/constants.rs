//! [`Plan`]: an experiment that has been checked, with every constant of it at every size.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use super::chain;
use super::error::SimulateError;
use super::experiment::Experiment;
use super::points::{Point, Points};
use super::simulation::Simulation;
use crate::exact::Exponent;
use crate::graph::{BaseValue, Graph, Hyperparameters, NodeId, ParameterId, ParameterKind, Start, Unrolled};
use crate::rule::{Function, Step};
use crate::simulate::op::Kernel;
use crate::simulate::weight::Split;

/// A checked experiment.
pub(crate) struct Plan<'a> {
    pub(crate) graph: &'a Graph,
    pub(crate) points: Points,
    pub(crate) simulation: Simulation,
    /// Where nodes and parameters come from, if repeats have been written out.
    unrolled: Option<&'a Unrolled>,
    /// How many trained parameters are upstream of each node; copies in several layers are one.
    causes: Vec<usize>,
    steps: Cow<'a, [Step]>,
    functions: &'a BTreeMap<String, Function>,
    /// Standard deviation at the base point and exponent, for each parameter.
    init: Vec<PowerLaw>,
    /// Learning rate likewise.
    lr: Vec<PowerLaw>,
    /// Value of each multiplier likewise.
    multiplier: Vec<PowerLaw>,
}

/// `base * n^exponent`.
#[derive(Clone, Copy)]
struct PowerLaw {
    base: f64,
    exponent: f64,
}

impl PowerLaw {
    fn new(base: f64, exponent: &Exponent) -> Self {
        Self { base, exponent: exponent.approximate() }
    }

    fn at(self, point: &Point) -> f64 {
        self.base * point.growth.powf(self.exponent)
    }
}

/// Plans and files of results hold exponents as text.
fn refuse_long(graph: &Graph, hyperparameters: &Hyperparameters) -> Result<(), SimulateError> {
    let parameters = || graph.parameters.iter().map(|parameter| &parameter.name);
    let multipliers = graph.multipliers.iter().map(|multiplier| &multiplier.name);
    let Hyperparameters { init, lr, multiplier } = hyperparameters;
    let named = parameters().zip(init).chain(parameters().zip(lr)).chain(multipliers.zip(multiplier));
    let mut long = named.filter(|(_, exponent)| exponent.to_string().len() > Experiment::LONGEST_EXPONENT);
    long.next().map_or(Ok(()), |(name, _)| {
        Err(SimulateError::LongExponent { name: name.clone(), most: Experiment::LONGEST_EXPONENT })
    })
}

impl<'a> Plan<'a> {
    /// Checks everything about an experiment but how much memory it takes.
    pub(crate) fn of(experiment: &'a Experiment<'_>) -> Result<Self, SimulateError> {
        let Experiment { graph, hyperparameters, steps, functions, .. } = experiment;
        let points = Points::of(graph, experiment.scaling, &experiment.runs.values)?;
        let counts = [
            ("optimizer steps", graph.parameters.len(), steps.len()),
            ("init exponents", graph.parameters.len(), hyperparameters.init.len()),
            ("learning rate exponents", graph.parameters.len(), hyperparameters.lr.len()),
            ("multiplier exponents", graph.multipliers.len(), hyperparameters.multiplier.len()),
        ];
        for (what, expected, found) in counts {
            if expected != found {
                return Err(SimulateError::Count { what, expected, found });
            }
        }
        refuse_long(graph, hyperparameters)?;
        let base = points.base();
        let value = |name: &str, stated: &BaseValue| {
            let value = match stated {
                BaseValue::Number(text) => text.parse().ok().filter(|value: &f64| value.is_finite()),
                BaseValue::InverseSqrt(dimension) => Some(inverse_sqrt(base.size(*dimension))),
            };
            value.ok_or_else(|| {
                let base = match stated {
                    BaseValue::Number(text) => text.clone(),
                    BaseValue::InverseSqrt(id) => format!("1/sqrt({})", graph.dimension(*id).name),
                };
                SimulateError::Base { name: name.to_owned(), base }
            })
        };
        let init = graph.parameter_ids().map(|id| {
            let parameter = graph.parameter(id);
            let deviation = match &parameter.base {
                Some(stated) => value(&parameter.name, stated)?,
                None => base_deviation(graph, base, id) * chain::deviation(graph, functions, id),
            };
            Ok(PowerLaw::new(deviation, hyperparameters.init(id)))
        });
        let lr = graph.parameter_ids().map(|id| PowerLaw::new(1.0, hyperparameters.lr(id)));
        let multiplier = graph.multiplier_ids().map(|id| {
            let multiplier = graph.multiplier(id);
            let value = value(&multiplier.name, &multiplier.base)?;
            Ok(PowerLaw::new(value, hyperparameters.multiplier(id)))
        });
        let plan = Self {
            graph,
            simulation: experiment.runs.simulation,
            unrolled: None,
            causes: causes(graph, |id| id),
            steps: Cow::Borrowed(steps),
            functions,
            init: init.collect::<Result<_, _>>()?,
            lr: lr.collect(),
            multiplier: multiplier.collect::<Result<_, _>>()?,
            points,
        };
        plan.kernels(plan.points.base())?;
        Ok(plan)
    }

    /// Does something with the plan of the network at a point, every layer of its repeats written out.
    pub(crate) fn written_out<T>(&self, point: &Point, then: impl FnOnce(&Plan<'_>) -> T) -> T {
        if self.graph.repeats.is_empty() {
            return then(self);
        }
        let unrolled = self.graph.unrolled(|dimension| point.size(dimension));
        let of_copies = |of: &[PowerLaw]| unrolled.parameters.iter().map(|origin| of[origin.0]).collect();
        then(&Plan {
            graph: &unrolled.graph,
            points: self.points.clone(),
            simulation: self.simulation,
            unrolled: Some(&unrolled),
            causes: causes(&unrolled.graph, |id| unrolled.parameters[id.0]),
            steps: unrolled.parameters.iter().map(|origin| self.steps[origin.0]).collect(),
            functions: self.functions,
            init: of_copies(&self.init),
            lr: of_copies(&self.lr),
            multiplier: self.multiplier.clone(),
        })
    }

    /// The parameter of the network before it was written out.
    pub(crate) fn parameter(&self, copy: ParameterId) -> ParameterId {
        self.unrolled.map_or(copy, |unrolled| unrolled.parameters[copy.0])
    }

    /// The node of the network before it was written out.
    pub(crate) fn node(&self, copy: NodeId) -> NodeId {
        self.unrolled.map_or(copy, |unrolled| unrolled.nodes[copy.index()])
    }

    /// How many parameters are upstream of a node; copies in several layers are one.
    pub(crate) fn causes(&self, node: NodeId) -> usize {
        self.causes[node.index()]
    }

    /// How a parameter moves.
    pub(crate) fn step(&self, id: ParameterId) -> Step {
        self.steps[id.0]
    }

    /// How a weight is a stack of random matrices; nothing for a bias, a gain, what starts at the same numbers everywhere, or what its
    /// uses take for different ones.
    pub(crate) fn split(&self, id: ParameterId) -> Option<Split> {
        match (self.graph.parameter(id).kind, self.graph.parameter(id).start) {
            (ParameterKind::Weight, Start::Gaussian | Start::One | Start::Zero) => {
                Split::of_weight(self.graph, id)
            }
            (ParameterKind::Weight, Start::Constant | Start::Identity)
            | (ParameterKind::Bias | ParameterKind::Gain, _) => None,
        }
    }

    /// The standard deviation of a parameter; of one that starts at the same number everywhere, that number.
    pub(crate) fn deviation(&self, id: ParameterId, point: &Point) -> f64 {
        self.init[id.0].at(point)
    }

    /// The learning rate of a parameter, where the base one is 1.
    pub(crate) fn lr(&self, id: ParameterId, point: &Point) -> f64 {
        self.lr[id.0].at(point)
    }

    /// The kernel of each node at a point.
    pub(crate) fn kernels(&self, point: &Point) -> Result<Vec<Kernel>, SimulateError> {
        let function = |name: &str| {
            self.functions.get(name).copied().ok_or_else(|| SimulateError::UnknownFunction(name.into()))
        };
        let kernel = |id: NodeId| {
            let multiplier = self.graph.node(id).op.multiplier();
            let factor = multiplier.map_or(1.0, |multiplier| self.multiplier[multiplier.0].at(point));
            Kernel::of(self.graph, id, factor, |dimension| point.size(dimension), function)
        };
        self.graph.nodes().map(kernel).collect()
    }
}

/// How many trained parameters are upstream of each node, those that come from one counted once.
fn causes(graph: &Graph, origin: impl Fn(ParameterId) -> ParameterId) -> Vec<usize> {
    let mut upstream: Vec<BTreeSet<ParameterId>> = Vec::with_capacity(graph.nodes().len());
    for id in graph.nodes() {
        let own = graph.parameter_at(id).filter(|id| graph.parameter(*id).is_trained()).map(&origin);
        let above = graph.operands(id).into_iter().flat_map(|x| upstream[x.index()].iter().copied());
        let all = above.chain(own).collect();
        upstream.push(all);
    }
    upstream.iter().map(BTreeSet::len).collect()
}

/// The standard deviation that keeps forward magnitudes at the base point of order 1: one over the root of the
/// fan-in of a weight, the largest where it is used several times; 1 for a bias, for a gain, and for a weight that somewhere
/// takes a one-hot input, which has one non-zero entry: frameworks start an embedding so, be it a readout too.
fn base_deviation(graph: &Graph, base: &Point, id: ParameterId) -> f64 {
    match (graph.parameter(id).start, graph.parameter(id).kind) {
        (Start::Zero, _) => 0.0,
        (Start::Constant | Start::Identity | Start::One, _)
        | (_, ParameterKind::Bias | ParameterKind::Gain) => 1.0,
        (Start::Gaussian, ParameterKind::Weight) => {
            let uses = graph.uses(id);
            let embedding = uses.iter().find(|node| graph.takes_one_hot(**node));
            let fan_ins = embedding.map_or(uses.as_slice(), std::slice::from_ref);
            inverse_sqrt(fan_ins.iter().map(|node| fan_in(graph, base, *node)).max().unwrap_or(1))
        }
    }
}

/// How many terms of order 1 a linear node sums for each entry.
fn fan_in(graph: &Graph, base: &Point, node: NodeId) -> usize {
    graph.summed_axes(node).into_iter().map(|axis| base.size(graph.dimension_of(axis))).product()
}

#[allow(clippy::cast_precision_loss, reason = "sizes of arrays stay far below 2^52")]
fn inverse_sqrt(size: usize) -> f64 {
    (size as f64).sqrt().recip()
}
