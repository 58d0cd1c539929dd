//! Windows: what lies around each position, the gathering step of a convolution.

use crate::graph::AxisId;
use crate::simulate::array::{Real, Tensor, arrange, rms, settle, stacked};

/// Entry `w` of the window at position `t` is the entry at position `t + w - width / 2`, around the ends.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Window {
    /// The axes of the operand.
    operand: Vec<AxisId>,
    /// Those of the result.
    result: Vec<AxisId>,
    /// The axes of the operand without positions.
    others: Vec<AxisId>,
    over: AxisId,
    by: AxisId,
    width: usize,
}

impl Window {
    pub(super) fn new(result: &[AxisId], over: AxisId, by: AxisId, width: usize) -> Self {
        let operand: Vec<AxisId> = result.iter().copied().filter(|axis| *axis != by).collect();
        let others = operand.iter().copied().filter(|axis| *axis != over).collect();
        Self { operand, result: result.to_vec(), others, over, by, width }
    }

    pub(super) fn forward<R: Real>(&self, x: &Tensor<R>) -> Tensor<R> {
        self.gather(x, &self.operand, &self.result, &self.others)
    }

    pub(super) fn push<R: Real>(&self, stack: &Tensor<R>) -> Tensor<R> {
        self.gather(stack, &stacked(&self.operand), &stacked(&self.result), &stacked(&self.others))
    }

    /// Every entry of the operand gets the sum of what flows back to the windows it is in.
    pub(super) fn pull<R: Real>(&self, back: &Tensor<R>) -> Tensor<R> {
        let moved = arrange(back.clone(), &self.result, &[&self.others[..], &[self.over, self.by]].concat());
        let [others @ .., positions, width] = moved.shape.as_slice() else {
            unreachable!("a window has an axis of positions and one of its own")
        };
        let (positions, width) = (*positions, *width);
        let mut sums = Tensor::zeros(&[others, &[positions]].concat());
        for (sums, windows) in
            sums.data.chunks_exact_mut(positions).zip(moved.data.chunks_exact(positions * width))
        {
            for (t, window) in windows.chunks_exact(width).enumerate() {
                for (w, entry) in window.iter().enumerate() {
                    sums[source(t, w, width, positions)] += *entry;
                }
            }
        }
        #[allow(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
        let expected = rms(&back.data) * (width as f64).sqrt();
        settle(&mut sums.data, width, expected);
        arrange(sums, &[&self.others[..], &[self.over]].concat(), &self.operand)
    }

    fn gather<R: Real>(
        &self,
        x: &Tensor<R>,
        axes: &[AxisId],
        result: &[AxisId],
        others: &[AxisId],
    ) -> Tensor<R> {
        let moved = arrange(x.clone(), axes, &[others, &[self.over]].concat());
        let positions = moved.shape.last().copied().unwrap_or(1);
        let mut gathered = Vec::with_capacity(moved.data.len() * self.width);
        for row in moved.data.chunks_exact(positions) {
            for t in 0..positions {
                gathered.extend((0..self.width).map(|w| row[source(t, w, self.width, positions)]));
            }
        }
        let shape = [&moved.shape[..], &[self.width]].concat();
        let tensor = Tensor { shape, data: gathered };
        arrange(tensor, &[others, &[self.over, self.by]].concat(), result)
    }
}

/// The position that entry `w` of the window at position `t` is taken from.
fn source(t: usize, w: usize, width: usize, positions: usize) -> usize {
    // A window may be wider than there are positions.
    let before = (width / 2) % positions;
    (t + w + positions - before) % positions
}
