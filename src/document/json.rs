//! JSON that has all keys of a form and no others.

use serde::de::DeserializeOwned;
use serde_json::error::Category;

use crate::document::{Diagnostic, Diagnostics, Source};

/// Longest message of the parser that is shown, in characters.
const LONGEST_MESSAGE: usize = 200;

/// Reads a text that is JSON of the form of `T`. What else it is has a diagnostic of the given code, with the hint.
///
/// # Errors
/// The first thing that does not have the form, with its place.
pub(crate) fn json<T: DeserializeOwned>(
    source: &Source,
    code: &'static str,
    hint: &str,
) -> Result<T, Diagnostics> {
    serde_json::from_str(&source.text).map_err(|error| unreadable(source, &error, code, hint))
}

/// The parser's complaint, in the form of all others.
fn unreadable(source: &Source, error: &serde_json::Error, code: &'static str, hint: &str) -> Diagnostics {
    let full = error.to_string();
    let message = full.split(" at line ").next().unwrap_or(&full);
    let message: String = message
        .chars()
        .take(LONGEST_MESSAGE)
        .map(|letter| if letter.is_control() { ' ' } else { letter })
        .collect();
    let lines = source.text.split_inclusive('\n');
    let start: usize = lines.take(error.line().saturating_sub(1)).map(str::len).sum();
    let at = start + error.column().saturating_sub(1);
    let place = source.place(at..at + 1);
    let wrong = match error.classify() {
        Category::Data => Diagnostic::new(code, message),
        Category::Io | Category::Syntax | Category::Eof => {
            Diagnostic::new("syntax", format!("not valid JSON: {message}"))
        }
    };
    wrong.at(place).hint(hint).into()
}
