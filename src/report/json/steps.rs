//! The answer of `measure --steps`: losses, magnitudes and alignments over the steps of training.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{AskedObject, HyperparametersObject};

/// The answer of `measure --steps`.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
pub struct StepsAnswer {
    /// What was measured, in a line.
    pub title: String,
    /// What was asked.
    #[serde(flatten)]
    pub asked: AskedObject,
    /// The exponents of what was trained.
    pub hyperparameters: HyperparametersObject,
    /// How many seeds.
    pub seeds: u64,
    /// What all random numbers are derived from.
    pub seed: u64,
    /// Sizes of the first scaled dimension.
    pub values: Vec<usize>,
    /// The steps after which was measured.
    pub steps: Vec<usize>,
    /// What was measured.
    pub quantities: Vec<StepsObject>,
    /// The sizes at which the loss of some seed has no end.
    pub diverged: Vec<usize>,
    /// What is to be known of the simulation.
    pub notes: Vec<String>,
}

/// A quantity over the steps.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
pub struct StepsObject {
    /// What it is: `loss`, `forward`, `change`, `update_alignment`, `weight_alignment` or `both_alignment`.
    pub quantity: String,
    /// Of which node; `null` for the loss.
    pub node: Option<String>,
    /// Of which parameter; `null` if it is of a node alone.
    pub parameter: Option<String>,
    /// The exponent after each step; `null` where there is none.
    pub slopes: Vec<Option<f64>>,
    /// Their standard errors.
    pub stderrs: Vec<Option<f64>>,
    /// After each step, at each size; `null` for no number.
    pub magnitudes: Vec<Vec<Option<f64>>>,
    /// Of an alignment: the assumption that its last exponent is nearest to, if it has one.
    #[serde(flatten)]
    pub aligned: Option<AlignedObject>,
}

/// What is told of an alignment after the last step; both keys stand there, or it is none.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
pub struct AlignedObject {
    /// The assumption that its exponent is nearest to; `null` if it has none.
    #[serde(deserialize_with = "Option::deserialize")]
    pub nearest: Option<NearestName>,
    /// The exponent at the largest size alone, constants included; `null` where one term is summed.
    #[serde(deserialize_with = "Option::deserialize")]
    pub at_largest: Option<f64>,
}

/// An assumption about alignments.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum NearestName {
    /// 1: every term of the sum has one sign.
    Full,
    /// 1/2: the terms are independent.
    None,
    /// Neither, between them.
    Between,
    /// Below 1/2: the terms cancel.
    #[serde(rename = "below none")]
    Below,
}
