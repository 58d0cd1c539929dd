//! A requirement of an answer: by its label and place, for people and for machines.

use serde_json::{Map, Value, json};

use crate::exact::RequirementId;
use crate::propagate::Posed;
use crate::report::format::json::object;

/// `F on q`.
pub(crate) fn named(answer: &Posed, id: RequirementId) -> String {
    let requirement = &answer.demands.requirements[id.0];
    format!("{} on {}", requirement.label, requirement.on.name(&answer.propagation.graph))
}

/// What is required of whom, for machines.
pub(crate) fn stated(answer: &Posed, id: RequirementId) -> Map<String, Value> {
    let requirement = &answer.demands.requirements[id.0];
    object([
        ("label", json!(requirement.label)),
        ("on", json!(requirement.on.name(&answer.propagation.graph))),
        ("requires", json!(requirement.requires)),
    ])
}
