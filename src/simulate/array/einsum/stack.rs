//! Stacks of matrices in tensors, and their products: without copies, wherever rows or columns lie in one piece.

use std::borrow::Cow;

use rayon::prelude::*;

use super::labelled::{Labelled, ordered};
use crate::graph::AxisId;
use crate::simulate::array::product::{MatMut, MatRef, Onto, multiply};
use crate::simulate::array::real::Real;
use crate::simulate::array::tensor::Tensor;

/// Below this many multiplications for each matrix, products are done entry by entry.
pub(crate) const SMALL: usize = 16;

/// The distance in memory between neighbours along each axis of a tensor.
fn strides(shape: &[usize]) -> Vec<usize> {
    (1..=shape.len()).map(|next| shape[next..].iter().product()).collect()
}

/// The distance between neighbours along some axes taken as one, if there is such a distance.
pub(crate) fn merged(axes: &[(usize, usize)]) -> Option<(usize, usize)> {
    let mut axes = axes.iter().rev().filter(|(size, _)| *size != 1);
    let Some(&(mut size, stride)) = axes.next() else { return Some((1, 1)) };
    for (above, distance) in axes {
        if *distance != size * stride {
            return None;
        }
        size *= above;
    }
    Some((size, stride))
}

/// Size and stride of each of some axes of a tensor. One that it lacks has size 1 and stride 0.
pub(crate) fn along(axes: &[AxisId], shape: &[usize], wanted: &[AxisId]) -> Vec<(usize, usize)> {
    let strides = strides(shape);
    let place = |axis: &AxisId| axes.iter().position(|known| known == axis);
    wanted.iter().map(|axis| place(axis).map_or((1, 0), |place| (shape[place], strides[place]))).collect()
}

/// How a stack of matrices lies in memory.
#[derive(Clone, Debug)]
pub(crate) struct Layout {
    /// The stride of each axis that numbers the matrices.
    batch: Vec<usize>,
    /// Size and stride.
    rows: (usize, usize),
    columns: (usize, usize),
}

impl Layout {
    /// The layout of a tensor with the given axes and shape as matrices of `rows` by `columns`; nothing if these are no
    /// matrices with rows or columns in one piece.
    pub(crate) fn of(
        axes: &[AxisId],
        shape: &[usize],
        batch: &[AxisId],
        rows: &[AxisId],
        columns: &[AxisId],
    ) -> Option<Self> {
        let (rows, columns) = (merged(&along(axes, shape, rows))?, merged(&along(axes, shape, columns))?);
        let in_one_piece = |(size, stride): (usize, usize)| size == 1 || stride == 1;
        let batch = along(axes, shape, batch).into_iter().map(|(_, stride)| stride).collect();
        (in_one_piece(rows) || in_one_piece(columns)).then_some(Self { batch, rows, columns })
    }

    /// The layout of a tensor whose last axes are rows and columns.
    pub(crate) fn packed(
        axes: &[AxisId],
        shape: &[usize],
        batch: &[AxisId],
        rows: &[AxisId],
        columns: &[AxisId],
    ) -> Self {
        let all = |wanted: &[AxisId]| merged(&along(axes, shape, wanted)).unwrap_or((1, 1));
        let batch = along(axes, shape, batch).into_iter().map(|(_, stride)| stride).collect();
        Self { batch, rows: all(rows), columns: all(columns) }
    }

    /// Where a matrix of the stack begins, by its number; `sizes` are those of the axes that number them.
    fn offset(&self, sizes: &[usize], mut number: usize) -> usize {
        let mut offset = 0;
        for (size, stride) in sizes.iter().zip(&self.batch).rev() {
            offset += number % size * stride;
            number /= size;
        }
        offset
    }

    /// Numbers from the first to the last entry of a matrix.
    fn extent(&self) -> usize {
        let (rows, columns) = (self.rows, self.columns);
        (rows.0 - 1) * rows.1 + (columns.0 - 1) * columns.1 + 1
    }

    /// Whether the columns lie one after the other, each in one piece.
    fn is_transposed(&self) -> bool {
        self.columns.0 != 1 && self.columns.1 != 1
    }

