//! What every op says of itself, against what its kernel does to random numbers. A promise must hold; and where nothing is
//! promised, it must not hold either, but for the exceptions that stand here.

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::sync::Arc;

use super::{At, Kernel};
use crate::graph::op::{Centred, VOCABULARY, Zeros};
use crate::graph::{AxisId, Consumer, Graph, Kind, NodeId, Op};
use crate::rule::{Function, OpRule, RuleBook};
use crate::simulate::array::{Tensor, dot};
use crate::simulate::random::{Seed, Source};
use crate::simulate::testing;

/// What rounding leaves of zero in sums of a few hundred numbers of order 1.
const ROUNDING: f64 = 1e-9;
/// The smallest cosine with an operand that counts as a part of its direction: some hundred numbers that have nothing to do
/// with each other reach a tenth.
const SOME_DIRECTION: f64 = 0.3;

/// A node with random numbers.
struct Trial<'g> {
    graph: &'g Graph,
    id: NodeId,
    kernel: Kernel,
    /// The parameter first, if there is one.
    operands: Vec<Tensor<f64>>,
    parameters: usize,
}

/// Calls `test` with every node that has operands, of graphs that have every op between them.
fn each(test: impl Fn(&Trial<'_>)) {
    for graph in graphs() {
        graph
            .nodes()
            .filter(|id| !graph.operands(*id).is_empty())
            .for_each(|id| test(&Trial::new(&graph, id)));
    }
}

fn graphs() -> Vec<Arc<Graph>> {
    let with_streams = include_str!("../../../rules/architectures/resmlp.toml");
    testing::graphs().into_values().chain([testing::graph(with_streams)]).collect()
}

impl<'g> Trial<'g> {
    fn new(graph: &'g Graph, id: NodeId) -> Self {
        let node = graph.node(id);
        let size = |axis: &AxisId| graph.dimension(graph.dimension_of(*axis)).size;
        let function = |name: &str| -> Result<Function, Infallible> {
            Ok(Function::NAMES.iter().find(|(known, _)| *known == name).unwrap().1)
        };
        let Ok(kernel) = Kernel::of(graph, id, 0.5, |dimension| graph.dimension(dimension).size, function);
        let parameter = graph.parameter_at(id).map(|parameter| graph.parameter(parameter).axes.clone());
        let parameters = usize::from(parameter.is_some());
        let data = graph.operands(id).into_iter().map(|operand| graph.node(operand).axes.clone());
        let number = |(position, axes): (usize, Vec<AxisId>)| {
            let shape: Vec<usize> = axes.iter().map(size).collect();
            random(&format!("{} {position}", node.name), &shape)
        };
        let operands = parameter.into_iter().chain(data).enumerate().map(number).collect();
        Self { graph, id, kernel, operands, parameters }
    }

    fn op(&self) -> &'g Op {
        &self.graph.node(self.id).op
    }

    fn name(&self) -> String {
        format!("{} of {}", self.graph.node(self.id).name, self.graph.name)
    }

    fn function(&self) -> Option<Function> {
        let name = self.op().activation()?;
        Function::NAMES.iter().find(|(known, _)| *known == name).map(|(_, function)| *function)
    }

    /// The places of the operands that are nodes, in order.
    fn nodes(&self) -> impl Iterator<Item = usize> {
        self.parameters..self.operands.len()
    }

    /// The use of the node at that place among the operands.
    fn place(&self, operand: usize) -> Consumer {
        Consumer { node: self.id, position: operand - self.parameters }
    }

    fn value(&self, operands: &[Tensor<f64>]) -> Tensor<f64> {
        self.kernel.forward(&operands.iter().collect::<Vec<_>>())
    }

    /// The result, with some operands changed.
    fn with(&self, change: impl Fn(usize, &Tensor<f64>) -> Tensor<f64>) -> Tensor<f64> {
        let operands: Vec<Tensor<f64>> =
            self.operands.iter().enumerate().map(|(operand, value)| change(operand, value)).collect();
        self.value(&operands)
    }

    fn response(&self, operand: usize, change: &Tensor<f64>) -> Tensor<f64> {
        let stack = Tensor { shape: [&[1], change.shape.as_slice()].concat(), data: change.data.clone() };
        let (operands, result) = (self.operands.iter().collect::<Vec<_>>(), self.value(&self.operands));
        let pushed = self.kernel.push(At { operands: &operands, result: &result }, operand, &stack);
        Tensor { shape: pushed.shape[1..].to_vec(), data: pushed.data.clone() }
    }

    fn pulled(&self, operand: usize, back: &Tensor<f64>) -> Tensor<f64> {
        let (operands, result) = (self.operands.iter().collect::<Vec<_>>(), self.value(&self.operands));
        self.kernel.pull(At { operands: &operands, result: &result }, operand, back)
    }
}

fn random(name: &str, shape: &[usize]) -> Tensor<f64> {
    Source { base: 3, seed: Seed(0) }.gaussian(name, shape, 1.0)
}

