//! [`Network`]: the arrays of one run: parameters, data, targets.

use std::borrow::Cow;
use std::ops::Range;
use std::rc::Rc;

use super::first::First;
use super::loss::Truth;
use crate::graph::op::Input;
use crate::graph::{AxisId, Graph, NodeId, ParameterId, Start};
use crate::simulate::array::{Real, Tensor, arrange, rms, settle};
use crate::simulate::op::{At, Kernel};
use crate::simulate::plan::{Layout, Plan, Point, Region, SimulateError};
use crate::simulate::random::Source;
use crate::simulate::weight::{Linear, Sizes, Split, Use, Way, Weight};

/// A graph with numbers: what it needs to be evaluated at one size with one seed.
pub(crate) struct Network<'a, R: Real> {
    pub(crate) graph: &'a Graph,
    /// What each node computes.
    kernels: Vec<Kernel>,
    /// The value of each parameter.
    parameters: Vec<Rc<Value<R>>>,
    /// The Frobenius norm of each whole parameter.
    norms: Rc<Vec<f64>>,
    /// What the outputs should be.
    pub(crate) truth: Rc<Truth<R>>,
    /// The use of a weight that each node is, nothing for other nodes.
    linears: Vec<Option<Linear>>,
    /// The data of each input, nothing for other nodes.
    data: Rc<Vec<Option<Tensor<R>>>>,
    /// The operands of each node.
    operands: Vec<Vec<NodeId>>,
    /// The first step of the weight that each node applies, if it starts at zero.
    firsts: Rc<Vec<Option<First>>>,
}

/// The value of a parameter.
pub(crate) enum Value<R: Real> {
    /// A weight that is only multiplied with something.
    Weight(Weight<R>),
    /// Every entry: a bias, a gain, or a weight that its uses take for different matrices.
    Tensor(Tensor<R>),
}

impl<'a, R: Real> Network<'a, R> {
    /// Draws a network.
    pub(crate) fn draw(
        plan: &Plan<'a>,
        point: &Point,
        layout: &Layout,
        source: Source,
        rates: &[f64],
    ) -> Result<Self, SimulateError> {
        let splits = plan.graph.parameter_ids().map(|id| plan.split(id)).collect();
        let firsts = plan.graph.nodes().map(|id| First::of(plan, rates, id)).collect();
        Self::drawn(plan, point, splits, &layout.ways, source, firsts)
    }

    /// Draws a network of which every entry is held, so that it can be changed.
    pub(crate) fn draw_whole(plan: &Plan<'a>, point: &Point, source: Source) -> Result<Self, SimulateError> {
        let (weights, nodes) = (plan.graph.parameters.len(), plan.graph.nodes().len());
        Self::drawn(plan, point, vec![None; weights], &[], source, vec![None; nodes])
    }

