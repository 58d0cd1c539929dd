//! [`Optimizer`]: what one step of an optimizer does (theory, section 6).

use super::about::{ABOUT, About, read_about};
use super::example::{Example, check_examples, example_keys, examples, read_examples};
use super::expression::Expression;
use super::mix::Mix;
use super::name::Name;
use super::noise::{NOISE_KEYS, Noise, read_noise};
use super::{Later, Step, expression};
use crate::document::{Diagnostic, Key, Mistakes, Record, Value, quote};
use crate::exact::Exponent;
use crate::graph::{Graph, Parameter};

/// The rule of an optimizer.
#[derive(Clone, Debug)]
pub struct Optimizer {
    /// Name, summary, why, source.
    pub about: About,
    /// The direction of a first step, for the simulation.
    pub step: Step,
    /// What later steps are, for training; nothing if the simulation does not know.
    pub later: Option<Later>,
    /// Response of the node where a parameter is used to the step of that parameter.
    pub response: Expression,
    /// Loss decrease caused by the step of a parameter.
    pub contribution: Expression,
    /// How epsilon must scale, if the optimizer has one.
    pub epsilon: Option<Expression>,
    /// How weight decay must scale, if it is decoupled.
    pub weight_decay: Option<Expression>,
    /// By which rule others carry its learning rate to larger batches.
    pub noise: Noise,
    /// Worked examples.
    pub examples: Vec<Example>,
    /// The optimizers of some classes of parameters, if this is not that of all.
    pub mix: Option<Mix>,
}

const STEP: &[Name] = &[
    Name::LearningRate,
    Name::Init,
    Name::Multiplier,
    Name::Contracted,
    Name::Produced,
    Name::Rows,
    Name::Columns,
    Name::Entries,
    Name::Shared,
    Name::SharedFeature,
    Name::ForwardX,
    Name::AbsoluteX,
    Name::BackwardY,
    Name::Gradient,
    Name::AbsoluteGradient,
];

