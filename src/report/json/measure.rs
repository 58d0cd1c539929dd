//! The answer of `measure` and `sweep merge`: magnitudes against size, slopes, and whether they agree with the prediction.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{AskedObject, HyperparametersObject};
use crate::exact::Exponent;

/// The answer of `measure`. Where the scaling is impossible it is that of `derive` instead.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
pub struct MeasureAnswer {
    /// What was measured, in a line.
    pub title: String,
    /// What was asked.
    #[serde(flatten)]
    pub asked: AskedObject,
    /// The exponents of what was measured.
    pub hyperparameters: HyperparametersObject,
    /// How many seeds.
    pub seeds: u64,
    /// What all random numbers are derived from.
    pub seed: u64,
    /// Sizes of the first scaled dimension.
    pub values: Vec<usize>,
    /// What was measured.
    pub quantities: Vec<MeasuredObject>,
    /// How many agree.
    pub summary: SummaryObject,
    /// The nodes at which exponents end.
    pub saturated: Vec<SaturatedObject>,
    /// What is to be known of prediction and sizes.
    pub notes: Vec<String>,
}

/// A measured quantity.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
pub struct MeasuredObject {
    /// What it is: `forward`, `backward`, `update`, `gradient`, `contribution` or `angle`.
    pub quantity: String,
    /// Of which node; `null` if it is of a parameter alone.
    pub node: Option<String>,
    /// Of which parameter; `null` if it is of a node alone.
    pub parameter: Option<String>,
    /// At each size; `null` for no number.
    pub magnitudes: Vec<Option<f64>>,
    /// The measured exponent; `null` if there is none.
    pub slope: Option<f64>,
    /// Its standard error; `null` for one seed.
    pub stderr: Option<f64>,
    /// Its 95% confidence interval; `null` for one seed.
    pub interval: Option<[Option<f64>; 2]>,
    /// The predicted exponent; `null` if nothing is predicted.
    pub predicted: Option<Exponent>,
    /// Whether they agree; `null` if nothing is predicted.
    pub verdict: Option<VerdictName>,
    /// Why the slope is not yet the exponent, if it is known.
    pub crossover: Option<CrossoverObject>,
    /// What most likely makes it differ, if it does.
    pub cause: Option<CauseObject>,
}

/// What the comparison of slope and exponent says.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum VerdictName {
    /// They are equal within the tolerance.
    Agrees,
    /// The prediction stands, but the sizes are too small, or the seeds too few.
    Crossover,
    /// They differ.
    Disagrees,
}

/// Why a slope is not yet its exponent.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(tag = "because", rename_all = "snake_case")]
pub enum CrossoverObject {
    /// The quantity is a sum of powers.
    Terms(CrossoverSum),
    /// The quantity is a power with a correction that vanishes.
    Correction(CrossoverSum),
    /// The quantity is a response to all parameters, and those to each are as predicted.
    Rows(CrossoverRows),
    /// It is made of quantities none of which disagrees.
    Parts,
    /// What it has changed by is as predicted, and still smaller than what it began with.
    Hidden,
    /// The confidence interval is wide, and holds the exponent.
    Seeds,
}

/// The sum that a quantity is, and where its largest term takes over.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
pub struct CrossoverSum {
    /// The exponents of its terms, the largest first.
    pub terms: Vec<Exponent>,
    /// The exponent of the correction that it is divided by; `null` if there is none.
    pub divisor: Option<Exponent>,
    /// How terms are added.
    pub adds: AddsName,
    /// The size at which the terms are as large as each other; `null` for no number.
    pub size: Option<f64>,
    /// Its standard error.
    pub stderr: Option<f64>,
    /// Whether that is larger than every size measured.
    pub beyond: bool,
    /// The share of each term at the largest size.
    pub shares: Vec<Option<f64>>,
}

/// Which responses lead a response to all parameters, and from where.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
pub struct CrossoverRows {
    /// The parameters whose responses have the exponent of the whole.
    pub leading: Vec<String>,
    /// The size at which their responses are as large as all others together; `null` for no number.
    pub size: Option<f64>,
    /// The size from which on the slope is within the tolerance of the exponent.
    pub ruled_from: Option<f64>,
    /// The share of the leading responses at the largest size.
    pub share: Option<f64>,
}

/// What a disagreement of slope and exponent most likely comes from.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(tag = "because", rename_all = "snake_case")]
pub enum CauseObject {
    /// The quantity is zero or no number at some size.
    Vanishes,
    /// A smaller term that is predicted too leads at these sizes.
    Late {
        /// Its exponent.
        term: Exponent,
        /// The size before which the largest term does not lead; `null` for no number.
        not_before: Option<f64>,
    },
    /// The slope still changes towards the exponent.
    Drifts {
        /// Over the first three sizes.
        from: Option<f64>,
        /// Over the last three.
        to: Option<f64>,
        /// The size at which the exponent may lead; `null` if none fits.
        leads_at: Option<f64>,
    },
    /// What enters a softmax is so large that it hardly moves.
    Saturates {
        /// The node.
        node: String,
        /// How large it is at the largest size.
        magnitude: Option<f64>,
    },
    /// One seed tells nothing of the noise.
    OneSeed,
    /// None of these.
    Unknown,
}

/// How terms of a sum are added.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AddsName {
    /// As independent random numbers are: their squares.
    Squares,
    /// As they are.
    Amplitudes,
}

/// How many quantities got which verdict.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct SummaryObject {
    /// Slope and exponent are equal within the tolerance.
    pub agrees: usize,
    /// The slope is not yet the exponent, and it is known why.
    pub crossover: usize,
    /// They differ.
    pub disagrees: usize,
    /// Nothing was predicted.
    pub unpredicted: usize,
}

/// A node at which exponents end.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct SaturatedObject {
    /// Its name.
    pub node: String,
    /// Why, in words.
    pub because: String,
}

/// A number, or nothing where it has none: JSON knows neither NaN nor infinity.
pub(crate) fn finite(number: f64) -> Option<f64> {
    number.is_finite().then_some(number)
}
