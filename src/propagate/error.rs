//! [`PropagateError`]: why exponents cannot be propagated, or a question about them cannot be asked.

use thiserror::Error;

use crate::graph::{Graph, NodeId};
use crate::rule::{OpRule, RuleBook};

/// Why exponents cannot be propagated, or a question about them cannot be asked.
///
/// ```
/// use fscale::{DeriveError, Network, PropagateError};
///
/// let question = Network::builtin("transformer")?.scale("d_k=n,d_ff=m")?.desiderata("mup")?;
/// match question.derive() {
///     Err(DeriveError::Propagate(PropagateError::Numbered(requirement))) => println!("{requirement}"),
///     Ok(answer) => println!("{answer}"),
///     Err(other) => return Err(other.into()),
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum PropagateError {
    /// A dimension over which parameters are shared is scaled, but the tokens of an input are independent.
    #[error(
        "dimension `{dimension}`, over which weights are shared, cannot be scaled: the tokens of input `{input}` are independent"
    )]
    IndependentTokens {
        /// The scaled dimension.
        dimension: String,
        /// The input.
        input: String,
    },
    /// An op or activation has no rule.
    #[error("node `{node}` has no rule `{rule}`")]
    NoRule {
        /// The node.
        node: String,
        /// The name the rule would have.
        rule: String,
    },
    /// The network is too deep to be propagated node by node.
    #[error("the exponents of {nodes} nodes, most of them one above the other, are too long to be held")]
    TooLarge {
        /// How many nodes it has.
        nodes: usize,
    },
    /// A rule has a number as a summand, which does not say of which scale variable it is an exponent.
    #[error("rule `{rule}` does not say in which scale variable its number is an exponent")]
    Number {
        /// The rule.
        rule: String,
    },
    /// A weight starts at zero, and its optimizer moves it by a fraction of its size.
    #[error(
        "`{parameter}` starts at zero, and `{optimizer}` moves a weight by a fraction of its size: it never moves"
    )]
    Still {
        /// The weight.
        parameter: String,
        /// Its optimizer.
        optimizer: String,
    },
    /// What a weight that starts at zero makes is lost before its first step.
    #[error("{says}")]
    ZeroWeight {
        /// Which, and where.
        says: String,
        /// What to change.
        hint: String,
    },
    /// A weight starts at zero, and the assumed alignment says nothing of what its first step leaves.
    #[error("an assumed alignment does not say what `{node}` does, whose weight starts at zero")]
    AssumedZero {
        /// The node that applies it.
        node: String,
    },
    /// The number of layers grows, and the assumed alignment says nothing of sums over layers.
    #[error("an assumed alignment does not say how the layers of `{dimension}` add up")]
    AssumedDepth {
        /// Their dimension.
        dimension: String,
    },
    /// The number of layers grows, and what later steps do there is not known.
    #[error("what later steps do as the layers of `{dimension}` become more is not known")]
    LaterDepth {
        /// Their dimension.
        dimension: String,
    },
    /// A rule speaks of something the node does not have.
    #[error("rule `{rule}` speaks of `{name}`, which node `{node}` does not have")]
    Meaningless {
        /// The node.
        node: String,
        /// The rule.
        rule: String,
        /// What it speaks of.
        name: String,
    },
    /// A requirement compares with a number where there are several scale variables.
    #[error("`{0}` does not say in which scale variable the number is an exponent")]
    Numbered(String),
    /// A requirement speaks of contributions, of which an assumed alignment says nothing.
    #[error("`{0}` asks for contributions, of which an assumed alignment says nothing")]
    Unassumed(String),
    /// Less is asked of a requirement that is not made of the network.
    #[error("`{0}` names no requirement of this network")]
    NoRequirement(String),
    /// A requirement speaks of the number of all layers, where depths grow in several scale variables.
    #[error("`{0}` speaks of the number of all layers, and of depths that grow apart none is the largest")]
    DepthsApart(String),
}

impl PropagateError {
    /// What kind of mistake it is, for machines.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Numbered(_) => "number",
            Self::Unassumed(_) => "unassumed",
            Self::DepthsApart(_) => "depths-apart",
            Self::NoRequirement(_) => "relax",
            Self::ZeroWeight { .. } => "zero-weight",
            Self::IndependentTokens { .. }
            | Self::NoRule { .. }
            | Self::TooLarge { .. }
            | Self::Number { .. }
            | Self::Still { .. }
            | Self::AssumedZero { .. }
            | Self::AssumedDepth { .. }
            | Self::LaterDepth { .. }
            | Self::Meaningless { .. } => "propagate",
        }
    }

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
            Self::ZeroWeight { hint, .. } => {
                format!("ask of any number of steps, with `--at later`; or {hint}")
            }
            Self::AssumedZero { .. } => "leave `--alignment` out, or let the weight start `random`".into(),
            Self::AssumedDepth { .. } => {
                "leave `--alignment` out, or let dimensions of one layer grow alone".into()
            }
            Self::LaterDepth { dimension } => {
                format!("ask of the first step, with `--at first`, or let `{dimension}` stay as it is")
            }
            Self::NoRule { rule, .. } => format!("add `ops/{rule}.toml` to the folder given by `--rules`"),
            Self::Meaningless { rule, .. } => format!("mend the rule; `fscale rule {rule}` prints it"),
            Self::Numbered(_) => {
                "derive in one scale variable: tie the dimensions, like `d_model=n,heads=n^1/2`".into()
            }
            Self::Unassumed(_) => {
                "ask for `--desiderata stable`, `mup` or `signal`, or leave `--alignment` out".into()
            }
            Self::NoRequirement(_) => {
                "`fscale judge` lists the requirements, each with its label and whom it is on".into()
            }
            Self::DepthsApart(_) => {
                "let the depths grow in one scale variable, like `depth=n,layers=n^2`".into()
            }
        }
    }
}

/// The rule of that name, which a node needs.
pub(super) fn known<'a>(
    book: &'a RuleBook,
    graph: &Graph,
    node: NodeId,
    name: &str,
) -> Result<&'a OpRule, PropagateError> {
    let missing = || PropagateError::NoRule { node: graph.node(node).name.clone(), rule: name.into() };
    book.ops.get(name).ok_or_else(missing)
}
