//! A requirement of an answer: by its label and place, for people and for machines.

use crate::exact::RequirementId;
use crate::propagate::{Posed, Requirement};
use crate::report::json::RequirementObject;

/// `F on q`.
pub(crate) fn named(answer: &Posed, id: RequirementId) -> String {
    let requirement = &answer.demands.requirements[id.0];
    format!("{} on {}", requirement.label, requirement.on.name(&answer.propagation.graph))
}

/// What is required of whom, for machines.
pub(crate) fn stated(answer: &Posed, id: RequirementId) -> RequirementObject {
    requirement_object(answer, &answer.demands.requirements[id.0])
}

/// The same, of the requirement itself.
pub(crate) fn requirement_object(answer: &Posed, requirement: &Requirement) -> RequirementObject {
    RequirementObject {
        label: requirement.label.clone(),
        on: requirement.on.name(&answer.propagation.graph).into(),
        requires: requirement.requires.clone(),
    }
}
