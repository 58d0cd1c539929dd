//! [`PropagateError`]: why exponents cannot be propagated.

use std::fmt;

/// Why exponents cannot be propagated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PropagateError {
    /// A dimension over which parameters are shared is scaled, but the tokens of an input are independent.
    IndependentTokens {
        /// The scaled dimension.
        dimension: String,
        /// The input.
        input: String,
    },
    /// An op or activation has no rule.
    NoRule {
        /// The node.
        node: String,
        /// The name the rule would have.
        rule: String,
    },
    /// The network is too deep to be propagated node by node.
    TooLarge {
        /// How many nodes it has.
        nodes: usize,
    },
    /// A rule has a number as a summand, which does not say of which scale variable it is an exponent.
    Number {
        /// The rule.
        rule: String,
    },
    /// A weight starts at zero, and its optimizer moves it by a fraction of its size.
    Still {
        /// The weight.
        parameter: String,
        /// Its optimizer.
        optimizer: String,
    },
    /// A weight starts at zero, and the assumed alignment says nothing of what its first step leaves.
    AssumedZero {
        /// The node that applies it.
        node: String,
    },
    /// The number of layers grows, and the assumed alignment says nothing of sums over layers.
    AssumedDepth {
        /// Their dimension.
        dimension: String,
    },
    /// A rule speaks of something the node does not have.
    Meaningless {
        /// The node.
        node: String,
        /// The rule.
        rule: String,
        /// What it speaks of.
        name: String,
    },
}

impl fmt::Display for PropagateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::IndependentTokens { dimension, input } => {
                write!(
                    f,
                    "dimension `{dimension}`, over which weights are shared, cannot be scaled: the tokens of input `{input}` are independent"
                )
            }
            Self::TooLarge { nodes } => {
                write!(
                    f,
                    "the exponents of {nodes} nodes, most of them one above the other, are too long to be held"
                )
            }
            Self::Number { rule } => {
                write!(f, "rule `{rule}` does not say in which scale variable its number is an exponent")
            }
            Self::Still { parameter, optimizer } => write!(
                f,
                "`{parameter}` starts at zero, and `{optimizer}` moves a weight by a fraction of its size: it never moves"
            ),
            Self::AssumedZero { node } => {
                write!(f, "an assumed alignment does not say what `{node}` does, whose weight starts at zero")
            }
            Self::AssumedDepth { dimension } => {
                write!(f, "an assumed alignment does not say how the layers of `{dimension}` add up")
            }
            Self::NoRule { node, rule } => write!(f, "node `{node}` has no rule `{rule}`"),
            Self::Meaningless { node, rule, name } => {
                write!(f, "rule `{rule}` speaks of `{name}`, which node `{node}` does not have")
            }
        }
    }
}

impl std::error::Error for PropagateError {}

impl PropagateError {
    /// What to do.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::IndependentTokens { input, .. } => {
                format!(
                    "averages over independent tokens vanish; declare `tokens = \"correlated\"` on `{input}`"
                )
            }
            Self::Number { .. } => "tie the dimensions, like `d_model=n,heads=n^1/2`".into(),
            Self::TooLarge { .. } => {
                "write fewer layers: those of a stack have the same rules, however many there are".into()
            }
            Self::Still { .. } => {
                "take an optimizer whose step has a size of its own, like adam or muon".into()
            }
            Self::AssumedZero { .. } => "leave `--alignment` out, or let the weight start `random`".into(),
            Self::AssumedDepth { .. } => {
                "leave `--alignment` out, or let dimensions of one layer grow alone".into()
            }
            Self::NoRule { rule, .. } => format!("add `ops/{rule}.toml` to the folder given by `--rules`"),
            Self::Meaningless { rule, .. } => format!("mend the rule; `fscale rule {rule}` prints it"),
        }
    }
}
