//! [`Parameterization`]: a named choice of hyperparameters for every architecture, as expressions.

use super::about::{ABOUT, About, read_about};
use super::example::{Example, check_examples, example_keys, examples, read_examples};
use super::expression::Expression;
use super::name::Name;
use super::{Step, expression};
use crate::document::{Key, Mistakes, Record, Value};

/// Expressions for the exponents of a parameter's hyperparameters, and of multipliers where two activations meet. Every
/// other multiplier keeps its base.
#[derive(Clone, Debug)]
pub struct Parameterization {
    /// Name, summary, why, source.
    pub about: About,
    /// Exponent of the initial standard deviation.
    pub init: Expression,
    /// Exponent of the parameter's own multiplier; none if it is not said.
    pub multiplier: Option<Expression>,
    /// Exponent of the learning rate.
    pub lr: Expression,
    /// The same for optimizers whose step is a sign, if it is another.
    pub lr_sign: Option<Expression>,
    /// The same for those whose step has unit Frobenius norm.
    pub lr_normalized: Option<Expression>,
    /// The same for those whose step is a fraction of the parameter.
    pub lr_relative: Option<Expression>,
    /// The same for those whose step is orthogonal.
    pub lr_orthogonal: Option<Expression>,
    /// The same for those whose step is orthogonal, times the root of rows over columns where there are more rows.
    pub lr_orthogonal_tall: Option<Expression>,
    /// The same for those whose step is orthogonal, times the root of rows or columns, whichever are more.
    pub lr_orthogonal_large: Option<Expression>,
    /// Exponent of a declared multiplier where features of two activations are contracted; its base if it is not said.
    pub bilinear: Option<Expression>,
    /// Worked examples.
    pub examples: Vec<Example>,
}

const SIZES: &[Name] = &[Name::Contracted, Name::Produced, Name::Rows, Name::Columns, Name::Entries];
/// What learning rates may speak of: the multiplier is the parameter's own.
const RATE: &[Name] =
    &[Name::Multiplier, Name::Contracted, Name::Produced, Name::Rows, Name::Columns, Name::Entries];
const CONTRACTION: &[Name] = &[Name::ContractedFeature];

const KEYS: [Key; 11] = [
    Key::required(
        "init",
        Value::Expression,
        "exponent of the initial standard deviation",
        r#""min(-1/2 |C|, 1/2 |Q| - |C|)""#,
    ),
    Key::optional(
        "multiplier",
        Value::Expression,
        "of the multiplier that a weight or bias has of its own; none if absent",
        r#""1/2 |C|""#,
    ),
    Key::required("lr", Value::Expression, "of the learning rate", r#""|Q| - |C|""#),
    Key::optional("lr_sign", Value::Expression, "the same where a step is a sign, as adam's", r#""-|C|""#),
    Key::optional(
        "lr_normalized",
        Value::Expression,
        "the same where a step has unit Frobenius norm",
        r#""1/2 |Q| - 1/2 |C|""#,
    ),
    Key::optional(
        "lr_relative",
        Value::Expression,
        "the same where a step is a fraction of the parameter",
        r#""max(-1/2 |C|, -1/2 |Q|)""#,
    ),
    Key::optional(
        "lr_orthogonal",
        Value::Expression,
        "the same where a step is orthogonal, as muon's",
        r#""1/2 |rows| + 1/2 |columns| - |C|""#,
    ),
    Key::optional(
        "lr_orthogonal_tall",
        Value::Expression,
        "the same, times the root of rows over columns where these are more",
        r#""min(|columns| - |C|, 1/2 |rows| + 1/2 |columns| - |C|)""#,
    ),
    Key::optional(
        "lr_orthogonal_large",
        Value::Expression,
        "the same, times the root of rows or columns, whichever are more",
        r#""min(1/2 |rows| - |C|, 1/2 |columns| - |C|)""#,
    ),
    Key::optional(
        "bilinear",
        Value::Expression,
        "of a multiplier where features of two activations are contracted",
        r#""-|C feature|""#,
    ),
    examples(|| example_keys(&Parameterization::VALUES)),
];

impl Parameterization {
    /// The keys of the expressions.
    pub const VALUES: [&'static str; 10] = [
        "init",
        "multiplier",
        "lr",
        "lr_sign",
        "lr_normalized",
        "lr_relative",
        "lr_orthogonal",
        "lr_orthogonal_tall",
        "lr_orthogonal_large",
        "bilinear",
    ];

    /// Every key of the file.
    pub(super) fn keys() -> Vec<Key> {
        ABOUT.into_iter().chain(KEYS).collect()
    }

    pub(super) fn read(file: &Record<'_>, mistakes: &mut Mistakes<'_>) -> Option<Self> {
        file.refuse_unknown(Self::keys(), mistakes);
        let about = read_about(file, mistakes);
        let init = expression(file, "init", SIZES, mistakes);
        let lr = expression(file, "lr", RATE, mistakes);
        let mut optional =
            |key, names| if file.has(key) { expression(file, key, names, mistakes) } else { None };
        let multiplier = optional("multiplier", SIZES);
        let lr_sign = optional("lr_sign", RATE);
        let lr_normalized = optional("lr_normalized", RATE);
        let lr_relative = optional("lr_relative", RATE);
        let lr_orthogonal = optional("lr_orthogonal", RATE);
        let lr_orthogonal_tall = optional("lr_orthogonal_tall", RATE);
        let lr_orthogonal_large = optional("lr_orthogonal_large", RATE);
        let bilinear = optional("bilinear", CONTRACTION);
        let examples = read_examples(file, &Self::VALUES, mistakes);
        let rule = Self {
            about: about?,
            init: init?,
            multiplier,
            lr: lr?,
            lr_sign,
            lr_normalized,
            lr_relative,
            lr_orthogonal,
            lr_orthogonal_tall,
            lr_orthogonal_large,
            bilinear,
            examples,
        };
        check_examples(&rule.examples, |key| rule.expression(key), mistakes);
        Some(rule)
    }

    /// The expression under a key of the rule file.
    #[must_use]
    pub fn expression(&self, key: &str) -> Option<&Expression> {
        match key {
            "init" => Some(&self.init),
            "multiplier" => self.multiplier.as_ref(),
            "lr" => Some(&self.lr),
            "lr_sign" => self.lr_sign.as_ref(),
            "lr_normalized" => self.lr_normalized.as_ref(),
            "lr_relative" => self.lr_relative.as_ref(),
            "lr_orthogonal" => self.lr_orthogonal.as_ref(),
            "lr_orthogonal_tall" => self.lr_orthogonal_tall.as_ref(),
            "lr_orthogonal_large" => self.lr_orthogonal_large.as_ref(),
            "bilinear" => self.bilinear.as_ref(),
            _ => None,
        }
    }

    /// The learning rate for optimizers that step so.
    #[must_use]
    pub fn rate(&self, step: Step) -> &Expression {
        let other = match step {
            Step::Gradient => None,
            Step::Sign => self.lr_sign.as_ref(),
            Step::Normalized => self.lr_normalized.as_ref(),
            Step::RelativeGradient | Step::RelativeSign | Step::Factored => self.lr_relative.as_ref(),
            Step::Orthogonal | Step::KroneckerRoots | Step::RotatedSign => self.lr_orthogonal.as_ref(),
            Step::OrthogonalTall => self.lr_orthogonal_tall.as_ref(),
            Step::OrthogonalLarge => self.lr_orthogonal_large.as_ref(),
        };
        other.unwrap_or(&self.lr)
    }
}
