//! Typed access to TOML with places: a wrong type or a missing key is a [`Mistakes`] entry, and reading goes on.

use std::ops::Range;

use toml_edit::{Document, Item, Key, TableLike};

use super::mistakes::{Mistakes, quote, quote_all};
use crate::diagnostic::{Diagnostic, Diagnostics, Source};

/// Largest file read, in bytes.
const LARGEST_FILE: usize = 1 << 20;

/// Longest name of a node, parameter, multiplier or dimension.
const LONGEST_NAME: usize = 64;

/// The TOML of a file. What is not TOML has one mistake only: nothing can be known of the rest.
pub(crate) fn document(source: &Source) -> Result<Document<&str>, Diagnostics> {
    let size = source.text.len();
    if size > LARGEST_FILE {
        let diagnostic = Diagnostic::new("file-too-large", format!("the file has {size} bytes"))
            .at(source.place(0..0))
            .hint(format!("write at most {LARGEST_FILE} bytes"));
        return Err(diagnostic.into());
    }
    Document::parse(source.text.as_str()).map_err(|error| {
        let span = error.span().unwrap_or(size..size);
        let mut diagnostic = Diagnostic::new("syntax", format!("not valid TOML: {}", error.message()));
        if error.message() == "duplicate key" {
            let twice = quote(source.text.get(span.clone()).unwrap_or_default());
            diagnostic = Diagnostic::new("duplicate-key", format!("the key {twice} stands twice"))
                .hint("write each key once, and start every node with `[[node]]`");
        } else if error.message().starts_with("string values must be quoted") {
            let bare = source.text.get(span.clone()).unwrap_or_default();
            diagnostic = diagnostic.hint(format!("write it in quotes: `\"{}\"`", bare.trim()));
        }
        diagnostic.at(source.place(span)).into()
    })
}

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
    fn new(value: &'a str, span: Range<usize>, source: &Source) -> Self {
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

    /// This text if it is a name: letters, digits and `_`, not starting with a digit, at most 64.
    pub(crate) fn name(self, mistakes: &mut Mistakes) -> Option<Self> {
        let first = self.value.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
        let rest = self.value.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'_');
        if first && rest && self.value.len() <= LONGEST_NAME {
            return Some(self);
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
        None
    }
}

/// What the value of a key may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// A string.
    Text,
    /// An array of strings.
    Texts,
    /// An integer.
    Whole,
    /// A number, or the text `1/sqrt(dimension)`.
    Base,
    /// A whole number or a fraction.
    Exponent,
    /// `true` or `false`.
    Truth,
    /// One table.
    Table,
    /// An array of tables.
    Tables,
}

impl Wanted {
    fn name(self) -> &'static str {
        match self {
            Self::Text => "a text",
            Self::Texts => "a list of texts",
            Self::Whole => "a whole number",
            Self::Base => "a number or `1/sqrt(dimension)`",
            Self::Exponent => "an exponent",
            Self::Truth => "`true` or `false`",
            Self::Table => "a table",
            Self::Tables => "a list of tables",
        }
    }

    fn example(self, key: &str) -> String {
        match self {
            Self::Text => format!("write `{key} = \"...\"`"),
            Self::Texts => format!("write `{key} = [\"...\", \"...\"]`"),
            Self::Whole => format!("write `{key} = 64`"),
            Self::Base => format!("write `{key} = 0.125` or `{key} = \"1/sqrt(d_k)\"`"),
            Self::Exponent => format!("write `{key} = \"-1/2\"`"),
            Self::Truth => format!("write `{key} = true`"),
            Self::Table => format!("write `[{key}]` and its keys below"),
            Self::Tables => format!("write `[[{key}]]` and its keys below"),
        }
    }
}

/// A table of the file.
#[derive(Clone)]
pub(crate) struct Record<'a> {
    table: &'a dyn TableLike,
    /// Where to point when something is missing.
    pub(crate) span: Range<usize>,
    /// What it is, in messages: ``node `x` ``.
    pub(crate) what: String,
}

impl<'a> Record<'a> {
    /// The whole file.
    pub(crate) fn file(document: &'a Document<&'a str>) -> Self {
        Self { table: document.as_table(), span: 0..0, what: "the file".into() }
    }

    /// The value of a key, with its place.
    pub(crate) fn item(&self, key: &str) -> Option<(&'a Item, Range<usize>)> {
        let (key, item) = self.table.get_key_value(key)?;
        Some((item, self.span_of(key, item)))
    }

    /// Whether the key stands there, whatever its value.
    pub(crate) fn has(&self, key: &str) -> bool {
        self.table.contains_key(key)
    }

    /// The place of a key, if it stands there.
    pub(crate) fn key_span(&self, key: &str) -> Option<Range<usize>> {
        self.table.key(key).map(|key| key.span().unwrap_or_else(|| self.span.clone()))
    }

    fn span_of(&self, key: &Key, item: &Item) -> Range<usize> {
        item.span().or_else(|| key.span()).unwrap_or_else(|| self.span.clone())
    }

