//! Ops that treat the entries along some axes together: layer norm, RMS norm, softmax.
//!
//! Both kinds have a symmetric Jacobian, so one function pulls derivatives and pushes tangents.

use std::borrow::Cow;

use rayon::prelude::*;

use crate::graph::AxisId;
use crate::graph::op::NormKind;
use crate::simulate::array::{PIECE, Real, Tensor, dot, settle};

/// Which axes of a tensor form its rows.
#[derive(Clone, Debug, PartialEq)]
struct Rows {
    /// The place of each axis when the axes of the rows come last.
    order: Vec<usize>,
    /// How many axes a row has.
    depth: usize,
}

impl Rows {
    fn new(axes: &[AxisId], over: &[AxisId]) -> Self {
        let (mut order, last): (Vec<usize>, Vec<usize>) =
            (0..axes.len()).partition(|place| !over.contains(&axes[*place]));
        order.extend(&last);
        Self { order, depth: last.len() }
    }

    /// `function(part, row)` on every row, where `part` is its number among the rows of one tensor: the tensor may be a
    /// stack of several. The result has the same axes in the same order, and comes with what the function gave for
    /// each row. Rows are spread over threads if they are many.
    fn map<R: Real>(
        &self,
        tensor: &Tensor<R>,
        function: impl Fn(usize, &mut [R]) -> f64 + Sync,
    ) -> (Tensor<R>, Vec<f64>) {
        let stacks = tensor.shape.len() - self.order.len();
        let order: Vec<usize> = (0..stacks).chain(self.order.iter().map(|place| place + stacks)).collect();
        let mut moved = tensor.permuted(&order).into_owned();
        let length: usize = moved.shape[moved.shape.len() - self.depth..].iter().product();
        let rows = moved.shape[stacks..].iter().product::<usize>() / length;
        let mut given = vec![0.0; moved.data.len() / length];
        let together = (PIECE / length).max(1);
        let one = |(number, (piece, given)): (usize, (&mut [R], &mut [f64]))| {
            for (place, (row, given)) in piece.chunks_exact_mut(length).zip(given).enumerate() {
                *given = function((number * together + place) % rows, row);
            }
        };
        let pieces = moved.data.par_chunks_mut(together * length).zip(given.par_chunks_mut(together));
        pieces.enumerate().for_each(one);
        let mut inverse = vec![0; order.len()];
        order.iter().enumerate().for_each(|(to, from)| inverse[*from] = to);
        let result = match moved.permuted(&inverse) {
            Cow::Owned(result) => Some(result),
            Cow::Borrowed(_) => None,
        };
        (result.unwrap_or(moved), given)
    }

    /// The tensor with its rows contiguous, one after the other.
    fn of<'t, R: Real>(&self, tensor: &'t Tensor<R>) -> (Cow<'t, Tensor<R>>, usize) {
        let moved = tensor.permuted(&self.order);
        let length = moved.shape[moved.shape.len() - self.depth..].iter().product();
        (moved, length)
    }
}

/// Layer norm or RMS norm, with no epsilon: magnitudes of any size are divided out. A row without any
/// variation, which has no direction to normalise, becomes zero.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Norm {
    kind: NormKind,
    rows: Rows,
}

impl Norm {
    pub(super) fn new(kind: NormKind, axes: &[AxisId], over: &[AxisId]) -> Self {
        Self { kind, rows: Rows::new(axes, over) }
    }

    pub(super) fn forward<R: Real>(&self, x: &Tensor<R>) -> Tensor<R> {
        let normed = |_: usize, row: &mut [R]| {
            let Moments { mean, inverse } = self.moments(row);
            row.iter_mut().for_each(|x| *x = R::narrow((x.wide() - mean) * inverse));
            inverse
        };
        self.rows.map(x, normed).0
    }

