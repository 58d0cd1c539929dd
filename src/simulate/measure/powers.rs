//! [`PowerFit`]: a sum of powers with given exponents, fitted to a mean curve.

use nalgebra::{DMatrix, DVector};

use super::means::{Estimate, Means};

/// How the summands of a magnitude add up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Adds {
    /// In squares: they are independent of each other, as signals and responses along different paths mostly are.
    Squares,
    /// In amplitudes: they are aligned, as responses along the same backward signal are.
    Amplitudes,
}

impl Adds {
    /// Every way with its name.
    pub const NAMES: [(&'static str, Self); 2] =
        [("squares", Self::Squares), ("amplitudes", Self::Amplitudes)];

    /// The power of a magnitude that adds up.
    fn power(self) -> f64 {
        match self {
            Self::Squares => 2.0,
            Self::Amplitudes => 1.0,
        }
    }

    /// The name in reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Squares => "squares",
            Self::Amplitudes => "amplitudes",
        }
    }
}

/// A magnitude `M` as a function of the scale variable `n`: `M^p = sum of c_k n^(p e_k)`, where `p` is 2 or 1,
/// perhaps divided by `1 + c n^(p d)` with a negative `d`, and every `c` is positive.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Model {
    /// The exponents `e_k`, the largest first.
    pub(crate) terms: Vec<f64>,
    /// The exponent `d`.
    pub(crate) divisor: Option<f64>,
    /// Whether `p` is 2 or 1.
    pub(crate) adds: Adds,
}

impl Model {
    fn coefficients(&self) -> usize {
        self.terms.len() + usize::from(self.divisor.is_some())
    }

    /// The logarithms of the summands at a logarithm of the scale variable.
    fn summands<'a>(&'a self, x: f64, coefficients: &'a [f64]) -> impl Iterator<Item = f64> + 'a {
        let power = self.adds.power();
        self.terms.iter().zip(coefficients).map(move |(exponent, held)| held + power * exponent * x)
    }

    /// The logarithm of what the sum is divided by, beyond 1.
    fn divided(&self, x: f64, coefficients: &[f64]) -> Option<f64> {
        let (exponent, held) = (self.divisor?, coefficients.last()?);
        Some(held + self.adds.power() * exponent * x)
    }

    /// The logarithm of the magnitude.
    fn value(&self, x: f64, coefficients: &[f64]) -> f64 {
        let divided = self.divided(x, coefficients).map_or(0.0, |log| log.exp().ln_1p());
        (log_sum(self.summands(x, coefficients)) - divided) / self.adds.power()
    }

    /// Its derivatives by the logarithms of the coefficients.
    fn gradient(&self, x: f64, coefficients: &[f64]) -> Vec<f64> {
        let sum = log_sum(self.summands(x, coefficients));
        let shares = self.summands(x, coefficients).map(|log| (log - sum).exp());
        let divided = self.divided(x, coefficients).map(|log| -(1.0 + (-log).exp()).recip());
        shares.chain(divided).map(|share| share / self.adds.power()).collect()
    }

    /// Every summand as large as the magnitude, the first at the largest size, the last at the smallest; a divisor
    /// of 2 at the smallest.
    fn start(&self, means: &Means) -> Vec<f64> {
        let (last, gaps, power) = (means.x.len() - 1, self.terms.len() - 1, self.adds.power());
        let size = |place: usize| last - (place * last).checked_div(gaps).unwrap_or(0);
        let held = |(place, exponent): (usize, &f64)| {
            power * (means.y[size(place)] - exponent * means.x[size(place)])
        };
        let divisor = self.divisor.map(|exponent| -power * exponent * means.x[0]);
        self.terms.iter().enumerate().map(held).chain(divisor).collect()
    }
}

/// The logarithm of a sum of numbers given by theirs.
fn log_sum(logs: impl Iterator<Item = f64>) -> f64 {
    let logs: Vec<f64> = logs.collect();
    let largest = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    largest + logs.iter().map(|log| (log - largest).exp()).sum::<f64>().ln()
}

