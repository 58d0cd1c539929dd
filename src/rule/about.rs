//! [`About`]: what every rule file says of itself.

use crate::document::{Diagnostic, Key, Mistakes, Record, Text, Value};

/// What every rule file says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct About {
    /// Its name, equal to the name of the file.
    pub name: String,
    /// What it is, in a line.
    pub summary: String,
    /// Why it is so.
    pub why: String,
    /// Where it comes from.
    pub source: String,
}

/// Keys that every rule file has.
pub(super) const ABOUT: [Key; 4] = [
    Key::required("name", Value::TEXT, "its name, that of the file", r#""mine""#),
    Key::required("summary", Value::TEXT, "what it is, in a line", r#""what I use""#),
    Key::required("why", Value::TEXT, "why it is so", r#""It was measured.""#),
    Key::required("source", Value::TEXT, "where it is published", r#""arXiv:1234.56789""#),
];

pub(super) fn read_about(file: &Record<'_>, mistakes: &mut Mistakes<'_>) -> Option<About> {
    let mut text = |key| said(file, key, mistakes).map(|text| text.value.trim().to_owned());
    let (name, summary, why, source) = (text("name"), text("summary"), text("why"), text("source"));
    Some(About { name: name?, summary: summary?, why: why?, source: source? })
}

/// A text that must be there and say something.
pub(super) fn said<'a>(table: &Record<'a>, key: &str, mistakes: &mut Mistakes<'_>) -> Option<Text<'a>> {
    let text = table.required_text(key, mistakes)?;
    if text.value.trim().is_empty() {
        let empty = Diagnostic::new("empty-text", format!("`{key}` of {} says nothing", table.what));
        mistakes.add(&text.span, empty.hint("write a sentence"));
        return None;
    }
    Some(text)
}
