//! [`Curve`]: what was measured of one quantity, and [`PredictedSlope`]: what was predicted of it.

use super::slope::FittedSlope;
use crate::exact::Exponent;
use crate::simulate::run::Samples;

/// How far a slope may be from the exponent and still agree, beside its confidence interval.
pub const TOLERANCE: f64 = 0.1;

/// A measured quantity.
#[derive(Clone, Copy, Debug)]
pub struct Curve<'a> {
    /// Sizes of the first scaled dimension, increasing.
    pub values: &'a [usize],
    /// The value of the scale variable at each of them.
    pub growth: &'a [f64],
    /// The magnitudes at each of them, for each seed.
    pub series: &'a [Vec<f64>],
    /// The slope over the largest of them.
    pub slope: FittedSlope,
}

impl Curve<'_> {
    /// The size of the first scaled dimension at a logarithm of the scale variable, and how its logarithm grows with
    /// that.
    pub(crate) fn size(&self, growth: f64) -> (f64, f64) {
        let (first, grown, power) = self.scale();
        (first * (power * (growth - grown)).exp(), power)
    }

    /// The logarithm of the scale variable at a size of the first scaled dimension.
    #[allow(clippy::cast_precision_loss, reason = "sizes stay far below 2^52")]
    pub(crate) fn growth_at(&self, size: usize) -> f64 {
        let (first, grown, power) = self.scale();
        grown + (size as f64 / first).ln() / power
    }

    /// The smallest size, the logarithm of the scale variable there, and the power of it with which the size grows.
    fn scale(&self) -> (f64, f64, f64) {
        #[allow(clippy::cast_precision_loss, reason = "sizes stay far below 2^52")]
        let ends =
            [self.values.first(), self.values.last()].map(|size| size.map_or(1.0, |size| *size as f64));
        let grown =
            [self.growth.first(), self.growth.last()].map(|growth| growth.map_or(0.0, |held| held.ln()));
        (ends[0], grown[0], (ends[1] / ends[0]).ln() / (grown[1] - grown[0]))
    }
}

/// The magnitudes of every quantity at every size, for each seed with which every size was run.
pub(super) fn series_of(samples: &Samples) -> Vec<Vec<Vec<f64>>> {
    let seeds = samples.seeds();
    let of = |place| seeds.iter().map(|seed| samples.series(place, *seed)).collect();
    (0..samples.quantities.len()).map(of).collect()
}

/// The curve of every quantity.
pub(super) fn curves_of<'a>(samples: &'a Samples, series: &'a [Vec<Vec<f64>>]) -> Vec<Curve<'a>> {
    let curve = |series: &'a Vec<Vec<f64>>| {
        let slope = FittedSlope::of(&samples.growth, series);
        Curve { values: &samples.values, growth: &samples.growth, series, slope }
    };
    series.iter().map(curve).collect()
}

/// A predicted exponent, and what the magnitude is a sum of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PredictedSlope {
    /// The exponent.
    pub exponent: Exponent,
    /// The exponents of the summands, largest first; at least the exponent itself.
    pub summands: Vec<Exponent>,
}

impl From<Exponent> for PredictedSlope {
    /// A magnitude that is no sum.
    fn from(exponent: Exponent) -> Self {
        Self { summands: vec![exponent.clone()], exponent }
    }
}
