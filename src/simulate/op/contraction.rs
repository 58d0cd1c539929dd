//! `m * einsum(p, q)`: linear and bilinear maps, elementwise products, gains.

use crate::graph::AxisId;
use crate::simulate::array::{Labelled, Real, Tensor, einsum, rms, settle, stacked, terms};

/// A product of two operands, summed over the axes that the result lacks, times a number.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Contraction {
    operands: [Vec<AxisId>; 2],
    result: Vec<AxisId>,
    factor: f64,
}

impl Contraction {
    pub(super) fn new(operands: [Vec<AxisId>; 2], result: &[AxisId], factor: f64) -> Self {
        Self { operands, result: result.to_vec(), factor }
    }

    pub(super) fn factor(&self) -> f64 {
        self.factor
    }

    pub(super) fn forward<R: Real>(&self, p: &Tensor<R>, q: &Tensor<R>) -> Tensor<R> {
        let [p_axes, q_axes] = &self.operands;
        einsum(Labelled::new(p_axes, p), Labelled::new(q_axes, q), &self.result, self.factor)
    }

    pub(super) fn pull<R: Real>(
        &self,
        operands: [&Tensor<R>; 2],
        position: usize,
        back: &Tensor<R>,
    ) -> Tensor<R> {
        let moved = Labelled::new(&self.result, back);
        self.derivative(moved, operands, position, &self.operands[position], 1)
    }

    pub(super) fn push<R: Real>(
        &self,
        operands: [&Tensor<R>; 2],
        position: usize,
        stack: &Tensor<R>,
    ) -> Tensor<R> {
        let axes = stacked(&self.operands[position]);
        let moved = Labelled::new(&axes, stack);
        self.derivative(moved, operands, position, &stacked(&self.result), stack.shape[0])
    }

    /// The product of `moved` (so many copies of a tensor) with the operand that is not at `position`.
    fn derivative<R: Real>(
        &self,
        moved: Labelled<'_, R>,
        operands: [&Tensor<R>; 2],
        position: usize,
        axes: &[AxisId],
        copies: usize,
    ) -> Tensor<R> {
        let other = 1 - position;
        let fixed = Labelled::new(&self.operands[other], operands[other]);
        let mut result = einsum(moved, fixed, axes, self.factor);
        let terms = terms(moved, fixed, axes);
        #[allow(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
        let expected = self.factor.abs() * fixed.tensor.rms() * (terms as f64).sqrt();
        for (result, moved) in result.copies_mut(copies).zip(moved.tensor.copies(copies)) {
            settle(result, terms, expected * rms(moved));
        }
        result
    }
}
