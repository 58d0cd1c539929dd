//! [`Parameterization`]: a named choice of hyperparameters for every architecture, as expressions.

use super::about::{About, read_about};
use super::example::{Example, check_examples, read_examples};
use super::expression;
use super::expression::Expression;
use super::name::Name;
use crate::document::{Mistakes, Record};

/// Expressions for the exponents of init and learning rate of a parameter; every multiplier keeps its base.
#[derive(Clone, Debug)]
pub struct Parameterization {
    /// Name, summary, why, source.
    pub about: About,
    /// Exponent of the initial standard deviation.
    pub init: Expression,
    /// Exponent of the learning rate.
    pub lr: Expression,
    /// Worked examples.
    pub examples: Vec<Example>,
}

const SIZES: &[Name] = &[Name::Contracted, Name::Produced, Name::Entries];

impl Parameterization {
    pub(super) fn read(file: &Record<'_>, mistakes: &mut Mistakes<'_>) -> Option<Self> {
        file.refuse_unknown(&["name", "summary", "why", "source", "init", "lr", "example"], mistakes);
        let about = read_about(file, mistakes);
        let init = expression(file, "init", SIZES, mistakes);
        let lr = expression(file, "lr", SIZES, mistakes);
        let examples = read_examples(file, &["init", "lr"], mistakes);
        let rule = Self { about: about?, init: init?, lr: lr?, examples };
        check_examples(&rule.examples, |key| rule.expression(key), mistakes);
        Some(rule)
    }

    /// The expression under a key of the rule file.
    #[must_use]
    pub fn expression(&self, key: &str) -> Option<&Expression> {
        match key {
            "init" => Some(&self.init),
            "lr" => Some(&self.lr),
            _ => None,
        }
    }
}
