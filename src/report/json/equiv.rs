//! The answer of `equiv`: whether two parameterizations are the same up to gauge.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{At, Named};
use crate::exact::Exponent;

/// The answer of `equiv`.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct EquivAnswer {
    /// The name of the architecture.
    pub architecture: String,
    /// What the first parameterization is called.
    pub first: String,
    /// What the second is called.
    pub second: String,
    /// How the architecture grows, as `--scale` says it; `null` if each dimension grows alone.
    pub scaling: Option<String>,
    /// Whether they are the same.
    pub equivalent: bool,
    /// What trains the network; `null` if they differ in that.
    pub optimizer: Option<String>,
    /// Always `null`: nothing is required.
    pub desiderata: Option<String>,
    /// Of which steps the exponents are.
    pub at: At,
    /// What the second multiplies each parameter's multiplier, init and learning rate by, if they are the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transformation: Option<Named<TradedObject>>,
    /// In what they differ.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub difference: Option<DifferenceObject>,
    /// What only one of them states and that is not compared; absent if there is nothing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

/// Powers that are traded, by scale variable or dimension.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct TradedObject {
    /// Of the multiplier.
    pub multiplier: Named<Exponent>,
    /// Of the initial standard deviation.
    pub init: Named<Exponent>,
    /// Of the learning rate.
    pub lr: Named<Exponent>,
    /// Of the weight decay, if both state it; absent if it is not traded.
    #[serde(default, skip_serializing_if = "Named::is_empty")]
    pub weight_decay: Named<Exponent>,
    /// Of the epsilon, likewise.
    #[serde(default, skip_serializing_if = "Named::is_empty")]
    pub epsilon: Named<Exponent>,
}

/// In what two parameterizations differ.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct DifferenceObject {
    /// What differs, in words.
    pub quantity: String,
    /// The scale variable or dimension of the exponents; absent if the optimizers differ.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variable: Option<String>,
    /// The exponent in the first, or its optimizer.
    pub first: String,
    /// The same of the second.
    pub second: String,
}
