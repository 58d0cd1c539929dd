//! Crossovers explained: whether a curve is a sum of two powers that the theory predicts.

use nalgebra::{DMatrix, DVector};

/// How far the sum of powers may be from the measured magnitudes, relatively, at any size: the corrections to the
/// powers at the smallest sizes, and noise.
const MISFIT: f64 = 0.2;

/// The largest power must have at least this share in the square of the magnitude at the largest size: a power that
/// is not there gets no more than noise.
const SHARE: f64 = 0.2;

/// The slope of a sum of powers rises towards the largest: at the largest sizes it must be so much above its least.
const RISE: f64 = 0.05;

/// Whether the squares of the magnitudes are `a n^(2 largest)` plus one or two of the other powers, with positive
/// coefficients. Squares add up because the summands are not aligned with each other.
pub(super) fn is_sum(growth: &[f64], magnitudes: &[f64], largest: f64, others: &[f64]) -> bool {
    if !magnitudes.iter().all(|magnitude| magnitude.is_normal()) || !rises(growth, magnitudes) {
        return false;
    }
    let fits = |exponents: &[f64]| fits(growth, magnitudes, exponents);
    others.iter().enumerate().any(|(place, second)| {
        fits(&[largest, *second]) || others[place + 1..].iter().any(|third| fits(&[largest, *second, *third]))
    })
}

/// Whether the slope between the two largest sizes is above the least slope between neighbours.
fn rises(growth: &[f64], magnitudes: &[f64]) -> bool {
    let slope = |place: usize| {
        (magnitudes[place + 1] / magnitudes[place]).ln() / (growth[place + 1] / growth[place]).ln()
    };
    let slopes: Vec<f64> = (0..growth.len().saturating_sub(1)).map(slope).collect();
    let least = slopes.iter().copied().fold(f64::INFINITY, f64::min);
    slopes.last().is_some_and(|last| *last > least + RISE)
}

/// Least squares of the relative error: each row is divided by the measured square.
fn fits(growth: &[f64], magnitudes: &[f64], exponents: &[f64]) -> bool {
    let relative = |row: usize, column: usize| {
        (exponents[column] * growth[row].ln() - magnitudes[row].ln()).exp().powi(2)
    };
    let rows = DMatrix::from_fn(growth.len(), exponents.len(), relative);
    let right = rows.transpose() * DVector::from_element(growth.len(), 1.0);
    let Some(inverse) = (rows.transpose() * &rows).try_inverse() else { return false };
    let coefficients = inverse * right;
    let sums = &rows * &coefficients;
    let positive = coefficients.iter().all(|coefficient| *coefficient > 0.0);
    let close = sums.iter().all(|sum| (sum.max(0.0).sqrt() - 1.0).abs() <= MISFIT);
    let last = growth.len() - 1;
    positive && close && rows[(last, 0)] * coefficients[0] >= SHARE * sums[last]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn curve(magnitude: impl Fn(f64) -> f64) -> (Vec<f64>, Vec<f64>) {
        let growth: Vec<f64> = (0..7).map(|power| 2_f64.powi(power)).collect();
        let magnitudes = growth.iter().map(|n| magnitude(*n)).collect();
        (growth, magnitudes)
    }

    #[test]
    fn a_sum_of_the_two_powers_is_recognised_and_a_power_alone_is_none() {
        let sum = |n: f64| (0.01 + 1.0 / n).sqrt();
        let (growth, magnitudes) = curve(sum);
        assert!(is_sum(&growth, &magnitudes, 0.0, &[-1.0, -0.5]));
        assert!(!is_sum(&growth, &magnitudes, 0.5, &[0.0]), "a power that is not there");
        for exponent in [-1.5, -0.5, 0.5] {
            let (growth, magnitudes) = curve(|n| n.powf(exponent));
            assert!(!is_sum(&growth, &magnitudes, 0.0, &[-0.5, -1.0]), "n^{exponent}");
        }
        let (growth, magnitudes) = curve(|n| 1.0 / (n + 0.3 * n.powf(1.1)));
        assert!(!is_sum(&growth, &magnitudes, 0.0, &[-1.0]), "it moves away");
    }
}
