//! [`Multiplier`]: a scalar in front of an op.

use crate::graph::DimensionId;

/// Position of a multiplier in [`crate::graph::Graph::multipliers`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MultiplierId(pub usize);

/// A scalar hyperparameter in front of a node. It may stand in front of several.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Multiplier {
    /// Name, unique in the graph.
    pub name: String,
    /// Its value at base size.
    pub base: BaseValue,
}

/// The value of a multiplier, or the standard deviation of a parameter, at base size.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BaseValue {
    /// A number, kept as written: `1`, `0.125`.
    Number(String),
    /// `1/sqrt(dimension)`.
    InverseSqrt(DimensionId),
}
