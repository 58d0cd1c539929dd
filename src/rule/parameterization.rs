//! [`Parameterization`]: a named choice of hyperparameters for every architecture, as expressions.

use super::book::{About, Example, read_about, read_examples};
use super::expression::Expression;
use super::expression_of;
use super::name::Name;
use super::reader::Reader;

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
    pub(super) fn read(reader: &Reader<'_>) -> Option<Self> {
        let about = read_about(reader);
        let init = expression_of(reader, "init", SIZES);
        let lr = expression_of(reader, "lr", SIZES);
        let examples = read_examples(reader, &["init", "lr"]);
        Some(Self { about: about?, init: init?, lr: lr?, examples })
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
