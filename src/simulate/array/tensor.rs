//! [`Tensor`]: numbers in row-major order with a shape.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::mem;
use std::ops::Range;
use std::slice::{ChunksExact, ChunksExactMut};

use pulp::{Arch, Simd, WithSimd};
use rayon::prelude::*;

use super::buffer;
use super::real::Real;

/// Numbers in row-major order; their count is the product of the shape.
#[derive(Debug, PartialEq)]
pub(crate) struct Tensor<R: Real> {
    pub(crate) shape: Vec<usize>,
    pub(crate) data: Vec<R>,
}

impl<R: Real> Drop for Tensor<R> {
    fn drop(&mut self) {
        buffer::give(mem::take(&mut self.data));
    }
}

impl<R: Real> Clone for Tensor<R> {
    fn clone(&self) -> Self {
        Self { shape: self.shape.clone(), data: buffer::copy(&self.data) }
    }
}

impl<R: Real> Tensor<R> {
    /// Every entry the same.
    pub(crate) fn filled(shape: &[usize], value: R) -> Self {
        Self { shape: shape.to_vec(), data: vec![value; shape.iter().product()] }
    }

    /// One value where the indices at each pair of places are the same, zero elsewhere.
    pub(crate) fn of_diagonal(shape: &[usize], pairs: &[[usize; 2]], value: R) -> Self {
        let mut tensor = Self::zeros(shape);
        let along = |place: usize, position: usize| {
            let inner: usize = shape[place + 1..].iter().product();
            position / inner % shape[place]
        };
        for (position, entry) in tensor.data.iter_mut().enumerate() {
            if pairs.iter().all(|[one, other]| along(*one, position) == along(*other, position)) {
                *entry = value;
            }
        }
        tensor
    }

    /// No entries.
    pub(crate) fn nothing() -> Self {
        Self { shape: vec![0], data: Vec::new() }
    }

    /// Every entry zero.
    pub(crate) fn zeros(shape: &[usize]) -> Self {
        Self { shape: shape.to_vec(), data: buffer::zeros(shape.iter().product()) }
    }

    /// Root mean square of the entries.
    pub(crate) fn rms(&self) -> f64 {
        rms(&self.data)
    }

    /// The part of the tensor within a range along an axis.
    pub(crate) fn slice(&self, place: usize, range: Range<usize>) -> Self {
        let inner: usize = self.shape[place + 1..].iter().product();
        let mut shape = self.shape.clone();
        shape[place] = range.len();
        let mut data = buffer::empty(shape.iter().product());
        for part in self.data.chunks_exact(self.shape[place] * inner) {
            data.extend_from_slice(&part[range.start * inner..range.end * inner]);
        }
        Self { shape, data }
    }

    /// The numbers as `count` tensors one after the other: the parts of a stack.
    pub(crate) fn copies(&self, count: usize) -> ChunksExact<'_, R> {
        self.data.chunks_exact(self.data.len() / count)
    }

    /// The same, to be written.
    pub(crate) fn copies_mut(&mut self, count: usize) -> ChunksExactMut<'_, R> {
        let length = self.data.len() / count;
        self.data.chunks_exact_mut(length)
    }

    /// Every entry through a function of one number.
    pub(crate) fn map(&self, function: impl Fn(R) -> R + Sync) -> Self {
        let mut result = self.clone();
        in_pieces(&mut result.data, |_, piece| piece.iter_mut().for_each(|x| *x = function(*x)));
        result
    }

    /// Every entry times a number, in place.
    pub(crate) fn scale(&mut self, factor: f64) {
        if factor != 1.0 {
            let factor = R::narrow(factor);
            in_pieces(&mut self.data, |_, piece| piece.iter_mut().for_each(|x| *x *= factor));
        }
    }

    /// Adds a tensor of the same shape.
    pub(crate) fn add(&mut self, other: &Self) {
        add(&mut self.data, &other.data);
    }

    /// The tensor with axis `order[i]` in place `i`; copied only if that moves something.
    pub(crate) fn permuted(&self, order: &[usize]) -> Cow<'_, Self> {
        if order.iter().copied().eq(0..order.len()) {
            return Cow::Borrowed(self);
        }
        let strides: Vec<usize> =
            (1..=self.shape.len()).map(|next| self.shape[next..].iter().product()).collect();
        let shape: Vec<usize> = order.iter().map(|place| self.shape[*place]).collect();
        let moved: Vec<usize> = order.iter().map(|place| strides[*place]).collect();
        let mut data = buffer::empty(self.data.len());
        let (Some((length, outer)), Some((stride, strides))) = (shape.split_last(), moved.split_last())
        else {
            return Cow::Borrowed(self);
        };
        let mut place = vec![0; outer.len()];
        for _ in 0..outer.iter().product() {
            let first: usize = place.iter().zip(strides).map(|(i, stride)| i * stride).sum();
            if *stride == 1 {
                data.extend_from_slice(&self.data[first..first + length]);
            } else {
                data.extend(self.data[first..].iter().step_by(*stride).take(*length));
            }
            for (i, size) in place.iter_mut().zip(outer).rev() {
                *i += 1;
                if *i < *size {
                    break;
                }
                *i = 0;
            }
        }
        Cow::Owned(Self { shape, data })
    }
}

