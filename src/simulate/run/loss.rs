//! What training minimises: its value and its derivatives by the outputs.

use crate::graph::op::Tokens;
use crate::graph::{Graph, Kind, Loss, LossOp, NodeId};
use crate::simulate::array::{Real, Tensor};
use crate::simulate::op::softmax;
use crate::simulate::plan::Point;
use crate::simulate::random::Source;

/// What every output should be. The loss is the sum over them.
pub(crate) struct Truth<R> {
    outputs: Vec<TrueOutput<R>>,
}

/// What one output should be, with the order of axes in which it is told: samples first, then features.
struct TrueOutput<R> {
    node: NodeId,
    /// By what its loss is multiplied.
    weight: f64,
    order: Vec<usize>,
    samples: usize,
    targets: Targets<R>,
}

enum Targets<R> {
    /// Half the squared error, for each sample and feature.
    Values(Vec<R>),
    /// Cross-entropy, for each sample.
    Classes(Vec<usize>),
}

impl<R: Real> Truth<R> {
    /// Draws targets whose mean over samples is not zero, so that neither is that of the derivative.
    pub(crate) fn draw(graph: &Graph, point: &Point, source: Source) -> Self {
        let output = |loss| TrueOutput::draw(graph, loss, point, source);
        Self { outputs: graph.losses.iter().map(output).collect() }
    }

    /// The loss, given the value of every node.
    pub(crate) fn loss(&self, values: &[Tensor<R>]) -> f64 {
        self.outputs.iter().map(|output| output.loss(&values[output.node.index()])).sum()
    }

    /// The derivative of the loss by each output, as far as nothing else uses it.
    pub(crate) fn derivatives(&self, values: &[Tensor<R>]) -> impl Iterator<Item = (NodeId, Tensor<R>)> {
        self.outputs.iter().map(|output| (output.node, output.derivative(&values[output.node.index()])))
    }
}

impl<R: Real> TrueOutput<R> {
    fn draw(graph: &Graph, loss: &Loss, point: &Point, source: Source) -> Self {
        let output = graph.node(loss.output);
        let is_sample = |place: &usize| graph.kind_of(output.axes[*place]) == Kind::Sample;
        let (mut order, features): (Vec<usize>, Vec<usize>) = (0..output.axes.len()).partition(is_sample);
        let extent = |places: &[usize]| -> usize {
            places.iter().map(|place| point.size(graph.dimension_of(output.axes[*place]))).product()
        };
        let (samples, width) = (extent(&order), extent(&features));
        order.extend(features);
        let name = format!("target of {}", output.name);
        let targets = match loss.op {
            LossOp::Mse => Targets::Values(source.rows(&name, samples, width, Tokens::Correlated)),
            LossOp::CrossEntropy => {
                Targets::Classes(source.classes(&name, samples, width, Tokens::Correlated))
            }
        };
        // A weight is read as a finite number above zero.
        let weight = loss.weight.parse().unwrap_or(1.0);
        Self { node: loss.output, weight, order, samples, targets }
    }

    /// The loss, a mean over samples.
    fn loss(&self, output: &Tensor<R>) -> f64 {
        let output = output.permuted(&self.order);
        let width = output.data.len() / self.samples;
        let sum: f64 = match &self.targets {
            Targets::Values(targets) => output
                .data
                .iter()
                .zip(targets)
                .map(|(output, target)| (output.wide() - target.wide()).powi(2) / 2.0)
                .sum(),
            Targets::Classes(classes) => output
                .data
                .chunks_exact(width)
                .zip(classes)
                .map(|(row, class)| {
                    let sum: f64 = row.iter().map(|logit| logit.wide().exp()).sum();
                    sum.ln() - row[*class].wide()
                })
                .sum(),
        };
        self.weight * sum / count(self.samples)
    }

    /// The derivative of the loss by the output.
    fn derivative(&self, output: &Tensor<R>) -> Tensor<R> {
        let mut back = output.permuted(&self.order).into_owned();
        let width = back.data.len() / self.samples;
        match &self.targets {
            Targets::Values(targets) => {
                back.data.iter_mut().zip(targets).for_each(|(output, target)| *output -= *target);
            }
            Targets::Classes(classes) => {
                for (row, class) in back.data.chunks_exact_mut(width).zip(classes) {
                    softmax(row);
                    row[*class] -= R::one();
                }
            }
        }
        back.scale(self.weight / count(self.samples));
        let mut inverse = vec![0; self.order.len()];
        self.order.iter().enumerate().for_each(|(to, from)| inverse[*from] = to);
        back.permuted(&inverse).into_owned()
    }
}

#[allow(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
fn count(number: usize) -> f64 {
    number as f64
}
