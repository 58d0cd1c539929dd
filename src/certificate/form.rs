//! [`File`]: the document, key by key. What is not written here is refused when it is read.

use serde::{Deserialize, Serialize};

use super::number::{Named, Number};
use crate::exact::Status;

/// Version of the form.
pub(super) const SCHEMA: u32 = 2;

/// What the document says it is.
pub(super) const KIND: &str = "certificate";

/// The whole document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    pub(super) schema: u32,
    pub(super) fscale: String,
    pub(super) kind: String,
    pub(super) statement: Statement,
    pub(super) evidence: Evidence,
}

/// What is proven of which network.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Statement {
    pub(super) architecture: Fingerprinted,
    pub(super) scaling: String,
    pub(super) variable: String,
    pub(super) optimizer: String,
    pub(super) desiderata: String,
    /// Requirements of which less is asked.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) relaxed: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) alignment: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) given: Option<String>,
    pub(super) status: Stated,
    /// The initial sizes that may be smaller.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) smaller_starts: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) table: Option<Table>,
    /// In several scale variables, the table in each, the others fixed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) tables: Option<Named<Table>>,
    pub(super) unknowns: Vec<UnknownEntry>,
    pub(super) clauses: Vec<ClauseEntry>,
    /// In several scale variables, each way in which a requirement could fail where they grow together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) failures: Option<Vec<FailureEntry>>,
}

/// A way in which a requirement could fail, and the rows that would hold then.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FailureEntry {
    pub(super) of: Requirement,
    pub(super) rows: Vec<RowEntry>,
}

/// A name with the file and the fingerprint of the text it stood for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Fingerprinted {
    pub(super) name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) file: Option<String>,
    pub(super) fingerprint: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Stated {
    Unique,
    UniqueUpToStarts,
    Feasible,
    Infeasible,
}

impl Stated {
    pub(super) fn status(self) -> Status {
        match self {
            Self::Unique => Status::Unique,
            Self::UniqueUpToStarts => Status::UniqueUpToStarts,
            Self::Feasible => Status::Feasible,
            Self::Infeasible => Status::Infeasible,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Table {
    pub(super) parameters: Named<ParameterEntry>,
    pub(super) multipliers: Named<Number>,
}

/// The exponents of a parameter; those it does not have are left out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ParameterEntry {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) init: Option<Number>,
    pub(super) lr: Number,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) weight_decay: Option<Number>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) epsilon: Option<Number>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct UnknownEntry {
    pub(super) name: String,
    pub(super) kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Kind {
    Init,
    Lr,
    Multiplier,
    Maximum,
    /// How fast a scale variable grows, where there are several.
    Growth,
}

/// A clause: the requirement it states or the maximum it defines, and its rows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ClauseEntry {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) states: Option<Requirement>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) defines: Option<String>,
    pub(super) rows: Vec<RowEntry>,
    pub(super) choice: Vec<RowEntry>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Requirement {
    pub(super) label: String,
    pub(super) on: String,
    pub(super) requires: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RowEntry {
    pub(super) terms: Named<Number>,
    pub(super) constant: Number,
    pub(super) relation: Sign,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Sign {
    #[serde(rename = "= 0")]
    Zero,
    #[serde(rename = "<= 0")]
    AtMostZero,
}

/// A point with choices and perhaps a uniqueness proof, or a refutation; in several scale variables the certificates in single
/// ones, and why nothing fails where they grow together.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Evidence {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) point: Option<Named<Number>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) choices: Option<Vec<Option<usize>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) uniqueness: Option<Vec<Step>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) refutation: Option<Vec<Node>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) alone: Option<Vec<File>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) refutations: Option<Vec<Vec<Node>>>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Step {
    pub(super) unknown: String,
    pub(super) assumed: Assumed,
    pub(super) refutation: Vec<Node>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Assumed {
    Below,
    Above,
}

/// A sum, or a split with its branches.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Node {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) sum: Option<Vec<Summand>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) split: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) branches: Option<Vec<usize>>,
}

/// A row with its multiplier: of a clause, an alternative of a clause, or the assumed one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Summand {
    pub(super) times: Number,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) clause: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) row: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) alternative: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) assumed: Option<bool>,
}
