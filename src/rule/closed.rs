//! The closed vocabularies that rule files name and the simulation knows how to compute.

use crate::document::Word;

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

    /// Whether `f(-x) = -f(x)`.
    #[must_use]
    pub fn is_odd(self) -> bool {
        match self {
            Self::Identity | Self::Tanh => true,
            Self::Relu
            | Self::LeakyRelu
            | Self::Abs
            | Self::Gelu
            | Self::Silu
            | Self::Sigmoid
            | Self::Softplus
            | Self::SquaredRelu => false,
        }
    }

    /// Whether nothing comes back through an entry that is zero.
    #[must_use]
    pub fn is_dead_at_zero(self) -> bool {
        match self {
            Self::Relu | Self::Abs | Self::SquaredRelu => true,
            Self::Identity
            | Self::LeakyRelu
            | Self::Gelu
            | Self::Silu
            | Self::Tanh
            | Self::Sigmoid
            | Self::Softplus => false,
        }
    }
}

/// The direction `Phi(G)` of a first step from the gradient `G` of a parameter `W`; it moves by `-lr Phi(G)`. Axes
/// that weight, input and output share and those in [`crate::graph::Parameter::blocks`] number matrices, each of which has as rows
/// what is produced and as columns what is contracted; a bias or gain is a single column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// `G`
    Gradient,
    /// `sign(G)`, entry by entry; a first step of Adam with vanishing epsilon
    Sign,
    /// `G / ||G||_F`
    Normalized,
    /// `||W||_F G / ||G||_F`
    RelativeGradient,
    /// `||W||_F sign(G) / ||sign(G)||_F`
    RelativeSign,
    /// `rms(W) U / max(1, rms(U))` where `U = G / sqrt(V)`, and `V` is the matrix of rank one with the row and column sums of
    /// `G^2`; the signs of a bias or gain
    Factored,
    /// `U V^T` where `G = U S V^T`, for each matrix
    Orthogonal,
    /// `sqrt(max(1, rows / columns)) U V^T`
    OrthogonalTall,
    /// `sqrt(max(rows, columns)) U V^T`
    OrthogonalLarge,
    /// `(G G^T)^(-1/4) G (G^T G)^(-1/4)`, on the space where these have eigenvalues
    KroneckerRoots,
    /// `P sign(P^T G Q) Q^T`, with the eigenvectors `P` of `G G^T` and `Q` of `G^T G`
    RotatedSign,
}

/// What an optimizer does at later steps, with `G` the gradient there. A running mean of `x` is `m <- b m + (1 - b) x`, and
/// starts at zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Later {
    /// `G`
    Gradient,
    /// `sign(G)`
    Signs,
    /// `G / ||G||_F`
    Norm,
    /// Running means of `G` (0.9) and of its squares (0.999), each divided by `1 - b^t`: the first over the root of the second
    Moments,
    /// `G` over the root of the sum of its squares at all steps
    Squares,
    /// The sign of 0.9 of the running mean of `G` (0.99) and 0.1 of `G`
    SignOfMomentum,
    /// `rms(W) U / max(1, rms(U))` where `U = G / sqrt(V)`, and `V` is the matrix of rank one with the running means
    /// (`1 - t^-0.8`) of the squares of `G` over rows and columns; of the squares themselves for a bias or gain
    FactoredSquares,
}

impl Later {
    /// Every one with its name in rule files.
    pub const NAMES: [(&'static str, Self); 7] = [
        ("gradient", Self::Gradient),
        ("sign", Self::Signs),
        ("normalized", Self::Norm),
        ("moments", Self::Moments),
        ("squares", Self::Squares),
        ("sign_of_momentum", Self::SignOfMomentum),
        ("factored_squares", Self::FactoredSquares),
    ];
}

impl Step {
    /// Every step with its name in rule files.
    pub const NAMES: [(&'static str, Self); 11] = [
        ("gradient", Self::Gradient),
        ("sign", Self::Sign),
        ("normalized", Self::Normalized),
        ("relative_gradient", Self::RelativeGradient),
        ("relative_sign", Self::RelativeSign),
        ("factored", Self::Factored),
        ("orthogonal", Self::Orthogonal),
        ("orthogonal_tall", Self::OrthogonalTall),
        ("orthogonal_large", Self::OrthogonalLarge),
        ("kronecker_roots", Self::KroneckerRoots),
        ("rotated_sign", Self::RotatedSign),
    ];
}

impl Function {
    /// Every function with what it computes.
    pub(crate) fn words() -> Vec<Word> {
        let says = |function| match function {
            Self::Identity => "x",
            Self::Relu => "max(x, 0)",
            Self::LeakyRelu => "max(x, 0) + min(x, 0) / 100",
            Self::Abs => "the absolute value of x",
            Self::Gelu => "x Phi(x), with the normal distribution function",
            Self::Silu => "x / (1 + exp(-x))",
            Self::Tanh => "tanh(x)",
            Self::Sigmoid => "1 / (1 + exp(-x))",
            Self::Softplus => "log(1 + exp(x))",
            Self::SquaredRelu => "max(x, 0)^2",
        };
        Self::NAMES.map(|(name, function)| Word { name, says: says(function) }).into()
    }
}

impl Step {
    /// Every step with what it is, of a gradient G of a parameter W.
    pub(crate) fn words() -> Vec<Word> {
        let says = |step| match step {
            Self::Gradient => "the gradient G",
            Self::Sign => "sign(G), entry by entry; adam's first step",
            Self::Normalized => "G over its Frobenius norm",
            Self::RelativeGradient => "the norm of W times G over its norm",
            Self::RelativeSign => "the norm of W times sign(G) over its norm",
            Self::Factored => "adafactor's: G over the root of a matrix of rank one, relative to W",
            Self::Orthogonal => "U V^T where G = U S V^T, for each matrix",
            Self::OrthogonalTall => "the same times sqrt(max(1, rows / columns))",
            Self::OrthogonalLarge => "the same times sqrt(max(rows, columns))",
            Self::KroneckerRoots => "shampoo's: (G G^T)^(-1/4) G (G^T G)^(-1/4)",
            Self::RotatedSign => "soap's: P sign(P^T G Q) Q^T, with eigenvectors P and Q",
        };
        Self::NAMES.map(|(name, step)| Word { name, says: says(step) }).into()
    }
}

impl Later {
    /// Every one with what it is, of a gradient G.
    pub(crate) fn words() -> Vec<Word> {
        let says = |later| match later {
            Self::Gradient => "the gradient G",
            Self::Signs => "sign(G)",
            Self::Norm => "G over its Frobenius norm",
            Self::Moments => "adam's: a running mean of G over the root of one of its squares",
            Self::Squares => "adagrad's: G over the root of the sum of all its squares",
            Self::SignOfMomentum => "lion's: the sign of a running mean of G and G",
            Self::FactoredSquares => "adafactor's: G over the root of running means over rows and columns",
        };
        Self::NAMES.map(|(name, later)| Word { name, says: says(later) }).into()
    }
}
