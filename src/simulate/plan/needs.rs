//! [`Needs`]: what the step of a slice of a parameter must know of the rest.

use crate::rule::Step;

/// How much of the gradient of a parameter decides the step of one of its entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Needs {
    /// The entry itself.
    Entry,
    /// The entry, and the norm of the gradient.
    Norm,
    /// Singular vectors, sums over rows and columns, or how many entries are not zero: the parameter cannot be sliced.
    Whole,
}

impl Step {
    /// What a step needs.
    pub(crate) fn needs(self) -> Needs {
        match self {
            Self::Gradient | Self::Sign => Needs::Entry,
            Self::Normalized | Self::RelativeGradient => Needs::Norm,
            Self::RelativeSign
            | Self::Factored
            | Self::Orthogonal
            | Self::OrthogonalTall
            | Self::OrthogonalLarge
            | Self::KroneckerRoots
            | Self::RotatedSign => Needs::Whole,
        }
    }
}
