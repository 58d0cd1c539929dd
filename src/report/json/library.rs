//! The answers of `list` and `rule`: what is built in, and what a rule says.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The answer of `list`: every rule by its kind, and the schemas of the answers.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct ListAnswer {
    /// Networks.
    pub architectures: Vec<ListedRule>,
    /// Sets of requirements.
    pub desiderata: Vec<ListedRule>,
    /// Optimizers.
    pub optimizers: Vec<ListedRule>,
    /// Parameterizations.
    pub parameterizations: Vec<ListedRule>,
    /// Alignments that may be assumed.
    pub alignments: Vec<ListedRule>,
    /// Ops and activations.
    pub ops: Vec<ListedRule>,
    /// Schemas, for `fscale list --schema NAME`.
    pub schemas: Vec<ListedRule>,
}

/// What is listed.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct ListedRule {
    /// Its name.
    pub name: String,
    /// What it is, in a line.
    pub summary: String,
}

/// The answer of `rule`: one rule for each kind that has one of that name.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct RuleAnswer {
    /// The rules.
    pub rules: Vec<RuleObject>,
}

/// The documentation of a rule.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct RuleObject {
    /// Its kind, as `list` names it.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// What it is, in a line.
    pub summary: String,
    /// Why it is so.
    pub why: String,
    /// Where that is published.
    pub source: String,
    /// Its expressions or requirements.
    pub says: Vec<SaysObject>,
    /// Its worked examples, in words.
    pub examples: Vec<String>,
}

/// What a rule says.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct SaysObject {
    /// Of what.
    pub key: String,
    /// The expression or requirement.
    pub says: String,
}
