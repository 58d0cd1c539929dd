//! Einsum of two tensors as batched matrix products, and its one-operand case: sums and copies along axes.

use std::borrow::Cow;

use ndarray::linalg::general_mat_mul;
use ndarray::{ArrayView2, ArrayViewMut2};

use super::tensor::{Real, Tensor, shaped, shaped_mut};
use crate::graph::AxisId;

/// The axis along which the responses to several parameters are stacked; always the first one.
pub(super) const STACK: AxisId = AxisId(usize::MAX);

/// `axes` with [`STACK`] in front.
pub(super) fn stacked(axes: &[AxisId]) -> Vec<AxisId> {
    [&[STACK], axes].concat()
}

/// A tensor with the names of its axes, in order.
#[derive(Clone, Copy)]
pub(super) struct Labelled<'a, R> {
    pub(super) axes: &'a [AxisId],
    pub(super) tensor: &'a Tensor<R>,
}

impl<'a, R: Real> Labelled<'a, R> {
    /// Names the axes of a tensor: as many as it has.
    pub(super) fn new(axes: &'a [AxisId], tensor: &'a Tensor<R>) -> Self {
        debug_assert_eq!(axes.len(), tensor.shape.len(), "every axis has a size");
        Self { axes, tensor }
    }

    fn size(&self, axis: AxisId) -> usize {
        self.axes
            .iter()
            .zip(&self.tensor.shape)
            .find(|(known, _)| **known == axis)
            .map_or(1, |(_, size)| *size)
    }

    fn has(&self, axis: AxisId) -> bool {
        self.axes.contains(&axis)
    }
}

/// `result[..] = sum of p * q` over the axes that `p` and `q` share and `result` lacks.
///
/// Needs: every axis of `p` or `q` is in the other one or in `result`, and every axis of `result` in `p` or
/// `q`. An axis that only one operand has would be a sum of that operand alone: see [`refit`].
pub(super) fn einsum<R: Real>(p: Labelled<'_, R>, q: Labelled<'_, R>, result: &[AxisId]) -> Tensor<R> {
    let larger = if p.tensor.data.len() >= q.tensor.data.len() { p } else { q };
    let within = |axes: &[AxisId], choose: &dyn Fn(AxisId) -> bool| -> Vec<AxisId> {
        axes.iter().copied().filter(|axis| choose(*axis)).collect()
    };
    let batch = within(result, &|axis| p.has(axis) && q.has(axis));
    let rows = within(p.axes, &|axis| !q.has(axis));
    let columns = within(q.axes, &|axis| !p.has(axis));
    let inner = within(larger.axes, &|axis| p.has(axis) && q.has(axis) && !result.contains(&axis));

    let extent = |axes: &[AxisId]| axes.iter().map(|axis| p.size(*axis).max(q.size(*axis))).product();
    let size = Blocks {
        batch: extent(&batch),
        rows: extent(&rows),
        columns: extent(&columns),
        inner: extent(&inner),
    };
    let left = Matrices::of(p, &batch, &rows, &inner);
    let right = Matrices::of(q, &batch, &inner, &columns);

    let across = [batch.as_slice(), &columns, &rows].concat();
    let (order, layout) = if across == result {
        (across, Layout::Transposed)
    } else {
        ([batch.as_slice(), &rows, &columns].concat(), Layout::Straight)
    };
    let shape = order.iter().map(|axis| p.size(*axis).max(q.size(*axis))).collect();
    let product = Tensor { shape, data: size.multiply(&left, &right, layout) };
    arrange(product, &order, result)
}

/// How many products each entry of an [`einsum`] sums.
pub(super) fn terms<R: Real>(p: Labelled<'_, R>, q: Labelled<'_, R>, result: &[AxisId]) -> usize {
    let inner = p.axes.iter().filter(|axis| q.has(**axis) && !result.contains(axis));
    inner.map(|axis| p.size(*axis)).product()
}

