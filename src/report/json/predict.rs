//! The answer of `predict`: every exponent at given hyperparameters.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{AskedObject, GrowthObject, Named, SaturatedObject};
use crate::exact::Exponent;

/// The answer of `predict`.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
pub struct PredictAnswer {
    /// What was asked.
    #[serde(flatten)]
    pub asked: AskedObject,
    /// How fast each scaled dimension grows: with which power of its scale variable.
    pub scale: Named<Named<Exponent>>,
    /// The quantities of each node.
    pub nodes: Named<NodeObject>,
    /// The quantities of each parameter.
    pub parameters: Named<PredictedParameter>,
    /// The nodes at which exponents end.
    pub saturated: Vec<SaturatedObject>,
    /// Where the answer is an approximation.
    pub notes: Vec<String>,
    /// How fast quantities grow over sizes that people use; absent if that is not asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_sizes: Option<AtSizesObject>,
}

/// Powers over a range of sizes, by constants that are fitted to simulations at small ones.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
pub struct AtSizesObject {
    /// The first scaled dimension.
    pub dimension: String,
    /// Its smallest size.
    pub from: usize,
    /// Its largest size.
    pub to: usize,
    /// The sizes that were simulated.
    pub values: Vec<usize>,
    /// With how many seeds.
    pub seeds: u64,
    /// What all random numbers are derived from.
    pub seed: u64,
    /// How each quantity grows.
    pub powers: Vec<LocalPowerObject>,
}

/// How a quantity grows over a range of sizes.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
pub struct LocalPowerObject {
    /// What it is: `forward`, `backward`, `update`, `gradient`, `contribution` or `angle`.
    pub quantity: String,
    /// Of which node; `null` if it is of a parameter alone.
    pub node: Option<String>,
    /// Of which parameter; `null` if it is of a node alone.
    pub parameter: Option<String>,
    /// The predicted exponent.
    pub exponent: Exponent,
    /// The power of the scale variable with which it grows over the range; `null` for no number.
    pub power: Option<f64>,
    /// Its standard error over seeds; `null` for fewer than three.
    pub stderr: Option<f64>,
    /// The size from which on the slope is the exponent within the tolerance; `null` where the predicted term is not seen.
    pub ruled_from: Option<f64>,
}

/// The quantities of a node; `null` where one is not reached.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct NodeObject {
    /// Of its entries.
    pub forward: Option<GrowthObject>,
    /// Of its backward signal.
    pub backward: Option<GrowthObject>,
    /// Of its response to the step.
    pub update: Option<GrowthObject>,
    /// Of its response to the step of each parameter that moves it.
    pub updates: Named<GrowthObject>,
    /// Of the angle by which it turns.
    pub angle: Option<GrowthObject>,
}

/// The quantities of a parameter; `null` where one is not reached.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct PredictedParameter {
    /// The optimizer that moves it, where the optimizer of the question is a mix of several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub optimizer: Option<String>,
    /// Of its gradient.
    pub gradient: Option<GrowthObject>,
    /// Of the loss decrease that it contributes.
    pub contribution: Option<GrowthObject>,
    /// Of its weight decay, as it is given; absent if it is not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weight_decay: Option<GrowthObject>,
    /// Of its epsilon, likewise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub epsilon: Option<GrowthObject>,
}
