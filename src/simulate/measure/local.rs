//! [`LocalPower`]: how fast quantities grow over sizes that are not simulated, from constants that are fitted at small ones.
//!
//! An exponent is what is left when sizes have no end. At sizes that people use smaller terms of a sum still count, and how
//! much is a matter of constants, which no calculus gives: they are fitted, term by term, to simulations at small sizes.

use std::collections::BTreeMap;

use super::curve::{Curve, PredictedSlope, TOLERANCE, curves_of, series_of};
use super::means::Means;
use super::powers::PowerFit;
use super::sum::{Adds, Law, Model, PowerSum};
use crate::exact::Exponent;
use crate::graph::Quantity;
use crate::simulate::run::Samples;

/// How fast a quantity grows between two sizes.
#[derive(Clone, Debug, PartialEq)]
pub struct LocalPower {
    /// Which.
    pub quantity: Quantity,
    /// The predicted exponent.
    pub exponent: Exponent,
    /// The power of the scale variable with which it grows from one size to the other.
    pub power: f64,
    /// Its standard error over seeds, by leaving out a part of them after the other; nothing for fewer than three seeds, and nothing
    /// where the predicted term is not seen: then the power is at least so large.
    pub stderr: Option<f64>,
    /// The size of the first scaled dimension from which on the slope is within [`TOLERANCE`] of the exponent, the
    /// smallest that was simulated if it is so everywhere; infinite where the predicted term is not seen at all.
    pub ruled_from: f64,
}

/// How fast every predicted quantity grows between two sizes of the first scaled dimension. Left out are those that vanish.
///
/// A response to all parameters is put together from those to each: at the sizes that were simulated it lies between their sum
/// and the root of the sum of their squares, and is taken to stay where it is between these.
#[must_use]
pub fn local_powers(
    samples: &Samples,
    predicted: &BTreeMap<Quantity, PredictedSlope>,
    range: [usize; 2],
) -> Vec<LocalPower> {
    let series = series_of(samples);
    let whole = powers(samples, &series, predicted, range);
    let parts = if samples.seeds().len() < 3 { 0 } else { samples.seeds().len().min(MOST_PARTS) };
    let parts: Vec<Vec<Option<Grown>>> =
        (0..parts).map(|part| powers(samples, &without(&series, part, parts), predicted, range)).collect();
    let told = |(place, grown): (usize, Option<Grown>)| {
        let (quantity, grown) = (samples.quantities[place], grown?);
        let estimates: Vec<f64> = parts.iter().filter_map(|part| Some(part[place]?.power)).collect();
        let exponent = predicted.get(&quantity)?.exponent.clone();
        Some(LocalPower {
            quantity,
            exponent,
            power: grown.power,
            stderr: jackknife(&estimates, parts.len()).filter(|_| grown.ruled_from.is_finite()),
            ruled_from: grown.ruled_from,
        })
    };
    whole.into_iter().enumerate().filter_map(told).collect()
}

/// In at most so many parts seeds are left out: more would tell the error hardly better, and take longer.
const MOST_PARTS: usize = 10;

/// The magnitudes of all seeds but those of one of so many parts.
fn without(series: &[Vec<Vec<f64>>], part: usize, parts: usize) -> Vec<Vec<Vec<f64>>> {
    let others = |of: &Vec<Vec<f64>>| {
        let others = of.iter().enumerate().filter(|(seed, _)| *seed % parts != part);
        others.map(|(_, magnitudes)| magnitudes.clone()).collect()
    };
    series.iter().map(others).collect()
}

/// The standard error of an estimate, from those that leave out one part each; nothing if one of so many is missing.
#[allow(clippy::cast_precision_loss, reason = "there are few parts")]
fn jackknife(estimates: &[f64], parts: usize) -> Option<f64> {
    if estimates.len() < parts || parts < 3 {
        return None;
    }
    let count = estimates.len() as f64;
    let mean = estimates.iter().sum::<f64>() / count;
    let squares: f64 = estimates.iter().map(|estimate| (estimate - mean).powi(2)).sum();
    Some((squares * (count - 1.0) / count).sqrt())
}

/// What is told of a fitted quantity.
#[derive(Clone, Copy, Debug)]
struct Grown {
    power: f64,
    ruled_from: f64,
}

