//! The answers of `check`: a file is well formed, or what a certificate states is proven.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{AskedObject, Named};

/// The answer of `check` to a file without mistakes.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct CheckAnswer {
    /// Its path.
    pub file: String,
    /// Always `true`: mistakes are told as diagnostics.
    pub well_formed: bool,
    /// What it describes, in words: `an architecture`.
    pub describes: String,
    /// How much of what it holds.
    pub counts: Named<usize>,
}

/// The answer of `check` to a certificate.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct CertificateAnswer {
    /// Its path.
    pub file: String,
    /// What it is about, in words.
    pub about: String,
    /// What it is about.
    #[serde(flatten)]
    pub asked: AskedObject,
    /// What it states.
    pub states: ProvenStatus,
    /// Whether that is proven.
    pub proven: bool,
    /// Why not; `null` if it is.
    pub flaw: Option<FlawObject>,
}

/// What a certificate states.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ProvenStatus {
    /// The scaling is possible, and the table is the only one.
    Unique,
    /// The scaling is possible, and the table is the only one, but that some parameters may start smaller.
    UniqueUpToStarts,
    /// The scaling is possible.
    Feasible,
    /// It is impossible.
    Infeasible,
}

/// Where a certificate fails.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct FlawObject {
    /// The place in the file, a JSON pointer.
    pub pointer: String,
    /// What is wrong there.
    pub message: String,
}
