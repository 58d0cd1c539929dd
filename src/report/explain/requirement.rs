//! A requirement of a question: by its label and place, for people and for machines.

use crate::exact::RequirementId;
use crate::explain::words::maxima_in_words;
use crate::propagate::{Posed, Propagation, Requirement};
use crate::report::format::document::Block;
use crate::report::json::RequirementObject;

/// `F on q`.
pub(crate) fn named(posed: &Posed, id: RequirementId) -> String {
    let requirement = &posed.demands.requirements[id.0];
    format!("{} on {}", requirement.label, requirement.on.name(&posed.propagation.graph))
}

/// What is required of whom, for machines.
pub(crate) fn stated(posed: &Posed, id: RequirementId) -> RequirementObject {
    requirement_object(posed, &posed.demands.requirements[id.0])
}

/// The same, of the requirement itself.
pub(crate) fn requirement_object(posed: &Posed, requirement: &Requirement) -> RequirementObject {
    RequirementObject {
        label: requirement.label.clone(),
        on: requirement.on.name(&posed.propagation.graph).into(),
        requires: requirement.requires.clone(),
    }
}

/// The maxima that some requirements speak of, as a list with its introduction; nothing if there are none.
pub(crate) fn maxima(propagation: &Propagation, requirements: &[&Requirement]) -> Vec<Block> {
    let sentences = maxima_in_words(propagation, requirements);
    if sentences.is_empty() {
        return Vec::new();
    }
    vec![Block::Paragraph("where".into()), Block::List(sentences)]
}
