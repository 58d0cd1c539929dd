//! The proof within an answer: the program in words, and the claim as it was checked.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Named;
use crate::exact::Exponent;

/// The clauses of the program, and the claim about it. Clauses, rows and alternatives are referred to by their position.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct EvidenceObject {
    /// What is asked.
    pub clauses: Vec<ClauseObject>,
    /// What is claimed of it.
    #[serde(flatten)]
    pub claim: ClaimObject,
}

/// A claim with its evidence.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(untagged)]
pub enum ClaimObject {
    /// There is a solution.
    Solved(SolutionObject),
    /// There is none.
    Refuted(RefutedObject),
}

/// A solution.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct SolutionObject {
    /// The value of every unknown.
    pub point: Named<Exponent>,
    /// For every clause the alternative that is taken; `null` where there is no choice.
    pub choices: Vec<Option<usize>>,
    /// That no hyperparameter can have another value; `null` if one can.
    pub uniqueness: Option<Vec<UniquenessObject>>,
}

/// That there is no solution.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct RefutedObject {
    /// The proof.
    pub refutation: RefutationObject,
}

/// What stands or falls together.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct ClauseObject {
    /// Where it comes from.
    #[serde(flatten)]
    pub origin: ClauseOrigin,
    /// All of these hold, like `init(W_Q) + 1/2 = 0`.
    pub rows: Vec<String>,
    /// At least one of these holds; empty if there is no choice.
    pub choice: Vec<String>,
}

/// Where a clause comes from.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ClauseOrigin {
    /// It defines the value of this unknown.
    Defines(String),
    /// It states this requirement: `F on q: forward(q) = 0`.
    States(String),
}

/// That an unknown has no value on one side of that of the solution.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct UniquenessObject {
    /// The unknown.
    pub unknown: String,
    /// The side on which it is assumed to lie.
    pub assumed: SideName,
    /// That then there is no solution.
    pub refutation: RefutationObject,
}

/// A side of a value.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SideName {
    /// It is smaller.
    Below,
    /// It is larger.
    Above,
}

/// A proof that there is no solution.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(untagged)]
pub enum RefutationObject {
    /// A sum of rows says that a number above zero is at most zero.
    Combination {
        /// The rows with their multipliers.
        sum: Vec<SummandObject>,
    },
    /// Each alternative of a clause is refuted.
    Cases {
        /// The clause.
        split: usize,
        /// A refutation for each of its alternatives, in order.
        branches: Vec<RefutationObject>,
    },
}

/// A row of a combination.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct SummandObject {
    /// How often it is taken.
    pub multiplier: Exponent,
    /// Which row.
    #[serde(flatten)]
    pub row: RowReference,
}

/// A row, by its position.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(untagged)]
pub enum RowReference {
    /// A row of a clause.
    Row {
        /// The clause.
        clause: usize,
        /// The row in it.
        row: usize,
    },
    /// An alternative of a clause, below a split of it.
    Alternative {
        /// The clause.
        clause: usize,
        /// The alternative in it.
        alternative: usize,
    },
    /// What is assumed of an unknown in a proof of uniqueness.
    Assumed {
        /// Always `true`.
        assumed: bool,
    },
}
