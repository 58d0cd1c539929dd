//! [`OpName`]: the words that may stand after `op =`, and the keys that each takes.

use super::mistakes::Mistakes;

/// An operation as a file names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum OpName<'a> {
    /// Data.
    Input,
    /// A weight times an operand.
    Linear,
    /// Two operands with a contraction.
    Bilinear,
    /// Two operands without one.
    Product,
    /// A scalar times an operand.
    Scale,
    /// An operand plus a parameter.
    Bias,
    /// Layer norm, with optional gain and bias.
    LayerNorm,
    /// RMS norm, with optional gain and bias.
    RmsNorm,
    /// Softmax over a sample axis.
    Softmax,
    /// Mean over sample axes.
    Mean,
    /// Rotary positions.
    Rope,
    /// A sum of operands.
    Add,
    /// An elementwise function that a rule describes.
    Activation(&'a str),
}

/// How many operands an operation takes, and so how they are spelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Arity {
    /// None.
    None,
    /// `input = "x"`.
    One,
    /// `inputs = ["p", "q"]`.
    Two,
    /// `inputs = ["x", "y", ..]`.
    TwoOrMore,
}

const BUILT_IN: [(&str, OpName<'static>); 12] = [
    ("input", OpName::Input),
    ("linear", OpName::Linear),
    ("bilinear", OpName::Bilinear),
    ("product", OpName::Product),
    ("scale", OpName::Scale),
    ("bias", OpName::Bias),
    ("layer_norm", OpName::LayerNorm),
    ("rms_norm", OpName::RmsNorm),
    ("softmax", OpName::Softmax),
    ("mean", OpName::Mean),
    ("rope", OpName::Rope),
    ("add", OpName::Add),
];

impl<'a> OpName<'a> {
    /// The operation of that name.
    pub(super) fn find(name: &'a str, activations: &[&str]) -> Option<Self> {
        let built_in = BUILT_IN.iter().find(|(known, _)| *known == name).map(|(_, op)| *op);
        built_in.or_else(|| activations.contains(&name).then_some(Self::Activation(name)))
    }

    /// What to write instead of an unknown name.
    pub(super) fn suggest(name: &str, activations: &[&str], mistakes: &mut Mistakes) -> String {
        let names = || BUILT_IN.iter().map(|(name, _)| *name).chain(activations.iter().copied());
        mistakes.suggest(name, names(), || {
            format!(
                "operations are {}",
                names().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
            )
        })
    }

    /// The keys that a node of this operation takes besides `name`, `op`, `role` and its operands.
    pub(super) fn keys(self) -> &'static [&'static str] {
        match self {
            Self::Input => &["axes", "one_hot", "tokens"],
            Self::Linear => &["weight", "einsum", "multiplier", "base"],
            Self::Bilinear => &["einsum", "multiplier", "base"],
            Self::Product => &["einsum"],
            Self::Scale => &["multiplier", "base"],
            Self::Bias => &["parameter", "axes"],
            Self::LayerNorm | Self::RmsNorm => &["over", "gain", "bias"],
            Self::Softmax | Self::Mean => &["over"],
            Self::Rope => &["over", "positions"],
            Self::Add | Self::Activation(_) => &[],
        }
    }

    /// How many operands it takes.
    pub(super) fn arity(self) -> Arity {
        match self {
            Self::Input => Arity::None,
            Self::Linear
            | Self::Scale
            | Self::Bias
            | Self::LayerNorm
            | Self::RmsNorm
            | Self::Softmax
            | Self::Mean
            | Self::Rope
            | Self::Activation(_) => Arity::One,
            Self::Bilinear | Self::Product => Arity::Two,
            Self::Add => Arity::TwoOrMore,
        }
    }
}

impl Arity {
    /// The key under which the operands stand.
    pub(super) fn key(self) -> Option<&'static str> {
        match self {
            Self::None => None,
            Self::One => Some("input"),
            Self::Two | Self::TwoOrMore => Some("inputs"),
        }
    }
}