fn powers(
    samples: &Samples,
    series: &[Vec<Vec<f64>>],
    predicted: &BTreeMap<Quantity, PredictedSlope>,
    range: [usize; 2],
) -> Vec<Option<Grown>> {
    let curves = curves_of(samples, series);
    let fitted = |(quantity, curve): (&Quantity, &Curve<'_>)| one(curve, predicted.get(quantity)?);
    let sums: Vec<Option<PowerSum>> = samples.quantities.iter().zip(&curves).map(fitted).collect();
    let told = |(place, quantity): (usize, &Quantity)| {
        let (curve, own) = (&curves[place], sums[place].clone()?);
        let exponent = predicted.get(quantity)?.exponent.approximate();
        let rows = || {
            let rows = samples.quantities.iter().zip(&sums).filter(|(row, _)| row.is_row_of(*quantity));
            rows.map(|(_, sum)| sum.clone()).collect::<Option<Vec<PowerSum>>>()
        };
        let rows = if quantity.is_total() { rows() } else { None };
        let law = rows.and_then(|rows| together(rows, curve)).unwrap_or(Law::Sum(own));
        let start = samples.growth.first()?.ln();
        let [from, to] = range.map(|size| curve.growth_at(size));
        let ruled = law.ruled_from(exponent, TOLERANCE);
        Some(Grown {
            power: (law.value(to) - law.value(from)) / (to - from),
            ruled_from: ruled.map_or(f64::INFINITY, |x| curve.size(x.max(start)).0),
        })
    };
    samples.quantities.iter().enumerate().map(told).collect()
}

/// The sum of powers that fits a curve best for its number of terms: the predicted exponent, with other predicted terms or with
/// a correction of relative size `n^-1/2` or `1/n`, or another predicted term alone, where nothing is seen of the largest.
/// A term more must make it fit better by two units (Akaike's criterion).
fn one(curve: &Curve<'_>, predicted: &PredictedSlope) -> Option<PowerSum> {
    let means = Means::of(curve.growth, curve.series)?;
    let first = &predicted.exponent;
    let others: Vec<&Exponent> = predicted.summands.iter().filter(|term| *term < first).collect();
    let alone = [vec![first]].into_iter().chain(others.iter().map(|other| vec![*other]));
    let pairs = others.iter().map(|other| vec![first, *other]);
    let corrections = [-&Exponent::HALF, -&Exponent::ONE].map(|relative| first + &relative);
    let squares = alone.chain(pairs).map(|terms| (terms, Adds::Squares));
    let amplitudes = corrections.iter().map(|correction| (vec![first, correction], Adds::Amplitudes));
    let models = squares.chain(amplitudes).map(|(terms, adds)| {
        let terms = terms.into_iter().map(Exponent::approximate).collect();
        Model { terms, divisor: None, adds }
    });
    let fits = models.filter_map(|model| PowerFit::of(&means, model));
    #[allow(clippy::cast_precision_loss, reason = "there are few terms")]
    let cost = |fit: &PowerFit| fit.misfit + 2.0 * fit.sum.coefficients.len() as f64;
    fits.min_by(|a, b| cost(a).total_cmp(&cost(b))).map(|fit| fit.sum)
}

/// The responses to each parameter, added up as they are at the sizes of the curve, which is that to all.
fn together(rows: Vec<PowerSum>, whole: &Curve<'_>) -> Option<Law> {
    let means = Means::of(whole.growth, whole.series).filter(|_| rows.len() > 1)?;
    let norms = means.x.iter().zip(&means.y).map(|(x, y)| {
        let norm = |norm: f64| Law::Rows { rows: rows.clone(), norm };
        // The sum falls as the norm grows.
        let (mut low, mut high) = (1.0, 2.0);
        for _ in 0..STEPS {
            let middle = f64::midpoint(low, high);
            if norm(middle).value(*x) > *y { low = middle } else { high = middle }
        }
        high
    });
    let norms: Vec<f64> = norms.collect();
    #[allow(clippy::cast_precision_loss, reason = "there are few sizes")]
    let norm = norms.iter().sum::<f64>() / norms.len() as f64;
    Some(Law::Rows { rows, norm })
}

/// Steps of a bisection, to a millionth.
const STEPS: usize = 20;
