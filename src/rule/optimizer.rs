//! [`Optimizer`]: what one step of an optimizer does (theory, section 6).

use super::about::{About, read_about};
use super::example::{Example, check_examples, read_examples};
use super::expression::Expression;
use super::name::Name;
use super::{Step, expression};
use crate::diagnostic::Diagnostic;
use crate::document::{Mistakes, Record, quote};

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

const KEYS: [&str; 10] = [
    "name",
    "summary",
    "why",
    "source",
    "step",
    "response",
    "contribution",
    "epsilon",
    "weight_decay",
    "example",
];
const VALUES: [&str; 4] = ["response", "contribution", "epsilon", "weight_decay"];

impl Optimizer {
    pub(super) fn read(file: &Record<'_>, mistakes: &mut Mistakes<'_>) -> Option<Self> {
        file.refuse_unknown(&KEYS, mistakes);
        let about = read_about(file, mistakes);
        let step = read_step(file, mistakes);
        let response = expression(file, "response", STEP, mistakes);
        let contribution = expression(file, "contribution", STEP, mistakes);
        let mut optional = |key| if file.has(key) { expression(file, key, STEP, mistakes) } else { None };
        let (epsilon, weight_decay) = (optional("epsilon"), optional("weight_decay"));
        let examples = read_examples(file, &VALUES, mistakes);
        let rule = Self {
            about: about?,
            step: step?,
            response: response?,
            contribution: contribution?,
            epsilon,
            weight_decay,
            examples,
        };
        check_examples(&rule.examples, |key| rule.expression(key), mistakes);
        Some(rule)
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

fn read_step(file: &Record<'_>, mistakes: &mut Mistakes<'_>) -> Option<Step> {
    let text = file.required_text("step", mistakes)?;
    let found = Step::NAMES.iter().find(|(name, _)| *name == text.value).map(|(_, step)| *step);
    if found.is_none() {
        let known = Step::NAMES.map(|(name, _)| name).join(", ");
        let unknown = Diagnostic::new("unknown-step", format!("unknown step {}", quote(text.value)));
        mistakes.add(&text.span, unknown.hint(format!("known steps: {known}")));
    }
    found
}
