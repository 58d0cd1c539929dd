//! [`Text`]: a text of the file that knows where it stands.

use std::ops::Range;

use super::mistakes::{LONGEST_NAME, Mistakes, quote};
use crate::document::{Diagnostic, Source};

/// A text of the file, with its place.
#[derive(Clone, Debug)]
pub(crate) struct Text<'a> {
    /// What it says.
    pub(crate) value: &'a str,
    /// Its bytes in the file, quotes included.
    pub(crate) span: Range<usize>,
    /// Where the value starts, if the file spells it without escapes.
    start: Option<usize>,
}

impl<'a> Text<'a> {
    /// The text that the bytes `span` of the file spell.
    pub(crate) fn new(value: &'a str, span: Range<usize>, source: &Source) -> Self {
        let written = source.text.get(span.clone()).unwrap_or_default();
        let start = written.find(value).map(|offset| span.start + offset);
        Self { value, span, start }
    }

    /// The bytes `range` of the value as a text of its own.
    pub(crate) fn slice(&self, range: Range<usize>) -> Self {
        let value = self.value.get(range.clone()).unwrap_or_default();
        Self { value, span: self.part(range.clone()), start: self.start.map(|start| start + range.start) }
    }

    /// The place of a range of bytes of the value.
    pub(crate) fn part(&self, range: Range<usize>) -> Range<usize> {
        match self.start {
            Some(start) => start + range.start..start + range.end,
            None => self.span.clone(),
        }
    }

    /// This text if it is a name; otherwise that is a mistake.
    pub(crate) fn name(self, mistakes: &mut Mistakes) -> Option<Self> {
        self.refuse_bad_name(mistakes).then_some(self)
    }

    /// Whether this is a name: letters, digits and `_`, not starting with a digit, at most 64. If not, that is a mistake.
    pub(crate) fn refuse_bad_name(&self, mistakes: &mut Mistakes) -> bool {
        let first = self.value.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
        let rest = self.value.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'_');
        if first && rest && self.value.len() <= LONGEST_NAME {
            return true;
        }
        let mut meant: String =
            self.value.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
        if !meant.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') {
            meant.insert(0, '_');
        }
        meant.truncate(LONGEST_NAME);
        mistakes.add(
            &self.span,
            Diagnostic::new("bad-name", format!("{} is not a name", quote(self.value)))
                .note(format!("a name has letters, digits and `_`, no digit first, at most {LONGEST_NAME}"))
                .hint(format!("write `{meant}`")),
        );
        false
    }
}

/// Whether a name is the pattern with something, or nothing, in place of each `*`.
#[must_use]
pub(crate) fn is_match(pattern: &str, name: &str) -> bool {
    let mut parts = pattern.split('*');
    let (Some(start), Some(end)) = (parts.next(), parts.next_back()) else { return pattern == name };
    let middle = name.strip_prefix(start).and_then(|rest| rest.strip_suffix(end));
    let Some(mut rest) = middle else { return false };
    for part in parts.filter(|part| !part.is_empty()) {
        let Some((_, behind)) = rest.split_once(part) else { return false };
        rest = behind;
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_of_a_text_has_its_own_place_unless_the_text_is_escaped() {
        let source = Source::new("a.toml", "a = \"di,bt\"\nb = \"\\u0064i\"\n");
        let plain = Text::new("di,bt", 4..11, &source);
        let escaped = Text::new("di", 16..25, &source);
        assert_eq!(plain.part(3..4), 8..9);
        assert_eq!(plain.slice(3..5).part(1..2), 9..10);
        assert_eq!(escaped.part(0..1), escaped.span);
    }
}
