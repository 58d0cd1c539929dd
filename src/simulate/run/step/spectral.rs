//! Steps that act on the singular values of a gradient `U S V^T`: the orthogonal ones (`U V^T` over the non-zero singular
//! values, times a function of the shape), matrix roots, signs in a rotated basis.
//!
//! The gradient of a weight is `L R^T`, with a column of `L` (what flows back) and of `R` (what flows in) for
//! each sample. With few samples and thin factorisations `L = Q_L T_L`, `R = Q_R T_R`, only the small matrix
//! `T_L T_R^T` needs singular vectors, and its step is that of the gradient: each of these steps commutes with rotations.

use nalgebra::{DMatrix, SVD, SymmetricEigen};

use super::gradient::Gradient;
use super::signs::sign;
use crate::simulate::array::{Onto, Real, multiply, row_major, row_major_mut};
use crate::simulate::weight::Side;

/// Roundings below which a singular value, relative to the largest, counts as zero.
const ROUNDINGS: f64 = 128.0;

/// Iterations granted to each singular value decomposition.
const ITERATIONS: usize = 10_000;

/// What a step makes of singular values, in which way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Spectrum {
    /// All of them 1: `U V^T`.
    Ones,
    /// `(G G^T)^(-1/4) G (G^T G)^(-1/4)`.
    Roots,
    /// The signs of the entries in the bases of singular vectors.
    Signs,
}

/// The root of rows over columns if there are more rows, else 1.
pub(crate) fn tall(rows: f64, columns: f64) -> f64 {
    (rows / columns).max(1.0).sqrt()
}

/// The root of rows or columns, whichever are more.
pub(crate) fn large(rows: f64, columns: f64) -> f64 {
    rows.max(columns).sqrt()
}

/// A factor times the step of each matrix of a gradient, as a product of two: a row of each for each singular value, along
/// the rows of the weight and along its columns; and the inner product of step and gradient.
///
/// A decomposition that does not converge, which only numbers that are not finite can cause, gives NaN.
pub(crate) fn spectral<R: Real>(
    gradient: &Gradient<'_, R>,
    spectrum: Spectrum,
    factor: f64,
) -> (Vec<[Vec<R>; 2]>, f64) {
    let mut frames = Vec::with_capacity(gradient.places());
    let mut decrease = 0.0;
    for place in 0..gradient.places() {
        let [left, right] = factors(gradient, place);
        let Some(Moved { left, right, along }) = moved(left, right, R::epsilon().wide(), spectrum) else {
            frames.push([vec![R::nan(); gradient.rows()], vec![R::nan(); gradient.columns()]]);
            decrease = f64::NAN;
            continue;
        };
        decrease += factor * along;
        // Columns lie one after the other in memory.
        let rows = |side: DMatrix<f64>, factor: f64| side.iter().map(|x| R::narrow(x * factor)).collect();
        frames.push([rows(left, factor), rows(right, 1.0)]);
    }
    (frames, decrease)
}

/// What the step of each matrix, or its transpose, makes of rows.
pub(crate) fn times<R: Real>(
    frames: &[[Vec<R>; 2]],
    side: Side,
    input: &[R],
    [rows, columns]: [usize; 2],
) -> Vec<R> {
    let (length, produced) = match side {
        Side::Columns => (columns, rows),
        Side::Rows => (rows, columns),
    };
    let count = input.len() / (frames.len() * length);
    let mut result = vec![R::zero(); frames.len() * count * produced];
    let blocks = input.chunks_exact(count * length).zip(result.chunks_exact_mut(count * produced));
    for ([along_rows, along_columns], (input, result)) in frames.iter().zip(blocks) {
        let (alike, made) = match side {
            Side::Columns => (along_columns, along_rows),
            Side::Rows => (along_rows, along_columns),
        };
        let rank = alike.len() / length;
        if rank == 0 {
            continue;
        }
        let mut along = vec![R::zero(); count * rank];
        let alike = row_major(alike, rank, length).transpose();
        let input = row_major(input, count, length);
        multiply(row_major_mut(&mut along, count, rank), Onto::Nothing, input, alike, 1.0);
        let (along, made) = (row_major(&along, count, rank), row_major(made, rank, produced));
        multiply(row_major_mut(result, count, produced), Onto::Nothing, along, made, 1.0);
    }
    result
}

