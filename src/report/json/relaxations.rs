//! What else there is: ways out of a conflict, and the freedom of an answer that is not unique.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Named, RequirementObject, TableObject};
use crate::exact::Exponent;

/// A change that makes an impossible scaling possible.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct RelaxationObject {
    /// The requirements that are dropped.
    pub drop: Vec<RequirementObject>,
    /// The equalities that are only asked as bounds.
    pub or_bound: Vec<RequirementObject>,
    /// The larger tie, if the change is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tie: Option<String>,
    /// Where one more multiplier is put, if the change is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub multiplier: Option<String>,
    /// The table then.
    pub rule: TableObject,
}

/// How far the list of relaxations is complete.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct SearchedObject {
    /// The number of changed requirements up to which none is missing; `null`: at any number.
    pub requirements: Option<usize>,
    /// With up to so many other dimensions ties were tried.
    pub tied: usize,
    /// How many of the changes found are not listed.
    pub unlisted: usize,
    /// The changes of which it was too hard to decide whether they help, in words.
    pub undecided: Vec<String>,
}

/// What may be added to a solution that is not the only one.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct FreedomObject {
    /// How many dimensions the solutions around it have.
    pub dimension: usize,
    /// The directions in which they lie.
    pub directions: Vec<DirectionObject>,
    /// What may be added instead, each list by itself, where the solutions are several faces that meet in the table.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub instead: Vec<Vec<DirectionObject>>,
    /// Whether these are all solutions near the table.
    #[serde(default)]
    pub complete: bool,
    /// Where other solutions only start smaller, the sets of initial sizes of which one must be as told.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub one_stays: Vec<Vec<String>>,
}

/// A trade.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct DirectionObject {
    /// What changes by how much, like `init(W_Q)` by `-1`.
    pub change: Named<Exponent>,
    /// How often it may be taken away; `null`: without end.
    pub down: Option<Exponent>,
    /// How often it may be added; `null`: without end.
    pub up: Option<Exponent>,
}