    /// Every key, in the order of the file.
    pub(crate) fn keys(&self, source: &Source) -> Vec<Text<'a>> {
        let key = |(key, _): (&'a str, &Item)| {
            Text::new(key, self.key_span(key).unwrap_or_else(|| self.span.clone()), source)
        };
        self.table.iter().map(key).collect()
    }

    /// Refuses every key that is not among `known`.
    pub(crate) fn refuse_unknown(&self, known: &[&str], mistakes: &mut Mistakes) {
        for key in self.keys(mistakes.source()) {
            if known.contains(&key.value) {
                continue;
            }
            let hint =
                mistakes.suggest(key.value, known.iter().copied().filter(|known| !self.has(known)), || {
                    format!("{} takes {}", self.what, quote_all(known.iter().copied()))
                });
            mistakes.add(
                &key.span,
                Diagnostic::new("unknown-key", format!("unknown key {} in {}", quote(key.value), self.what))
                    .hint(hint),
            );
        }
    }

    /// Says that a key is missing.
    pub(crate) fn missing(&self, key: &str, wanted: Wanted, mistakes: &mut Mistakes) {
        mistakes.add(
            &self.span,
            Diagnostic::new("missing-key", format!("{} has no `{key}`", self.what)).hint(wanted.example(key)),
        );
    }

    /// Says that the value of a key has the wrong type.
    pub(crate) fn wrong_type(&self, key: &str, wanted: Wanted, mistakes: &mut Mistakes) {
        let Some((item, span)) = self.item(key) else {
            return;
        };
        let found = item.type_name();
        let article = if found.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
        let message = format!("`{key}` of {} is {article} {found}, not {}", self.what, wanted.name());
        mistakes.add(&span, Diagnostic::new("wrong-type", message).hint(wanted.example(key)));
    }

    /// The text under a key; nothing if it is absent or, which is said, no text.
    pub(crate) fn text(&self, key: &str, mistakes: &mut Mistakes) -> Option<Text<'a>> {
        let (item, span) = self.item(key)?;
        let Some(value) = item.as_str() else {
            self.wrong_type(key, Wanted::Text, mistakes);
            return None;
        };
        Some(Text::new(value, span, mistakes.source()))
    }

    /// The text under a key that must be there.
    pub(crate) fn required_text(&self, key: &str, mistakes: &mut Mistakes) -> Option<Text<'a>> {
        if !self.has(key) {
            self.missing(key, Wanted::Text, mistakes);
        }
        self.text(key, mistakes)
    }

    /// The list of texts under a key; nothing if it is absent or, which is said, something else.
    pub(crate) fn texts(&self, key: &str, mistakes: &mut Mistakes) -> Option<Vec<Text<'a>>> {
        let (item, span) = self.item(key)?;
        let Some(array) = item.as_array() else {
            self.wrong_type(key, Wanted::Texts, mistakes);
            return None;
        };
        let mut texts = Some(Vec::new());
        for value in array {
            let span = value.span().unwrap_or_else(|| span.clone());
            if let Some(value) = value.as_str() {
                let text = Text::new(value, span, mistakes.source());
                texts.iter_mut().for_each(|texts| texts.push(text.clone()));
            } else {
                let message = format!("`{key}` of {} holds something that is no text", self.what);
                let hint = Wanted::Texts.example(key);
                mistakes.add(&span, Diagnostic::new("wrong-type", message).hint(hint));
                texts = None;
            }
        }
        texts
    }

    /// `true` or `false` under a key; nothing if it is absent or, which is said, something else.
    pub(crate) fn truth(&self, key: &str, mistakes: &mut Mistakes) -> Option<bool> {
        let (item, _) = self.item(key)?;
        let truth = item.as_bool();
        if truth.is_none() {
            self.wrong_type(key, Wanted::Truth, mistakes);
        }
        truth
    }

    /// The table under a key, called `what` in messages; nothing if it is absent or, which is said, no table.
    pub(crate) fn table(&self, key: &str, what: String, mistakes: &mut Mistakes) -> Option<Self> {
        let (item, span) = self.item(key)?;
        let Some(table) = item.as_table_like() else {
            self.wrong_type(key, Wanted::Table, mistakes);
            return None;
        };
        Some(Self { table, span, what })
    }

    /// The tables under a key, each called `what` in messages, however they are spelled: `[[key]]` or `key = [{ .. }]`.
    /// None if it is absent; nothing if it is, which is said, no list of tables.
    pub(crate) fn tables(&self, key: &str, what: &str, mistakes: &mut Mistakes) -> Option<Vec<Self>> {
        let Some((item, span)) = self.item(key) else {
            return Some(Vec::new());
        };
        let record = |table: &'a dyn TableLike, place: Option<Range<usize>>| Self {
            table,
            span: place.unwrap_or_else(|| span.clone()),
            what: what.into(),
        };
        let tables: Option<Vec<Self>> = match (item.as_array_of_tables(), item.as_array()) {
            (Some(tables), _) => Some(tables.iter().map(|table| record(table, table.span())).collect()),
            (None, Some(values)) => values
                .iter()
                .map(|value| value.as_inline_table().map(|table| record(table, table.span())))
                .collect(),
            (None, None) => None,
        };
        if tables.is_none() {
            self.wrong_type(key, Wanted::Tables, mistakes);
        }
        tables
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_of_a_text_has_its_own_place_unless_the_text_is_escaped() {
        let source = Source::new("a.toml", "a = \"di,bt\"\nb = \"\\u0064i\"\n");
        let document = document(&source).unwrap();
        let mut mistakes = Mistakes::new(&source);
        let file = Record::file(&document);
        let plain = file.text("a", &mut mistakes).unwrap();
        let escaped = file.text("b", &mut mistakes).unwrap();
        assert_eq!(plain.part(3..4), 8..9);
        assert_eq!(escaped.value, "di");
        assert_eq!(escaped.part(0..1), escaped.span);
    }
}
