//! What is wrong, where, and what to do: the only renderer of messages to the user.

use std::fmt::{self, Write as _};
use std::ops::Range;

/// One thing wrong with what the user wrote.
///
/// ```
/// let wrong = fscale::Network::builtin("transformr").unwrap_err();
/// assert_eq!(wrong.0[0].hint.as_deref(), Some("did you mean `transformer`?"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// A stable name of the kind of mistake, like `unknown-op`.
    pub code: &'static str,
    /// What is wrong: lower case, no full stop, the thing in backticks.
    pub message: String,
    /// Where, if it is in a text.
    pub place: Option<Place>,
    /// More facts, a line each.
    pub notes: Vec<String>,
    /// What to do, in words that can be typed.
    pub hint: Option<String>,
}

/// A place in a text: counted from 1, columns in characters.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Path or name of the text.
    pub file: String,
    /// Line number, from 1.
    pub line: usize,
    /// Column of the first character, from 1.
    pub column: usize,
    /// How many characters of the line are meant, at least 1.
    pub length: usize,
    /// The line itself.
    pub excerpt: String,
}

/// A text with a name, of which places can be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// Path or name, as shown in diagnostics.
    pub name: String,
    /// The text.
    pub text: String,
}

/// Longest excerpt shown, in characters.
const LONGEST_EXCERPT: usize = 160;

impl Source {
    /// A text called `name`.
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Self {
        Self { name: name.into(), text: text.into() }
    }

    /// The place of a range of bytes; a range over several lines is cut at the end of the first.
    #[must_use]
    pub fn place(&self, span: Range<usize>) -> Place {
        let start = self.boundary(span.start);
        let end = self.boundary(span.end.max(span.start));
        let line_start = self.text[..start].rfind('\n').map_or(0, |newline| newline + 1);
        let line_end = self.text[start..].find('\n').map_or(self.text.len(), |newline| start + newline);
        let line = self.text[line_start..line_end].trim_end_matches('\r');
        Place {
            file: self.name.clone(),
            line: self.text[..start].matches('\n').count() + 1,
            column: self.text[line_start..start].chars().count() + 1,
            length: self.text[start..end.min(line_end).max(start)].chars().count().max(1),
            excerpt: line.chars().take(LONGEST_EXCERPT).collect(),
        }
    }

    fn boundary(&self, at: usize) -> usize {
        let mut at = at.min(self.text.len());
        while !self.text.is_char_boundary(at) {
            at -= 1;
        }
        at
    }
}

impl Diagnostic {
    /// A mistake without a place yet.
    pub fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), place: None, notes: Vec::new(), hint: None }
    }

    /// The same, at a place.
    #[must_use]
    pub fn at(mut self, place: Place) -> Self {
        self.place = Some(place);
        self
    }

    /// The same, with one more fact.
    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    /// The same, with a way to mend it.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl fmt::Display for Diagnostic {
    /// `error[code]: message`, the place with the line underlined, notes, hint.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "error[{}]: {}", self.code, visible(&self.message))?;
        let margin = self.place.as_ref().map_or(1, |place| place.line.to_string().len());
        if let Some(place) = &self.place {
            let (line, column) = (place.line, place.column);
            write!(f, "\n{:margin$}--> {}:{line}:{column}", "", visible(&place.file))?;
            write!(f, "\n{:margin$} |", "")?;
            write!(f, "\n{line} | {}", visible(&place.excerpt))?;
            let shown = place.excerpt.chars().count();
            let length = place.length.min((shown + 1).saturating_sub(column)).max(1);
            if column <= shown + 1 {
                write!(f, "\n{:margin$} | {:indent$}{}", "", "", "^".repeat(length), indent = column - 1)?;
            }
        }
        for note in &self.notes {
            write!(f, "\n{:margin$} = note: {}", "", visible(note))?;
        }
        if let Some(hint) = &self.hint {
            write!(f, "\n{:margin$} = hint: {}", "", visible(hint))?;
        }
        Ok(())
    }
}

impl std::error::Error for Diagnostic {}

/// What a terminal would obey would break it and the underline: each such letter is shown as one space.
fn visible(line: &str) -> String {
    line.chars().map(|letter| if is_obeyed(letter) { ' ' } else { letter }).collect()
}

