//! [`Flaw`]: why a file of results cannot be used.

use std::io;
use std::path::Path;

use crate::cli::io::input::reason;
use crate::document::Diagnostic;
use crate::study::results::ResultsError;

/// Why a file of results cannot be used.
#[derive(Debug)]
pub(crate) enum Flaw {
    Unusable(io::Error),
    Unreadable(io::Error),
    /// It could not be written to its end.
    Unfinished(io::Error),
    InUse,
    /// A device or a pipe.
    Special,
    /// Its text does not hold the runs of the network.
    Text(ResultsError),
}

impl From<ResultsError> for Flaw {
    fn from(error: ResultsError) -> Self {
        Self::Text(error)
    }
}

impl Flaw {
    pub(crate) fn told(self, path: &Path) -> Diagnostic {
        let (message, hint) = match self {
            Self::Unusable(error) => (format!("cannot be used: {error}"), "give a file that can be written"),
            Self::Unreadable(error) => {
                (format!("cannot be read: {}", reason(&error)), "give a file of results")
            }
            Self::Unfinished(error) => (
                format!("does not hold every run: {}", reason(&error)),
                "make room and run the same again: it goes on after the runs that the file holds",
            ),
            Self::InUse => (
                "is in use".into(),
                "wait until the other run of fscale has ended, or write to another place",
            ),
            Self::Special => ("is no regular file".into(), "give a file of results"),
            Self::Text(error) => (error.to_string(), error.hint()),
        };
        Diagnostic::new("results", format!("`{}` {message}", path.display())).hint(hint)
    }
}