fn times(tensor: &Tensor<f64>, factor: f64) -> Tensor<f64> {
    tensor.map(|x| factor * x)
}

fn is_near(a: &Tensor<f64>, b: &Tensor<f64>) -> bool {
    assert_eq!(a.shape, b.shape);
    a.data.iter().zip(&b.data).all(|(a, b)| (a - b).abs() <= ROUNDING * (1.0 + b.abs()))
}

fn is_nothing(tensor: &Tensor<f64>) -> bool {
    tensor.data.iter().all(|x| x.abs() <= ROUNDING)
}

/// The same numbers at every place along an axis: those of the first.
fn spread(tensor: &Tensor<f64>, axis: usize) -> Tensor<f64> {
    let mut result = tensor.clone();
    let inner: usize = tensor.shape[axis + 1..].iter().product();
    let outer = tensor.shape[axis] * inner;
    for (at, x) in result.data.iter_mut().enumerate() {
        *x = tensor.data[at / outer * outer + at % inner];
    }
    result
}

/// Without every other entry.
fn thinned(tensor: &Tensor<f64>) -> Tensor<f64> {
    let mut result = tensor.clone();
    result.data.iter_mut().step_by(2).for_each(|x| *x = 0.0);
    result
}

fn is_thin(tensor: &Tensor<f64>) -> bool {
    tensor.data.iter().step_by(2).all(|x| *x == 0.0)
}

#[test]
fn every_op_of_the_vocabulary_is_tried() {
    let graphs = graphs();
    let nodes = graphs.iter().flat_map(|graph| graph.nodes().map(|id| graph.node(id).op.facts().name));
    let tried: BTreeSet<&str> = nodes.collect();
    assert_eq!(tried, VOCABULARY.iter().map(|facts| facts.name).collect());
}

#[test]
fn an_op_uses_the_parameter_that_it_says() {
    each(|trial| {
        let kind = trial.graph.parameter_at(trial.id).map(|parameter| trial.graph.parameter(parameter).kind);
        assert_eq!(kind, trial.op().facts().uses, "{}", trial.name());
    });
}

#[test]
fn zeros_are_kept_where_that_is_said() {
    let book = RuleBook::embedded().unwrap();
    each(|trial| {
        let thin = trial.with(|operand, x| if operand < trial.parameters { x.clone() } else { thinned(x) });
        let rule = trial.op().rule_name().and_then(|name| book.ops.get(name));
        let holds = match trial.op().facts().zeros {
            Zeros::Kept | Zeros::Summed => is_thin(&thin),
            Zeros::AsItsRule => is_thin(&thin) || !rule.is_some_and(OpRule::keeps_zero),
            Zeros::Filled => !is_thin(&thin),
            Zeros::Lost => return,
        };
        assert!(holds, "{}", trial.name());
        for operand in trial.nodes() {
            let back = thinned(&random("back", &thin.shape));
            assert!(is_thin(&trial.pulled(operand, &back)), "{}", trial.name());
        }
    });
}

#[test]
fn what_is_centred_is_odd_in_what_it_takes_that_from() {
    each(|trial| {
        let result = trial.value(&trial.operands);
        let is_odd_in = |wanted: &dyn Fn(usize) -> bool| {
            let turned = trial.with(|operand, x| if wanted(operand) { times(x, -1.0) } else { x.clone() });
            is_near(&turned, &times(&result, -1.0))
        };
        let adds = trial.op().facts().adds;
        assert!(
            match trial.op().facts().centred {
                Centred::Always => trial.parameters == 1 && is_odd_in(&|operand| operand == 0),
                Centred::IfAny => trial.nodes().all(|one| is_odd_in(&|operand| operand == one)),
                Centred::IfAll => is_odd_in(&|operand| operand >= trial.parameters || adds),
                Centred::Never => true,
            },
            "{}",
            trial.name()
        );
    });
}

#[test]
fn a_change_that_is_alike_along_axes_stays_so_as_the_slope_says() {
    each(|trial| {
        for operand in trial.nodes() {
            let place = trial.place(operand);
            let axes = &trial.graph.node(trial.graph.operands(trial.id)[place.position]).axes;
            let single = axes.iter().map(|axis| BTreeSet::from([*axis]));
            for alike in single.chain([axes.iter().copied().collect()]) {
                let change = random("change", &trial.operands[operand].shape);
                let along = (0..axes.len()).filter(|at| alike.contains(&axes[*at]));
                let response = trial.response(operand, &along.fold(change, |change, at| spread(&change, at)));
                let name = format!("{} by {}", trial.name(), place.position);
                let Some(beyond) = trial.graph.alike_beyond(place, &alike) else {
                    assert!(is_nothing(&response), "{name}");
                    continue;
                };
                for (at, label) in trial.graph.node(trial.id).axes.iter().enumerate() {
                    let is_alike = is_near(&response, &spread(&response, at));
                    assert!(is_alike || !beyond.contains(label), "{name}");
                    // A layer norm takes away what is alike to features, and the identity has a slope of 1.
                    let known = trial.graph.kind_of(*label) == Kind::Sample
                        && !is_nothing(&response)
                        && trial.function() != Some(Function::Identity);
                    assert!(!known || is_alike == beyond.contains(label), "{name}");
                }
            }
        }
    });
}