    /// Draws a network whose weights are split in the given ways, and held so.
    fn drawn(
        plan: &Plan<'a>,
        point: &Point,
        splits: Vec<Option<Split>>,
        ways: &[Way],
        source: Source,
        firsts: Vec<Option<First>>,
    ) -> Result<Self, SimulateError> {
        let graph = plan.graph;
        let kernels = plan.kernels(point)?;
        let parameter = |id: ParameterId| {
            let parameter = graph.parameter(id);
            let shape = shape(graph, point, &parameter.axes);
            let deviation = plan.deviation(id, point);
            if let Some(split) = &splits[id.0] {
                let sizes = Sizes::of(split, &shape);
                let normals = source.normals("parameter", &parameter.name);
                return Value::Weight(Weight::new(sizes, deviation, normals, ways[id.0]));
            }
            Value::Tensor(match parameter.start {
                Start::Gaussian => source.gaussian(&parameter.name, &shape, deviation),
                Start::Constant | Start::One | Start::Zero => Tensor::filled(&shape, R::narrow(deviation)),
                Start::Identity => {
                    let diagonal = graph.diagonal(id).unwrap_or_default();
                    Tensor::of_diagonal(&shape, &diagonal, R::narrow(deviation))
                }
            })
        };
        let linear = |id: NodeId| {
            let split = splits[graph.parameter_at(id)?.0].as_ref()?;
            Linear::new(split, graph.node(id).op.einsum()?, kernels[id.index()].factor())
        };
        let norm = |id: ParameterId| {
            let parameter = graph.parameter(id);
            let paired =
                graph.diagonal(id).filter(|_| parameter.start == Start::Identity).unwrap_or_default();
            let sizes = shape(graph, point, &parameter.axes).into_iter().enumerate();
            let on_diagonal = |place: &usize| paired.iter().all(|[_, other]| other != place);
            let entries: usize =
                sizes.filter(|(place, _)| on_diagonal(place)).map(|(_, size)| size).product();
            #[allow(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
            let entries = entries as f64;
            plan.deviation(id, point) * entries.sqrt()
        };
        Ok(Self {
            graph,
            norms: Rc::new(graph.parameter_ids().map(norm).collect()),
            parameters: graph.parameter_ids().map(|id| Rc::new(parameter(id))).collect(),
            linears: graph.nodes().map(linear).collect(),
            truth: Rc::new(Truth::draw(graph, point, source)),
            data: Rc::new(graph.nodes().map(|id| data(graph, point, source, id)).collect()),
            operands: graph.nodes().map(|id| graph.operands(id)).collect(),
            firsts: Rc::new(firsts),
            kernels,
        })
    }

    /// A weight, if the parameter is one that is only multiplied with something.
    pub(crate) fn weight(&self, id: ParameterId) -> Option<&Weight<R>> {
        match self.value(id) {
            Value::Weight(weight) => Some(weight),
            Value::Tensor(_) => None,
        }
    }

    /// The value of a parameter.
    pub(crate) fn value(&self, id: ParameterId) -> &Value<R> {
        &self.parameters[id.0]
    }

    /// Every entry of a parameter, in a network that holds them.
    pub(crate) fn tensor(&self, id: ParameterId) -> &Tensor<R> {
        match self.value(id) {
            Value::Tensor(tensor) => tensor,
            Value::Weight(_) => unreachable!("a network that is trained holds every entry"),
        }
    }

    /// Adds to the entries of a parameter.
    pub(crate) fn change(&mut self, id: ParameterId, by: &Tensor<R>) {
        let mut changed = self.tensor(id).clone();
        changed.add(by);
        self.parameters[id.0] = Rc::new(Value::Tensor(changed));
    }

    /// What a node that uses a parameter would be with another value of that and of its operand.
    pub(crate) fn product(&self, id: NodeId, parameter: &Tensor<R>, operand: &Tensor<R>) -> Tensor<R> {
        self.kernels[id.index()].forward(&[parameter, operand])
    }

    /// The number in front of a node.
    pub(crate) fn factor(&self, id: NodeId) -> f64 {
        self.kernels[id.index()].factor()
    }

    /// The Frobenius norm of a parameter, also if the network has only a slice of it: the root of the expected square. That of
    /// Gaussian entries is the same up to a relative fluctuation of `1 / sqrt(2 entries)`, and that of a gain is exact.
    /// A weight without entries has no other.
    pub(crate) fn norm(&self, id: ParameterId) -> f64 {
        self.norms[id.0]
    }

