//! [`Means`]: the mean curve of several seeds, and how far each of its points may be off.

use nalgebra::DMatrix;

use super::distribution::student;

/// How far, relatively, the magnitudes at the smallest size may be from any sum of powers: what a small network adds to
/// its exponents. It falls with the root of the scale variable, like the slowest of such corrections.
const SYSTEMATIC: f64 = 0.05;

/// The least variance of a size beside the largest of all, so that none is trusted without bound.
const LEAST_VARIANCE: f64 = 1e-3;

/// Logarithms of magnitudes, with their mean over seeds.
///
/// Seeds are compared up to a factor of each: base learning rates are normalised seed by seed, and random numbers
/// are shared between sizes, so most of the spread moves whole curves and says nothing of their shape.
#[derive(Clone, Debug)]
pub(crate) struct Means {
    /// Logarithm of the scale variable.
    pub(crate) x: Vec<f64>,
    /// Mean logarithm of the magnitude.
    pub(crate) y: Vec<f64>,
    /// Variance of each mean, apart from factors of whole curves, with what is systematic.
    pub(crate) variance: Vec<f64>,
    /// How many degrees of freedom the spread over seeds has.
    pub(crate) freedom: f64,
    /// Deviation of each seed from the mean, at every size.
    deviations: Vec<Vec<f64>>,
}

/// An estimate that is linear in the mean logarithms.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Estimate {
    pub(crate) value: f64,
    pub(crate) stderr: f64,
}

impl Means {
    /// Needs two seeds, three sizes, and magnitudes that are positive and finite.
    pub(crate) fn of(growth: &[f64], series: &[Vec<f64>]) -> Option<Self> {
        let is_sound = |magnitude: &f64| *magnitude > 0.0 && magnitude.is_finite();
        if series.len() < 2 || growth.len() < 3 || !series.iter().flatten().all(is_sound) {
            return None;
        }
        let x: Vec<f64> = growth.iter().map(|growth| growth.ln()).collect();
        let logs: Vec<Vec<f64>> =
            series.iter().map(|magnitudes| magnitudes.iter().map(|held| held.ln()).collect()).collect();
        let y: Vec<f64> = (0..x.len()).map(|size| mean(logs.iter().map(|log| log[size]))).collect();
        let deviations: Vec<Vec<f64>> =
            logs.iter().map(|log| log.iter().zip(&y).map(|(log, mean)| log - mean).collect()).collect();
        #[allow(clippy::cast_precision_loss, reason = "there are few seeds")]
        let seeds = series.len() as f64;
        let sampling = variances(&x, &deviations);
        let smallest = x[0];
        let variance = x.iter().zip(sampling);
        let variance = variance.map(|(x, sampling)| sampling / seeds + systematic(x - smallest));
        Some(Self { variance: variance.collect(), freedom: seeds - 1.0, x, y, deviations })
    }

    /// A sum over sizes of factor times mean logarithm. Its error is the spread of the same sum over seeds, whatever
    /// the correlations between sizes, together with what is systematic.
    pub(crate) fn estimate(&self, factors: &[f64]) -> Estimate {
        let sum = |logs: &[f64]| -> f64 { factors.iter().zip(logs).map(|(factor, log)| factor * log).sum() };
        let spread = mean(self.deviations.iter().map(|deviation| sum(deviation).powi(2))) / self.freedom;
        let systematic: f64 =
            factors.iter().zip(&self.x).map(|(factor, x)| factor * factor * systematic(x - self.x[0])).sum();
        Estimate { value: sum(&self.y), stderr: (spread + systematic).sqrt() }
    }

    /// The degrees of freedom of the variances, to which all sizes contribute.
    #[allow(clippy::cast_precision_loss, reason = "there are few sizes")]
    pub(crate) fn pooled(&self) -> f64 {
        self.freedom * (self.x.len() as f64 - 1.0)
    }

    /// The second-order coefficient of a parabola through the mean logarithms: how fast the slope changes.
    pub(crate) fn curvature(&self) -> Option<Estimate> {
        let rows = self.x.iter().flat_map(|x| [1.0, *x, x * x]);
        let rows = DMatrix::from_row_iterator(self.x.len(), 3, rows);
        let factors = self.factors(&rows)?;
        Some(self.estimate(&factors[2]))
    }

    /// The transposed rows of a linear model, each size divided by its variance.
    pub(crate) fn weighted(&self, rows: &DMatrix<f64>) -> DMatrix<f64> {
        DMatrix::from_fn(rows.ncols(), rows.nrows(), |column, row| rows[(row, column)] / self.variance[row])
    }