/// The tensor with axes `to`: summed over the axes that `to` lacks, copied along those it adds, of the given
/// `shape`.
pub(super) fn refit<R: Real>(from: Labelled<'_, R>, to: &[AxisId], shape: &[usize]) -> Tensor<R> {
    if from.axes == to {
        return from.tensor.clone();
    }
    let lost = from.axes.iter().zip(&from.tensor.shape).filter(|(axis, _)| !to.contains(axis));
    let gained = to.iter().zip(shape).filter(|(axis, _)| !from.has(**axis));
    let (axes, sizes): (Vec<AxisId>, Vec<usize>) =
        lost.chain(gained).map(|(axis, size)| (*axis, *size)).unzip();
    let ones = Tensor::filled(&sizes, R::one());
    einsum(from, Labelled::new(&axes, &ones), to)
}

/// The same tensor with its axes in another order.
pub(super) fn arrange<R: Real>(tensor: Tensor<R>, from: &[AxisId], to: &[AxisId]) -> Tensor<R> {
    if from == to { tensor } else { ordered(Labelled::new(from, &tensor), to).into_owned() }
}

fn ordered<'a, R: Real>(from: Labelled<'a, R>, to: &[AxisId]) -> Cow<'a, Tensor<R>> {
    let order: Vec<usize> =
        to.iter().filter_map(|axis| from.axes.iter().position(|known| known == axis)).collect();
    debug_assert_eq!(order.len(), from.axes.len(), "the axes are the same, in another order");
    from.tensor.permuted(&order)
}

/// How a matrix lies in memory.
#[derive(Clone, Copy)]
enum Layout {
    Straight,
    Transposed,
}

/// An operand as a stack of matrices, copied only if its axes are not in a usable order already.
struct Matrices<'a, R: Real> {
    tensor: Cow<'a, Tensor<R>>,
    layout: Layout,
}

impl<'a, R: Real> Matrices<'a, R> {
    fn of(operand: Labelled<'a, R>, batch: &[AxisId], rows: &[AxisId], columns: &[AxisId]) -> Self {
        if operand.axes == [batch, columns, rows].concat() {
            return Self { tensor: Cow::Borrowed(operand.tensor), layout: Layout::Transposed };
        }
        let straight = [batch, rows, columns].concat();
        Self { tensor: ordered(operand, &straight), layout: Layout::Straight }
    }
}

/// The sizes of a batched matrix product.
struct Blocks {
    batch: usize,
    rows: usize,
    inner: usize,
    columns: usize,
}

/// Below this many multiplications a product is done by hand: setting up a matrix product costs more.
const SMALL: usize = 64;

impl Blocks {
    fn multiply<R: Real>(&self, left: &Matrices<'_, R>, right: &Matrices<'_, R>, layout: Layout) -> Vec<R> {
        let &Self { batch, rows, inner, columns } = self;
        let (p, q) = (&left.tensor.data, &right.tensor.data);
        if rows * inner * columns == 1 {
            return p.iter().zip(q).map(|(x, y)| *x * *y).collect();
        }
        let mut result = vec![R::zero(); batch * rows * columns];
        let blocks = p.chunks_exact(rows * inner).zip(q.chunks_exact(inner * columns));
        for ((p, q), block) in blocks.zip(result.chunks_exact_mut(rows * columns)) {
            let p = matrix(p, rows, inner, left.layout);
            let q = matrix(q, inner, columns, right.layout);
            let mut block = matrix_mut(block, rows, columns, layout);
            if rows * inner * columns <= SMALL {
                for ((i, j), sum) in block.indexed_iter_mut() {
                    for k in 0..inner {
                        *sum += p[(i, k)] * q[(k, j)];
                    }
                }
            } else {
                general_mat_mul(R::one(), &p, &q, R::zero(), &mut block);
            }
        }
        result
    }
}

