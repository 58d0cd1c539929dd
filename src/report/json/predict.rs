//! The answer of `predict`: every exponent at given hyperparameters.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{AskedObject, GrowthObject, Named, SaturatedObject};
use crate::exact::Exponent;

/// The answer of `predict`.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
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