    /// `(d - mean(d) - y mean(y d)) / deviation` for each row, without the mean for an RMS norm.
    pub(super) fn jacobian<R: Real>(&self, x: &Tensor<R>, y: &Tensor<R>, tangents: &Tensor<R>) -> Tensor<R> {
        let (x, length) = self.rows.of(x);
        let (y, _) = self.rows.of(y);
        let inverses: Vec<f64> =
            x.data.par_chunks_exact(length).map(|row| self.moments(row).inverse).collect();
        let (y, count) = (&y.data, count(length));
        let (mut result, squares) = self.rows.map(tangents, |part, row| {
            let (y, inverse) = (&y[part * length..][..length], inverses[part]);
            let square = dot(row, row) * inverse.powi(2);
            let mean = match self.kind {
                NormKind::Layer => row.iter().map(|d| d.wide()).sum::<f64>() / count,
                NormKind::Rms => 0.0,
            };
            let along = dot(y, row) / count;
            for (d, y) in row.iter_mut().zip(y) {
                *d = R::narrow((d.wide() - mean - y.wide() * along) * inverse);
            }
            square
        });
        settle_copies(&mut result, y.len(), &squares);
        result
    }

    fn moments<R: Real>(&self, row: &[R]) -> Moments {
        let count = count(row.len());
        let square = dot(row, row) / count;
        let mean = match self.kind {
            NormKind::Layer => row.iter().map(|x| x.wide()).sum::<f64>() / count,
            NormKind::Rms => 0.0,
        };
        let variance = row.iter().map(|x| (x.wide() - mean).powi(2)).sum::<f64>() / count;
        // Below this, what is left of equal entries is the rounding of their mean.
        let inverse =
            if variance > square * f64::EPSILON.powi(2) * 16.0 { variance.sqrt().recip() } else { 0.0 };
        Moments { mean, inverse }
    }
}

/// Mean of a row (0 for an RMS norm), and one over its deviation from it (0 if there is none).
struct Moments {
    mean: f64,
    inverse: f64,
}

/// Softmax over one axis.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Softmax {
    rows: Rows,
}

impl Softmax {
    pub(super) fn new(axes: &[AxisId], over: AxisId) -> Self {
        Self { rows: Rows::new(axes, &[over]) }
    }

    pub(super) fn forward<R: Real>(&self, x: &Tensor<R>) -> Tensor<R> {
        let probabilities = |_: usize, row: &mut [R]| {
            softmax(row);
            0.0
        };
        self.rows.map(x, probabilities).0
    }

    /// `p (d - sum(p d))` for each row.
    pub(super) fn jacobian<R: Real>(&self, p: &Tensor<R>, tangents: &Tensor<R>) -> Tensor<R> {
        let (p, length) = self.rows.of(p);
        let p = &p.data;
        let (mut result, squares) = self.rows.map(tangents, |part, row| {
            let p = &p[part * length..][..length];
            let mean = dot(p, row);
            row.iter_mut().zip(p).for_each(|(d, p)| *d *= *p);
            let square = dot(row, row);
            row.iter_mut().zip(p).for_each(|(d, p)| *d -= *p * R::narrow(mean));
            square
        });
        settle_copies(&mut result, p.len(), &squares);
        result
    }
}

/// A row through the softmax, in place. Shifted by its largest entry, so nothing overflows.
pub(crate) fn softmax<R: Real>(row: &mut [R]) {
    let largest = row.iter().fold(f64::NEG_INFINITY, |largest, x| largest.max(x.wide()));
    row.iter_mut().for_each(|x| *x = R::narrow((x.wide() - largest).exp()));
    let sum = row.iter().map(|x| x.wide()).sum::<f64>();
    row.iter_mut().for_each(|x| *x = R::narrow(x.wide() / sum));
}

/// Settles each copy of a stack, where `squares` are those of the rows before something was subtracted from them.
fn settle_copies<R: Real>(result: &mut Tensor<R>, length: usize, squares: &[f64]) {
    let copies = result.data.len() / length;
    for (copy, squares) in result.copies_mut(copies).zip(squares.chunks_exact(squares.len() / copies)) {
        settle(copy, 1, (squares.iter().sum::<f64>() / count(length)).sqrt());
    }
}

#[allow(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
fn count(length: usize) -> f64 {
    length as f64
}
