//! [`Op`]: the closed vocabulary. Everything an architecture file can say is lowered to these.

use super::{AxisId, DimensionId, RepeatId};

/// What a node computes from its operands. Operands are edges of the graph, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Op {
    /// Data. No operand.
    Input {
        /// The axis along which exactly one entry is 1 and the others 0, if the data are one-hot.
        one_hot: Option<AxisId>,
        /// Whether the entries along sample axes are correlated.
        tokens: Tokens,
    },
    /// `m * einsum(W, x)`: one operand, whose axes the einsum relabels by position as `operands[1]`;
    /// `operands[0]` are the axes of the weight.
    Linear {
        /// The weight.
        weight: ParameterId,
        /// `operands = [weight, x]`.
        einsum: Einsum,
        /// The scalar in front, if any.
        multiplier: Option<MultiplierId>,
    },
    /// `m * einsum(p, q)` of two operands with a contraction.
    Bilinear {
        /// `operands = [p, q]`.
        einsum: Einsum,
        /// The scalar in front, if any.
        multiplier: Option<MultiplierId>,
    },
    /// `einsum(p, q)` of two operands without a contraction.
    Product {
        /// `operands = [p, q]`.
        einsum: Einsum,
    },
    /// `m * x`.
    Scale {
        /// The scalar.
        multiplier: MultiplierId,
    },
    /// An elementwise function, described by a rule of that name.
    Activation(Activation),
    /// Layer norm or RMS norm over some axes, without gain or bias (those are nodes of their own).
    Norm {
        /// Which.
        kind: NormKind,
        /// The normalised axes, at least one.
        over: Vec<AxisId>,
    },
    /// `g * x`, the gain of a norm, initialised at one: a parameter over some axes of `x`.
    Gain {
        /// The gain.
        parameter: ParameterId,
    },
    /// `x + b`: a parameter over some axes of `x`.
    Bias {
        /// The bias.
        parameter: ParameterId,
    },
    /// Softmax over one sample axis.
    Softmax {
        /// The axis over which the result sums to one.
        over: AxisId,
    },
    /// Mean over sample axes, which the result lacks.
    Mean {
        /// The averaged axes, at least one.
        over: Vec<AxisId>,
    },
    /// Rotary positions: rotates pairs of features by angles that depend on the position.
    Rope {
        /// The feature axis whose halves are paired.
        over: AxisId,
        /// The sample axis that gives the position.
        positions: AxisId,
    },
    /// What lies around each position: entry `w` of the window at position `t` is the operand at `t + w`, counted from the
    /// middle of the window, and around the ends.
    Window {
        /// The sample axis of positions.
        over: AxisId,
        /// The axis of the window, which the operand lacks.
        by: AxisId,
    },
    /// Sum of at least two operands of the same axes.
    Add,
    /// What enters a layer of a repeat: its one operand in the first layer, the repeat's exit in the others.
    Stream {
        /// The repeat.
        repeat: RepeatId,
    },
}

impl Op {
    /// The name of the rule that describes it; nothing for data.
    #[must_use]
    pub fn rule_name(&self) -> Option<&str> {
        Some(match self {
            Self::Input { .. } => return None,
            Self::Linear { .. } => "linear",
            Self::Bilinear { .. } => "bilinear",
            Self::Product { .. } => "product",
            Self::Scale { .. } => "scale",
            Self::Activation(Activation(name)) => name,
            Self::Norm { kind: NormKind::Layer, .. } => "layer_norm",
            Self::Norm { kind: NormKind::Rms, .. } => "rms_norm",
            Self::Gain { .. } => "gain",
            Self::Bias { .. } => "bias",
            Self::Softmax { .. } => "softmax",
            Self::Mean { .. } => "mean",
            Self::Rope { .. } => "rope",
            Self::Window { .. } => "window",
            Self::Add => "add",
            Self::Stream { .. } => "stream",
        })
    }

    /// The scalar hyperparameter in front, if there is one.
    #[must_use]
    pub fn multiplier(&self) -> Option<MultiplierId> {
        match self {
            Self::Linear { multiplier, .. } | Self::Bilinear { multiplier, .. } => *multiplier,
            Self::Scale { multiplier } => Some(*multiplier),
            Self::Input { .. }
            | Self::Product { .. }
            | Self::Activation(_)
            | Self::Norm { .. }
            | Self::Gain { .. }
            | Self::Bias { .. }
            | Self::Softmax { .. }
            | Self::Mean { .. }
            | Self::Rope { .. }
            | Self::Window { .. }
            | Self::Add
            | Self::Stream { .. } => None,
        }
    }