/// Two matrices whose product `left right^T` is a matrix of the gradient: a column for each sample or, if there are many, for
/// each row or column of the matrix, whichever are fewer.
fn factors<R: Real>(gradient: &Gradient<'_, R>, place: usize) -> [DMatrix<f64>; 2] {
    let (rows, columns) = (gradient.rows(), gradient.columns());
    if gradient.rank() < rows.min(columns) {
        let side = |entries: Vec<R>, length| {
            DMatrix::from_iterator(length, entries.len() / length, entries.into_iter().map(R::wide))
        };
        let [left, right] = gradient.factors(place);
        return [side(left, rows), side(right, columns)];
    }
    let whole = gradient.whole(place);
    let whole = DMatrix::from_row_iterator(rows, columns, whole.into_iter().map(R::wide));
    if rows >= columns {
        [whole, DMatrix::identity(columns, columns)]
    } else {
        [DMatrix::identity(rows, rows), whole.transpose()]
    }
}

/// The step `left right^T` of a matrix, with a column for each singular value, and its inner product with the matrix.
struct Moved {
    left: DMatrix<f64>,
    right: DMatrix<f64>,
    along: f64,
}

/// That of `left right^T`.
fn moved(left: DMatrix<f64>, right: DMatrix<f64>, epsilon: f64, spectrum: Spectrum) -> Option<Moved> {
    let finite = |matrix: &DMatrix<f64>| matrix.iter().all(|entry| entry.is_finite());
    if !finite(&left) || !finite(&right) {
        return None;
    }
    let (left, right) = (left.qr(), right.qr());
    let core = left.r() * right.r().transpose();
    #[allow(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
    let tolerance = ROUNDINGS * epsilon * (core.nrows().max(core.ncols()) as f64).sqrt();
    let Moved { left: rows, right: columns, along } = match spectrum {
        Spectrum::Ones => polar(core, tolerance)?,
        Spectrum::Roots => roots(&core, tolerance)?,
        Spectrum::Signs => rotated(core, tolerance)?,
    };
    Some(Moved { left: left.q() * rows, right: right.q() * columns, along })
}

/// `U V^T` over the singular values that are more than a fraction of the largest.
fn polar(core: DMatrix<f64>, tolerance: f64) -> Option<Moved> {
    let decomposed = SVD::try_new(core, true, true, f64::EPSILON, ITERATIONS)?;
    let floor = tolerance * decomposed.singular_values.max();
    let kept: Vec<usize> =
        (0..decomposed.singular_values.len()).filter(|i| decomposed.singular_values[*i] > floor).collect();
    let along = kept.iter().map(|i| decomposed.singular_values[*i]).sum();
    let left = decomposed.u?.select_columns(&kept);
    let right = decomposed.v_t?.transpose().select_columns(&kept);
    Some(Moved { left, right, along })
}

/// `(G G^T)^(-1/4) G (G^T G)^(-1/4)`, with pseudo-inverses. Squares of singular values have half their digits.
fn roots(core: &DMatrix<f64>, tolerance: f64) -> Option<Moved> {
    let least = (tolerance * tolerance).max(ROUNDINGS * f64::EPSILON);
    let root = |square: DMatrix<f64>| {
        let SymmetricEigen { eigenvectors, eigenvalues } =
            SymmetricEigen::try_new(square, f64::EPSILON, ITERATIONS)?;
        let floor = least * eigenvalues.max();
        let roots = eigenvalues.map(|value| if value > floor { value.sqrt().sqrt().recip() } else { 0.0 });
        Some(&eigenvectors * DMatrix::from_diagonal(&roots) * eigenvectors.transpose())
    };
    let left = root(core * core.transpose())? * core * root(core.transpose() * core)?;
    let along = core.dot(&left);
    Some(Moved { left, right: DMatrix::identity(core.ncols(), core.ncols()), along })
}

