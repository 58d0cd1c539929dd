//! [`Samples`]: the recorded magnitudes of every run.

use std::collections::BTreeMap;

use super::quantity::Quantity;
use crate::simulate::plan::Run;
use crate::simulate::random::Seed;

/// What was measured. The base learning rate of each parameter makes the largest response of a node to its step 1 at
/// the base point, seed by seed.
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

    /// The magnitudes of the quantity at `place` in the runs of one seed, one for each value.
    pub(crate) fn series(&self, place: usize, seed: Seed) -> Vec<f64> {
        let magnitude = |value| self.runs.get(&Run { value, seed }).and_then(|run| run.get(place));
        (0..self.values.len()).map(|value| magnitude(value).copied().unwrap_or(f64::NAN)).collect()
    }
}
