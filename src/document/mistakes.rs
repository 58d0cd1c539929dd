//! [`Mistakes`]: everything wrong with a file, collected while it is read.

use std::ops::Range;

use crate::document::{Diagnostic, Diagnostics, Source, is_obeyed, nearest};

/// Mistakes shown for one file; the rest is counted.
const MOST_SHOWN: usize = 200;

/// Mistakes kept for one file.
const MOST_KEPT: usize = 10_000;

/// Names compared in search of near ones: beyond it, mistakes lose their "did you mean" and nothing else.
const MOST_COMPARISONS: usize = 200_000;

/// Longest name of a node, parameter, multiplier or dimension, in characters.
pub(crate) const LONGEST_NAME: usize = 64;

/// Longest name quoted in a message, in characters.
const LONGEST_QUOTE: usize = 60;

/// What is wrong so far with one file.
pub(crate) struct Mistakes<'a> {
    source: &'a Source,
    found: Vec<(Range<usize>, Diagnostic)>,
    dropped: usize,
    comparisons: usize,
    newlines: Vec<usize>,
}

impl<'a> Mistakes<'a> {
    /// Nothing wrong yet with `source`.
    pub(crate) fn new(source: &'a Source) -> Self {
        let newlines = source.text.match_indices('\n').map(|(at, _)| at).collect();
        Self { source, found: Vec::new(), dropped: 0, comparisons: 0, newlines }
    }

    /// The file.
    pub(crate) fn source(&self) -> &'a Source {
        self.source
    }

    /// Adds a mistake at a range of bytes of the file.
    pub(crate) fn add(&mut self, span: &Range<usize>, diagnostic: Diagnostic) {
        if self.found.len() < MOST_KEPT {
            self.found.push((span.clone(), diagnostic));
        } else {
            self.dropped += 1;
        }
    }

    /// The line of a byte of the file, from 1.
    pub(crate) fn line(&self, at: usize) -> usize {
        self.newlines.partition_point(|newline| *newline < at) + 1
    }

    /// "did you mean" the candidate nearest to `word`, else `otherwise`.
    pub(crate) fn suggest<'b>(
        &mut self,
        word: &str,
        candidates: impl IntoIterator<Item = &'b str>,
        otherwise: impl FnOnce() -> String,
    ) -> String {
        let left = MOST_COMPARISONS - self.comparisons;
        let mut compared = 0;
        let near = nearest(
            word,
            candidates
                .into_iter()
                .filter(|name| name.len() <= LONGEST_NAME)
                .take(left)
                .inspect(|_| compared += 1),
        );
        self.comparisons += compared;
        near.map_or_else(otherwise, |near| format!("did you mean `{near}`?"))
    }

    /// `value` if nothing is wrong, else what is, in the order of the file. A value is missing only where something is wrong.
    pub(crate) fn or<T>(mut self, value: Option<T>) -> Result<T, Diagnostics> {
        if let (true, Some(value)) = (self.found.is_empty(), value) {
            return Ok(value);
        }
        self.found.sort_by_key(|(span, _)| span.start);
        let hidden = self.found.len().saturating_sub(MOST_SHOWN) + self.dropped;
        let mut shown: Vec<Diagnostic> = self
            .found
            .drain(..)
            .take(MOST_SHOWN)
            .map(|(span, diagnostic)| diagnostic.at(self.source.place(span)))
            .collect();
        shown.dedup();
        let end = self.source.text.len();
        if hidden > 0 {
            shown.push(
                Diagnostic::new("too-many-mistakes", format!("{hidden} more mistakes are not shown"))
                    .at(self.source.place(end..end))
                    .hint("mend those above first"),
            );
        }
        if shown.is_empty() {
            shown.push(
                Diagnostic::new("not-understood", "the file cannot be understood")
                    .at(self.source.place(0..0))
                    .hint("report this file: what is wrong with it should have been named"),
            );
        }
        Err(Diagnostics(shown))
    }
}

/// Whether a check found nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sound {
    /// Nothing is wrong.
    Yes,
    /// Something is, and it is said.
    No,
}

impl Sound {
    /// Whether neither check found anything. Both were made: nothing is hidden by what was found before.
    pub(crate) fn and(self, other: Self) -> Self {
        match self {
            Self::Yes => other,
            Self::No => Self::No,
        }
    }

    /// `value` unless something was found.
    pub(crate) fn then<T>(self, value: T) -> Option<T> {
        match self {
            Self::Yes => Some(value),
            Self::No => None,
        }
    }
}

/// A text of the user in backticks: cut where it is long, control characters escaped.
pub(crate) fn quote(text: &str) -> String {
    let mut quoted = String::from("`");
    for (count, letter) in text.chars().enumerate() {
        if count == LONGEST_QUOTE {
            quoted.push('…');
            break;
        }
        if is_obeyed(letter) {
            quoted.extend(letter.escape_default());
        } else {
            quoted.push(letter);
        }
    }
    quoted.push('`');
    quoted
}

/// The start of a text of the user, for a hint that repeats it.
pub(crate) fn shorten(text: &str) -> &str {
    text.char_indices().nth(LONGEST_QUOTE).map_or(text, |(end, _)| &text[..end])
}

/// Several texts in backticks, with commas; at most sixteen are named.
pub(crate) fn quote_all<'b>(texts: impl IntoIterator<Item = &'b str>) -> String {
    let mut texts = texts.into_iter();
    let mut quoted: Vec<String> = texts.by_ref().take(16).map(quote).collect();
    if texts.next().is_some() {
        quoted.push("…".into());
    }
    quoted.join(", ")
}

/// `a`, `a and b`, `a, b and c`.
pub(crate) fn and<T: AsRef<str>>(texts: &[T]) -> String {
    let texts: Vec<&str> = texts.iter().map(AsRef::as_ref).collect();
    match texts.as_slice() {
        [before @ .., last] if !before.is_empty() => format!("{} and {last}", before.join(", ")),
        few => few.concat(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_told_in_a_row() {
        let told = |count: usize| and(&["a", "b", "c"][..count]);
        assert_eq!([told(0), told(1), told(2), told(3)], ["", "a", "a and b", "a, b and c"]);
    }

    #[test]
    fn mistakes_come_in_the_order_of_the_file_and_those_beyond_the_limit_are_counted() {
        let source = Source::new("a.toml", "x".repeat(500));
        let mut mistakes = Mistakes::new(&source);
        for at in (0..MOST_SHOWN + 7).rev() {
            mistakes.add(&(at..at + 1), Diagnostic::new("a", "wrong"));
        }
        let shown = mistakes.or(Some(())).unwrap_err().0;
        assert_eq!(shown.len(), MOST_SHOWN + 1);
        assert_eq!(shown[0].place.as_ref().unwrap().column, 1);
        assert_eq!(shown[MOST_SHOWN].message, "7 more mistakes are not shown");
    }

    #[test]
    fn a_quoted_text_is_short_and_printable() {
        assert_eq!(quote("a\u{7}b"), "`a\\u{7}b`");
        assert_eq!(quote(&"x".repeat(1000)).chars().count(), LONGEST_QUOTE + 3);
    }
}
