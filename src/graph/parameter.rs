//! [`Parameter`]: what an op keeps.

use super::{AxisId, BaseValue};

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
    /// Those of its axes that number matrices, each of which an optimizer moves by itself, though they stand on one side of the
    /// map only: heads that are produced or contracted. Axes on both sides number matrices whether they are here or not.
    pub blocks: Vec<AxisId>,
    /// What it does where it is used.
    pub kind: ParameterKind,
    /// What it starts at.
    pub start: Start,
    /// Its standard deviation at base size, if the file says so; else one over the root of the fan-in.
    pub base: Option<BaseValue>,
    /// Whether it moves.
    pub training: Motion,
}

impl Parameter {
    /// Whether its initial size is a hyperparameter.
    #[must_use]
    pub fn has_init(&self) -> bool {
        match self.start {
            Start::Gaussian | Start::Constant | Start::Identity => true,
            Start::One | Start::Zero => false,
        }
    }

    /// Whether the optimizer moves it.
    #[must_use]
    pub fn is_trained(&self) -> bool {
        self.training == Motion::Trained
    }
}

/// What a parameter starts at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Start {
    /// Independent normal numbers, whose size is a hyperparameter.
    Gaussian,
    /// Every entry the same number, whose size is a hyperparameter.
    Constant,
    /// The identity times a number, whose size is a hyperparameter: a weight that makes the dimensions that it sums.
    Identity,
    /// One whatever the size, or a fixed number, as every gain does that does not start at zero.
    One,
    /// Zero, as most biases do, the second matrix of an adapter, and the gain of a branch that is not there at first.
    Zero,
}

/// Whether a parameter moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Motion {
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