/// Entries that one thread works on at a time.
pub(crate) const PIECE: usize = 1 << 15;

/// Works on pieces of the entries, each with the place of its first one; in parallel if they are many.
pub(crate) fn in_pieces<R: Send>(entries: &mut [R], work: impl Fn(usize, &mut [R]) + Sync) {
    if entries.len() < 2 * PIECE {
        return work(0, entries);
    }
    entries.par_chunks_mut(PIECE).enumerate().for_each(|(number, piece)| work(number * PIECE, piece));
}

/// Root mean square; 0 of nothing.
#[allow(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
pub(crate) fn rms<R: Real>(data: &[R]) -> f64 {
    (dot(data, data) / data.len().max(1) as f64).sqrt()
}

/// Sum of products, accumulated in `f64`: piece by piece, so that it does not depend on the number of threads.
pub(crate) fn dot<R: Real>(a: &[R], b: &[R]) -> f64 {
    if a.len() < 2 * PIECE {
        return a.chunks(PIECE).zip(b.chunks(PIECE)).map(|(a, b)| dot_of_piece(a, b)).sum();
    }
    let pieces: Vec<f64> =
        a.par_chunks(PIECE).zip(b.par_chunks(PIECE)).map(|(a, b)| dot_of_piece(a, b)).collect();
    pieces.iter().sum()
}

/// Sums of products that are kept apart, so that they can be computed side by side.
const STRANDS: usize = 16;

fn dot_of_piece<R: Real>(a: &[R], b: &[R]) -> f64 {
    Arch::new().dispatch(Dot { a, b })
}

/// A sum of products, which is compiled for every instruction set: in the same order for all.
struct Dot<'a, R> {
    a: &'a [R],
    b: &'a [R],
}

impl<R: Real> WithSimd for Dot<'_, R> {
    type Output = f64;

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> f64 {
        strands(self.a, self.b)
    }
}

#[inline(always)]
fn strands<R: Real>(a: &[R], b: &[R]) -> f64 {
    let mut strands = [0.0; STRANDS];
    let (a_blocks, b_blocks) = (a.chunks_exact(STRANDS), b.chunks_exact(STRANDS));
    let rest: f64 =
        a_blocks.remainder().iter().zip(b_blocks.remainder()).map(|(x, y)| x.wide() * y.wide()).sum();
    for (x, y) in a_blocks.zip(b_blocks) {
        for (strand, (x, y)) in strands.iter_mut().zip(x.iter().zip(y)) {
            *strand += x.wide() * y.wide();
        }
    }
    strands.iter().sum::<f64>() + rest
}

/// Appends numbers in double precision.
pub(crate) fn widen<R: Real>(numbers: &[R], onto: &mut Vec<f64>) {
    Arch::new().dispatch(Widen { numbers, onto });
}

/// A call of [`widen`], which is compiled for every instruction set.
struct Widen<'a, R> {
    numbers: &'a [R],
    onto: &'a mut Vec<f64>,
}

impl<R: Real> WithSimd for Widen<'_, R> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        self.onto.extend(self.numbers.iter().map(|number| number.wide()));
    }
}

/// Adds entry by entry.
pub(crate) fn add<R: Real>(to: &mut [R], what: &[R]) {
    in_pieces(to, |first, piece| {
        piece.iter_mut().zip(&what[first..]).for_each(|(sum, x)| *sum += *x);
    });
}

/// How many roundings above its own size a result must stand to count as a number.
pub(crate) const ROUNDINGS: f64 = 16.0;

/// Makes a result exactly zero if it is what rounding leaves of a cancellation of `terms` numbers, where
/// terms without cancellation would give a root mean square of `expected`.
///
/// The sum over keys of what flows back through a softmax is zero, so the gradient of a bias on the keys is
/// nothing but rounding: its sign would move the keys as much as a true gradient does.
#[allow(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
pub(crate) fn settle<R: Real>(result: &mut [R], terms: usize, expected: f64) {
    let floor = ROUNDINGS * R::epsilon().wide() * (terms as f64).sqrt() * expected;
    let least = floor.powi(2) * result.len() as f64;
    let mut sum = 0.0;
    for piece in result.chunks(PIECE) {
        sum += dot_of_piece(piece, piece);
        if sum.partial_cmp(&least) != Some(Ordering::Less) {
            return;
        }
    }
    result.fill(R::zero());
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
