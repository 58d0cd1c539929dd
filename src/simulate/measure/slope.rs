//! [`Slope`]: the measured exponent of a quantity, with its standard error over seeds.

use super::distribution::student;
use super::interval::{LEVEL, interval};

/// Least-squares slope of log magnitude on log scale variable.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Slope {
    /// Mean over seeds; NaN where a magnitude is zero or not finite.
    pub slope: f64,
    /// Standard error of that mean; NaN for fewer than two seeds.
    pub stderr: f64,
    /// Over how many seeds.
    pub seeds: usize,
    /// The 95% confidence interval, lower end first; nothing for fewer than two seeds or an undefined slope.
    pub interval: Option<[f64; 2]>,
}

impl Slope {
    /// The slope of each seed's series of magnitudes over the largest sizes: the upper half of them, but at
    /// least three, or all if there are fewer. `growth` are the values of the scale variable, increasing.
    #[must_use]
    pub fn of(growth: &[f64], series: &[Vec<f64>]) -> Self {
        let first = growth.len() - growth.len().div_ceil(2).max(3).min(growth.len());
        let slopes: Vec<f64> =
            series.iter().map(|magnitudes| fit(&growth[first..], &magnitudes[first..])).collect();
        Self::mean(&slopes)
    }

    /// Mean and standard error of the slopes of several seeds.
    #[allow(clippy::cast_precision_loss, reason = "there are few seeds")]
    fn mean(slopes: &[f64]) -> Self {
        let count = slopes.len() as f64;
        let slope = slopes.iter().sum::<f64>() / count;
        let squares: f64 = slopes.iter().map(|x| (x - slope).powi(2)).sum();
        let stderr = if slopes.len() < 2 { f64::NAN } else { (squares / (count - 1.0) / count).sqrt() };
        Self { slope, stderr, seeds: slopes.len(), interval: interval(slopes) }
    }

    /// How far the slope may be from its true value, with 95% confidence; nothing where one seed or an undefined
    /// slope does not tell. With few seeds that is much more than twice the standard error, which is uncertain itself.
    #[allow(clippy::cast_precision_loss, reason = "there are few seeds")]
    pub(crate) fn half_width(&self) -> Option<f64> {
        self.stderr.is_finite().then(|| student(LEVEL, self.seeds.saturating_sub(1) as f64) * self.stderr)
    }
}

/// Least-squares slope of `ln y` on `ln x`; NaN if a number is not positive and finite.
fn fit(x: &[f64], y: &[f64]) -> f64 {
    #[allow(clippy::cast_precision_loss, reason = "there are few sizes")]
    let count = x.len() as f64;
    let log = |number: &f64| if *number > 0.0 && number.is_finite() { number.ln() } else { f64::NAN };
    let (x, y): (Vec<f64>, Vec<f64>) = (x.iter().map(log).collect(), y.iter().map(log).collect());
    let mean = x.iter().sum::<f64>() / count;
    let along: f64 = x.iter().zip(&y).map(|(x, y)| (x - mean) * y).sum();
    let square: f64 = x.iter().map(|x| (x - mean).powi(2)).sum();
    along / square
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The logarithms of doubles are good to 1e-15; the fits here divide them by numbers of order one.
    const TOLERANCE: f64 = 1e-12;

    #[test]
    fn a_power_law_has_its_exponent_as_slope() {
        let growth = [1.0, 2.0, 4.0, 8.0];
        for exponent in [-1.5, -0.5, 0.0, 1.0] {
            let series: Vec<f64> = growth.iter().map(|n: &f64| 3.0 * n.powf(exponent)).collect();
            let slope = Slope::of(&growth, &[series.clone(), series]);
            assert!((slope.slope - exponent).abs() < TOLERANCE);
            assert!(slope.stderr < TOLERANCE);
        }
    }

    #[test]
    fn only_the_largest_sizes_count() {
        let growth = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0];
        let series = vec![9.0, 9.0, 9.0, 9.0, 16.0, 32.0, 64.0, 128.0];
        assert!((Slope::of(&growth, std::slice::from_ref(&series)).slope - 1.0).abs() < TOLERANCE);
        let three = Slope::of(&growth[3..7], &[series[3..7].to_vec()]);
        assert!((three.slope - 1.0).abs() < TOLERANCE);
    }

    #[test]
    fn the_error_is_the_spread_over_seeds() {
        let growth = [1.0, std::f64::consts::E];
        let slope = Slope::of(&growth, &[vec![1.0, 1.0], vec![1.0, growth[1]]]);
        assert!((slope.slope - 0.5).abs() < TOLERANCE && (slope.stderr - 0.5).abs() < TOLERANCE);
        assert!(Slope::of(&growth, &[vec![1.0, 1.0]]).stderr.is_nan());
    }

    #[test]
    fn what_vanishes_or_explodes_has_no_slope() {
        let growth = [1.0, 2.0];
        for series in [vec![0.0, 1.0], vec![1.0, f64::INFINITY], vec![1.0, f64::NAN], vec![-1.0, 1.0]] {
            assert!(Slope::of(&growth, &[vec![1.0, 1.0], series]).slope.is_nan());
        }
    }
}
