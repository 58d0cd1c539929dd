//! Sums: of several operands (add, bias), and of one along its axes (mean).

use std::borrow::Cow;

use crate::graph::AxisId;
use crate::simulate::array::{Labelled, Real, Tensor, refit, rms, settle, stacked};

/// The sum of operands, each copied along the axes of the result that it lacks.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Sum {
    operands: Vec<Vec<AxisId>>,
    result: Vec<AxisId>,
}

impl Sum {
    pub(super) fn new(operands: Vec<Vec<AxisId>>, result: &[AxisId]) -> Self {
        Self { operands, result: result.to_vec() }
    }

    pub(super) fn forward<R: Real>(&self, operands: &[&Tensor<R>]) -> Tensor<R> {
        // The last operand is a node, with every axis of the result.
        let shape =
            operands.iter().zip(&self.operands).rev().map(|(x, axes)| shape_as(x, axes, &self.result));
        let shape = shape.into_iter().next().unwrap_or_default();
        let mut result: Option<Tensor<R>> = None;
        for (operand, axes) in operands.iter().zip(&self.operands) {
            match &mut result {
                Some(result) if *axes == self.result => result.add(operand),
                Some(result) => result.add(&refit(Labelled::new(axes, operand), &self.result, &shape)),
                None => result = Some(refit(Labelled::new(axes, operand), &self.result, &shape)),
            }
        }
        result.unwrap_or_else(|| Tensor::zeros(&shape))
    }

    pub(super) fn pull<R: Real>(&self, operand: &Tensor<R>, position: usize, back: &Tensor<R>) -> Tensor<R> {
        let mut result = refit(Labelled::new(&self.result, back), &self.operands[position], &operand.shape);
        let terms = back.data.len() / result.data.len();
        #[allow(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
        let expected = back.rms() * (terms as f64).sqrt();
        if terms > 1 {
            settle(&mut result.data, terms, expected);
        }
        result
    }

    pub(super) fn push<'s, R: Real>(
        &self,
        position: usize,
        stack: &'s Tensor<R>,
        result: &Tensor<R>,
    ) -> Cow<'s, Tensor<R>> {
        if self.operands[position] == self.result {
            return Cow::Borrowed(stack);
        }
        let axes = stacked(&self.operands[position]);
        let shape = [&stack.shape[..1], &result.shape].concat();
        Cow::Owned(refit(Labelled::new(&axes, stack), &stacked(&self.result), &shape))
    }
}

/// The sizes of the axes `to`, which are those of `x` in another order.
fn shape_as<R: Real>(x: &Tensor<R>, axes: &[AxisId], to: &[AxisId]) -> Vec<usize> {
    let size = |axis: &AxisId| axes.iter().zip(&x.shape).find(|(known, _)| *known == axis);
    to.iter().filter_map(|axis| size(axis).map(|(_, size)| *size)).collect()
}

/// The mean over axes that the result lacks.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Mean {
    operand: Vec<AxisId>,
    result: Vec<AxisId>,
}

impl Mean {
    pub(super) fn new(operand: &[AxisId], result: &[AxisId]) -> Self {
        Self { operand: operand.to_vec(), result: result.to_vec() }
    }

    pub(super) fn forward<R: Real>(&self, x: &Tensor<R>) -> Tensor<R> {
        let shape = shape_as(x, &self.operand, &self.result);
        let mut result = refit(Labelled::new(&self.operand, x), &self.result, &shape);
        result.scale(ratio(result.data.len(), x.data.len()));
        result
    }

    pub(super) fn pull<R: Real>(&self, x: &Tensor<R>, back: &Tensor<R>) -> Tensor<R> {
        let mut result = refit(Labelled::new(&self.result, back), &self.operand, &x.shape);
        result.scale(ratio(back.data.len(), x.data.len()));
        result
    }

    pub(super) fn push<R: Real>(&self, stack: &Tensor<R>, result: &Tensor<R>) -> Tensor<R> {
        let copies = stack.shape[0];
        let shape = [&stack.shape[..1], &result.shape].concat();
        let axes = stacked(&self.operand);
        let mut mean = refit(Labelled::new(&axes, stack), &stacked(&self.result), &shape);
        mean.scale(ratio(mean.data.len(), stack.data.len()));
        let terms = stack.data.len() / mean.data.len();
        for (mean, tangent) in mean.copies_mut(copies).zip(stack.copies(copies)) {
            settle(mean, terms, rms(tangent) * ratio(1, terms).sqrt());
        }
        mean
    }
}

#[allow(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
fn ratio(a: usize, b: usize) -> f64 {
    a as f64 / b as f64
}
