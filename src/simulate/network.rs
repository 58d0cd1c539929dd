//! [`Network`]: the arrays of one run: parameters, data, targets.

use super::draw::Source;
use super::einsum::arrange;
use super::error::SimulateError;
use super::loss::Truth;
use super::op::Kernel;
use super::plan::Plan;
use super::sizes::Point;
use super::tensor::{Real, Tensor};
use crate::graph::{AxisId, Graph, Kind, NodeId, Op, ParameterId, ParameterKind};

/// A graph with numbers: what it needs to be evaluated at one size with one seed.
pub(super) struct Network<'a, R> {
    pub(super) graph: &'a Graph,
    /// What each node computes.
    pub(super) kernels: Vec<Kernel>,
    /// The value of each parameter.
    pub(super) parameters: Vec<Tensor<R>>,
    /// What the output should be.
    pub(super) truth: Truth<R>,
    /// The data of each input, nothing for other nodes.
    data: Vec<Option<Tensor<R>>>,
    /// The operands of each node.
    operands: Vec<Vec<NodeId>>,
}

impl<'a, R: Real> Network<'a, R> {
    /// Draws a network.
    pub(super) fn draw(plan: &Plan<'a>, point: &Point, source: Source) -> Result<Self, SimulateError> {
        let graph = plan.graph;
        let parameter = |id: ParameterId| {
            let parameter = graph.parameter(id);
            let shape = shape(graph, point, &parameter.axes);
            let deviation = plan.deviation(id, point);
            match parameter.kind {
                ParameterKind::Weight | ParameterKind::Bias => {
                    source.gaussian(&parameter.name, &shape, deviation)
                }
                ParameterKind::Gain => Tensor::filled(&shape, R::narrow(deviation)),
            }
        };
        Ok(Self {
            graph,
            kernels: plan.kernels(point)?,
            parameters: graph.parameter_ids().map(parameter).collect(),
            truth: Truth::draw(graph, point, source),
            data: graph.nodes().map(|id| data(graph, point, source, id)).collect(),
            operands: graph.nodes().map(|id| graph.operands(id)).collect(),
        })
    }

    /// The data of a node, if it is an input.
    pub(super) fn data(&self, id: NodeId) -> Option<&Tensor<R>> {
        self.data[id.index()].as_ref()
    }

    /// The nodes that a node takes as operands, in order, each with its position among the operands of its
    /// kernel: a parameter stands before them.
    pub(super) fn positions(&self, id: NodeId) -> impl Iterator<Item = (usize, NodeId)> {
        let first = usize::from(self.graph.parameter_at(id).is_some());
        self.operands[id.index()].iter().enumerate().map(move |(place, operand)| (first + place, *operand))
    }

    /// The operands of the kernel of a node: its parameter, if it has one, then the values of nodes.
    pub(super) fn operands<'b>(&'b self, id: NodeId, values: &'b [Tensor<R>]) -> Vec<&'b Tensor<R>> {
        let parameter = self.graph.parameter_at(id).map(|parameter| &self.parameters[parameter.0]);
        let nodes = self.operands[id.index()].iter().map(|operand| &values[operand.index()]);
        parameter.into_iter().chain(nodes).collect()
    }
}

/// The sizes of axes.
pub(super) fn shape(graph: &Graph, point: &Point, axes: &[AxisId]) -> Vec<usize> {
    axes.iter().map(|axis| point.size(graph.dimension_of(*axis))).collect()
}

fn data<R: Real>(graph: &Graph, point: &Point, source: Source, id: NodeId) -> Option<Tensor<R>> {
    let node = graph.node(id);
    let Op::Input { one_hot, tokens } = &node.op else {
        return None;
    };
    let belongs_to_row = |axis: &AxisId| match one_hot {
        Some(hot) => axis == hot,
        None => graph.kind_of(*axis) != Kind::Sample,
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
