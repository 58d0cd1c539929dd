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
    /// What is looked up: the words of answers, the formats of files.
    pub reference: Vec<ListedRule>,
    /// What training may minimise.
    pub losses: Vec<ListedRule>,
    /// What desiderata ask of a node by.
    pub roles: Vec<ListedRule>,
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
    /// Its expressions, requirements or words.
    pub says: Vec<SaysObject>,
    /// Its worked examples, in words.
    pub examples: Vec<String>,
    /// Every key of every file, of `format` alone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub keys: Vec<KeyObject>,
}

/// What a rule says.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct SaysObject {
    /// Of what.
    pub key: String,
    /// The expression or requirement, or what a word means.
    pub says: String,
    /// Where a word comes from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
}

/// A key of a table of a file.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct KeyObject {
    /// What the file describes.
    pub file: String,
    /// Where in it: empty at the top, `loss`, `tie[]` in each of several tables, `dimensions.*` in a table of any name, `node[op=linear]`
    /// in those that hold that.
    pub table: String,
    /// The key.
    pub key: String,
    /// Whether it must be there.
    pub required: bool,
    /// What stands under it.
    pub value: String,
    /// The words that may, if only some do.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub words: Vec<ListedRule>,
    /// What it says, in a line.
    pub says: String,
    /// A value, as TOML.
    pub example: String,
}
