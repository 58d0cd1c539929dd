//! [`Flaw`]: why a file of results cannot be used.

use std::io;
use std::path::Path;

use crate::cli::io::input::reason;
use crate::document::Diagnostic;

/// Why a file of results cannot be used.
#[derive(Debug)]
pub(in crate::cli) enum Flaw {
    Unusable(io::Error),
    Unreadable(io::Error),
    /// It could not be written to its end.
    Unfinished(io::Error),
    InUse,
    TooLarge,
    /// A device or a pipe.
    Special,
    /// The runs of another network, or of another version of this program, or something else.
    Foreign,
    /// A line that holds no run.
    Line(usize),
    /// A line that is longer, or holds more magnitudes, than one of any run on the network.
    Long(usize),
    /// A line that says something else of a run than one before it.
    Contradiction(usize),
}

impl Flaw {
    pub(in crate::cli) fn told(self, path: &Path) -> Diagnostic {
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
            Self::TooLarge => ("is larger than 4 GiB".into(), "begin another file"),
            Self::Special => ("is no regular file".into(), "give a file of results"),
            Self::Foreign => {
                ("holds no results of this architecture and version".into(), "begin another file")
            }
            Self::Line(number) => {
                (format!("does not hold a result on line {number}"), "remove the line, or begin another file")
            }
            Self::Long(number) => (
                format!("holds more on line {number} than a run of this network has"),
                "remove the line, or begin another file",
            ),
            Self::Contradiction(number) => (
                format!("holds another result on line {number} than before it of the same run"),
                "remove the line that is wrong, or begin another file",
            ),
        };
        Diagnostic::new("results", format!("`{}` {message}", path.display())).hint(hint)
    }
}