#[test]
fn along_an_axis_that_an_op_does_not_run_over_places_know_nothing_of_each_other() {
    each(|trial| {
        let result = trial.value(&trial.operands);
        let over = trial.op().over();
        for operand in trial.nodes() {
            let labels = trial.graph.labels(trial.place(operand)).unwrap();
            for (at, label) in trial.graph.node(trial.id).axes.iter().enumerate() {
                let Some(from) = labels.iter().position(|known| known == label) else { continue };
                let size = result.shape[at];
                let first = |x: &Tensor<f64>| {
                    let rest = x.slice(from, 1..size);
                    let changed = random("first", &x.slice(from, 0..1).shape);
                    joined(from, &changed, &rest)
                };
                let changed = trial.with(|which, x| if which == operand { first(x) } else { x.clone() });
                let apart = is_near(&changed.slice(at, 1..size), &result.slice(at, 1..size));
                // Rotary positions have angles of their own, but are not mixed.
                let is_position = trial.op().facts().name == "rope" && over.last() == Some(label);
                assert!(size == 1 || apart != over.contains(label) || is_position, "{}", trial.name());
            }
        }
    });
}

/// One tensor after the other along an axis.
fn joined(axis: usize, first: &Tensor<f64>, rest: &Tensor<f64>) -> Tensor<f64> {
    let mut shape = rest.shape.clone();
    shape[axis] += first.shape[axis];
    let row = |x: &Tensor<f64>| x.shape[axis..].iter().product::<usize>();
    let rows = first.data.chunks(row(first)).zip(rest.data.chunks(row(rest)));
    Tensor { shape, data: rows.flat_map(|(first, rest)| [first, rest].concat()).collect() }
}

#[test]
fn what_compares_does_not_see_a_shift() {
    each(|trial| {
        let Some(over) = trial.op().compares() else { return };
        let axes = &trial.graph.node(trial.id).axes;
        let at = axes.iter().position(|axis| *axis == over).unwrap();
        let shifted = trial.with(|_, x| {
            let mut shifted = spread(&random("shift", &x.shape), at);
            shifted.add(x);
            shifted
        });
        assert!(is_near(&shifted, &trial.value(&trial.operands)), "{}", trial.name());
    });
}

#[test]
fn what_adds_is_the_sum_of_its_operands() {
    each(|trial| {
        if !trial.op().facts().adds {
            return;
        }
        for one in 0..trial.operands.len() {
            let alone = trial.with(|operand, x| times(x, f64::from(u8::from(operand == one))));
            if one >= trial.parameters {
                assert!(is_near(&alone, &trial.operands[one]), "{}", trial.name());
            }
            let by = trial.response(one, &trial.operands[one]);
            assert!(is_near(&by, &alone), "{}", trial.name());
        }
        let whole = trial.value(&trial.operands);
        let parts = (0..trial.operands.len()).map(|one| trial.response(one, &trial.operands[one]));
        let sum = parts.reduce(|mut sum, part| {
            sum.add(&part);
            sum
        });
        assert!(is_near(&sum.unwrap(), &whole), "{}", trial.name());
    });
}

#[test]
fn what_normalises_and_nothing_else_forgets_a_factor() {
    // Far above the small number that norms add to a mean square.
    const LARGE: f64 = 1e4;
    const NEARLY: f64 = 1e-6;
    each(|trial| {
        let scaled = |factor: f64| {
            trial.with(|operand, x| if operand < trial.parameters { x.clone() } else { times(x, factor) })
        };
        let (once, thrice) = (scaled(LARGE), scaled(3.0 * LARGE));
        let forgets = once.data.iter().zip(&thrice.data).all(|(a, b)| (a - b).abs() <= NEARLY * a.abs());
        let saturates = matches!(trial.function(), Some(Function::Tanh | Function::Sigmoid));
        let saturates = saturates || trial.op().compares().is_some();
        assert!(saturates || forgets == trial.op().facts().normalises, "{}", trial.name());
    });
}

#[test]
fn what_keeps_the_direction_is_at_no_right_angle_with_its_operands() {
    each(|trial| {
        if !trial.op().facts().keeps_direction {
            return;
        }
        // Gains start at one.
        let is_gain = |operand: usize| operand < trial.parameters && !trial.op().facts().adds;
        let result = trial.with(|operand, x| if is_gain(operand) { x.map(|_| 1.0) } else { x.clone() });
        for operand in trial.nodes() {
            let x = &trial.operands[operand];
            let cosine =
                dot(&x.data, &result.data) / (dot(&x.data, &x.data) * dot(&result.data, &result.data)).sqrt();
            // The only even function: no rule has it.
            let is_even = trial.function() == Some(Function::Abs);
            assert!((cosine > SOME_DIRECTION) != is_even, "{}: {cosine}", trial.name());
        }
    });
}
