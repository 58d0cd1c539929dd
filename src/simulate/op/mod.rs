//! Every op as a [`Kernel`]: its value, its derivative backwards (`pull`) and forwards (`push`).
//!
//! A parameter is an operand like another, the first one: then the gradient of a weight is a `pull` to
//! operand 0, and the response born where it is used a `push` from operand 0.
//!
//! `push` takes the tangents of several parameters at once, stacked along a leading axis.

mod contraction;
#[cfg(test)]
mod facts;
mod function;
mod pointwise;
mod rope;
mod rows;
mod sum;
mod window;

use std::borrow::Cow;

use self::contraction::Contraction;
use self::pointwise::Pointwise;
use self::rope::Rope;
pub(super) use self::rows::softmax;
use self::rows::{Norm, Softmax};
use self::sum::{Mean, Sum};
use self::window::Window;
use crate::graph::{DimensionId, Graph, NodeId, Op, op};
use crate::rule::Function;
use crate::simulate::array::{Real, Tensor};

/// What a node computes, with everything that the computation needs but the operands.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Kernel {
    /// Nothing: the data are given.
    Data,
    /// A product of two operands, summed over shared axes.
    Contraction(Contraction),
    /// A sum of operands, each copied along the axes it lacks.
    Sum(Sum),
    /// A number times the operand.
    Scale(f64),
    /// A function of each entry.
    Pointwise(Pointwise),
    /// A layer norm or RMS norm.
    Norm(Norm),
    /// A softmax.
    Softmax(Softmax),
    /// A mean over axes.
    Mean(Mean),
    /// Rotary positions.
    Rope(Rope),
    /// What lies around each position.
    Window(Window),
}

/// The values a derivative is taken at: the operands of a node and its result.
#[derive(Clone, Copy)]
pub(crate) struct At<'a, R: Real> {
    pub(crate) operands: &'a [&'a Tensor<R>],
    pub(crate) result: &'a Tensor<R>,
}

impl Kernel {
    /// The kernel of a node, where its multiplier (1 if it has none) has the value `factor` and dimensions their sizes.
    /// `function` finds the function of an activation by name.
    pub(crate) fn of<E>(
        graph: &Graph,
        id: NodeId,
        factor: f64,
        size: impl Fn(DimensionId) -> usize,
        function: impl Fn(&str) -> Result<Function, E>,
    ) -> Result<Self, E> {
        let node = graph.node(id);
        let own = |parameter| graph.fitting(parameter, &node.axes);
        let operand =
            || graph.operands(id).first().map_or(Vec::new(), |first| graph.node(*first).axes.clone());
        Ok(match &node.op {
            Op::Input(_) => Self::Data,
            Op::Linear(op::Linear { einsum, .. })
            | Op::Bilinear(op::Bilinear { einsum, .. })
            | Op::Product(op::Product { einsum }) => {
                Self::Contraction(Contraction::new(einsum.operands.clone(), &einsum.result, factor))
            }
            Op::Gain(op::Gain { parameter }) => {
                Self::Contraction(Contraction::new([own(*parameter), node.axes.clone()], &node.axes, factor))
            }
            Op::Bias(op::Bias { parameter }) => {
                Self::Sum(Sum::new(vec![own(*parameter), node.axes.clone()], &node.axes))
            }
            Op::Add(_) => Self::Sum(Sum::new(
                graph.operands(id).into_iter().map(|operand| graph.node(operand).axes.clone()).collect(),
                &node.axes,
            )),
            // What enters the first layer; a network is written out before it is simulated.
            Op::Scale(_) | Op::Stream(_) => Self::Scale(factor),
            Op::Activation(op::Activation(name)) => Self::Pointwise(Pointwise(function(name)?)),
            Op::Norm(op::Norm { kind, over }) => Self::Norm(Norm::new(*kind, &node.axes, over)),
            Op::Softmax(op::Softmax { over }) => Self::Softmax(Softmax::new(&node.axes, *over)),
            Op::Mean(_) => Self::Mean(Mean::new(&operand(), &node.axes)),
            Op::Rope(op::Rope { over, positions }) => Self::Rope(Rope::new(&node.axes, *positions, *over)),
            Op::Window(op::Window { over, by }) => {
                let width = size(graph.dimension_of(*by));
                Self::Window(Window::new(&node.axes, *over, *by, width))
            }
        })
    }