/// Whether a terminal obeys a letter instead of showing it: control characters, those that end a line, and those that turn the
/// direction of writing (Unicode bidirectional algorithm, UAX 9, section 2).
pub(crate) fn is_obeyed(letter: char) -> bool {
    letter.is_control()
        || matches!(letter, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Everything wrong with one input; never empty when it is returned as an error.
///
/// ```
/// let wrong = fscale::Network::parse("[dimensions]\nwidth = 3").unwrap_err();
/// assert!(wrong.0.len() > 1); // everything wrong with a text at once
/// assert!(wrong.to_string().contains("error["));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diagnostics(pub Vec<Diagnostic>);

impl Diagnostics {
    /// Nothing wrong so far.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// Adds a mistake.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.0.push(diagnostic);
    }

    /// Whether nothing is wrong.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// `value` if nothing is wrong, else what is, in the order of the text.
    pub fn or<T>(mut self, value: T) -> Result<T, Self> {
        if self.is_empty() {
            return Ok(value);
        }
        self.0.sort_by(|a, b| a.place.cmp(&b.place));
        self.0.dedup();
        Err(self)
    }

    /// Both of two results that do not depend on each other, or everything wrong with either.
    ///
    /// # Errors
    /// If one of them is an error.
    pub fn both<A, B>(one: Result<A, Self>, other: Result<B, Self>) -> Result<(A, B), Self> {
        match (one, other) {
            (Ok(one), Ok(other)) => Ok((one, other)),
            (one, other) => {
                let wrong = one.err().into_iter().chain(other.err());
                Err(Self(wrong.flat_map(|wrong| wrong.0).collect()))
            }
        }
    }
}

impl From<Diagnostic> for Diagnostics {
    fn from(diagnostic: Diagnostic) -> Self {
        Self(vec![diagnostic])
    }
}

impl fmt::Display for Diagnostics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::new();
        for (index, diagnostic) in self.0.iter().enumerate() {
            if index > 0 {
                text.push_str("\n\n");
            }
            write!(text, "{diagnostic}")?;
        }
        f.write_str(&text)
    }
}

impl std::error::Error for Diagnostics {}

/// The candidate nearest to `word`, for "did you mean": at most a third of its letters differ, and two swapped
/// neighbours count as one.
#[must_use]
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let length = word.chars().count();
    if length > 64 {
        return None;
    }
    candidates
        .into_iter()
        .map(|candidate| (edits(word, candidate), candidate))
        .filter(|(distance, _)| *distance <= (length / 3).max(1))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// Letters to insert, remove, replace or swap with their neighbour, without regard to case (optimal string alignment).
fn edits(a: &str, b: &str) -> usize {
    let a: Vec<char> = a.to_lowercase().chars().collect();
    let b: Vec<char> = b.to_lowercase().chars().collect();
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=b.len()).collect();
    for i in 0..a.len() {
        let mut row = vec![i + 1];
        for j in 0..b.len() {
            let replaced = above[j] + usize::from(a[i] != b[j]);
            let mut least = replaced.min(above[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && a[i] == b[j - 1] && a[i - 1] == b[j] {
                least = least.min(before[j - 1] + 1);
            }
            row.push(least);
        }
        before = std::mem::replace(&mut above, row);
    }
    above[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_diagnostic_shows_message_place_and_hint() {
        let source = Source::new("a.toml", "name = 'x'\nop = 'lineer'\n");
        let diagnostic = Diagnostic::new("unknown-op", "unknown op `lineer`")
            .at(source.place(16..24))
            .hint("did you mean `linear`?");
        insta::assert_snapshot!(diagnostic, @r"
        error[unknown-op]: unknown op `lineer`
         --> a.toml:2:6
          |
        2 | op = 'lineer'
          |      ^^^^^^^^
          = hint: did you mean `linear`?
        ");
    }

    #[test]
    fn the_nearest_name_is_found_and_a_far_one_is_not() {
        assert_eq!(nearest("lineer", ["bilinear", "linear", "relu"]), Some("linear"));
        assert_eq!(nearest("conv", ["linear", "relu"]), None);
        assert_eq!(nearest("widht", ["depth", "width"]), Some("width"));
        assert_eq!(nearest("mes", ["mse"]), Some("mse"));
    }
}
