//! [`Concession`]: a requirement of which less is asked.

use std::fmt;

use crate::document::{Diagnostic, quote};
use crate::exact::Change;

/// A requirement of which less is asked, by its label and whom it is on.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Concession {
    /// Its letter, as in `U`.
    pub label: String,
    /// The node or parameter.
    pub on: String,
    /// What is left of it.
    pub change: Change,
}

impl Concession {
    /// Reads `U on W_V`, a bound instead of an equality, or `no U on W_V`, nothing at all; several are separated by commas.
    ///
    /// # Errors
    /// If a part is not of that form.
    pub fn parse_all(text: &str) -> Result<Vec<Self>, Diagnostic> {
        text.split(',').map(Self::parse).collect()
    }

    fn parse(text: &str) -> Result<Self, Diagnostic> {
        let words: Vec<&str> = text.split_whitespace().collect();
        let (change, words) = match words.as_slice() {
            ["no", rest @ ..] => (Change::Dropped, rest),
            rest => (Change::Bounded, rest),
        };
        match words {
            [label, "on", on] => Ok(Self { label: (*label).into(), on: (*on).into(), change }),
            _ => {
                let wrong = Diagnostic::new("relax", format!("{} names no requirement", quote(text.trim())));
                Err(wrong.hint(
                    "write `U on W_V`, which then may be less, or `no U on W_V`, of which then nothing is asked",
                ))
            }
        }
    }

    /// Whether it speaks of the requirement of that label on that node or parameter.
    #[must_use]
    pub fn is_of(&self, label: &str, on: &str) -> bool {
        self.label == label && self.on == on
    }
}

impl fmt::Display for Concession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let no = match self.change {
            Change::Bounded => "",
            Change::Dropped => "no ",
        };
        write!(f, "{no}{} on {}", self.label, self.on)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let text = "U on W_V, no C on g_1";
        let read = Concession::parse_all(text).unwrap();
        assert_eq!(read.iter().map(Concession::to_string).collect::<Vec<_>>().join(", "), text);
        for wrong in ["", "U", "U at W_V", "no", "U on W_V,", "no U on"] {
            assert!(Concession::parse_all(wrong).is_err(), "{wrong}");
        }
    }
}
