//! Answers about more steps than the first: of `predict`, `derive`, `dims` and `judge` with `--at later`, and of `measure --steps`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    AskedObject, GrowthObject, HyperparametersObject, Named, RefusedObject, SaturatedObject, SummaryObject,
    TableObject, VerdictName,
};
use crate::exact::Exponent;

/// The answer of `measure --steps`.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
pub struct StepsAnswer {
    /// What was measured, in a line.
    pub title: String,
    /// What was asked.
    #[serde(flatten)]
    pub asked: AskedObject,
    /// The exponents of what was trained.
    pub hyperparameters: HyperparametersObject,
    /// How many seeds.
    pub seeds: u64,
    /// What all random numbers are derived from.
    pub seed: u64,
    /// Sizes of the first scaled dimension.
    pub values: Vec<usize>,
    /// The steps after which was measured.
    pub steps: Vec<usize>,
    /// What was measured.
    pub quantities: Vec<StepsObject>,
    /// How many slopes agree with the exponent of their step; `null` where nothing is predicted.
    pub summary: Option<SummaryObject>,
    /// The sizes at which the loss of some seed has no end.
    pub diverged: Vec<usize>,
    /// What is to be known of the simulation.
    pub notes: Vec<String>,
}

/// A quantity over the steps.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
pub struct StepsObject {
    /// What it is: `loss`, `forward`, `change`, `backward`, `gradient`, `update_alignment`, `weight_alignment` or `both_alignment`.
    pub quantity: String,
    /// Of which node; `null` for the loss and gradients.
    pub node: Option<String>,
    /// Of which parameter; `null` if it is of a node alone.
    pub parameter: Option<String>,
    /// The exponent after each step; `null` where there is none.
    pub slopes: Vec<Option<f64>>,
    /// Their standard errors.
    pub stderrs: Vec<Option<f64>>,
    /// After each step, at each size; `null` for no number.
    pub magnitudes: Vec<Vec<Option<f64>>>,
    /// The exponent that is predicted after each step; `null` of what is predicted to be zero, and none of a loss or an alignment.
    pub predicted: Vec<Option<Exponent>>,
    /// Whether slope and exponent agree, after each step.
    pub verdicts: Vec<Option<VerdictName>>,
    /// Of an alignment: the assumption that its last exponent is nearest to, if it has one.
    #[serde(flatten)]
    pub aligned: Option<AlignedObject>,
}

/// What is told of an alignment after the last step; both keys stand there, or it is none.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
pub struct AlignedObject {
    /// The assumption that its exponent is nearest to; `null` if it has none.
    #[serde(deserialize_with = "Option::deserialize")]
    pub nearest: Option<NearestName>,
    /// The exponent at the largest size alone, constants included; `null` where one term is summed.
    #[serde(deserialize_with = "Option::deserialize")]
    pub at_largest: Option<f64>,
}

/// An assumption about alignments.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum NearestName {
    /// 1: every term of the sum has one sign.
    Full,
    /// 1/2: the terms are independent.
    None,
    /// Neither, between them.
    Between,
    /// Below 1/2: the terms cancel.
    #[serde(rename = "below none")]
    Below,
}

/// The answer of `predict --at later` and `predict --steps`.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
pub struct PredictLaterAnswer {
    /// What was asked.
    #[serde(flatten)]
    pub asked: AskedObject,
    /// The first number of steps after which one step more changes no exponent; `null` if none of those that were predicted is.
    pub settled: Option<usize>,
    /// The exponents after so many steps, or after the last that were predicted.
    #[serde(flatten)]
    pub last: StateObject,
    /// The nodes that are, or have changed by, more than order 1 at some step.
    pub explodes: Vec<String>,
    /// The node at which exponents end one step later, if they do.
    pub saturated: Vec<SaturatedObject>,
    /// The exponents after each number of steps; absent if these are not asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub steps: Option<Vec<StateObject>>,
}

/// The exponents after some steps.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct StateObject {
    /// After how many.
    pub step: usize,
    /// The quantities of each node.
    pub nodes: Named<LaterNodeObject>,
    /// The quantities of each parameter.
    pub parameters: Named<LaterParameterObject>,
}

/// The quantities of a node after some steps; `null` of what is zero.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct LaterNodeObject {
    /// Of its entries.
    pub forward: Option<GrowthObject>,
    /// Of what they have changed by since the first step.
    pub change: Option<GrowthObject>,
    /// Of its backward signal.
    pub backward: Option<GrowthObject>,
}

