//! The answer of `explain`: that of `derive` with its reasons.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{DeriveAnswer, Named, ReasonObject, RequirementObject};
use crate::exact::Exponent;

/// The answer of `explain`.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct ExplainAnswer {
    /// The answer of `derive`.
    #[serde(flatten)]
    pub derived: DeriveAnswer,
    /// The reasons.
    #[serde(flatten)]
    pub explained: ExplainedObject,
}

/// The reasons in one scale variable, or in each of several, the others fixed.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(untagged)]
pub enum ExplainedObject {
    /// In one.
    Alone(ReasonsObject),
    /// In each of several.
    Each {
        /// By scale variable.
        explained: Named<ReasonsObject>,
    },
}

/// The reasons in one scale variable.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct ReasonsObject {
    /// Every requirement, with what its left side comes from.
    pub requirements: Vec<ExplainedRequirement>,
    /// The proof of a conflict, a line each; empty if there is none.
    pub proof: Vec<String>,
    /// Every conflict, if `--all` asks for them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contradictions: Option<ContradictionsObject>,
    /// Where the exponents come from that `--node`, `--parameter` or `--of` ask about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub derivation: Option<DerivationObject>,
}

/// A requirement with its reason and its value.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct ExplainedRequirement {
    /// The requirement with its reason.
    #[serde(flatten)]
    pub reason: ReasonObject,
    /// The exponent of its left side; `null` where nothing is solved.
    pub value: Option<Exponent>,
}

/// Every conflict, and every smallest set of requirements to give up.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct ContradictionsObject {
    /// Sets of requirements that contradict each other, those easiest to explain first.
    pub conflicts: Vec<Vec<RequirementObject>>,
    /// How many were found, listed or not.
    pub conflicts_found: usize,
    /// Sets of requirements that one may give up, the smallest first.
    pub give_up: Vec<Vec<RequirementObject>>,
    /// How many were found, listed or not.
    pub give_up_found: usize,
    /// Whether none is missing.
    pub complete: bool,
    /// Below so many requirements to give up none is missing; `null` if none is at all.
    pub complete_below: Option<usize>,
}

/// Where exponents come from.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct DerivationObject {
    /// At which hyperparameters, in words.
    pub evaluated: String,
    /// A line for each quantity, those that it comes from beneath it.
    pub lines: Vec<DerivationLine>,
}

/// One quantity.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct DerivationLine {
    /// How far it is from what was asked.
    pub depth: usize,
    /// As the theory writes it.
    pub quantity: String,
    /// Its exponent: a number at given hyperparameters, else a form.
    pub exponent: String,
    /// The rule that gave it; absent for sizes and hyperparameters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// What the rule says here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub says: Option<String>,
}
