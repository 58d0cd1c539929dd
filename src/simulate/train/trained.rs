//! [`Trained`]: what was measured, with its slopes over sizes and the alignment it is nearest to.

use std::collections::BTreeMap;

use super::watched::Watched;
use crate::graph::{NodeId, Quantity};
use crate::simulate::measure::FittedSlope;
use crate::simulate::plan::Run;
use crate::simulate::random::Seed;
use crate::simulate::run::Samples;

/// What was measured.
#[derive(Clone, Debug, PartialEq)]
pub struct Trained {
    /// Sizes of the first scaled dimension, increasing.
    pub values: Vec<usize>,
    /// The scale variable at each of them, 1 at the first.
    pub growth: Vec<f64>,
    /// The number of terms that a linear node sums, at each size.
    pub summed: BTreeMap<NodeId, Vec<f64>>,
    /// The steps after which was measured: powers of 2, and the last.
    pub steps: Vec<usize>,
    /// What was measured.
    pub watched: Vec<Watched>,
    /// For each run the numbers after each of the steps, in the order of `watched`.
    pub runs: BTreeMap<Run, Vec<Vec<f64>>>,
}

/// The assumption that a measured exponent is nearest to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Nearest {
    /// 1: every term of the sum has one sign.
    Full,
    /// 1/2: the terms are independent.
    None,
    /// Neither: farther than [`NEAR`] from both, between them.
    Between,
    /// Below 1/2 by more than [`NEAR`]: the terms cancel.
    Below,
}

/// How near is near: a quarter of the way from 1/2 to 1.
pub const NEAR: f64 = 0.125;

impl Nearest {
    /// That of an exponent; nothing if it is no number.
    #[must_use]
    pub fn of(exponent: f64) -> Option<Self> {
        if exponent.is_nan() {
            return None;
        }
        Some(if exponent >= 1.0 - NEAR {
            Self::Full
        } else if exponent > 0.5 + NEAR {
            Self::Between
        } else if exponent >= 0.5 - NEAR {
            Self::None
        } else {
            Self::Below
        })
    }

    /// In a word.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::None => "none",
            Self::Between => "between",
            Self::Below => "below none",
        }
    }
}

impl Trained {
    /// How many seeds there are.
    fn seeds(&self) -> impl Iterator<Item = Seed> + '_ {
        self.runs.keys().filter(|run| run.value == 0).map(|run| run.seed)
    }

    /// The numbers of one seed over sizes.
    fn series(&self, place: usize, step: usize, seed: Seed) -> Vec<f64> {
        let number = |value| {
            let seen = self.runs.get(&Run { value, seed }).and_then(|run| run.get(step));
            seen.and_then(|seen| seen.get(place)).copied().unwrap_or(f64::NAN)
        };
        (0..self.values.len()).map(number).collect()
    }

    /// The geometric mean over seeds of what is watched at a place, after the step number `step`, at each size.
    #[must_use]
    pub fn magnitudes(&self, place: usize, step: usize) -> Vec<f64> {
        let series: Vec<Vec<f64>> = self.seeds().map(|seed| self.series(place, step, seed)).collect();
        #[allow(clippy::cast_precision_loss, reason = "there are few seeds")]
        let count = series.len() as f64;
        let mean = |value: usize| (series.iter().map(|series| series[value].ln()).sum::<f64>() / count).exp();
        (0..self.values.len()).map(mean).collect()
    }

    /// The exponent of what is watched at a place, after the step number `step`: in the scale variable, of an alignment in the
    /// number of terms that are summed; nothing if that does not grow.
    #[must_use]
    pub fn slope(&self, place: usize, step: usize) -> Option<FittedSlope> {
        let along = match self.watched.get(place)? {
            Watched::Loss
            | Watched::Forward(_)
            | Watched::Change(_)
            | Watched::Backward(_)
            | Watched::Gradient(_) => &self.growth,
            Watched::Aligned(_, _, node) => self.summed.get(node)?,
        };
        let (first, last) = (along.first()?, along.last()?);
        let series: Vec<Vec<f64>> = self.seeds().map(|seed| self.series(place, step, seed)).collect();
        (last > first).then(|| FittedSlope::of(along, &series))
    }

    /// The logarithm of an alignment over that of the number of terms that are summed, at the largest size: an exponent in
    /// which constants count. Nothing of anything else, or where one term is summed.
    #[must_use]
    pub fn at_largest(&self, place: usize, step: usize) -> Option<f64> {
        let Watched::Aligned(_, _, node) = self.watched.get(place)? else { return None };
        let terms = self.summed.get(node)?.last()?;
        let ratio = *self.magnitudes(place, step).last()?;
        (*terms > 1.0).then(|| ratio.ln() / terms.ln())
    }

    /// The magnitudes that exponents are predicted of, after every step that was looked at.
    #[must_use]
    pub fn samples(&self) -> Samples {
        let places: Vec<(usize, Quantity)> = self
            .watched
            .iter()
            .enumerate()
            .filter_map(|(place, watched)| Some((place, watched.quantity()?)))
            .collect();
        let quantities =
            self.steps.iter().flat_map(|step| places.iter().map(|(_, quantity)| quantity.after(*step)));
        let magnitudes = |seen: &Vec<Vec<f64>>| {
            seen.iter().flat_map(|seen| places.iter().map(|(place, _)| seen[*place])).collect()
        };
        Samples {
            values: self.values.clone(),
            growth: self.growth.clone(),
            quantities: quantities.collect(),
            runs: self.runs.iter().map(|(run, seen)| (*run, magnitudes(seen))).collect(),
        }
    }

    /// The sizes at which the loss of some seed is no number any more, or has no end.
    #[must_use]
    pub fn diverged(&self) -> Vec<usize> {
        let losses = self.watched.iter().position(|watched| *watched == Watched::Loss);
        let ends = |run: &[Vec<f64>]| {
            run.iter()
                .all(|seen| losses.and_then(|place| seen.get(place)).is_some_and(|loss| loss.is_finite()))
        };
        let wrong = |value: &usize| self.runs.iter().any(|(run, seen)| run.value == *value && !ends(seen));
        (0..self.values.len()).filter(wrong).map(|value| self.values[value]).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exponent_is_near_to_one_assumption_or_between_both() {
        let cases = [
            (1.02, "full"),
            (0.88, "full"),
            (0.75, "between"),
            (0.62, "none"),
            (0.4, "none"),
            (0.1, "below none"),
        ];
        for (exponent, name) in cases {
            assert_eq!(Nearest::of(exponent).map(Nearest::name), Some(name), "{exponent}");
        }
        assert_eq!(Nearest::of(f64::NAN), None);
    }
}