    /// The number in front of it; 1 if there is none.
    pub(crate) fn factor(&self) -> f64 {
        match self {
            Self::Contraction(op) => op.factor(),
            Self::Scale(factor) => *factor,
            Self::Data
            | Self::Sum(_)
            | Self::Pointwise(_)
            | Self::Norm(_)
            | Self::Softmax(_)
            | Self::Mean(_)
            | Self::Rope(_)
            | Self::Window(_) => 1.0,
        }
    }

    /// The value of the node.
    pub(crate) fn forward<R: Real>(&self, operands: &[&Tensor<R>]) -> Tensor<R> {
        match (self, operands) {
            (Self::Contraction(op), [p, q]) => op.forward(p, q),
            (Self::Sum(op), [..]) => op.forward(operands),
            (Self::Scale(factor), [x]) => scaled(x, *factor),
            (Self::Pointwise(op), [x]) => op.forward(x),
            (Self::Norm(op), [x]) => op.forward(x),
            (Self::Softmax(op), [x]) => op.forward(x),
            (Self::Mean(op), [x]) => op.forward(x),
            (Self::Rope(op), [x]) => op.forward(x),
            (Self::Window(op), [x]) => op.forward(x),
            _ => unreachable!("a node has as many operands as its op takes"),
        }
    }

    /// The derivative of the loss by operand `position`, from that by the result.
    pub(crate) fn pull<R: Real>(&self, at: At<'_, R>, position: usize, back: &Tensor<R>) -> Tensor<R> {
        match (self, at.operands) {
            (Self::Contraction(op), [p, q]) => op.pull([p, q], position, back),
            (Self::Sum(op), [..]) => op.pull(at.operands[position], position, back),
            (Self::Scale(factor), [_]) => scaled(back, *factor),
            (Self::Pointwise(op), [x]) => op.slope(x, back),
            (Self::Norm(op), [x]) => op.jacobian(x, at.result, back),
            (Self::Softmax(op), [_]) => op.jacobian(at.result, back),
            (Self::Mean(op), [x]) => op.pull(x, back),
            (Self::Rope(op), [_]) => op.pull(back),
            (Self::Window(op), [_]) => op.pull(back),
            _ => unreachable!("a node has as many operands as its op takes"),
        }
    }

    /// The responses of the result to those of operand `position`, stacked.
    pub(crate) fn push<'s, R: Real>(
        &self,
        at: At<'_, R>,
        position: usize,
        stack: &'s Tensor<R>,
    ) -> Cow<'s, Tensor<R>> {
        Cow::Owned(match (self, at.operands) {
            (Self::Contraction(op), [p, q]) => op.push([p, q], position, stack),
            (Self::Sum(op), [..]) => return op.push(position, stack, at.result),
            (Self::Scale(factor), [_]) => scaled(stack, *factor),
            (Self::Pointwise(op), [x]) => op.slope(x, stack),
            (Self::Norm(op), [x]) => op.jacobian(x, at.result, stack),
            (Self::Softmax(op), [_]) => op.jacobian(at.result, stack),
            (Self::Mean(op), [_]) => op.push(stack, at.result),
            (Self::Rope(op), [_]) => op.push(stack),
            (Self::Window(op), [_]) => op.push(stack),
            _ => unreachable!("a node has as many operands as its op takes"),
        })
    }
}

fn scaled<R: Real>(x: &Tensor<R>, factor: f64) -> Tensor<R> {
    let mut result = x.clone();
    result.scale(factor);
    result
}
