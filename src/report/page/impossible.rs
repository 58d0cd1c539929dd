//! Scalings that are impossible or refused, with reasons short enough to be read.

use super::heading::heading;
use super::{Element, Level, Page};
use crate::derive::{Survey, Surveyed};
use crate::document::and;
use crate::explain::words::left_in_words;
use crate::propagate::Requirement;
use crate::report::answer::derivation::Derived;
use crate::report::format::document::{Block, Document};

/// Longest reason that is told, in characters; longer ones are left to `fscale explain`.
const LONGEST_REASON: usize = 200;

/// Tells of every scaling that is not possible; what is the same with several optimizers is told once.
pub(super) fn tell(page: &mut Page, surveys: &[Survey]) {
    let mut told: Vec<(String, Vec<Block>, Vec<&str>)> = Vec::new();
    for surveyed in surveys.iter().flat_map(Survey::scalings).filter(|surveyed| !surveyed.is_scalable()) {
        let optimizer = surveyed.question.optimizer.about.name.as_str();
        let (name, reasons) = (heading(surveyed), reasons(surveyed));
        match told.iter_mut().find(|(other, held, _)| *other == name && *held == reasons) {
            Some((.., optimizers)) => optimizers.push(optimizer),
            None => told.push((name, reasons, vec![optimizer])),
        }
    }
    for (name, reasons, optimizers) in told {
        page.head(Level::Subsection, format!("{name}, with {}", and(&optimizers)));
        page.parts.push(Element::Text(Document(reasons)));
    }
}

/// The requirements that contradict each other, what each of them says in hyperparameters, and what to give up.
fn reasons(surveyed: &Surveyed) -> Vec<Block> {
    let answer = match &surveyed.answer {
        Ok(answer) => answer,
        Err(error) => return vec![Block::Paragraph(format!("Refused: {error}; {}.", error.hint()))],
    };
    let derived = Derived { answer };
    let Some(conflict) = derived.conflict() else { return Vec::new() };
    let item = |requirement: &Requirement| {
        let says = format!(
            "{} on `{}` requires `{}`",
            requirement.label,
            requirement.on.name(&surveyed.question.graph),
            requirement.requires
        );
        let reason = left_in_words(&conflict.posed.propagation, requirement);
        if reason.chars().count() <= LONGEST_REASON { format!("{says}: {reason}") } else { says }
    };
    let requirements =
        conflict.requirements.iter().map(|id| item(&conflict.posed.demands.requirements[id.0]));
    let mut blocks = vec![
        Block::Paragraph("These requirements contradict each other, and none can be spared:".into()),
        Block::List(requirements.collect()),
    ];
    blocks.extend(conflict.ways_out.blocks());
    blocks
}
