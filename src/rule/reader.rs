//! [`Reader`]: typed access to one table of a TOML text; every mistake is reported with its place.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::ops::Range;

use toml_edit::{Item, TableLike, Value};

use crate::diagnostic::{Diagnostic, Diagnostics, Source, nearest};

/// A value with the bytes it was read from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Spanned<T> {
    pub(crate) value: T,
    pub(crate) span: Range<usize>,
}

/// One table. Keys that nobody asked for are reported by [`Reader::finish`].
pub(crate) struct Reader<'a> {
    source: &'a Source,
    table: &'a dyn TableLike,
    span: Range<usize>,
    errors: &'a RefCell<Diagnostics>,
    asked: RefCell<BTreeSet<&'static str>>,
}

/// Largest file that is read, in bytes.
const LARGEST_FILE: usize = 1 << 20;

/// Parses the text and hands its top table to `read`; all mistakes at once.
pub(crate) fn read_document<T>(
    source: &Source,
    read: impl FnOnce(&Reader<'_>) -> Option<T>,
) -> Result<T, Diagnostics> {
    if source.text.len() > LARGEST_FILE {
        let large = Diagnostic::new("file-too-large", format!("`{}` is larger than 1 MiB", source.name));
        return Err(large.hint("give a smaller file").into());
    }
    let document = toml_edit::Document::parse(source.text.as_str()).map_err(|error| {
        let message = error.message().lines().collect::<Vec<_>>().join(", ");
        let syntax = Diagnostic::new("toml-syntax", message.to_lowercase());
        syntax.at(source.place(error.span().unwrap_or(0..0))).hint("see https://toml.io for the syntax")
    })?;
    let errors = RefCell::new(Diagnostics::none());
    let value = {
        let reader = Reader {
            source,
            table: document.as_table(),
            span: 0..0,
            errors: &errors,
            asked: RefCell::default(),
        };
        let value = read(&reader);
        reader.finish();
        value
    };
    let errors = errors.into_inner();
    match value {
        Some(value) => errors.or(value),
        None => errors.or(()).and(Err(Diagnostic::new("unreadable", "the file says nothing").into())),
    }
}

impl<'a> Reader<'a> {
    /// The text that is read.
    pub(crate) fn source(&self) -> &'a Source {
        self.source
    }

    /// Where this table stands.
    pub(crate) fn span(&self) -> Range<usize> {
        self.span.clone()
    }

    /// Whether the value under the key is a text.
    pub(crate) fn is_text(&self, key: &'static str) -> bool {
        self.item(key).is_some_and(Item::is_str)
    }

    /// Leaves the keys that nobody asked for to another reader.
    pub(crate) fn leave_the_rest(&self) {
        self.asked.borrow_mut().clear();
    }

    /// Reports a mistake at a place of this text.
    pub(crate) fn report(&self, span: Range<usize>, diagnostic: Diagnostic) {
        self.errors.borrow_mut().push(diagnostic.at(self.source.place(span)));
    }

    /// Whether the key is there.
    pub(crate) fn has(&self, key: &'static str) -> bool {
        self.item(key).is_some()
    }

    fn item(&self, key: &'static str) -> Option<&'a Item> {
        self.asked.borrow_mut().insert(key);
        self.table.get(key).filter(|item| !item.is_none())
    }

    fn wrong_type(&self, key: &str, item: &Item, wanted: &str) {
        let message = format!("`{key}` must be {wanted}, not {}", article(item.type_name()));
        self.report(item.span().unwrap_or_else(|| self.span.clone()), Diagnostic::new("wrong-type", message));
    }

    /// A text, if the key is there.
    pub(crate) fn text(&self, key: &'static str) -> Option<Spanned<String>> {
        let item = self.item(key)?;
        match item.as_str() {
            Some(text) => Some(Spanned { value: text.into(), span: item.span().unwrap_or_default() }),
            None => {
                self.wrong_type(key, item, "a text in quotes");
                None
            }
        }
    }

    /// A text that must be there and say something.
    pub(crate) fn required_text(&self, key: &'static str) -> Option<Spanned<String>> {
        if !self.has(key) {
            let missing = Diagnostic::new("missing-key", format!("`{key}` is missing"));
            self.report(self.span.clone(), missing.hint(format!("add `{key} = \"...\"`")));
            return None;
        }
        let text = self.text(key)?;
        if text.value.trim().is_empty() {
            self.report(text.span, Diagnostic::new("empty-text", format!("`{key}` says nothing")));
            return None;
        }
        Some(text)
    }

    /// A list of texts, empty if the key is not there.
    pub(crate) fn texts(&self, key: &'static str) -> Vec<Spanned<String>> {
        let Some(item) = self.item(key) else { return Vec::new() };
        let Some(array) = item.as_array() else {
            self.wrong_type(key, item, "a list of texts, like `[\"feature\"]`");
            return Vec::new();
        };
        let text = |value: &Value| match value.as_str() {
            Some(text) => Some(Spanned { value: text.into(), span: value.span().unwrap_or_default() }),
            None => {
                let message = format!("`{key}` must hold texts, not {}", article(value.type_name()));
                self.report(value.span().unwrap_or_default(), Diagnostic::new("wrong-type", message));
                None
            }
        };
        array.iter().filter_map(text).collect()
    }

    /// The tables under a key: `[[key]]`, none if it is not there.
    pub(crate) fn tables<T>(&self, key: &'static str, read: impl Fn(&Reader<'_>) -> Option<T>) -> Vec<T> {
        let Some(item) = self.item(key) else { return Vec::new() };
        let Some(tables) = item.as_array_of_tables() else {
            self.wrong_type(key, item, &format!("tables, written `[[{key}]]`"));
            return Vec::new();
        };
        let sub = |table: &'a toml_edit::Table| {
            let reader = self.below(table, table.span());
            let value = read(&reader);
            reader.finish();
            value
        };
        tables.iter().filter_map(sub).collect()
    }

    /// The table under a key.
    pub(crate) fn table<T>(&self, key: &'static str, read: impl Fn(&Reader<'_>) -> Option<T>) -> Option<T> {
        let item = self.item(key)?;
        let Some(table) = item.as_table_like() else {
            self.wrong_type(key, item, "a table");
            return None;
        };
        let reader = self.below(table, item.span());
        let value = read(&reader);
        reader.finish();
        value
    }

    /// Every entry of this table as a text, whatever its key: the table is a mapping.
    pub(crate) fn entries(&self) -> Vec<(Spanned<String>, Spanned<String>)> {
        let mut entries = Vec::new();
        for (key, item) in self.table.iter() {
            let key_span = self.table.key(key).and_then(toml_edit::Key::span).unwrap_or_default();
            match item.as_str() {
                Some(text) => entries.push((
                    Spanned { value: key.into(), span: key_span },
                    Spanned { value: text.into(), span: item.span().unwrap_or_default() },
                )),
                None => self.wrong_type(key, item, "a fraction in quotes, like `\"-1/2\"`"),
            }
        }
        entries
    }

    fn below<'b>(&self, table: &'b dyn TableLike, span: Option<Range<usize>>) -> Reader<'b>
    where
        'a: 'b,
    {
        let span = span.unwrap_or_default();
        Reader { source: self.source, table, span, errors: self.errors, asked: RefCell::default() }
    }

    /// Reports the keys that nobody asked for. A mapping read by [`Reader::entries`] is not finished.
    pub(crate) fn finish(&self) {
        let asked = self.asked.borrow();
        if asked.is_empty() {
            return;
        }
        for (key, _) in self.table.iter().filter(|(key, _)| !asked.contains(key)) {
            let unknown = Diagnostic::new("unknown-key", format!("unknown key `{key}`"));
            let hint = match nearest(key, asked.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("known keys here: {}", asked.iter().copied().collect::<Vec<_>>().join(", ")),
            };
            let span = self.table.key(key).and_then(toml_edit::Key::span).unwrap_or_default();
            self.report(span, unknown.hint(hint));
        }
    }
}

fn article(kind: &str) -> String {
    let vowel = kind.starts_with(['a', 'e', 'i', 'o', 'u']);
    format!("{} {kind}", if vowel { "an" } else { "a" })
}