    /// The einsum that relabels the operands, if the op has one.
    #[must_use]
    pub fn einsum(&self) -> Option<&Einsum> {
        match self {
            Self::Linear { einsum, .. } | Self::Bilinear { einsum, .. } | Self::Product { einsum } => {
                Some(einsum)
            }
            Self::Input { .. }
            | Self::Scale { .. }
            | Self::Activation(_)
            | Self::Norm { .. }
            | Self::Gain { .. }
            | Self::Bias { .. }
            | Self::Softmax { .. }
            | Self::Mean { .. }
            | Self::Rope { .. }
            | Self::Window { .. }
            | Self::Add
            | Self::Stream { .. } => None,
        }
    }
}

impl Op {
    /// The axis along which the data are one-hot, if the op is such an input.
    #[must_use]
    pub fn one_hot(&self) -> Option<AxisId> {
        if let Self::Input { one_hot, .. } = self { *one_hot } else { None }
    }

    /// The einsum of a linear map, whose first operand is the weight.
    #[must_use]
    pub fn linear_einsum(&self) -> Option<&Einsum> {
        if let Self::Linear { einsum, .. } = self { Some(einsum) } else { None }
    }

    /// The repeat whose layers it enters, if it is a stream.
    #[must_use]
    pub fn repeat(&self) -> Option<RepeatId> {
        if let Self::Stream { repeat } = self { Some(*repeat) } else { None }
    }

    /// The parameter that is added, if the op is a bias.
    #[must_use]
    pub fn bias(&self) -> Option<ParameterId> {
        if let Self::Bias { parameter } = self { Some(*parameter) } else { None }
    }

    /// The positions around which it gathers and the axis it makes, if the op is a window.
    #[must_use]
    pub fn window(&self) -> Option<(AxisId, AxisId)> {
        if let Self::Window { over, by } = self { Some((*over, *by)) } else { None }
    }

    /// The axes that a softmax or mean runs over.
    #[must_use]
    pub fn summed(&self) -> Option<Vec<AxisId>> {
        if let Self::Softmax { over } = self {
            Some(vec![*over])
        } else if let Self::Mean { over } = self {
            Some(over.clone())
        } else {
            None
        }
    }
}

/// The name of an activation; its rule says how magnitudes pass and which function it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Activation(pub String);

/// The two norms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NormKind {
    /// Subtracts the mean, then divides by the standard deviation.
    Layer,
    /// Divides by the root mean square.
    Rms,
}

/// Whether the entries of the data along sample axes share a part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tokens {
    /// Averages over tokens have a non-zero mean: they follow the law of large numbers.
    Correlated,
    /// They have none: sample axes cannot be scaled (theory, section 2).
    Independent,
}

/// Which axes two operands and the result have, in order. No letter stands twice in one tensor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Einsum {
    /// Axes of the operands.
    pub operands: [Vec<AxisId>; 2],
    /// Axes of the result.
    pub result: Vec<AxisId>,
}

impl Einsum {
    /// The contracted axes: in both operands and not in the result.
    #[must_use]
    pub fn contracted(&self) -> Vec<AxisId> {
        let [p, q] = &self.operands;
        p.iter().copied().filter(|axis| q.contains(axis) && !self.result.contains(axis)).collect()
    }

    /// The axes of the result that operand `position` lacks.
    #[must_use]
    pub fn lacked_by(&self, position: usize) -> Vec<AxisId> {
        self.result.iter().copied().filter(|axis| !self.operands[position].contains(axis)).collect()
    }
}

/// Position of a parameter in [`super::Graph::parameters`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ParameterId(pub usize);

/// A tensor of numbers that the network keeps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parameter {
    /// Name, unique in the graph.
    pub name: String,
    /// Its axes, in order; may be empty only for a bias or gain.
    pub axes: Vec<AxisId>,
    /// What it does where it is used.
    pub kind: ParameterKind,
    /// What it starts at.
    pub start: Start,
    /// Its standard deviation at base size, if the file says so; else one over the root of the fan-in.
    pub base: Option<BaseValue>,
    /// Whether it moves.
    pub training: Training,
}

impl Parameter {
    /// Whether its initial size is a hyperparameter.
    #[must_use]
    pub fn has_init(&self) -> bool {
        self.start == Start::Gaussian
    }

    /// Whether the optimizer moves it.
    #[must_use]
    pub fn is_trained(&self) -> bool {
        self.training == Training::Trained
    }
}

/// What a parameter starts at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Start {
    /// Independent normal numbers, whose size is a hyperparameter.
    Gaussian,
    /// One, as every gain does.
    One,
    /// Zero, as most biases do, and the second matrix of an adapter.
    Zero,
}

/// Whether a parameter moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Training {
    /// The optimizer moves it.
    Trained,
    /// It stays as it is, like the weights beside an adapter: it has a size, but no learning rate and no response.
    Frozen,
}

/// What a parameter does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ParameterKind {
    /// Multiplies in a linear map.
    Weight,
    /// Is added.
    Bias,
    /// Multiplies elementwise after a norm.
    Gain,
}

/// Position of a multiplier in [`super::Graph::multipliers`].
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
