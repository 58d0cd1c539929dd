//! [`Labelled`]: a tensor with the names of its axes, and its copies with axes in another order.

use std::borrow::Cow;

use crate::graph::AxisId;
use crate::simulate::array::real::Real;
use crate::simulate::array::tensor::Tensor;

/// The axis along which the responses to several parameters are stacked; always the first one.
pub(crate) const STACK: AxisId = AxisId(usize::MAX);

/// `axes` with [`STACK`] in front.
pub(crate) fn stacked(axes: &[AxisId]) -> Vec<AxisId> {
    [&[STACK], axes].concat()
}

/// A tensor with the names of its axes, in order.
#[derive(Clone, Copy)]
pub(crate) struct Labelled<'a, R: Real> {
    pub(crate) axes: &'a [AxisId],
    pub(crate) tensor: &'a Tensor<R>,
}

impl<'a, R: Real> Labelled<'a, R> {
    /// Names the axes of a tensor: as many as it has.
    pub(crate) fn new(axes: &'a [AxisId], tensor: &'a Tensor<R>) -> Self {
        debug_assert_eq!(axes.len(), tensor.shape.len(), "every axis has a size");
        Self { axes, tensor }
    }

    pub(super) fn size(&self, axis: AxisId) -> usize {
        self.axes
            .iter()
            .zip(&self.tensor.shape)
            .find(|(known, _)| **known == axis)
            .map_or(1, |(_, size)| *size)
    }

    pub(super) fn has(&self, axis: AxisId) -> bool {
        self.axes.contains(&axis)
    }
}

/// The same tensor with its axes in another order.
pub(crate) fn arrange<R: Real>(tensor: Tensor<R>, from: &[AxisId], to: &[AxisId]) -> Tensor<R> {
    if from == to { tensor } else { ordered(Labelled::new(from, &tensor), to).into_owned() }
}

/// The same tensor with its axes in another order, copied only if that moves something.
pub(crate) fn ordered<'a, R: Real>(from: Labelled<'a, R>, to: &[AxisId]) -> Cow<'a, Tensor<R>> {
    permuted(from.tensor, from.axes, to)
}

/// A tensor with the axes `from` as one with the axes `to`, copied only if that moves something.
pub(crate) fn permuted<'a, R: Real>(
    tensor: &'a Tensor<R>,
    from: &[AxisId],
    to: &[AxisId],
) -> Cow<'a, Tensor<R>> {
    let order: Vec<usize> =
        to.iter().filter_map(|axis| from.iter().position(|known| known == axis)).collect();
    debug_assert_eq!(order.len(), from.len(), "the axes are the same, in another order");
    tensor.permuted(&order)
}
