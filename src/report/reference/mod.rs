//! What is looked up: the words of answers, and the formats of files.

pub mod formats;
mod sections;
pub(crate) mod words;

/// Where words are defined, as the last line of long answers.
pub(crate) const WORDS: &str = "words: fscale rule notation";

/// Longest line of what is looked up: that of a terminal.
pub(crate) const NARROW: usize = 80;
