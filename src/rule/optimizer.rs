//! [`Optimizer`]: what one step of an optimizer does (theory, section 6).

use super::book::{About, Example, read_about, read_examples};
use super::expression::Expression;
use super::name::Name;
use super::reader::Reader;
use super::{Step, expression_of};
use crate::diagnostic::Diagnostic;

/// The rule of an optimizer.
#[derive(Clone, Debug)]
pub struct Optimizer {
    /// Name, summary, why, source.
    pub about: About,
    /// The direction of a first step, for the simulation.
    pub step: Step,
    /// Response of the node where a parameter is used to the step of that parameter.
    pub response: Expression,
    /// Loss decrease caused by the step of a parameter.
    pub contribution: Expression,
    /// How epsilon must scale, if the optimizer has one.
    pub epsilon: Option<Expression>,
    /// How weight decay must scale, if it is decoupled.
    pub weight_decay: Option<Expression>,
    /// Worked examples.
    pub examples: Vec<Example>,
}

const STEP: &[Name] = &[
    Name::LearningRate,
    Name::Multiplier,
    Name::Contracted,
    Name::Produced,
    Name::Entries,
    Name::Shared,
    Name::ForwardX,
    Name::AbsoluteX,
    Name::BackwardY,
    Name::Gradient,
    Name::AbsoluteGradient,
];

impl Optimizer {
    pub(super) fn read(reader: &Reader<'_>) -> Option<Self> {
        let about = read_about(reader);
        let step = read_step(reader);
        let response = expression_of(reader, "response", STEP);
        let contribution = expression_of(reader, "contribution", STEP);
        let optional = |key| reader.has(key).then(|| expression_of(reader, key, STEP)).flatten();
        let (epsilon, weight_decay) = (optional("epsilon"), optional("weight_decay"));
        let examples = read_examples(reader, &["response", "contribution", "epsilon", "weight_decay"]);
        Some(Self {
            about: about?,
            step: step?,
            response: response?,
            contribution: contribution?,
            epsilon,
            weight_decay,
            examples,
        })
    }

    /// The expression under a key of the rule file.
    #[must_use]
    pub fn expression(&self, key: &str) -> Option<&Expression> {
        match key {
            "response" => Some(&self.response),
            "contribution" => Some(&self.contribution),
            "epsilon" => self.epsilon.as_ref(),
            "weight_decay" => self.weight_decay.as_ref(),
            _ => None,
        }
    }
}

fn read_step(reader: &Reader<'_>) -> Option<Step> {
    let text = reader.required_text("step")?;
    let found = Step::NAMES.iter().find(|(name, _)| *name == text.value).map(|(_, step)| *step);
    if found.is_none() {
        let known = Step::NAMES.map(|(name, _)| name).join(", ");
        let unknown = Diagnostic::new("unknown-step", format!("unknown step `{}`", text.value));
        reader.report(text.span, unknown.hint(format!("known steps: {known}")));
    }
    found
}
