//! Answers, told in every format. A [`Report`] says what an answer holds, as a document, as one grid of data
//! and as JSON; a format says how that looks.

pub mod answer;
pub mod explain;
pub mod figure;
pub mod format;
pub mod json;
pub mod page;
pub mod reference;

use crate::document::is_obeyed;
use clap::ValueEnum;
use format::document::{Document, Grid};
use format::{csv, latex, markdown, text};
use json::{AnyAnswer, Envelope};

/// How an answer looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub enum Format {
    /// Aligned text for a terminal
    #[default]
    Text,
    /// Markdown, with tables
    Markdown,
    /// LaTeX, with booktabs tables
    Latex,
    /// The data alone, RFC 4180
    Csv,
    /// One object for machines
    Json,
}

/// What an answer says.
pub trait Report {
    /// For people.
    fn document(&self) -> Document;
    /// The data in one grid, for spreadsheets.
    fn data(&self) -> Grid;
    /// For programs.
    fn json(&self) -> AnyAnswer;

    /// Longest line of running words of its text. Answers to be looked up fit into a terminal of the usual size.
    fn width(&self) -> usize {
        text::WIDTH
    }

    /// Whether it is long and speaks of quantities: then its text ends with where these are defined.
    fn names_its_words(&self) -> bool {
        false
    }
}

/// The answer in a format; it ends with a newline.
#[must_use]
pub fn render(report: &dyn Report, format: Format) -> String {
    match format {
        Format::Text => {
            let mut text = text::text_within(&report.document(), report.width());
            if report.names_its_words() {
                text.push_str(&format!("\n{}\n", reference::WORDS));
            }
            shown(text)
        }
        Format::Markdown => shown(markdown::markdown(&report.document())),
        Format::Latex => shown(latex::latex(&report.document())),
        Format::Csv => shown(csv::csv(&report.data())),
        Format::Json => Envelope::of(report.json()).write(),
    }
}

/// The text with a space in place of every letter that a terminal would obey; lines end as they do.
pub(crate) fn shown(text: String) -> String {
    let is_meant = |letter: char| matches!(letter, '\n' | '\r') || !is_obeyed(letter);
    if text.chars().all(is_meant) {
        return text;
    }
    text.chars().map(|letter| if is_meant(letter) { letter } else { ' ' }).collect()
}
