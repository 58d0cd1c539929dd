//! [`Alignment`]: how much of what is contracted adds up, assumed for steps after the first one; and [`Regime`].

use super::about::{ABOUT, About, read_about};
use super::example::{Example, check_examples, example_keys, examples, read_examples};
use super::expression::Expression;
use super::name::Name;
use super::{Sum, expression};
use crate::document::{Diagnostic, Key, Mistakes, Record, Value};
use crate::exact::Exponent;
use crate::graph::ParameterClass;

/// How responses to a step are aligned with what they meet.
#[derive(Clone, Debug, Default)]
pub enum Regime {
    /// As they are at initialization, exactly.
    #[default]
    Exact,
    /// As a rule assumes of later steps.
    Assumed(Box<Alignment>),
}

impl Regime {
    /// The name of the alignment that is assumed, if one is.
    #[must_use]
    pub fn assumed(&self) -> Option<&str> {
        match self {
            Self::Exact => None,
            Self::Assumed(alignment) => Some(&alignment.about.name),
        }
    }
}

/// An assumption: the exponents of contractions of |C| features, between those of independent numbers (1/2) and of numbers
/// of one sign (1). Feature axes only: sums over samples have a mean at every step.
#[derive(Clone, Debug)]
pub struct Alignment {
    /// Name, summary, why, source.
    pub about: About,
    /// Update of a weight times activation.
    pub update: Exponent,
    /// The same at a readout.
    pub update_readout: Exponent,
    /// Initial weight times changed activation.
    pub weight: Exponent,
    /// The same at a readout.
    pub weight_readout: Exponent,
    /// Activation times changed activation.
    pub activation: Exponent,
    /// Worked examples.
    pub examples: Vec<Example>,
    /// What is said, by key.
    says: Vec<(&'static str, Expression)>,
}

const SIZE: &[Name] = &[Name::Contracted];

const KEYS: [Key; 6] = [
    Key::required(
        "update",
        Value::Expression,
        "of the update of a weight times an activation, a part of |C|",
        r#""|C|""#,
    ),
    Key::optional(
        "update_readout",
        Value::Expression,
        "the same at a readout; as elsewhere if absent",
        r#""|C|""#,
    ),
    Key::required(
        "weight",
        Value::Expression,
        "of an initial weight times a changed activation, a part of |C|",
        r#""1/2 |C|""#,
    ),
    Key::optional(
        "weight_readout",
        Value::Expression,
        "the same at a readout; as elsewhere if absent",
        r#""1/2 |C|""#,
    ),
    Key::required(
        "activation",
        Value::Expression,
        "of an activation times a changed activation, a part of |C|",
        r#""|C|""#,
    ),
    examples(|| example_keys(&Alignment::VALUES)),
];

impl Alignment {
    /// The keys of the expressions.
    pub const VALUES: [&'static str; 5] =
        ["update", "update_readout", "weight", "weight_readout", "activation"];

    /// Every key of the file.
    pub(super) fn keys() -> Vec<Key> {
        ABOUT.into_iter().chain(KEYS).collect()
    }

    pub(super) fn read(file: &Record<'_>, mistakes: &mut Mistakes<'_>) -> Option<Self> {
        file.refuse_unknown(Self::keys(), mistakes);
        let about = read_about(file, mistakes);
        let mut says = Vec::new();
        let mut read = |key: &'static str| {
            let said = expression(file, key, SIZE, mistakes)?;
            let share = share(file, key, &said, mistakes);
            says.push((key, said));
            share
        };
        let update = read("update");
        let update_readout = if file.has("update_readout") { read("update_readout") } else { update.clone() };
        let weight = read("weight");
        let weight_readout = if file.has("weight_readout") { read("weight_readout") } else { weight.clone() };
        let activation = read("activation");
        let examples = read_examples(file, &Self::VALUES, mistakes);
        let rule = Self {
            about: about?,
            update: update?,
            update_readout: update_readout?,
            weight: weight?,
            weight_readout: weight_readout?,
            activation: activation?,
            examples,
            says,
        };
        check_examples(&rule.examples, |key| rule.expression(key), mistakes);
        Some(rule)
    }

    /// The expression under a key of the rule file.
    #[must_use]
    pub fn expression(&self, key: &str) -> Option<&Expression> {
        self.says.iter().find(|(held, _)| *held == key).map(|(_, expression)| expression)
    }

    /// The exponent per |C| of the update of a parameter of a class times an activation.
    #[must_use]
    pub fn of_update(&self, class: ParameterClass) -> &Exponent {
        match class {
            ParameterClass::Output => &self.update_readout,
            ParameterClass::Input | ParameterClass::Matrix | ParameterClass::Vector => &self.update,
        }
    }

    /// The exponent per |C| of an initial weight of a class times a changed activation.
    #[must_use]
    pub fn of_weight(&self, class: ParameterClass) -> &Exponent {
        match class {
            ParameterClass::Output => &self.weight_readout,
            ParameterClass::Input | ParameterClass::Matrix | ParameterClass::Vector => &self.weight,
        }
    }
}

/// The number in front of |C|, from 1/2 to 1.
fn share(file: &Record<'_>, key: &str, said: &Expression, mistakes: &mut Mistakes<'_>) -> Option<Exponent> {
    if let Expression::Sum(Sum { terms, constant }) = said
        && let ([(share, Name::Contracted)], true) = (terms.as_slice(), constant.is_zero())
        && *share >= Exponent::HALF
        && *share <= Exponent::ONE
    {
        return Some(share.clone());
    }
    let text = file.text(key, mistakes)?;
    let wrong = Diagnostic::new("alignment", format!("`{key}` must be a part of |C| from 1/2 to all of it"));
    let hint =
        "write `1/2 |C|` if nothing adds up but by chance, `|C|` if everything does, or a fraction between";
    mistakes.add(&text.span, wrong.hint(hint));
    None
}
