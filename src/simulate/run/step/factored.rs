//! The factored step: `U = G / sqrt(V)` where `V` is the matrix of rank one that has the row and column sums of `G^2`.
//!
//! `sqrt(V)` divides rows and columns, so where `G = L R^T` has few samples, so has `U`: its factors are those of `G` with
//! their entries divided. The sums are quadratic forms in the inner products of samples.

use faer::Mat;

use super::gradient::Gradient;
use crate::simulate::array::{ROUNDINGS, Real, inner_products};

/// The `U` of each matrix of a gradient. A row or column that is zero up to rounding has none.
///
/// Shazeer and Stern, arXiv:1804.04235, Algorithm 1, at the first step, where the running averages are `G^2` itself.
pub(crate) fn factored<R: Real>(gradient: &Gradient<'_, R>) -> Gradient<'static, R> {
    let (mut all_rows, mut all_columns) = (Vec::new(), Vec::new());
    for place in 0..gradient.places() {
        let [rows, columns] = sums(gradient, place);
        let total: f64 = rows.iter().sum();
        let divide = |scale: f64| move |sum: f64| if sum > 0.0 { (scale / sum).sqrt() } else { 0.0 };
        all_rows.extend(rows.into_iter().map(divide(1.0)));
        all_columns.extend(columns.into_iter().map(divide(total)));
    }
    gradient.scaled(&all_rows, &all_columns)
}

/// The sums of squares of each row and of each column of a matrix of the gradient.
fn sums<R: Real>(gradient: &Gradient<'_, R>, place: usize) -> [Vec<f64>; 2] {
    let (rows, columns) = (gradient.rows(), gradient.columns());
    let [left, right] = gradient.factors(place);
    if gradient.is_smaller_whole() {
        let whole = gradient.whole(place);
        let (mut of_rows, mut of_columns) = (vec![0.0; rows], vec![0.0; columns]);
        for (row, sum) in whole.chunks_exact(columns).zip(&mut of_rows) {
            for (entry, column) in row.iter().zip(&mut of_columns) {
                let square = entry.wide().powi(2);
                *sum += square;
                *column += square;
            }
        }
        let lengths = [lengths(&left, rows), lengths(&right, columns)];
        settle::<R>(&mut of_rows, &left, &lengths[1]);
        settle::<R>(&mut of_columns, &right, &lengths[0]);
        return [of_rows, of_columns];
    }
    let inner = [inner_products(&left, &left, rows), inner_products(&right, &right, columns)];
    let forms = |entries: &[R], length: usize, inner: &Mat<f64>| {
        let mut sums = vec![0.0; length];
        for (s, first) in entries.chunks_exact(length).enumerate() {
            for (t, second) in entries.chunks_exact(length).enumerate() {
                let product = inner[(s, t)];
                let pairs = first.iter().zip(second);
                sums.iter_mut().zip(pairs).for_each(|(sum, (a, b))| *sum += a.wide() * b.wide() * product);
            }
        }
        let lengths: Vec<f64> = (0..inner.nrows()).map(|s| inner[(s, s)].max(0.0).sqrt()).collect();
        settle::<R>(&mut sums, entries, &lengths);
        sums
    };
    [forms(&left, rows, &inner[1]), forms(&right, columns, &inner[0])]
}

/// The length of each row.
fn lengths<R: Real>(rows: &[R], length: usize) -> Vec<f64> {
    let of_row = |row: &[R]| row.iter().map(|entry| entry.wide().powi(2)).sum::<f64>().sqrt();
    rows.chunks_exact(length).map(of_row).collect()
}

/// Sets sums of squares to zero that are what rounding leaves: entries of the gradient are sums over samples of an entry of
/// one factor, times one of a vector of the given length.
fn settle<R: Real>(sums: &mut [f64], entries: &[R], lengths: &[f64]) {
    let floor = (ROUNDINGS * R::epsilon().wide()).powi(2).max(ROUNDINGS * f64::EPSILON);
    let mut most = vec![0.0; sums.len()];
    for (sample, length) in entries.chunks_exact(sums.len()).zip(lengths) {
        most.iter_mut().zip(sample).for_each(|(most, entry)| *most += entry.wide().abs() * length);
    }
    for (sum, most) in sums.iter_mut().zip(most) {
        if *sum <= floor * most * most {
            *sum = 0.0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::Step;
    use crate::simulate::run::pass::Pass;
    use crate::simulate::testing::{graphs, with_network};

    /// As the paper writes it, entry by entry.
    fn directly(whole: &[f64], rows: usize, columns: usize) -> Vec<f64> {
        let square = |i: usize, j: usize| whole[i * columns + j].powi(2);
        let of_row: Vec<f64> = (0..rows).map(|i| (0..columns).map(|j| square(i, j)).sum()).collect();
        let of_column: Vec<f64> = (0..columns).map(|j| (0..rows).map(|i| square(i, j)).sum()).collect();
        let total: f64 = of_row.iter().sum();
        let entry = |place: usize| {
            let v = of_row[place / columns] * of_column[place % columns] / total;
            if v > 0.0 { whole[place] / v.sqrt() } else { 0.0 }
        };
        (0..whole.len()).map(entry).collect()
    }

    #[test]
    fn the_step_of_a_network_is_that_of_every_entry_of_its_gradient() {
        /// Quadratic forms lose half the digits of rows that almost vanish.
        const TOLERANCE: f64 = 1e-6;
        for (name, graph) in graphs() {
            with_network::<f64>(&graph, Step::Factored, |_, network| {
                let pass = Pass::whole(&network);
                for id in graph.parameter_ids() {
                    let Some(gradient) = pass.factors(&network, id) else { continue };
                    let (rows, columns) = (gradient.rows(), gradient.columns());
                    let found = factored(&gradient);
                    for place in 0..gradient.places() {
                        let expected = directly(&gradient.whole(place), rows, columns);
                        let found = found.whole(place);
                        let off = found.iter().zip(&expected).map(|(a, b)| (a - b).abs());
                        let off = off.fold(0.0, f64::max);
                        assert!(off < TOLERANCE, "{name}, {}: {off}", graph.parameter(id).name);
                    }
                }
            });
        }
    }
}
