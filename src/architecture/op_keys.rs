//! The keys of a `[[node]]`: those of every node, and those of its operation.

use super::op_name::{Arity, BUILT_IN, OpName};
use crate::document::{Case, Key, Need, Value, Wanted, Word};
use crate::graph::Role;
use crate::graph::op::Tokens;

/// What `tokens` may be.
pub(super) const TOKENS: [(&str, Tokens, &str); 2] = [
    ("correlated", Tokens::Correlated, "what is averaged over positions has a mean, as in text; if absent"),
    ("independent", Tokens::Independent, "it has none; then no size of samples is scaled"),
];

const NAME: Key = Key::required("name", Value::TEXT, "what other nodes and answers call it", r#""h""#);
const OP: Key =
    Key::required("op", Value::TEXT, "what computes it: an operation below, or an activation", r#""linear""#);
const ROLE: Key = Key::optional(
    "role",
    Value::Word(roles),
    "what desiderata ask of it; told from its place if absent",
    r#""feature""#,
);

const INPUT: Key = Key::required("input", Value::TEXT, "its operand, a node", r#""x""#);
const INPUTS: Key =
    Key::required("inputs", Value::Plain(Wanted::Texts), "its operands, nodes", r#"["q", "k"]"#);

const MULTIPLIER: Key = Key::optional(
    "multiplier",
    Value::TEXT,
    "a scalar hyperparameter in front of it, by name",
    r#""attention""#,
);
const BASE: Key = Key::optional(
    "base",
    Value::Plain(Wanted::Base),
    "the value of the multiplier at base size; 1 if absent",
    r#""1/sqrt(d_k)""#,
);
const SHARED: Key = Key::optional(
    "shared",
    Value::TEXT,
    "feature axes over which its parameter is meant to be shared",
    r#""m""#,
);
const OVER: Key = Key::required("over", Value::TEXT, "the axes that it runs over", r#""s""#);

const OF_INPUT: [Key; 3] = [
    Key::required("axes", Value::TEXT, "the letters of its axes", r#""bti""#),
    Key::optional(
        "one_hot",
        Value::TRUTH,
        "whether one entry of its feature axis is 1, the others 0",
        "true",
    ),
    Key::optional(
        "tokens",
        Value::Word(|| Word::all(&TOKENS)),
        "how its positions depend on each other",
        r#""correlated""#,
    ),
];
const OF_LINEAR: [Key; 5] = [
    Key::required("weight", Value::TEXT, "its weight, declared here by its name", r#""W_1""#),
    Key::required(
        "einsum",
        Value::TEXT,
        "axes of the weight, of the operand, and of the result",
        r#""fd,btd->btf""#,
    ),
    MULTIPLIER,
    BASE,
    SHARED,
];
const OF_BILINEAR: [Key; 3] = [
    Key::required("einsum", Value::TEXT, "axes of both operands and of the result", r#""bthk,bshk->bhts""#),
    MULTIPLIER,
    BASE,
];
const OF_PRODUCT: [Key; 1] = [Key::optional(
    "einsum",
    Value::TEXT,
    "axes of both operands and of the result; those of the first if absent",
    r#""btd,btd->btd""#,
)];
const OF_SCALE: [Key; 2] = [Key { need: Need::Required, ..MULTIPLIER }, BASE];
const OF_BIAS: [Key; 3] = [
    Key::required("parameter", Value::TEXT, "its parameter, declared here by its name", r#""b_1""#),
    Key::required("axes", Value::TEXT, "the axes of the parameter", r#""d""#),
    SHARED,
];
const OF_NORM: [Key; 4] = [
    Key::required("over", Value::TEXT, "the feature axes that it normalises", r#""d""#),
    Key::optional("gain", Value::TEXT, "a gain behind it, by name", r#""g_1""#),
    Key::optional("bias", Value::TEXT, "a bias behind it, by name", r#""c_1""#),
    SHARED,
];
const OF_SOFTMAX: [Key; 1] = [Key { says: "the axis that it runs over", ..OVER }];
const OF_MEAN: [Key; 1] = [Key { says: "the sample axes that it averages over", example: r#""t""#, ..OVER }];
const OF_ROPE: [Key; 2] = [
    Key::optional("over", Value::TEXT, "the feature axis that it rotates; the last one if absent", r#""k""#),
    Key::optional(
        "positions",
        Value::TEXT,
        "the axis of the positions; the last sample axis if absent",
        r#""t""#,
    ),
];
const OF_WINDOW: [Key; 2] = [
    Key { says: "the sample axis along which it looks around", example: r#""t""#, ..OVER },
    Key::required("by", Value::TEXT, "an axis of its own, for what lies around each position", r#""w""#),
];

/// The keys of the nodes of every operation, and of those that activations compute.
pub(super) fn cases() -> Vec<Case> {
    let built_in = BUILT_IN.iter().map(|(word, op)| (Some(*word), *op));
    let all = built_in.chain([(None, OpName::Activation(""))]);
    all.map(|(word, op)| Case { word, says: op.says(), keys: op.all_keys() }).collect()
}

fn roles() -> Vec<Word> {
    Role::NAMES.map(|(name, role)| Word { name, says: role.says() }).into()
}

impl OpName<'_> {
    /// Every key that a node of this operation takes.
    pub(super) fn all_keys(self) -> Vec<Key> {
        let operands = self.arity().key();
        [NAME, OP].into_iter().chain(operands).chain(self.own_keys().iter().copied()).chain([ROLE]).collect()
    }

    fn own_keys(self) -> &'static [Key] {
        match self {
            Self::Input => &OF_INPUT,
            Self::Linear => &OF_LINEAR,
            Self::Bilinear => &OF_BILINEAR,
            Self::Product => &OF_PRODUCT,
            Self::Scale => &OF_SCALE,
            Self::Bias => &OF_BIAS,
            Self::LayerNorm | Self::RmsNorm => &OF_NORM,
            Self::Softmax => &OF_SOFTMAX,
            Self::Mean => &OF_MEAN,
            Self::Rope => &OF_ROPE,
            Self::Window => &OF_WINDOW,
            Self::Add | Self::Activation(_) => &[],
        }
    }

    /// What it computes, in a line.
    fn says(self) -> &'static str {
        match self {
            Self::Input => "data",
            Self::Linear => "a weight times an operand, summed over the axes that the result lacks",
            Self::Bilinear => "two operands, multiplied and summed over the axes that the result lacks",
            Self::Product => "two operands, multiplied entry by entry",
            Self::Scale => "a scalar hyperparameter times an operand",
            Self::Bias => "an operand plus a parameter",
            Self::LayerNorm => "a layer norm, with an optional gain and bias",
            Self::RmsNorm => "an RMS norm, with an optional gain and bias",
            Self::Softmax => "a softmax over one axis",
            Self::Mean => "a mean over sample axes, which the result lacks",
            Self::Rope => "rotary positions: pairs of entries, rotated by their position",
            Self::Window => "what lies around each position, along a last axis of its own",
            Self::Add => "a sum of nodes of the same axes",
            Self::Activation(_) => "a function of every entry, described by a rule in `ops`",
        }
    }
}

impl Arity {
    /// The key under which the operands stand.
    pub(super) fn key(self) -> Option<Key> {
        match self {
            Self::None => None,
            Self::One => Some(INPUT),
            Self::Two => Some(Key { says: "its two operands, nodes", ..INPUTS }),
            Self::TwoOrMore => {
                Some(Key { says: "its operands, two nodes or more", example: r#"["x", "y"]"#, ..INPUTS })
            }
        }
    }

    /// The key under which operands would stand if they were fewer or more.
    pub(super) fn other(self) -> Option<Key> {
        match self {
            Self::None => None,
            Self::One => Some(INPUTS),
            Self::Two | Self::TwoOrMore => Some(INPUT),
        }
    }
}
