//! The two losses: their value and their derivative by the output.

use crate::graph::op::Tokens;
use crate::graph::{Graph, Kind, LossOp};
use crate::simulate::array::{Real, Tensor};
use crate::simulate::op::softmax;
use crate::simulate::plan::Point;
use crate::simulate::random::Source;

/// What the output should be, with the order of axes in which it is told: samples first, then features.
pub(crate) struct Truth<R> {
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
        let output = graph.node(graph.loss.output);
        let is_sample = |place: &usize| graph.kind_of(output.axes[*place]) == Kind::Sample;
        let (mut order, features): (Vec<usize>, Vec<usize>) = (0..output.axes.len()).partition(is_sample);
        let extent = |places: &[usize]| -> usize {
            places.iter().map(|place| point.size(graph.dimension_of(output.axes[*place]))).product()
        };
        let (samples, width) = (extent(&order), extent(&features));
        order.extend(features);
        let name = format!("target of {}", output.name);
        let targets = match graph.loss.op {
            LossOp::Mse => Targets::Values(source.rows(&name, samples, width, Tokens::Correlated)),
            LossOp::CrossEntropy => {
                Targets::Classes(source.classes(&name, samples, width, Tokens::Correlated))
            }
        };
        Self { order, samples, targets }
    }

    /// The loss, a mean over samples.
    pub(crate) fn loss(&self, output: &Tensor<R>) -> f64 {
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
        sum / count(self.samples)
    }

    /// The derivative of the loss by the output.
    pub(crate) fn derivative(&self, output: &Tensor<R>) -> Tensor<R> {
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
        back.scale(count(self.samples).recip());
        let mut inverse = vec![0; self.order.len()];
        self.order.iter().enumerate().for_each(|(to, from)| inverse[*from] = to);
        back.permuted(&inverse).into_owned()
    }
}

#[allow(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
fn count(number: usize) -> f64 {
    number as f64
}
