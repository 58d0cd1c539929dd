//! The answer of `derive`: the scaling table, or the conflict that forbids it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    AskedObject, CaveatObject, EvidenceObject, FreedomObject, GrowthObject, Named, RelaxationObject,
    SearchedObject, TableObject,
};
use crate::exact::Exponent;

/// The answer of `derive`.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct DeriveAnswer {
    /// What was asked.
    #[serde(flatten)]
    pub asked: AskedObject,
    /// What came out.
    #[serde(flatten)]
    pub verdict: VerdictObject,
    /// What would come out if what is called large were fixed as it is; absent if nothing is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fixed: Option<Box<FixedObject>>,
}

/// What comes out where nothing is called large.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct FixedObject {
    /// How the dimensions grow.
    pub scaling: String,
    /// Whether there is a table.
    pub feasible: bool,
    /// Whether there is one in both cases, with the same powers of the scale variable.
    pub alike: bool,
    /// The rule or the conflict, in a line.
    pub says: String,
}

/// Whether a scaling is possible.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(tag = "status", rename_all = "snake_case")]
pub enum VerdictObject {
    /// It is.
    Feasible(FeasibleObject),
    /// It is not.
    Infeasible(InfeasibleObject),
}

/// A possible scaling.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct FeasibleObject {
    /// Its table.
    #[serde(flatten)]
    pub table: TableObject,
    /// What may be added to its exponents, in one scale variable; `null` if that was too hard to tell.
    pub freedom: Option<FreedomObject>,
    /// Of a nearest rule, what gives way.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub given_up: Vec<GivenUpObject>,
    /// Where the answer is an approximation, what it is that of, and what it leaves out.
    pub notes: Vec<String>,
    /// The same as data; absent if there is nothing to note.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub caveats: Vec<CaveatObject>,
    /// The proof.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate: Option<EvidenceObject>,
}

/// An impossible scaling.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(untagged)]
pub enum InfeasibleObject {
    /// Requirements contradict each other.
    Conflict(ConflictObject),
    /// The table of each scale variable breaks where they grow together.
    Breaks(BreaksObject),
}

/// Requirements that contradict each other.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct ConflictObject {
    /// The scaling in one of several variables that is impossible already.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub impossible: Option<String>,
    /// The requirements.
    pub conflict: Vec<ReasonObject>,
    /// Whether none of them can be spared.
    pub minimal: bool,
    /// Whether there is no other such set; `null` where that is not known.
    pub only: Option<bool>,
    /// The proof.
    pub certificate: EvidenceObject,
    /// Changes that make the scaling possible.
    pub relaxations: Vec<RelaxationObject>,
    /// How far these are complete.
    pub searched: SearchedObject,
    /// The rule that gives up least, if there is one in reach.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nearest: Option<Box<NearestObject>>,
    /// Where the answer is an approximation, what it is that of, and what it leaves out.
    pub notes: Vec<String>,
    /// The same as data; absent if there is nothing to note.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub caveats: Vec<CaveatObject>,
}

/// The rule that gives up least.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct NearestObject {
    /// What gives way.
    pub given_up: Vec<GivenUpObject>,
    /// Whether no more requirements could be kept, in the order F, S, U, C.
    pub largest: bool,
    /// The table.
    #[serde(flatten)]
    pub table: TableObject,
}

/// A requirement that gives way.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct GivenUpObject {
    /// Its label in its set, like `U`.
    pub label: String,
    /// The node or parameter.
    pub on: String,
    /// By which power it is not met.
    pub by: GrowthObject,
    /// Whether its left side is too large; else it is too small.
    pub too_large: bool,
    /// What to give to `--relax` for that.
    pub relax: String,
}

/// A table that holds in each scale variable alone, the others fixed, and not where they grow together.
#[derive(Clone, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct BreaksObject {
    /// Where it breaks.
    pub breaks: Vec<BreakObject>,
    /// Whether no other table holds either.
    pub no_other: bool,
    /// The table.
    pub alone: TableObject,
    /// Where the answer is an approximation, what it is that of, and what it leaves out.
    pub notes: Vec<String>,
    /// The same as data; absent if there is nothing to note.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub caveats: Vec<CaveatObject>,
}

/// A requirement that fails along a direction of growth.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct BreakObject {
    /// The requirement.
    #[serde(flatten)]
    pub requirement: RequirementObject,
    /// How fast each scale variable grows.
    pub direction: Named<Exponent>,
    /// The exponent by which the requirement fails.
    pub by: Exponent,
}

/// What is required of whom.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct RequirementObject {
    /// The requirement's label in its set, like `F`.
    pub label: String,
    /// The node or parameter.
    pub on: String,
    /// What is required: `forward(q) = 0`.
    pub requires: String,
}

/// A requirement with its reason.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct ReasonObject {
    /// The requirement.
    #[serde(flatten)]
    pub requirement: RequirementObject,
    /// What its left side is, in words.
    pub because: String,
}
