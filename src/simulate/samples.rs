//! [`Samples`]: the recorded magnitudes of every run.

use std::collections::BTreeMap;

use super::measurement::Quantity;

/// The seed of one run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Seed(pub u64);

/// One run of an experiment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Run {
    /// Which of the values, from 0.
    pub value: usize,
    /// With which random numbers.
    pub seed: Seed,
}

/// What was measured: magnitudes at a base learning rate of 1.
#[derive(Clone, Debug, PartialEq)]
pub struct Samples {
    /// Sizes of the first scaled dimension, increasing.
    pub values: Vec<usize>,
    /// The scale variable at each of them, 1 at the first.
    pub growth: Vec<f64>,
    /// What was measured.
    pub quantities: Vec<Quantity>,
    /// The magnitudes of each run, in the order of `quantities`.
    pub runs: BTreeMap<Run, Vec<f64>>,
}

impl Samples {
    /// The seeds with which every value was run, in order.
    #[must_use]
    pub fn seeds(&self) -> Vec<Seed> {
        let complete = |seed: &Seed| {
            (0..self.values.len()).all(|value| self.runs.contains_key(&Run { value, seed: *seed }))
        };
        let first = self.runs.keys().filter(|run| run.value == 0).map(|run| run.seed);
        first.filter(complete).collect()
    }

    /// The base learning rate at which the largest update of a node by a parameter is 1 at the base point (root
    /// mean square over seeds); 1 if nothing moves. Updates and contributions are proportional to it.
    #[must_use]
    pub fn base_learning_rate(&self) -> f64 {
        let base = Run { value: 0, seed: Seed(0) }..Run { value: 1, seed: Seed(0) };
        let runs: Vec<&Vec<f64>> = self.runs.range(base).map(|(_, magnitudes)| magnitudes).collect();
        let updates = self.quantities.iter().enumerate().filter(|(_, quantity)| match quantity {
            Quantity::UpdateBy(..) => true,
            Quantity::Forward(_)
            | Quantity::Backward(_)
            | Quantity::Update(_)
            | Quantity::Gradient(_)
            | Quantity::Contribution(_)
            | Quantity::Angle(_) => false,
        });
        #[allow(clippy::cast_precision_loss, reason = "there are few seeds")]
        let mean = |place: usize| {
            let squares = runs.iter().filter_map(|magnitudes| magnitudes.get(place)).map(|x| x * x);
            (squares.sum::<f64>() / runs.len() as f64).sqrt()
        };
        let largest = updates.map(|(place, _)| mean(place)).fold(0.0, f64::max);
        let rate = largest.recip();
        if rate.is_finite() && rate > 0.0 { rate } else { 1.0 }
    }

    /// The magnitudes of the quantity at `place` in one run of each seed, one for each value, at a base
    /// learning rate.
    pub(super) fn series(&self, place: usize, seed: Seed, base_learning_rate: f64) -> Vec<f64> {
        let factor = self.quantities[place].order_in_lr(base_learning_rate);
        let magnitude = |value| self.runs.get(&Run { value, seed }).and_then(|run| run.get(place));
        (0..self.values.len()).map(|value| magnitude(value).map_or(f64::NAN, |x| x * factor)).collect()
    }
}

impl Quantity {
    /// The factor by which a base learning rate multiplies the quantity.
    fn order_in_lr(self, base_learning_rate: f64) -> f64 {
        match self {
            Self::UpdateBy(..) | Self::Update(_) | Self::Contribution(_) => base_learning_rate,
            Self::Forward(_) | Self::Backward(_) | Self::Gradient(_) | Self::Angle(_) => 1.0,
        }
    }
}