/// The quantities of a parameter after some steps; `null` of what is zero, and of what is frozen.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct LaterParameterObject {
    /// Of its gradient.
    pub gradient: Option<GrowthObject>,
    /// Of what its next step does where it is used.
    pub update: Option<GrowthObject>,
    /// Of the loss decrease that this causes.
    pub contribution: Option<GrowthObject>,
}

/// The answer of `derive --at later`.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct DeriveLaterAnswer {
    /// What was asked.
    #[serde(flatten)]
    pub asked: AskedObject,
    /// What came out.
    #[serde(flatten)]
    pub verdict: LaterVerdictObject,
}

/// Whether a table was found.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(tag = "status", rename_all = "snake_case")]
pub enum LaterVerdictObject {
    /// One was, and its training was walked.
    Feasible(SettledObject),
    /// None was, which is no proof that there is none.
    Unsettled(UnsettledObject),
}

/// The answer of `dims --at later`.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct DimsLaterAnswer {
    /// What is common to all.
    #[serde(flatten)]
    pub asked: AskedObject,
    /// Every dimension alone, by name.
    pub dimensions: Named<DimsLaterEntry>,
    /// Every declared tie, by its scaling.
    pub ties: Named<DimsLaterEntry>,
}

/// Whether one of them is possible.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct DimsLaterEntry {
    /// At the first step, as `dims` tells it.
    pub first: FirstName,
    /// At any number of steps.
    pub later: LaterEntryObject,
}

/// Whether a scaling is possible at the first step.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FirstName {
    /// It is.
    Feasible,
    /// It is not.
    Infeasible,
    /// It is not known.
    Refused,
}

/// Whether a table was found for a scaling.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(tag = "status", rename_all = "snake_case")]
pub enum LaterEntryObject {
    /// One was, and its training was walked.
    Feasible(SettledObject),
    /// None was, which is no proof that there is none.
    Unsettled(UnsettledObject),
    /// It was not asked.
    Refused(RefusedObject),
}

/// A table that holds at every step. It is called unique as far as the rows that were generated tell.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct SettledObject {
    /// The table.
    #[serde(flatten)]
    pub table: TableObject,
    /// Through how many steps it was walked.
    pub steps: usize,
    /// The first number of steps after which one step more changes no exponent; `null` if none of these is.
    pub settled: Option<usize>,
}

/// What is known where no table was found.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct UnsettledObject {
    /// The requirements whose generated rows contradict each other, if these do.
    pub conflict: Vec<LaterRequirementObject>,
    /// The requirements on what starts at zero and stays so at every step, whatever the rates.
    pub asleep: Vec<LaterRequirementObject>,
    /// How many points were tried, where they do not.
    pub tried: Option<usize>,
}

/// A requirement on later steps.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct LaterRequirementObject {
    /// Its letter.
    pub label: String,
    /// The node or parameter.
    pub on: String,
    /// What must hold.
    pub requires: String,
    /// After which numbers of steps its rows are generated.
    pub steps: Vec<usize>,
}

/// The answer of `judge --at later`.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct JudgeLaterAnswer {
    /// What was asked.
    #[serde(flatten)]
    pub asked: AskedObject,
    /// What the hyperparameters are called.
    pub hyperparameters: String,
    /// Whether every requirement holds at every step.
    pub holds: bool,
    /// After how many steps equations are asked.
    pub steps: usize,
    /// Every requirement.
    pub requirements: Vec<JudgedLaterObject>,
    /// The node at which exponents end, if they do.
    pub saturated: Vec<SaturatedObject>,
}

/// A requirement on later steps, and whether it holds.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct JudgedLaterObject {
    /// Its letter.
    pub label: String,
    /// The node or parameter.
    pub on: String,
    /// What must hold.
    pub requires: String,
    /// Whether it does.
    pub holds: bool,
    /// The first number of steps after which it fails; `null` if it holds.
    pub step: Option<usize>,
    /// The exponent by which it fails there; `null` if it holds, or is zero where it should not be.
    pub by: Option<GrowthObject>,
    /// The exponent of its left side over its right side after the last step; `null` of what is zero.
    pub last: Option<GrowthObject>,
}
