//! [`Tensor`]: numbers in row-major order with a shape; and [`Real`], the two precisions they come in.

use std::borrow::Cow;
use std::ops::{AddAssign, Range};
use std::slice::{ChunksExact, ChunksExactMut};

use faer::traits::ComplexField;
use ndarray::{ArrayView, ArrayViewD, IntoDimension, IxDyn, LinalgScalar};
use num_traits::Float;

/// A floating-point type that tensors are stored in. Norms are accumulated in `f64` for both.
pub(super) trait Real:
    LinalgScalar + Float + AddAssign + ComplexField + From<f32> + Send + Sync
{
    /// The nearest number of this precision.
    fn narrow(wide: f64) -> Self;
    /// The number itself.
    fn wide(self) -> f64;
}

impl Real for f32 {
    #[allow(clippy::cast_possible_truncation, reason = "rounding is what is asked for")]
    fn narrow(wide: f64) -> Self {
        wide as Self
    }
    fn wide(self) -> f64 {
        f64::from(self)
    }
}

impl Real for f64 {
    fn narrow(wide: f64) -> Self {
        wide
    }
    fn wide(self) -> f64 {
        self
    }
}

/// Numbers in row-major order; their count is the product of the shape.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Tensor<R> {
    pub(super) shape: Vec<usize>,
    pub(super) data: Vec<R>,
}

impl<R: Real> Tensor<R> {
    /// Every entry the same.
    pub(super) fn filled(shape: &[usize], value: R) -> Self {
        Self { shape: shape.to_vec(), data: vec![value; shape.iter().product()] }
    }

    /// No entries.
    pub(super) fn nothing() -> Self {
        Self { shape: vec![0], data: Vec::new() }
    }

    /// Every entry zero.
    pub(super) fn zeros(shape: &[usize]) -> Self {
        Self::filled(shape, R::zero())
    }

    /// Root mean square of the entries.
    pub(super) fn rms(&self) -> f64 {
        rms(&self.data)
    }

    /// The part of the tensor within a range along an axis.
    pub(super) fn slice(&self, place: usize, range: Range<usize>) -> Self {
        let inner: usize = self.shape[place + 1..].iter().product();
        let mut shape = self.shape.clone();
        shape[place] = range.len();
        let outer = self.data.chunks_exact(self.shape[place] * inner);
        let data = outer.flat_map(|part| &part[range.start * inner..range.end * inner]).copied().collect();
        Self { shape, data }
    }

    /// The numbers as `count` tensors one after the other: the parts of a stack.
    pub(super) fn copies(&self, count: usize) -> ChunksExact<'_, R> {
        self.data.chunks_exact(self.data.len() / count)
    }

    /// The same, to be written.
    pub(super) fn copies_mut(&mut self, count: usize) -> ChunksExactMut<'_, R> {
        let length = self.data.len() / count;
        self.data.chunks_exact_mut(length)
    }

    /// Every entry through a function of one number.
    pub(super) fn map(&self, function: impl Fn(R) -> R) -> Self {
        Self { shape: self.shape.clone(), data: self.data.iter().map(|x| function(*x)).collect() }
    }

    /// Every entry times a number, in place.
    pub(super) fn scale(&mut self, factor: f64) {
        if factor != 1.0 {
            let factor = R::narrow(factor);
            self.data.iter_mut().for_each(|x| *x = *x * factor);
        }
    }

    /// Adds a tensor of the same shape.
    pub(super) fn add(&mut self, other: &Self) {
        add(&mut self.data, &other.data);
    }

    /// The tensor with axis `order[i]` in place `i`; copied only if that moves something.
    pub(super) fn permuted(&self, order: &[usize]) -> Cow<'_, Self> {
        if order.iter().copied().eq(0..order.len()) {
            return Cow::Borrowed(self);
        }
        let moved = self.view().permuted_axes(order.to_vec());
        let shape = moved.shape().to_vec();
        let data = moved.as_standard_layout().into_owned().into_raw_vec_and_offset().0;
        Cow::Owned(Self { shape, data })
    }

    fn view(&self) -> ArrayViewD<'_, R> {
        shaped(IxDyn(&self.shape), &self.data)
    }
}

/// A view of row-major numbers. The shape must have as many entries as there are numbers.
pub(super) fn shaped<D: IntoDimension, R>(shape: D, data: &[R]) -> ArrayView<'_, R, D::Dim> {
    match ArrayView::from_shape(shape.into_dimension(), data) {
        Ok(view) => view,
        Err(_) => unreachable!("a tensor holds as many numbers as its shape says"),
    }
}

/// Root mean square; 0 of nothing.
#[allow(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
pub(super) fn rms<R: Real>(data: &[R]) -> f64 {
    (dot(data, data) / data.len().max(1) as f64).sqrt()
}

/// Sum of products, accumulated in `f64` in four strands.
pub(super) fn dot<R: Real>(a: &[R], b: &[R]) -> f64 {
    let mut strands = [0.0; 4];
    let (a_blocks, b_blocks) = (a.chunks_exact(4), b.chunks_exact(4));
    let rest: f64 =
        a_blocks.remainder().iter().zip(b_blocks.remainder()).map(|(x, y)| x.wide() * y.wide()).sum();
    for (x, y) in a_blocks.zip(b_blocks) {
        for (strand, (x, y)) in strands.iter_mut().zip(x.iter().zip(y)) {
            *strand += x.wide() * y.wide();
        }
    }
    strands.iter().sum::<f64>() + rest
}

/// Adds entry by entry.
pub(super) fn add<R: Real>(to: &mut [R], what: &[R]) {
    to.iter_mut().zip(what).for_each(|(sum, x)| *sum += *x);
}

/// How many roundings above its own size a result must stand to count as a number.
pub(super) const ROUNDINGS: f64 = 16.0;

/// Makes a result exactly zero if it is what rounding leaves of a cancellation of `terms` numbers, where
/// terms without cancellation would give a root mean square of `expected`.
///
/// The sum over keys of what flows back through a softmax is zero, so the gradient of a bias on the keys is
/// nothing but rounding: its sign would move the keys as much as a true gradient does.
#[allow(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
pub(super) fn settle<R: Real>(result: &mut [R], terms: usize, expected: f64) {
    let floor = ROUNDINGS * R::epsilon().wide() * (terms as f64).sqrt() * expected;
    if rms(result) < floor {
        result.fill(R::zero());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_permuted_tensor_has_its_entries_where_the_order_says() {
        let tensor = Tensor { shape: vec![2, 3], data: vec![0.0, 1.0, 2.0, 3.0, 4.0, 5.0] };
        let moved = tensor.permuted(&[1, 0]);
        assert_eq!(
            (moved.shape.clone(), moved.data.clone()),
            (vec![3, 2], vec![0.0, 3.0, 1.0, 4.0, 2.0, 5.0])
        );
        assert!(matches!(tensor.permuted(&[0, 1]), Cow::Borrowed(_)));
    }

    #[test]
    fn what_rounding_leaves_of_a_cancellation_becomes_zero_and_small_numbers_stay() {
        let mut left = vec![1e-8_f32, -1e-8];
        settle(&mut left, 2, 1.0);
        assert_eq!(left, [0.0, 0.0]);
        let mut small = vec![1e-8_f32, -1e-8];
        settle(&mut small, 2, 1e-8);
        assert_eq!(small, [1e-8, -1e-8]);
    }
}