const KEYS: [Key; 9] = [
    Key::required("step", Value::Word(Step::words), "the direction of a first step", r#""sign""#),
    Key::optional(
        "later",
        Value::Word(Later::words),
        "what later steps are, for `measure --steps`; it does not train if absent",
        r#""moments""#,
    ),
    Key::required(
        "response",
        Value::Expression,
        "exponent of what a step of a parameter moves its own node by",
        r#""lr + multiplier + |C| + absolute(x)""#,
    ),
    Key::required(
        "contribution",
        Value::Expression,
        "exponent of the loss decrease that the step causes",
        r#""lr + absolute_gradient(W) + |W|""#,
    ),
    Key::optional(
        "epsilon",
        Value::Expression,
        "how epsilon must scale, if there is one",
        r#""gradient(W)""#,
    ),
    Key::optional(
        "weight_decay",
        Value::Expression,
        "how weight decay must scale, if it is decoupled",
        r#""-lr""#,
    ),
    NOISE_KEYS[0],
    NOISE_KEYS[1],
    examples(|| example_keys(&VALUES)),
];
const VALUES: [&str; 4] = ["response", "contribution", "epsilon", "weight_decay"];

impl Optimizer {
    /// Every key of the file.
    pub(super) fn keys() -> Vec<Key> {
        ABOUT.into_iter().chain(KEYS).collect()
    }

    pub(super) fn read(file: &Record<'_>, mistakes: &mut Mistakes<'_>) -> Option<Self> {
        file.refuse_unknown(Self::keys(), mistakes);
        let about = read_about(file, mistakes);
        let step = read_step(file, mistakes);
        let later = read_later(file, mistakes);
        let response = expression(file, "response", STEP, mistakes);
        let contribution = expression(file, "contribution", STEP, mistakes);
        let mut optional = |key| if file.has(key) { expression(file, key, STEP, mistakes) } else { None };
        let (epsilon, weight_decay) = (optional("epsilon"), optional("weight_decay"));
        let noise = read_noise(file, mistakes);
        let examples = read_examples(file, &VALUES, mistakes);
        let rule = Self {
            about: about?,
            step: step?,
            later,
            response: response?,
            contribution: contribution?,
            epsilon,
            weight_decay,
            noise,
            examples,
            mix: None,
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

    /// The degree of homogeneity of its step where the gradient is multiplied by what the parameter is divided by: 1 for
    /// the gradient itself, 0 for signs and whatever else forgets its size, -1 for steps that are a fraction of the
    /// parameter. A weight times `t`, its init by `t` and its learning rate by `t^(1 + degree)`, is then the same
    /// parameterization. Nothing if the rule says otherwise of that trade, or if parameters have optimizers that differ in it.
    #[must_use]
    pub fn degree(&self) -> Option<Exponent> {
        let degree = self.own_degree()?;
        let mut others = self.mix.iter().flat_map(|mix| mix.classes.values());
        others.all(|other| other.own_degree().as_ref() == Some(&degree)).then_some(degree)
    }

    /// The optimizer of each parameter, in order.
    #[must_use]
    pub fn of_each(&self, graph: &Graph) -> Vec<&Self> {
        let Some(mix) = &self.mix else { return vec![self; graph.parameters.len()] };
        graph.classes().iter().map(|class| mix.classes.get(class).unwrap_or(&mix.rest)).collect()
    }

    /// The name of what moves each trained parameter, where a mix leaves them to several.
    #[must_use]
    pub fn movers(&self, graph: &Graph) -> Vec<Option<String>> {
        let named = |(mover, parameter): (&Self, &Parameter)| {
            (self.mix.is_some() && parameter.is_trained()).then(|| mover.about.name.clone())
        };
        self.of_each(graph).into_iter().zip(&graph.parameters).map(named).collect()
    }

    fn own_degree(&self) -> Option<Exponent> {
        let gradient = [Name::BackwardY, Name::Gradient, Name::AbsoluteGradient];
        let degree = self.response.moved(|name| {
            if gradient.contains(&name) {
                Exponent::ONE
            } else if name == Name::Init {
                Exponent::integer(-1)
            } else {
                Exponent::ZERO
            }
        })?;
        let kept = |expression: &Expression| traded(expression, &degree).is_some_and(|by| by.is_zero());
        (kept(&self.response) && kept(&self.contribution)).then_some(degree)
    }

    /// By how much the exponent under a key moves if the parameter's multiplier moves by 1 in that trade.
    #[must_use]
    pub fn moved_by_trade(&self, key: &str) -> Option<Exponent> {
        traded(self.expression(key)?, &self.own_degree()?)
    }
}

/// By how much an expression moves if the multiplier of a parameter moves by 1, and init and learning rate against it.
fn traded(expression: &Expression, degree: &Exponent) -> Option<Exponent> {
    let with_it = [Name::Multiplier, Name::Gradient, Name::AbsoluteGradient];
    expression.moved(|name| {
        if name == Name::LearningRate {
            -(&Exponent::ONE + degree)
        } else if with_it.contains(&name) {
            Exponent::ONE
        } else if name == Name::Init {
            Exponent::integer(-1)
        } else {
            Exponent::ZERO
        }
    })
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

fn read_later(file: &Record<'_>, mistakes: &mut Mistakes<'_>) -> Option<Later> {
    let text = file.text("later", mistakes)?;
    let found = Later::NAMES.iter().find(|(name, _)| *name == text.value).map(|(_, later)| *later);
    if found.is_none() {
        let known = Later::NAMES.map(|(name, _)| name).join(", ");
        let unknown = Diagnostic::new("unknown-later", format!("unknown later step {}", quote(text.value)));
        let hint = format!("known: {known}; leave it out if the optimizer is not to train");
        mistakes.add(&text.span, unknown.hint(hint));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::RuleBook;

    #[test]
    fn only_the_step_of_sgd_grows_with_the_gradient_and_relative_ones_grow_with_the_parameter() {
        let book = RuleBook::embedded().unwrap();
        for (name, optimizer) in &book.optimizers {
            let degree = match name.as_str() {
                "sgd" => 1,
                "lars" | "lamb" | "adafactor" => -1,
                _ => 0,
            };
            assert_eq!(optimizer.degree(), Some(Exponent::integer(degree)), "{name}");
        }
    }

    #[test]
    fn an_optimizer_whose_alternatives_disagree_has_no_degree() {
        let book = RuleBook::embedded().unwrap();
        let mut optimizer = book.optimizer("sgd").unwrap().clone();
        for response in ["max(lr + backward(y), lr + forward(x))", "lr + multiplier + backward(y)"] {
            optimizer.response = Expression::parse(response).unwrap();
            assert_eq!(optimizer.degree(), None, "{response}");
        }
    }

    #[test]
    fn epsilon_follows_the_gradient_of_what_is_stored_and_decay_the_learning_rate() {
        let book = RuleBook::embedded().unwrap();
        let adamw = book.optimizer("adamw").unwrap();
        assert_eq!(adamw.moved_by_trade("epsilon"), Some(Exponent::ONE));
        assert_eq!(adamw.moved_by_trade("weight_decay"), Some(Exponent::ONE));
        assert_eq!(adamw.moved_by_trade("step"), None);
    }
}
