//! Einsum of two tensors as batched matrix products, and its one-operand case: sums and copies along axes.

mod labelled;
mod stack;

pub(crate) use self::labelled::{Labelled, STACK, arrange, permuted, stacked};
use self::stack::{Layout, Matrices, SMALL, Stack, along, merged};
use crate::graph::AxisId;
use crate::simulate::array::buffer;
use crate::simulate::array::real::Real;
use crate::simulate::array::tensor::Tensor;

/// `result[..] = factor * sum of p * q` over the axes that `p` and `q` share and `result` lacks.
///
/// Needs: every axis of `p` or `q` is in the other one or in `result`, and every axis of `result` in `p` or
/// `q`. An axis that only one operand has would be a sum of that operand alone: see [`refit`].
pub(crate) fn einsum<R: Real>(
    p: Labelled<'_, R>,
    q: Labelled<'_, R>,
    result: &[AxisId],
    factor: f64,
) -> Tensor<R> {
    let larger = if p.tensor.data.len() >= q.tensor.data.len() { p } else { q };
    let within = |axes: &[AxisId], choose: &dyn Fn(AxisId) -> bool| -> Vec<AxisId> {
        axes.iter().copied().filter(|axis| choose(*axis)).collect()
    };
    let mut rows = within(result, &|axis| !q.has(axis));
    let mut columns = within(result, &|axis| !p.has(axis));
    let inner = within(larger.axes, &|axis| p.has(axis) && q.has(axis) && !result.contains(&axis));
    let size = |axis: AxisId| p.size(axis).max(q.size(axis));
    let shape: Vec<usize> = result.iter().map(|axis| size(*axis)).collect();
    let count = |axes: &[AxisId]| axes.iter().map(|axis| size(*axis)).product::<usize>();
    if inner.is_empty() && (rows.is_empty() || columns.is_empty() || count(&rows) * count(&columns) <= SMALL)
    {
        return outer(p, q, result, shape, factor);
    }
    // Axes along which rows or columns do not lie in one piece number the matrices instead.
    let whole = |axes: &[AxisId], operand: Labelled<'_, R>| {
        merged(&along(operand.axes, &operand.tensor.shape, axes)).is_some()
            && merged(&along(result, &shape, axes)).is_some()
    };
    while rows.len() > 1 && !whole(&rows, p) {
        rows.remove(0);
    }
    while columns.len() > 1 && !whole(&columns, q) {
        columns.remove(0);
    }
    let batch = within(result, &|axis| !rows.contains(&axis) && !columns.contains(&axis));
    let left = Matrices::of(p, &batch, &rows, &inner);
    let right = Matrices::of(q, &batch, &inner, &columns);
    let straight = Layout::of(result, &shape, &batch, &rows, &columns);
    let order = match straight {
        Some(_) => result.to_vec(),
        None => [batch.as_slice(), &rows, &columns].concat(),
    };
    let shape: Vec<usize> = order.iter().map(|axis| size(*axis)).collect();
    let layout = straight.unwrap_or_else(|| Layout::packed(&order, &shape, &batch, &rows, &columns));
    let data = buffer::any(shape.iter().product());
    let mut product = Tensor { shape, data };
    let sizes: Vec<usize> = batch.iter().map(|axis| size(*axis)).collect();
    let stack = Stack { sizes: &sizes, left: &left, right: &right, layout: &layout, factor };
    stack.multiply(&mut product.data, count(&inner));
    arrange(product, &order, result)
}

/// How many products each entry of an [`einsum`] sums.
pub(crate) fn terms<R: Real>(p: Labelled<'_, R>, q: Labelled<'_, R>, result: &[AxisId]) -> usize {
    let inner = p.axes.iter().filter(|axis| q.has(**axis) && !result.contains(axis));
    inner.map(|axis| p.size(*axis)).product()
}

/// The tensor with axes `to`: summed over the axes that `to` lacks, copied along those it adds, of the given
/// `shape`.
pub(crate) fn refit<R: Real>(from: Labelled<'_, R>, to: &[AxisId], shape: &[usize]) -> Tensor<R> {
    if from.axes == to {
        return from.tensor.clone();
    }
    let lost = from.axes.iter().zip(&from.tensor.shape).filter(|(axis, _)| !to.contains(axis));
    let gained = to.iter().zip(shape).filter(|(axis, _)| !from.has(**axis));
    let (axes, sizes): (Vec<AxisId>, Vec<usize>) =
        lost.chain(gained).map(|(axis, size)| (*axis, *size)).unzip();
    let ones = Tensor::filled(&sizes, R::one());
    einsum(from, Labelled::new(&axes, &ones), to, 1.0)
}

/// `factor * p * q`, where nothing is summed: entry by entry.
fn outer<R: Real>(
    p: Labelled<'_, R>,
    q: Labelled<'_, R>,
    result: &[AxisId],
    shape: Vec<usize>,
    factor: f64,
) -> Tensor<R> {
    let factor = R::narrow(factor);
    let count = shape.iter().product();
    if p.axes == result && q.axes == result {
        let pairs = p.tensor.data.iter().zip(&q.tensor.data);
        return Tensor { shape, data: pairs.map(|(x, y)| *x * *y * factor).collect() };
    }
    let strides = |operand: Labelled<'_, R>| -> Vec<usize> {
        along(operand.axes, &operand.tensor.shape, result).into_iter().map(|(_, stride)| stride).collect()
    };
    let (p_strides, q_strides) = (strides(p), strides(q));
    let mut data = buffer::empty(count);
    let Some((&length, outer)) = shape.split_last() else {
        data.push(p.tensor.data[0] * q.tensor.data[0] * factor);
        return Tensor { shape, data };
    };
    let last = outer.len();
    let (p_step, q_step) = (p_strides[last], q_strides[last]);
    let mut place = vec![0; last];
    for _ in 0..count / length.max(1) {
        let start =
            |strides: &[usize]| -> usize { place.iter().zip(strides).map(|(i, stride)| i * stride).sum() };
        let (x, y) = (&p.tensor.data[start(&p_strides)..], &q.tensor.data[start(&q_strides)..]);
        match (p_step, q_step) {
            (1, 1) => data.extend(x[..length].iter().zip(y).map(|(x, y)| *x * *y * factor)),
            (0, 1) => data.extend(y[..length].iter().map(|y| x[0] * *y * factor)),
            (1, 0) => data.extend(x[..length].iter().map(|x| *x * y[0] * factor)),
            (..) => data.extend((0..length).map(|i| x[i * p_step] * y[i * q_step] * factor)),
        }
        for (i, size) in place.iter_mut().zip(outer).rev() {
            *i += 1;
            if *i < *size {
                break;
            }
            *i = 0;
        }
    }
    Tensor { shape, data }
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
            ("acbd", "aecfd", "aebfc"),
            ("acbd", "acdf", "acbf"),
            ("acbd", "fbcd", "bcaf"),
        ];
        for (p, q, result) in cases {
            let (x, y) = (tensor(p, 1), tensor(q, 5));
            let found = einsum(Labelled::new(&axes(p), &x), Labelled::new(&axes(q), &y), &axes(result), 1.0);
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
