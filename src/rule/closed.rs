//! The closed vocabularies that rule files name and the simulation knows how to compute.

/// An elementwise function that the simulation can evaluate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Function {
    /// `x`
    Identity,
    /// `max(x, 0)`
    Relu,
    /// `max(x, 0) + min(x, 0) / 100`
    LeakyRelu,
    /// `|x|`
    Abs,
    /// `x Phi(x)`, with the normal distribution function
    Gelu,
    /// `x / (1 + exp(-x))`
    Silu,
    /// `tanh(x)`
    Tanh,
    /// `1 / (1 + exp(-x))`
    Sigmoid,
    /// `log(1 + exp(x))`
    Softplus,
    /// `max(x, 0)^2`
    SquaredRelu,
}

impl Function {
    /// Every function with its name in rule files.
    pub const NAMES: [(&'static str, Self); 10] = [
        ("identity", Self::Identity),
        ("relu", Self::Relu),
        ("leaky_relu", Self::LeakyRelu),
        ("abs", Self::Abs),
        ("gelu", Self::Gelu),
        ("silu", Self::Silu),
        ("tanh", Self::Tanh),
        ("sigmoid", Self::Sigmoid),
        ("softplus", Self::Softplus),
        ("squared_relu", Self::SquaredRelu),
    ];
}

/// The direction `Phi(G)` of a first step from the gradient `G`; the parameter moves by `-lr Phi(G)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// `G`
    Gradient,
    /// `sign(G)`, entry by entry; a first step of Adam with vanishing epsilon
    Sign,
    /// `G / ||G||_F`
    Normalized,
    /// `U V^T` where `G = U S V^T`, for each matrix (contracted by produced axes)
    Orthogonal,
}

impl Step {
    /// Every step with its name in rule files.
    pub const NAMES: [(&'static str, Self); 4] = [
        ("gradient", Self::Gradient),
        ("sign", Self::Sign),
        ("normalized", Self::Normalized),
        ("orthogonal", Self::Orthogonal),
    ];
}
