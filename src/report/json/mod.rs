//! Answers for programs, as values: what `--format json` writes, these types read back, and their JSON Schemas are what
//! `fscale list --schema NAME` prints. Whole answers are called after their commands, the objects in them `...Object`.
//!
//! ```
//! use fscale::report::json::{Envelope, PredictAnswer};
//!
//! let text = r#"{"schema": 1, "fscale": "0.1.0", "architecture": "line", "scaling": "d=n", "optimizer": "sgd",
//!     "desiderata": null, "at": "first", "scale": {"d": {"n": "1"}},
//!     "nodes": {"y": {"forward": "-1/2", "backward": null, "update": null, "updates": {}, "angle": null}},
//!     "parameters": {}, "saturated": [], "notes": []}"#;
//! let read: Envelope<PredictAnswer> = serde_json::from_str(text)?;
//! assert_eq!(read.answer.asked.scaling.as_deref(), Some("d=n"));
//! let forward = read.answer.nodes["y"].forward.as_ref().unwrap();
//! assert_eq!(forward.alone().unwrap().to_string(), "-1/2");
//! # Ok::<(), serde_json::Error>(())
//! ```
#![allow(
    clippy::disallowed_types,
    reason = "measured numbers are floating-point numbers, and derived readers name them"
)]

mod asked;
mod caveat;
mod check;
mod derive;
mod diagnostics;
mod dims;
mod envelope;
mod equiv;
mod evidence;
mod explain;
mod growth;
mod judge;
mod later;
mod library;
mod lines;
mod measure;
mod predict;
mod relaxations;
mod table;
mod trial;

pub use asked::{AskedObject, At};
pub use caveat::{CaveatObject, OffObject};
pub use check::{CertificateAnswer, CheckAnswer, FlawObject, ProvenStatus};
pub use derive::{
    BreakObject, BreaksObject, ConflictObject, DeriveAnswer, FeasibleObject, FixedObject, GivenUpObject,
    InfeasibleObject, NearestObject, ReasonObject, RequirementObject, VerdictObject,
};
pub use diagnostics::{DiagnosticObject, DiagnosticsAnswer, PlaceObject};
pub use dims::{DimsAnswer, DimsEntry, RefusedObject};
pub use envelope::{Envelope, SCHEMA};
pub use equiv::{DifferenceObject, EquivAnswer, TradedObject};
pub use evidence::{
    ClaimObject, ClauseObject, ClauseOrigin, EvidenceObject, RefutationObject, RefutedObject, RowReference,
    SideName, SolutionObject, SummandObject, UniquenessObject,
};
pub use explain::{
    ContradictionsObject, DerivationLine, DerivationObject, ExplainAnswer, ExplainedObject,
    ExplainedRequirement, ReasonsObject,
};
pub use growth::{GrowthObject, Named};
pub use judge::{AlongObject, ChangedObject, JudgeAnswer, JudgedObject, MendingObject, MendingSize};
pub use later::{
    AlignedObject, DeriveLaterAnswer, DimsLaterAnswer, DimsLaterEntry, FirstName, JudgeLaterAnswer,
    JudgedLaterObject, LaterEntryObject, LaterNodeObject, LaterParameterObject, LaterRequirementObject,
    LaterVerdictObject, NearestName, PredictLaterAnswer, SettledObject, StateObject, StepsAnswer,
    StepsObject, UnsettledObject,
};
pub use library::{KeyObject, ListAnswer, ListedRule, RuleAnswer, RuleObject, SaysObject};
pub use lines::{BeginLine, EndLine, MeasureLine, RunLine};
pub(crate) use measure::finite;
pub use measure::{
    AddsName, CauseObject, CrossoverObject, CrossoverRows, CrossoverSum, MeasureAnswer, MeasuredObject,
    SaturatedObject, SummaryObject, VerdictName,
};
pub use predict::{AtSizesObject, LocalPowerObject, NodeObject, PredictAnswer, PredictedParameter};
pub use relaxations::{DirectionObject, FreedomObject, RelaxationObject, SearchedObject};
pub use table::{HyperparametersObject, TableObject, TableRow};
pub use trial::{TrialAnswer, TrialCase};

use serde::Serialize;

/// The answer of any command, to be written.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum AnyAnswer {
    /// Of `derive`.
    Derive(DeriveAnswer),
    /// Of `derive --at later`.
    DeriveLater(DeriveLaterAnswer),
    /// Of `dims`.
    Dims(DimsAnswer),
    /// Of `dims --at later`.
    DimsLater(DimsLaterAnswer),
    /// Of `explain`.
    Explain(ExplainAnswer),
    /// Of `equiv`.
    Equiv(EquivAnswer),
    /// Of `predict`.
    Predict(PredictAnswer),
    /// Of `predict --at later` and `predict --steps`.
    PredictLater(PredictLaterAnswer),
    /// Of `judge`.
    Judge(JudgeAnswer),
    /// Of `judge --at later`.
    JudgeLater(JudgeLaterAnswer),
    /// Of `measure` and `sweep merge`.
    Measure(MeasureAnswer),
    /// Of `measure --steps`.
    Steps(StepsAnswer),
    /// Of `measure --random`.
    Trial(TrialAnswer),
    /// Of `check` to a file.
    Check(CheckAnswer),
    /// Of `check` to a certificate.
    Certificate(CertificateAnswer),
    /// Of `list`.
    List(ListAnswer),
    /// Of `rule`.
    Rule(RuleAnswer),
}