    fn matrix<'a, R>(&self, data: &'a [R], offset: usize) -> MatRef<'a, R> {
        let data = &data[offset..][..self.extent()];
        let ((rows, row_stride), (columns, column_stride)) = (self.rows, self.columns);
        if self.is_transposed() {
            MatRef::from_column_major_slice_with_stride(data, rows, columns, column_stride)
        } else {
            MatRef::from_row_major_slice_with_stride(data, rows, columns, row_stride.max(columns))
        }
    }

    fn matrix_mut<'a, R>(&self, data: &'a mut [R], offset: usize) -> MatMut<'a, R> {
        let data = &mut data[offset..][..self.extent()];
        let ((rows, row_stride), (columns, column_stride)) = (self.rows, self.columns);
        if self.is_transposed() {
            MatMut::from_column_major_slice_with_stride_mut(data, rows, columns, column_stride)
        } else {
            // Not `from_row_major_slice_with_stride_mut`, which takes one stride for the other in faer 0.24.
            let stride = row_stride.max(columns);
            MatMut::from_column_major_slice_with_stride_mut(data, columns, rows, stride).transpose_mut()
        }
    }
}

/// An operand as a stack of matrices, copied only if it does not lie in memory as one.
pub(crate) struct Matrices<'a, R: Real> {
    tensor: Cow<'a, Tensor<R>>,
    layout: Layout,
}

impl<'a, R: Real> Matrices<'a, R> {
    pub(crate) fn of(
        operand: Labelled<'a, R>,
        batch: &[AxisId],
        rows: &[AxisId],
        columns: &[AxisId],
    ) -> Self {
        if let Some(layout) = Layout::of(operand.axes, &operand.tensor.shape, batch, rows, columns) {
            return Self { tensor: Cow::Borrowed(operand.tensor), layout };
        }
        let own = batch.iter().copied().filter(|axis| operand.has(*axis));
        let order: Vec<AxisId> = own.chain(rows.iter().chain(columns).copied()).collect();
        let tensor = ordered(operand, &order);
        let layout = Layout::packed(&order, &tensor.shape, batch, rows, columns);
        Self { tensor, layout }
    }
}

/// A stack of products of matrices.
pub(crate) struct Stack<'a, R: Real> {
    /// The sizes of the axes that number the matrices.
    pub(crate) sizes: &'a [usize],
    pub(crate) left: &'a Matrices<'a, R>,
    pub(crate) right: &'a Matrices<'a, R>,
    /// Where the results lie.
    pub(crate) layout: &'a Layout,
    pub(crate) factor: f64,
}

impl<R: Real> Stack<'_, R> {
    /// Every product, over so many terms each. Where the results of parts of the stack lie apart, the parts are spread over
    /// threads.
    pub(crate) fn multiply(&self, result: &mut [R], inner: usize) {
        let Self { sizes, layout, .. } = self;
        let count: usize = sizes.iter().product();
        let work = layout.rows.0 * layout.columns.0 * inner;
        // The first axes that number matrices are also the first of the result: each place along them is a part.
        let mut apart = 1;
        let mut length = result.len();
        for (size, stride) in sizes.iter().zip(&layout.batch) {
            if stride * size != length {
                break;
            }
            (apart, length) = (apart * size, *stride);
        }
        let each = count / apart;
        if apart > 1 && count * work >= WORTH_SPREADING {
            let together = (WORTH_SPREADING / (each * work).max(1)).max(1);
            result.par_chunks_mut(length).with_min_len(together).enumerate().for_each(|(part, block)| {
                (part * each..(part + 1) * each)
                    .for_each(|number| self.one(block, part * length, number, inner));
            });
        } else {
            (0..count).for_each(|number| self.one(result, 0, number, inner));
        }
    }

    /// One product, where the results begin so many numbers after the first one.
    fn one(&self, result: &mut [R], before: usize, number: usize, inner: usize) {
        let Self { sizes, left, right, layout, factor } = self;
        let p = left.layout.matrix(&left.tensor.data, left.layout.offset(sizes, number));
        let q = right.layout.matrix(&right.tensor.data, right.layout.offset(sizes, number));
        let mut block = layout.matrix_mut(result, layout.offset(sizes, number) - before);
        if block.nrows() * block.ncols() * inner > SMALL {
            return multiply(block, Onto::Nothing, p, q, *factor);
        }
        let factor = R::narrow(*factor);
        for j in 0..block.ncols() {
            for i in 0..block.nrows() {
                let sum = (0..inner).fold(R::zero(), |sum, k| sum + p[(i, k)] * q[(k, j)]);
                block[(i, j)] = sum * factor;
            }
        }
    }
}

/// Multiplications that are worth a thread's attention.
const WORTH_SPREADING: usize = 1 << 20;
