//! What a command says in the end: yes or no.

use std::process::ExitCode;

/// The answer to a yes-or-no question, as an exit status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reply {
    /// Feasible, agrees, well formed: 0.
    Yes,
    /// Infeasible, disagrees, saturated: 1.
    No,
}

impl From<Reply> for ExitCode {
    fn from(answer: Reply) -> Self {
        match answer {
            Reply::Yes => Self::SUCCESS,
            Reply::No => Self::from(1),
        }
    }
}

impl Reply {
    /// Yes, if it is so.
    pub(super) fn when(so: bool) -> Self {
        if so { Self::Yes } else { Self::No }
    }
}
