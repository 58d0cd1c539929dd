//! [`PowerFit`]: a sum of powers with given exponents, fitted to a mean curve.

use nalgebra::{DMatrix, DVector};

use super::means::{Estimate, Means};
use super::sum::{Model, PowerSum};

/// Where a fit begins: every summand as large as the magnitude, the first at the largest size, the last at the smallest; a
/// divisor of 2 at the smallest.
fn start(model: &Model, means: &Means) -> Vec<f64> {
    let (last, gaps, power) = (means.x.len() - 1, model.terms.len() - 1, model.adds.power());
    let size = |place: usize| last - (place * last).checked_div(gaps).unwrap_or(0);
    let held =
        |(place, exponent): (usize, &f64)| power * (means.y[size(place)] - exponent * means.x[size(place)]);
    let divisor = model.divisor.map(|exponent| -power * exponent * means.x[0]);
    model.terms.iter().enumerate().map(held).chain(divisor).collect()
}

/// A model with the coefficients that fit best.
#[derive(Clone, Debug)]
pub(crate) struct PowerFit {
    /// What was fitted.
    pub(crate) sum: PowerSum,
    /// Sum over sizes of squared distance by variance.
    pub(crate) misfit: f64,
    /// How it follows from the mean logarithms, near the fit.
    factors: Vec<Vec<f64>>,
}

/// Steps of the descent; it takes some ten.
const MOST_STEPS: usize = 100;

/// A step that lowers the misfit by less is the last: tests ask for differences of several units.
const CLOSE: f64 = 1e-6;

/// What nowhere has a larger share is not there.
const LEAST_SHARE: f64 = 1e-6;

impl PowerFit {
    /// Least squares of the mean logarithms, weighted by their variances, by Levenberg's and Marquardt's descent.
    /// Nothing if a coefficient vanishes: then a smaller model fits as well.
    pub(crate) fn of(means: &Means, model: Model) -> Option<Self> {
        let mut coefficients = start(&model, means);
        let (mut misfit, mut damping) = (misfit(means, &model, &coefficients), 1e-3);
        for _ in 0..MOST_STEPS {
            let step = step(means, &model, &coefficients, damping)?;
            let moved: Vec<f64> =
                coefficients.iter().zip(step.iter()).map(|(held, step)| held + step).collect();
            let after = self::misfit(means, &model, &moved);
            if after <= misfit {
                let gained = misfit - after;
                (coefficients, misfit, damping) = (moved, after, damping / 10.0);
                if gained <= CLOSE {
                    break;
                }
            } else {
                damping *= 10.0;
            }
        }
        let rows = rows(means, &model, &coefficients);
        if rows.column_iter().any(|share| share.amax() < LEAST_SHARE) {
            return None;
        }
        let factors = means.factors(&rows)?;
        Some(Self { sum: PowerSum { model, coefficients }, misfit, factors })
    }

    /// How many sizes there are beyond the coefficients.
    #[allow(clippy::cast_precision_loss, reason = "there are few sizes")]
    pub(crate) fn freedom(&self, means: &Means) -> f64 {
        means.x.len() as f64 - self.sum.coefficients.len() as f64
    }

    /// The first coefficient, in units of itself.
    pub(crate) fn first(&self, means: &Means) -> Estimate {
        Estimate {
            value: 1.0,
            stderr: self.factors.first().map_or(f64::NAN, |row| means.estimate(row).stderr),
        }
    }

    /// [`PowerSum::crossing`], with its error.
    pub(crate) fn crossing(&self, means: &Means) -> Estimate {
        let (model, high) = (&self.sum.model, self.sum.crossing());
        // The odds are linear in the logarithms of the coefficients and of the scale variable, to first order.
        let power = model.adds.power();
        let (weights, rate) = if model.terms.len() > 1 {
            let shares = self.sum.shares(high);
            let others = 1.0 - shares[0];
            let weight = |(place, share): (usize, &f64)| if place == 0 { 1.0 } else { -share / others };
            let weights: Vec<f64> = shares.iter().enumerate().map(weight).collect();
            let rates = weights.iter().zip(&model.terms).map(|(weight, exponent)| weight * exponent);
            let rate = power * rates.sum::<f64>();
            (weights, rate)
        } else {
            (vec![0.0, -1.0], -power * model.divisor.unwrap_or_default())
        };
        let factor = |size: usize| {
            weights.iter().zip(&self.factors).map(|(weight, row)| weight * row[size]).sum::<f64>() / rate
        };
        let factors: Vec<f64> = (0..means.x.len()).map(factor).collect();
        Estimate { value: high, stderr: means.estimate(&factors).stderr }
    }
}

/// A row for each size, a column for each coefficient.
fn rows(means: &Means, model: &Model, coefficients: &[f64]) -> DMatrix<f64> {
    let rows = means.x.iter().flat_map(|x| model.gradient(*x, coefficients));
    DMatrix::from_row_iterator(means.x.len(), model.coefficients(), rows)
}

fn residuals(means: &Means, model: &Model, coefficients: &[f64]) -> Vec<f64> {
    means.x.iter().zip(&means.y).map(|(x, y)| y - model.value(*x, coefficients)).collect()
}

fn misfit(means: &Means, model: &Model, coefficients: &[f64]) -> f64 {
    let residuals = residuals(means, model, coefficients);
    residuals.iter().zip(&means.variance).map(|(residual, variance)| residual * residual / variance).sum()
}

/// The damped step of Gauss and Newton.
fn step(means: &Means, model: &Model, coefficients: &[f64], damping: f64) -> Option<DVector<f64>> {
    let rows = rows(means, model, coefficients);
    let weighted = means.weighted(&rows);
    let mut normal = &weighted * rows;
    let damped = damping * normal.diagonal().max();
    for place in 0..normal.nrows() {
        normal[(place, place)] += damped;
    }
    Some(normal.try_inverse()? * (weighted * DVector::from_vec(residuals(means, model, coefficients))))
}