    /// The network with one slice after the other of what has the dimension of a region.
    pub(crate) fn slices<'s>(&'s self, region: &'s Region) -> impl Iterator<Item = Self> + use<'s, 'a, R> {
        let size = |id: ParameterId| {
            let place = region.place(self.graph, &self.graph.parameter(id).axes)?;
            match self.value(id) {
                Value::Tensor(tensor) => Some(tensor.shape[place]),
                Value::Weight(weight) => {
                    let order = Split::of_weight(self.graph, id)?.order();
                    let place = order.iter().position(|known| *known == place)?;
                    Some(weight.sizes().shape()[place])
                }
            }
        };
        let size = region.parameters(self.graph).into_iter().find_map(size).unwrap_or(1);
        let step = size.div_ceil(region.slices);
        (0..size).step_by(step).map(move |first| self.slice(region, first..size.min(first + step)))
    }

    /// The network with a slice of each parameter of a region.
    fn slice(&self, region: &Region, range: Range<usize>) -> Self {
        let mut parameters = self.parameters.clone();
        for id in region.parameters(self.graph) {
            let axes = &self.graph.parameter(id).axes;
            let Some(place) = region.place(self.graph, axes) else { continue };
            let value = match self.value(id) {
                Value::Tensor(tensor) => Value::Tensor(tensor.slice(place, range.clone())),
                Value::Weight(weight) => {
                    let order = Split::of_weight(self.graph, id).map(|split| split.order());
                    let place = order.and_then(|order| order.iter().position(|known| *known == place));
                    Value::Weight(weight.slice(place.unwrap_or_default(), range.clone()))
                }
            };
            parameters[id.0] = Rc::new(value);
        }
        Self {
            graph: self.graph,
            kernels: self.kernels.clone(),
            parameters,
            norms: Rc::clone(&self.norms),
            truth: Rc::clone(&self.truth),
            linears: self.linears.clone(),
            data: Rc::clone(&self.data),
            operands: self.operands.clone(),
            firsts: Rc::clone(&self.firsts),
        }
    }

    /// The use of a weight that a node is.
    pub(crate) fn applied(&self, id: NodeId) -> Option<Use<'_, R>> {
        let linear = self.linears[id.index()].as_ref()?;
        let weight = self.weight(self.graph.parameter_at(id)?)?;
        Some(Use { linear, weight, operand: *self.operands[id.index()].first()? })
    }

    /// The first step of the weight that a node applies, if it starts at zero.
    fn first(&self, id: NodeId) -> Option<First> {
        self.firsts[id.index()]
    }

    /// The nodes that a node takes as operands, in order, each with its position among the operands of its
    /// kernel: a parameter stands before them.
    pub(crate) fn positions(&self, id: NodeId) -> impl Iterator<Item = (usize, NodeId)> {
        let first = usize::from(self.graph.parameter_at(id).is_some());
        self.operands[id.index()].iter().enumerate().map(move |(place, operand)| (first + place, *operand))
    }

    /// The value of a node, from those before it.
    pub(crate) fn forward(&self, id: NodeId, values: &[Tensor<R>]) -> Tensor<R> {
        if let Some(data) = &self.data[id.index()] {
            return data.clone();
        }
        if let Some(applied) = self.applied(id) {
            return applied.forward(&values[applied.operand.index()]);
        }
        self.kernels[id.index()].forward(&self.operands(id, values))
    }

    /// The derivative of the loss by the operand of a node at a position of its kernel, from that by the node.
    pub(crate) fn pull(
        &self,
        id: NodeId,
        position: usize,
        values: &[Tensor<R>],
        back: &Tensor<R>,
    ) -> Tensor<R> {
        if let Some(applied) = self.applied(id) {
            if let Some(first) = self.first(id) {
                return first.pull(applied, &values[applied.operand.index()], back);
            }
            let Use { linear, weight, .. } = applied;
            let mut result = applied.back(back);
            let terms = weight.sizes().along(linear.side.other());
            settled(&mut result, back, 1, terms, linear.factor * weight.deviation());
            return result;
        }
        let operands = self.operands(id, values);
        let at = At { operands: &operands, result: &values[id.index()] };
        self.kernels[id.index()].pull(at, position, back)
    }

    /// The responses of a node to those of its operand at a position of its kernel, stacked. `back` is the derivative of the
    /// loss by the node.
    pub(crate) fn push<'s>(
        &self,
        id: NodeId,
        position: usize,
        values: &[Tensor<R>],
        back: Option<&Tensor<R>>,
        stack: &'s Tensor<R>,
    ) -> Cow<'s, Tensor<R>> {
        if let Some(applied) = self.applied(id) {
            if let Some((first, back)) = self.first(id).zip(back) {
                return Cow::Owned(first.push(applied, &values[applied.operand.index()], back, stack));
            }
            let Use { linear, weight, .. } = applied;
            let mut result = applied.forward(stack);
            let terms = weight.sizes().along(linear.side);
            settled(&mut result, stack, stack.shape[0], terms, linear.factor * weight.deviation());
            return Cow::Owned(result);
        }
        let operands = self.operands(id, values);
        let at = At { operands: &operands, result: &values[id.index()] };
        self.kernels[id.index()].push(at, position, stack)
    }

    /// The operands of the kernel of a node: its parameter, if it has one, then the values of nodes.
    fn operands<'b>(&'b self, id: NodeId, values: &'b [Tensor<R>]) -> Vec<&'b Tensor<R>> {
        let parameter = self.graph.parameter_at(id).and_then(|parameter| match self.value(parameter) {
            Value::Tensor(tensor) => Some(tensor),
            Value::Weight(_) => None,
        });
        let nodes = self.operands[id.index()].iter().map(|operand| &values[operand.index()]);
        parameter.into_iter().chain(nodes).collect()
    }
}

