//! Dimensions, the axes of tensors that run over them, and the repeats that one counts.

/// What a dimension counts; decides how a sum over it grows (theory, section 1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Features: sums of independent terms, growing like a square root.
    Feature,
    /// Samples (batch, positions): the loss averages over them and weights are shared along them.
    Sample,
    /// Layers of a repeated block.
    Depth,
}

/// A size of the network that may be scaled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dimension {
    /// Name, as in `--scale`.
    pub name: String,
    /// What it counts.
    pub kind: Kind,
    /// Size where it is not scaled; at least 1.
    pub size: usize,
    /// Whether it is called large, though it does not grow.
    pub large: bool,
    /// How formulas write it, like `d`; the name if none was declared.
    pub symbol: String,
}

/// Position of a dimension in [`super::Graph::dimensions`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DimensionId(pub usize);

/// Position of a repeat in [`super::Graph::repeats`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RepeatId(pub usize);

/// An axis of tensors: a one-letter name over a dimension. Two axes may share a dimension.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Axis {
    /// The letter used in einsum texts.
    pub letter: char,
    /// What it runs over.
    pub dimension: DimensionId,
}

/// Position of an axis in [`super::Graph::axes`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AxisId(pub usize);
