//! [`Use`]: a weight at a node that applies it.

use super::gaussian::Weight;
use super::linear::{Linear, Side};
use crate::graph::NodeId;
use crate::simulate::array::{Real, Tensor};

/// One use of a weight.
#[derive(Clone, Copy)]
pub(crate) struct Use<'n, R: Real> {
    /// The node, as products of a matrix with the rows of its samples.
    pub(crate) linear: &'n Linear,
    /// The weight.
    pub(crate) weight: &'n Weight<R>,
    /// The node that the weight is applied to.
    pub(crate) operand: NodeId,
}

impl<R: Real> Use<'_, R> {
    /// A number times what the node is, if a matrix of the shape of the weight is in its place, of an operand or a stack of
    /// its tangents. `times` says what the matrix makes of rows along a side.
    pub(crate) fn applied(
        &self,
        number: f64,
        operand: &Tensor<R>,
        times: impl FnOnce(Side, &[R]) -> Vec<R>,
    ) -> Tensor<R> {
        let (linear, side) = (self.linear, self.linear.side);
        let input = linear.input(operand);
        let rows = times(side, &input.data);
        let mut result = linear.as_result(&input, self.weight.sizes().across(side), rows);
        result.scale(number * linear.factor);
        result
    }

    /// The derivative by the operand, from that by the node, if a matrix of the shape of the weight is in its place.
    pub(crate) fn transposed(&self, back: &Tensor<R>, times: impl FnOnce(Side, &[R]) -> Vec<R>) -> Tensor<R> {
        let (linear, side) = (self.linear, self.linear.side.other());
        let input = linear.result(back);
        let rows = times(side, &input.data);
        let mut result = linear.as_input(&input, self.weight.sizes().across(side), rows);
        result.scale(linear.factor);
        result
    }

    /// What the weight makes of an operand or a stack of its tangents.
    pub(crate) fn forward(&self, operand: &Tensor<R>) -> Tensor<R> {
        self.applied(1.0, operand, |side, rows| self.weight.times(side, rows))
    }

    /// What it makes of the derivative by the node.
    pub(crate) fn back(&self, back: &Tensor<R>) -> Tensor<R> {
        self.transposed(back, |side, rows| self.weight.times(side, rows))
    }
}
