//! A measurement as lines, `measure --format jsonl`: each run is told as it ends.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    AskedObject, DeriveAnswer, Envelope, HyperparametersObject, MeasuredObject, Named, SaturatedObject,
    SummaryObject,
};

/// A line.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(untagged)]
pub enum MeasureLine {
    /// The first: what is measured.
    Begin(Envelope<BeginLine>),
    /// The only one, if the scaling is impossible.
    Impossible(Box<Envelope<DeriveAnswer>>),
    /// A run.
    Run(RunLine),
    /// A quantity, behind the runs.
    Quantity(MeasuredObject),
    /// The last: how many agree.
    End(EndLine),
}

/// What is measured.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
pub struct BeginLine {
    /// What is measured, in a line.
    pub title: String,
    /// What was asked.
    #[serde(flatten)]
    pub asked: AskedObject,
    /// The exponents of what is measured.
    pub hyperparameters: HyperparametersObject,
    /// How many seeds.
    pub seeds: u64,
    /// What all random numbers are derived from.
    pub seed: u64,
    /// Sizes of the first scaled dimension.
    pub values: Vec<usize>,
}

/// A run.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
pub struct RunLine {
    /// The size of the first scaled dimension.
    pub value: usize,
    /// The seed.
    pub seed: u64,
    /// The magnitude of each quantity, by what it is: `update(W_Q, q)`; `null` for no number.
    pub quantities: Named<Option<f64>>,
}

/// What is known when everything is measured.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
pub struct EndLine {
    /// How many agree.
    pub summary: SummaryObject,
    /// The nodes at which exponents end.
    pub saturated: Vec<SaturatedObject>,
    /// What is to be known of prediction and sizes.
    pub notes: Vec<String>,
}
