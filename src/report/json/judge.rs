//! The answer of `judge`: which requirements given hyperparameters meet, and what to change.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{AskedObject, GrowthObject, Named, RequirementObject};
use crate::exact::Exponent;

/// The answer of `judge`.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct JudgeAnswer {
    /// What was asked.
    #[serde(flatten)]
    pub asked: AskedObject,
    /// Whether every requirement holds.
    pub holds: bool,
    /// Every requirement. A weight decay or epsilon that is stated is one more, of that label.
    pub requirements: Vec<JudgedObject>,
    /// The change that mends the rest; `null` if nothing is to be mended or nothing can.
    pub change: Option<MendingObject>,
    /// The requirements that contradict each other, if no change mends the rest; else `null`.
    pub conflict: Option<Vec<RequirementObject>>,
    /// Where the answer is an approximation, and what it leaves out.
    pub notes: Vec<String>,
}

/// A requirement, and whether it holds.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct JudgedObject {
    /// The requirement.
    #[serde(flatten)]
    pub requirement: RequirementObject,
    /// How its left side grows; `null` for a sum that is too long to be told.
    pub value: Option<GrowthObject>,
    /// Whether it holds.
    pub holds: bool,
    /// The exponent by which it fails; `null` if it holds.
    pub by: Option<Exponent>,
    /// In several scale variables: along which direction of growth that is.
    #[serde(flatten)]
    pub along: Option<AlongObject>,
}

/// A direction of growth, where there are several scale variables.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct AlongObject {
    /// How fast each scale variable grows; `null` if the requirement holds.
    #[serde(deserialize_with = "Option::deserialize")]
    pub along: Option<Named<Exponent>>,
}

/// What to change.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct MendingObject {
    /// Of initial standard deviations, by parameter.
    pub init: Named<ChangedObject>,
    /// Of learning rates, by parameter.
    pub lr: Named<ChangedObject>,
    /// Of multipliers, by name.
    pub multiplier: Named<ChangedObject>,
    /// Of weight decays that are stated, by parameter: what they must be after the change. Absent if none changes.
    #[serde(default, skip_serializing_if = "Named::is_empty")]
    pub weight_decay: Named<ChangedObject>,
    /// Of epsilons that are stated, likewise.
    #[serde(default, skip_serializing_if = "Named::is_empty")]
    pub epsilon: Named<ChangedObject>,
    /// How small the change of inits, learning rates and multipliers is known to be; the rest follows from it.
    pub size: MendingSize,
}

/// A hyperparameter that changes.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct ChangedObject {
    /// What it is.
    pub from: GrowthObject,
    /// What it is to be.
    pub to: GrowthObject,
}

/// How small a change is known to be.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum MendingSize {
    /// None has fewer hyperparameters, and of those none a smaller total.
    Smallest,
    /// None has fewer hyperparameters.
    Fewest,
    /// It was too hard to tell.
    Unknown,
}