/// Sets copies of a product to zero that are what rounding leaves of a sum of so many `terms`, each a tangent times a number of
/// the given deviation.
fn settled<R: Real>(result: &mut Tensor<R>, moved: &Tensor<R>, copies: usize, terms: usize, deviation: f64) {
    #[allow(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
    let expected = deviation.abs() * (terms as f64).sqrt();
    for (result, moved) in result.copies_mut(copies).zip(moved.copies(copies)) {
        settle(result, terms, expected * rms(moved));
    }
}

/// The sizes of axes.
pub(crate) fn shape(graph: &Graph, point: &Point, axes: &[AxisId]) -> Vec<usize> {
    axes.iter().map(|axis| point.size(graph.dimension_of(*axis))).collect()
}

fn data<R: Real>(graph: &Graph, point: &Point, source: Source, id: NodeId) -> Option<Tensor<R>> {
    let node = graph.node(id);
    let Input { one_hot, tokens } = node.op.data()?;
    let belongs_to_row = |axis: &AxisId| match one_hot {
        Some(hot) => axis == hot,
        None => !graph.is_shared_over(graph.dimension_of(*axis)),
    };
    let (row, others): (Vec<AxisId>, Vec<AxisId>) = node.axes.iter().partition(|axis| belongs_to_row(axis));
    let order = [others.as_slice(), &row].concat();
    let width = shape(graph, point, &row).iter().product();
    let rows = shape(graph, point, &others).iter().product();
    let numbers = match one_hot {
        None => source.rows(&node.name, rows, width, *tokens),
        Some(_) => {
            let mut numbers = vec![R::zero(); rows * width];
            let classes = source.classes(&node.name, rows, width, *tokens);
            for (row, class) in numbers.chunks_exact_mut(width).zip(classes) {
                row[class] = R::one();
            }
            numbers
        }
    };
    let tensor = Tensor { shape: shape(graph, point, &order), data: numbers };
    Some(arrange(tensor, &order, &node.axes))
}

#[cfg(test)]
impl<R: Real> Network<'_, R> {
    /// Every entry of a parameter, in the order in which it is held.
    pub(crate) fn entries(&mut self, id: ParameterId) -> &mut Vec<R> {
        match Rc::get_mut(&mut self.parameters[id.0]).unwrap() {
            Value::Tensor(tensor) => &mut tensor.data,
            Value::Weight(weight) => weight.entries().unwrap(),
        }
    }
}
