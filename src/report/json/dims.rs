//! The answer of `dims`: every dimension alone and every declared tie.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{AskedObject, FeasibleObject, InfeasibleObject, Named};

/// The answer of `dims`.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct DimsAnswer {
    /// What is common to all.
    #[serde(flatten)]
    pub asked: AskedObject,
    /// Every dimension alone, by name.
    pub dimensions: Named<DimsEntry>,
    /// Every declared tie, by its scaling.
    pub ties: Named<DimsEntry>,
}

/// Whether one of them is possible.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(tag = "status", rename_all = "snake_case")]
pub enum DimsEntry {
    /// It is.
    Feasible(FeasibleObject),
    /// It is not.
    Infeasible(InfeasibleObject),
    /// It is not known.
    Refused(RefusedObject),
}

/// Why there is no answer.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct RefusedObject {
    /// What is wrong.
    pub because: String,
    /// What to do.
    pub hint: String,
}
