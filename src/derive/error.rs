//! [`DeriveError`]: why there is no answer.

use thiserror::Error;

use crate::exact::CertificateError;
use crate::propagate::PropagateError;
use crate::solve::SolveError;

/// Why there is no answer.
///
/// ```
/// use fscale::{DeriveError, Network, PropagateError};
///
/// let stack = Network::builtin("transformer-stack")?;
/// let apart = stack.scale("d_model=n,depth=l")?.desiderata("fsc")?;
/// if let Err(DeriveError::Propagate(error)) = apart.derive() {
///     println!("{error}; {}", error.hint());
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum DeriveError {
    /// Exponents cannot be propagated, or the question cannot be asked.
    #[error(transparent)]
    Propagate(#[from] PropagateError),
    /// The program is too hard.
    #[error(transparent)]
    Solve(#[from] SolveError),
    /// The solver's evidence does not hold: a defect of the solver.
    #[error("the solver's answer was rejected: {0}")]
    Certificate(#[from] CertificateError),
    /// The solver answered two questions about one program in contradiction: a defect of the solver.
    #[error("the solver contradicts itself")]
    Inconsistent,
}

impl DeriveError {
    /// Whether the answer exists, but costs too much.
    #[must_use]
    pub fn is_too_hard(&self) -> bool {
        matches!(self, Self::Solve(SolveError::TooHard { .. }))
    }

    /// What kind of mistake it is, for machines.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Propagate(error) => error.code(),
            Self::Solve(_) => "too-hard",
            Self::Certificate(_) | Self::Inconsistent => "defect",
        }
    }

    /// What to do.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::Propagate(error) => error.hint(),
            Self::Solve(_) => "ask for fewer requirements or a smaller network".into(),
            Self::Certificate(_) | Self::Inconsistent => {
                "this is a defect of fscale: please report it with the input".into()
            }
        }
    }
}