fn matrix<R: Real>(data: &[R], rows: usize, columns: usize, layout: Layout) -> ArrayView2<'_, R> {
    match layout {
        Layout::Straight => shaped((rows, columns), data),
        Layout::Transposed => shaped((columns, rows), data).reversed_axes(),
    }
}

fn matrix_mut<R: Real>(data: &mut [R], rows: usize, columns: usize, layout: Layout) -> ArrayViewMut2<'_, R> {
    match layout {
        Layout::Straight => shaped_mut((rows, columns), data),
        Layout::Transposed => shaped_mut((columns, rows), data).reversed_axes(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn axes(letters: &str) -> Vec<AxisId> {
        letters.bytes().map(|letter| AxisId(usize::from(letter - b'a'))).collect()
    }

    /// Sizes of the axes a, b, c, ...
    const SIZES: [usize; 6] = [2, 3, 4, 5, 1, 7];

    fn tensor(letters: &str, salt: usize) -> Tensor<f64> {
        let shape: Vec<usize> = axes(letters).iter().map(|axis| SIZES[axis.0]).collect();
        let count: usize = shape.iter().product();
        #[allow(clippy::cast_precision_loss)]
        let data = (0..count).map(|i| ((i * 37 + salt) % 23) as f64 - 11.0).collect();
        Tensor { shape, data }
    }

    /// The entry of a tensor at the given place of every axis.
    fn at(tensor: &Tensor<f64>, letters: &str, place: &[usize; 6]) -> f64 {
        let offset = axes(letters).iter().fold(0, |offset, axis| offset * SIZES[axis.0] + place[axis.0]);
        tensor.data[offset]
    }

    fn places() -> impl Iterator<Item = [usize; 6]> {
        (0..SIZES.iter().product()).map(|mut rest| {
            SIZES.map(|size| {
                let place = rest % size;
                rest /= size;
                place
            })
        })
    }

    #[test]
    fn einsum_is_the_sum_over_all_places() {
        let cases = [
            ("ab", "bc", "ac"),
            ("ab", "bc", "ca"),
            ("abc", "dc", "abd"),
            ("dc", "abc", "abd"),
            ("abcd", "afcd", "acbf"),
            ("abcd", "cd", "abcd"),
            ("ab", "ab", "ab"),
            ("ab", "ab", "ba"),
            ("ab", "ab", ""),
            ("acbf", "afcd", "abcd"),
            ("bca", "dab", "cd"),
            ("e", "f", "fe"),
            ("bd", "acbd", "acbd"),
        ];
        for (p, q, result) in cases {
            let (x, y) = (tensor(p, 1), tensor(q, 5));
            let found = einsum(Labelled::new(&axes(p), &x), Labelled::new(&axes(q), &y), &axes(result));
            let mut expected = Tensor::zeros(&found.shape);
            for place in places() {
                let used = |axis: usize| [p, q].iter().any(|text| axes(text).contains(&AxisId(axis)));
                if (0..6).all(|axis| used(axis) || place[axis] == 0) {
                    let offset =
                        axes(result).iter().fold(0, |offset, axis| offset * SIZES[axis.0] + place[axis.0]);
                    expected.data[offset] += at(&x, p, &place) * at(&y, q, &place);
                }
            }
            assert_eq!(found, expected, "{p},{q}->{result}");
        }
    }

    #[test]
    fn refitting_sums_over_lost_axes_and_copies_along_gained_ones() {
        let from = Tensor { shape: vec![2, 3], data: vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0] };
        let (ab, bc) = (axes("ab"), axes("bc"));
        let summed = refit(Labelled::new(&ab, &from), &axes("b"), &[3]);
        assert_eq!(summed.data, [5.0, 7.0, 9.0]);
        let moved = refit(Labelled::new(&ab, &from), &bc, &[3, 4]);
        assert_eq!(moved.data, [5.0, 5.0, 5.0, 5.0, 7.0, 7.0, 7.0, 7.0, 9.0, 9.0, 9.0, 9.0]);
    }
}
