//! A table of exponents, and hyperparameters as a file states them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{GrowthObject, Named};
use crate::exact::Exponent;

/// A scaling table: how every hyperparameter must change.
#[derive(Clone, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct TableObject {
    /// Whether no other exponents meet the requirements, but for smaller starts.
    pub unique: bool,
    /// The parameters that may start smaller where the table is unique else.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub smaller_starts: Vec<String>,
    /// A row for each parameter, by name.
    pub parameters: Named<TableRow>,
    /// Of each multiplier, by name.
    pub multipliers: Named<GrowthObject>,
}

/// How the hyperparameters of one parameter change.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct TableRow {
    /// The optimizer that moves it, where the optimizer of the question is a mix of several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub optimizer: Option<String>,
    /// Of its initial standard deviation; `null` for what starts at one or zero.
    pub init: Option<GrowthObject>,
    /// Of its learning rate; `null` for what is frozen.
    pub lr: Option<GrowthObject>,
    /// Of its own multiplier, if the table is told in a gauge that may need one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub multiplier: Option<GrowthObject>,
    /// Of its decoupled weight decay, if the optimizer has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weight_decay: Option<GrowthObject>,
    /// Of its epsilon, if the optimizer has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub epsilon: Option<GrowthObject>,
}

/// A parameterization in one scale variable, as in a hyperparameter file. Gains and what starts at zero have no init.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct HyperparametersObject {
    /// Exponents of initial standard deviations, by parameter.
    pub init: Named<Exponent>,
    /// Exponents of learning rates, by parameter.
    pub lr: Named<Exponent>,
    /// Exponents of multipliers, by name.
    pub multiplier: Named<Exponent>,
}
