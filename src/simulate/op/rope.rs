//! Rotary positions (Su et al. arXiv:2104.09864).

use crate::graph::AxisId;
use crate::simulate::array::{Real, Tensor, arrange, stacked};

/// Turns the features `j` and `j + half` of the entry at position `t` by the angle `t 10000^(-j/half)`. The
/// last of an odd number of features stays.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Rope {
    axes: Vec<AxisId>,
    /// The same axes with the positions and then the turned features last.
    turned: Vec<AxisId>,
}

impl Rope {
    pub(super) fn new(axes: &[AxisId], positions: AxisId, over: AxisId) -> Self {
        let others = axes.iter().copied().filter(|axis| ![positions, over].contains(axis));
        Self { axes: axes.to_vec(), turned: others.chain([positions, over]).collect() }
    }

    pub(super) fn forward<R: Real>(&self, x: &Tensor<R>) -> Tensor<R> {
        self.turn(x, &self.axes, 1.0)
    }

    pub(super) fn pull<R: Real>(&self, back: &Tensor<R>) -> Tensor<R> {
        self.turn(back, &self.axes, -1.0)
    }

    pub(super) fn push<R: Real>(&self, stack: &Tensor<R>) -> Tensor<R> {
        self.turn(stack, &stacked(&self.axes), 1.0)
    }

    fn turn<R: Real>(&self, x: &Tensor<R>, axes: &[AxisId], direction: f64) -> Tensor<R> {
        let turned = if axes == self.axes { self.turned.clone() } else { stacked(&self.turned) };
        let mut moved = arrange(x.clone(), axes, &turned);
        let &[.., positions, features] = moved.shape.as_slice() else {
            unreachable!("a tensor with positions has an axis for them and one for features")
        };
        let half = features / 2;
        for (row, entries) in moved.data.chunks_exact_mut(features).enumerate() {
            let position = count(row % positions) * direction;
            let (first, second) = entries.split_at_mut(half);
            for (j, (a, b)) in first.iter_mut().zip(second).enumerate() {
                let (sin, cos) = (position * 10_000_f64.powf(-count(j) / count(half))).sin_cos();
                (*a, *b) =
                    (R::narrow(a.wide() * cos - b.wide() * sin), R::narrow(a.wide() * sin + b.wide() * cos));
            }
        }
        arrange(moved, &turned, axes)
    }
}

#[allow(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
fn count(number: usize) -> f64 {
    number as f64
}
