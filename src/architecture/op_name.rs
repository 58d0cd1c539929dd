//! [`OpName`]: the words that may stand after `op =`, and how many operands each takes.

use crate::document::Mistakes;

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
    /// Softmax over an axis.
    Softmax,
    /// Mean over sample axes.
    Mean,
    /// Rotary positions.
    Rope,
    /// What lies around each position.
    Window,
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

pub(super) const BUILT_IN: [(&str, OpName<'static>); 13] = [
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
    ("window", OpName::Window),
    ("add", OpName::Add),
];

/// Operations that files of other programs have: why there is none here, and what to write instead.
const ELSEWHERE: [(&[&str], &str, &str); 8] = [
    (
        &["top_k", "topk"],
        "which experts are chosen and what flows back to them vanish together, so the magnitude of their product is not that of its factors",
        "average all experts with a softmax over them, as `fscale rule moe` does",
    ),
    (
        &["conv", "conv1d", "conv2d", "convolution"],
        "a convolution is a window and a linear map",
        "write `op = \"window\"` along each axis of the image and then `op = \"linear\"` over channels and windows, as `fscale rule conv-resnet` does",
    ),
    (
        &["attention", "self_attention", "multi_head_attention"],
        "attention is several nodes",
        "write `linear`, `bilinear`, `softmax` and `bilinear` nodes, as `fscale rule transformer` does",
    ),
    (
        &["embedding", "embed"],
        "an embedding is a linear map of one-hot data",
        "give the input `one_hot = true`, and let a node with `op = \"linear\"` follow",
    ),
    (&["dropout"], "it removes a fixed share of entries, which changes no exponent", "leave it out"),
    (
        &["batch_norm", "batchnorm"],
        "it divides by an average over samples, and every sample then moves all others",
        "write `op = \"layer_norm\"` over the features",
    ),
    (
        &["max", "max_pool", "maxpool"],
        "the largest of many entries is no sum of them, and grows with a logarithm of their number",
        "write `op = \"mean\"`",
    ),
    (
        &["concat", "concatenate", "split"],
        "the sizes of its parts would be no powers of one size",
        "let a weight of its own multiply each part, and add the results",
    ),
];

impl<'a> OpName<'a> {
    /// Why an operation that other programs have is none here, and what to write instead.
    pub(super) fn elsewhere(name: &str) -> Option<(&'static str, &'static str)> {
        let named = |names: &[&str]| names.contains(&name.to_lowercase().as_str());
        ELSEWHERE.iter().find(|(names, ..)| named(names)).map(|(_, why, hint)| (*why, *hint))
    }

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
            | Self::Window
            | Self::Activation(_) => Arity::One,
            Self::Bilinear | Self::Product => Arity::Two,
            Self::Add => Arity::TwoOrMore,
        }
    }
}