    /// The factors with which weighted least squares estimates each coefficient of a linear model.
    pub(crate) fn factors(&self, rows: &DMatrix<f64>) -> Option<Vec<Vec<f64>>> {
        let weighted = self.weighted(rows);
        let factors = (&weighted * rows).try_inverse()? * weighted;
        Some(factors.row_iter().map(|row| row.iter().copied().collect()).collect())
    }
}

impl Estimate {
    pub(crate) fn negative(&self) -> Self {
        Self { value: -self.value, ..*self }
    }

    /// Whether it is above zero at this level.
    pub(crate) fn is_positive(&self, level: f64, freedom: f64) -> bool {
        self.value > student(2.0 * level, freedom) * self.stderr
    }
}

/// The systematic variance at a logarithmic distance from the smallest size.
fn systematic(distance: f64) -> f64 {
    SYSTEMATIC.powi(2) * (-distance).exp()
}

/// The variance of one seed at every size, apart from a factor of its whole curve, as a power of the scale variable:
/// with few seeds the spread at a single size says little. What the factor takes away from the spread is given back
/// as Grubbs does (Journal of the American Statistical Association 43, 1948).
#[allow(clippy::cast_precision_loss, reason = "there are few sizes and seeds")]
fn variances(x: &[f64], deviations: &[Vec<f64>]) -> Vec<f64> {
    let sizes = x.len() as f64;
    let factors: Vec<f64> = deviations.iter().map(|deviation| mean(deviation.iter().copied())).collect();
    let spread = |size: usize| {
        let rest = deviations.iter().zip(&factors).map(|(deviation, factor)| deviation[size] - factor);
        rest.map(|rest| rest * rest).sum::<f64>() / (deviations.len() as f64 - 1.0)
    };
    let spreads: Vec<f64> = (0..x.len()).map(spread).collect();
    let whole = spreads.iter().sum::<f64>() / (sizes - 1.0);
    let apart: Vec<f64> =
        spreads.iter().map(|spread| (spread - whole / sizes) / (1.0 - 2.0 / sizes)).collect();
    let least = LEAST_VARIANCE * apart.iter().copied().fold(f64::MIN_POSITIVE, f64::max);
    let apart: Vec<f64> = apart.into_iter().map(|variance| variance.max(least)).collect();
    let middle = mean(x.iter().copied());
    let square: f64 = x.iter().map(|x| (x - middle).powi(2)).sum();
    let power = x.iter().zip(&apart).map(|(x, variance)| (x - middle) * variance.ln()).sum::<f64>() / square;
    let shape: Vec<f64> = x.iter().map(|x| (power * (x - middle)).exp()).collect();
    let level = mean(apart.iter().zip(&shape).map(|(variance, shape)| variance / shape));
    shape.into_iter().map(|shape| level * shape).collect()
}

#[allow(clippy::cast_precision_loss, reason = "there are few sizes and seeds")]
fn mean(values: impl ExactSizeIterator<Item = f64>) -> f64 {
    let count = values.len() as f64;
    values.sum::<f64>() / count
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A few operations on numbers of order one.
    const TOLERANCE: f64 = 1e-12;

    fn growth() -> Vec<f64> {
        (0..7).map(|power| 2_f64.powi(power)).collect()
    }

    #[test]
    fn a_factor_of_a_whole_curve_is_no_noise() {
        let series: Vec<Vec<f64>> = [1.0, 2.0, 5.0]
            .iter()
            .map(|factor| growth().iter().map(|n| factor * n.sqrt()).collect())
            .collect();
        let means = Means::of(&growth(), &series).unwrap();
        for (variance, n) in means.variance.iter().zip(growth()) {
            assert!((variance - SYSTEMATIC.powi(2) / n).abs() < TOLERANCE, "{variance} at {n}");
        }
        let bend = means.curvature().unwrap();
        assert!(bend.value.abs() < TOLERANCE && bend.stderr > 0.0);
    }

    #[test]
    fn a_parabola_has_its_curvature() {
        let series: Vec<f64> = growth().iter().map(|n| (0.25 * n.ln().powi(2) - n.ln()).exp()).collect();
        let means = Means::of(&growth(), &[series.clone(), series]).unwrap();
        assert!((means.curvature().unwrap().value - 0.25).abs() < TOLERANCE);
    }

    #[test]
    fn what_is_too_little_or_vanishes_has_no_means() {
        let curve = growth();
        assert!(Means::of(&growth(), std::slice::from_ref(&curve)).is_none());
        assert!(Means::of(&growth()[..2], &[curve[..2].to_vec(), curve[..2].to_vec()]).is_none());
        for held in [0.0, f64::INFINITY, f64::NAN] {
            let mut broken = curve.clone();
            broken[3] = held;
            assert!(Means::of(&growth(), &[curve.clone(), broken]).is_none());
        }
    }
}