/// A model with the coefficients that fit best.
#[derive(Clone, Debug)]
pub(crate) struct PowerFit {
    /// What was fitted.
    pub(crate) model: Model,
    /// Sum over sizes of squared distance by variance.
    pub(crate) misfit: f64,
    /// The logarithm of each coefficient.
    coefficients: Vec<f64>,
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
        let mut coefficients = model.start(means);
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
        Some(Self { model, misfit, coefficients, factors })
    }

    /// How many sizes there are beyond the coefficients.
    #[allow(clippy::cast_precision_loss, reason = "there are few sizes")]
    pub(crate) fn freedom(&self, means: &Means) -> f64 {
        means.x.len() as f64 - self.coefficients.len() as f64
    }

    /// The first coefficient, in units of itself.
    pub(crate) fn first(&self, means: &Means) -> Estimate {
        Estimate {
            value: 1.0,
            stderr: self.factors.first().map_or(f64::NAN, |row| means.estimate(row).stderr),
        }
    }

    /// The share of each summand in the sum, at a logarithm of the scale variable.
    pub(crate) fn shares(&self, x: f64) -> Vec<f64> {
        let sum = log_sum(self.model.summands(x, &self.coefficients));
        self.model.summands(x, &self.coefficients).map(|log| (log - sum).exp()).collect()
    }

    /// The slope at a logarithm of the scale variable.
    pub(crate) fn slope(&self, x: f64) -> f64 {
        let shares = self.shares(x);
        let sum: f64 = shares.iter().zip(&self.model.terms).map(|(share, exponent)| share * exponent).sum();
        let divided =
            self.model.divided(x, &self.coefficients).map_or(0.0, |log| (1.0 + (-log).exp()).recip());
        sum - divided * self.model.divisor.unwrap_or_default()
    }

    /// The logarithm of the scale variable at which the first summand is as large as all others together, or, where it
    /// is the only one, at which it is divided by 2. The odds of the first summand grow with the scale variable, since
    /// its exponent is the largest.
    pub(crate) fn crossing(&self, means: &Means) -> Estimate {
        let odds = |x: f64| {
            let mut summands = self.model.summands(x, &self.coefficients);
            let first = summands.next().unwrap_or_default();
            let against = self.model.divided(x, &self.coefficients).unwrap_or_default();
            if self.model.terms.len() > 1 { first - log_sum(summands) } else { -against }
        };
        let (mut low, mut high) = (-FARTHEST, FARTHEST);
        for _ in 0..MOST_STEPS {
            let middle = f64::midpoint(low, high);
            if odds(middle) < 0.0 { low = middle } else { high = middle }
        }
        // The odds are linear in the logarithms of the coefficients and of the scale variable, to first order.
        let power = self.model.adds.power();
        let (weights, rate) = if self.model.terms.len() > 1 {
            let shares = self.shares(high);
            let others = 1.0 - shares[0];
            let weight = |(place, share): (usize, &f64)| if place == 0 { 1.0 } else { -share / others };
            let weights: Vec<f64> = shares.iter().enumerate().map(weight).collect();
            let rates = weights.iter().zip(&self.model.terms).map(|(weight, exponent)| weight * exponent);
            let rate = power * rates.sum::<f64>();
            (weights, rate)
        } else {
            (vec![0.0, -1.0], -power * self.model.divisor.unwrap_or_default())
        };
        let factor = |size: usize| {
            weights.iter().zip(&self.factors).map(|(weight, row)| weight * row[size]).sum::<f64>() / rate
        };
        let factors: Vec<f64> = (0..means.x.len()).map(factor).collect();
        Estimate { value: high, stderr: means.estimate(&factors).stderr }
    }
}

/// The largest logarithm of a scale variable that is looked at.
const FARTHEST: f64 = 200.0;

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