/// `P sign(P^T G Q) Q^T`. The eigenvectors of `G G^T` and `G^T G` are the singular vectors of `G`; what is less than a
/// fraction of the largest entry there is zero.
fn rotated(core: DMatrix<f64>, tolerance: f64) -> Option<Moved> {
    let decomposed = SVD::try_new(core.clone(), true, true, f64::EPSILON, ITERATIONS)?;
    let (left, right) = (decomposed.u?, decomposed.v_t?.transpose());
    let inside = left.transpose() * core * &right;
    let floor = tolerance * inside.amax();
    let signs = inside.map(|entry| if entry.abs() > floor { sign(entry) } else { 0.0 });
    let along = inside.dot(&signs);
    Some(Moved { left: left * signs, right, along })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::Step;
    use crate::simulate::run::pass::Pass;
    use crate::simulate::testing::{graphs, with_network};

    /// Singular vectors of matrices of this size are good to about 1e-13.
    const TOLERANCE: f64 = 1e-12;

    fn matrix(rows: usize, columns: usize) -> DMatrix<f64> {
        #[allow(clippy::cast_precision_loss)]
        DMatrix::from_fn(rows, columns, |i, j| ((i * 31 + j * 17 + i * j * 7) % 19) as f64 - 9.0)
    }

    #[test]
    fn the_polar_factor_has_singular_values_one_and_the_rank_of_the_product() {
        for (rows, columns, samples) in [(7, 5, 3), (3, 9, 4), (4, 4, 4), (6, 2, 8), (1, 5, 2)] {
            let (left, right) = (matrix(rows, samples), matrix(columns, samples) * 0.5);
            let product = &left * right.transpose();
            let Moved { left: u, right: v, .. } = moved(left, right, f64::EPSILON, Spectrum::Ones).unwrap();
            let polar = &u * v.transpose();
            let rank = rows.min(columns).min(samples);
            assert_eq!(u.ncols(), rank, "{rows} {columns} {samples}");
            assert!((u.transpose() * &u - DMatrix::identity(rank, rank)).norm() < TOLERANCE);
            // <G, U V^T> is the sum of the singular values.
            let nuclear = product.singular_values().sum();
            assert!((product.dot(&polar) - nuclear).abs() < TOLERANCE * nuclear);
        }
    }

    #[test]
    fn directions_without_gradient_are_left_alone() {
        let left = matrix(6, 4);
        let mut right = matrix(5, 4);
        right.fill_column(3, 0.0);
        let of = |right| moved(left.clone(), right, f64::EPSILON, Spectrum::Ones).unwrap();
        let Moved { left: u, .. } = of(right);
        assert_eq!(u.ncols(), 3);
        let Moved { left: u, .. } = of(DMatrix::zeros(5, 4));
        assert_eq!(u.ncols(), 0);
    }

    #[test]
    fn numbers_that_are_not_finite_have_no_step() {
        let mut left = matrix(3, 3);
        left[(0, 0)] = f64::NAN;
        for spectrum in [Spectrum::Ones, Spectrum::Roots, Spectrum::Signs] {
            assert!(moved(left.clone(), matrix(3, 3), f64::EPSILON, spectrum).is_none());
        }
    }

    /// Matrix roots and rotated signs leave of singular values that they are 1, like the orthogonal step.
    #[test]
    fn a_first_step_is_orthogonal_by_roots_and_by_rotated_signs() {
        /// Quarter roots of squares: half the digits, in steps of order 1.
        const TOLERANCE: f64 = 1e-6;
        for (rows, columns, samples) in [(7, 5, 3), (3, 9, 4), (4, 4, 4), (6, 2, 8), (1, 5, 2)] {
            let of = |spectrum| {
                let (left, right) = (matrix(rows, samples), matrix(columns, samples) * 0.5);
                let Moved { left, right, along } = moved(left, right, f64::EPSILON, spectrum).unwrap();
                (left * right.transpose(), along)
            };
            let (polar, nuclear) = of(Spectrum::Ones);
            for spectrum in [Spectrum::Roots, Spectrum::Signs] {
                let (found, along) = of(spectrum);
                assert!((&found - &polar).norm() < TOLERANCE, "{rows} {columns} {samples} {spectrum:?}");
                assert!((along - nuclear).abs() <= TOLERANCE * nuclear);
            }
        }
    }

    #[test]
    fn the_step_of_a_network_is_that_of_its_gradient() {
        for (name, graph) in graphs() {
            with_network::<f64>(&graph, Step::Orthogonal, |_, network| {
                let pass = Pass::whole(&network);
                for id in graph.parameter_ids() {
                    let Some(gradient) = pass.factors(&network, id) else { continue };
                    let (rows, columns) = (gradient.rows(), gradient.columns());
                    let (frames, nuclear) = spectral(&gradient, Spectrum::Ones, 1.0);
                    let mut sum = 0.0;
                    for (place, [u, v]) in frames.iter().enumerate() {
                        let gradient = DMatrix::from_row_slice(rows, columns, &gradient.whole(place));
                        let found = DMatrix::from_column_slice(rows, u.len() / rows, u)
                            * DMatrix::from_column_slice(columns, v.len() / columns, v).transpose();
                        let svd = gradient.svd(true, true);
                        let largest = svd.singular_values.max();
                        sum += svd.singular_values.sum();
                        let kept =
                            svd.singular_values.map(|value| f64::from(u8::from(value > 1e-11 * largest)));
                        let direct = svd.u.unwrap() * DMatrix::from_diagonal(&kept) * svd.v_t.unwrap();
                        let parameter = &graph.parameter(id).name;
                        // Small singular values magnify the rounding of the gradient.
                        assert!((direct - found).norm() < 1e-8, "{name}, {parameter}");
                    }
                    assert!((sum - nuclear).abs() < 1e-8 * sum);
                }
            });
        }
    }
}
