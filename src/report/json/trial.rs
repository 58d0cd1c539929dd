//! The answer of `measure --random`: how often prediction and simulation agree, and where they do not.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{AskedObject, HyperparametersObject, MeasuredObject, SummaryObject};

/// The answer of `measure --random`.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
pub struct TrialAnswer {
    /// What was tried, in a line.
    pub title: String,
    /// What was asked.
    #[serde(flatten)]
    pub asked: AskedObject,
    /// How many seeds a case has at first.
    pub seeds: u64,
    /// What all random numbers are derived from.
    pub seed: u64,
    /// The cases, those of a dimension one after the other.
    pub cases: Vec<TrialCase>,
    /// Where predictions are approximations.
    pub notes: Vec<String>,
    /// How many quantities agree, of all cases together.
    pub summary: SummaryObject,
}

/// Random hyperparameters of one dimension.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
pub struct TrialCase {
    /// The dimension that grew.
    pub dimension: String,
    /// The exponents.
    pub hyperparameters: HyperparametersObject,
    /// Its sizes.
    pub values: Vec<usize>,
    /// How many seeds it took.
    pub seeds: u64,
    /// What does not agree.
    pub quantities: Vec<MeasuredObject>,
    /// How many quantities agree.
    pub agrees: usize,
    /// How many are in a crossover.
    pub crossover: usize,
    /// How many disagree.
    pub disagrees: usize,
}
