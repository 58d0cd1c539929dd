//! [`Record`]: typed access to a table of the file. A wrong type or a missing key is a mistake, and reading goes on.

use std::ops::Range;

use toml_edit::{Document, Item, TableLike};

use super::key::Key;
use super::mistakes::{Mistakes, quote, quote_all, shorten};
use super::text::Text;
use crate::document::{Diagnostic, Source};

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
    /// A number above zero.
    Number,
    /// A whole number or a fraction.
    Exponent,
    /// A word for what a parameter starts at, or a number.
    Start,
    /// `true` or `false`.
    Truth,
    /// The same, or an array of strings.
    TruthOrTexts,
    /// One table, under a header of its own.
    Table,
    /// The table of a dimension.
    Dimension,
    /// The table of a parameter.
    Parameter,
    /// The table of the exponents of a hyperparameter.
    Exponents,
    /// An array of tables.
    Tables,
}

impl Wanted {
    /// What it is called in messages.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Text => "a text",
            Self::Texts => "a list of texts",
            Self::Whole => "a whole number",
            Self::Base => "a number or `1/sqrt(dimension)`",
            Self::Number => "a number",
            Self::Exponent => "an exponent",
            Self::Start => "a word or a number",
            Self::Truth => "`true` or `false`",
            Self::TruthOrTexts => "`true` or a list of texts",
            Self::Table | Self::Dimension | Self::Parameter | Self::Exponents => "a table",
            Self::Tables => "a list of tables",
        }
    }

    /// What to write under a key.
    pub(crate) fn example(self, key: &str) -> String {
        let key = shorten(key);
        match self {
            Self::Text => format!("write `{key} = \"{}\"`", example_text(key)),
            Self::Texts => format!("write `{key} = [\"x\", \"y\"]`"),
            Self::Whole => format!("write `{key} = 64`"),
            Self::Base => format!("write `{key} = 0.125` or `{key} = \"1/sqrt(d_k)\"`"),
            Self::Number => format!("write `{key} = 0.5`"),
            Self::Exponent => format!("write `{key} = \"-1/2\"`"),
            Self::Start => format!("write `{key} = \"zero\"` or `{key} = 0.1`"),
            Self::Truth => format!("write `{key} = true`"),
            Self::TruthOrTexts => format!("write `{key} = true` or `{key} = [\"W_1\"]`"),
            Self::Parameter => format!("write `{key} = {{ init = \"zero\" }}`"),
            Self::Dimension => format!("write `{key} = {{ kind = \"feature\", size = 64 }}`"),
            Self::Exponents => format!("write `{key} = {{ d_model = \"-1/2\" }}`"),
            Self::Table => format!("write `[{key}]` and its keys below"),
            Self::Tables => format!("write `[[{key}]]` and its keys below"),
        }
    }
}

/// A likely text under a key. A key of one letter is an axis, whose text is a dimension.
fn example_text(key: &str) -> &'static str {
    match key {
        "kind" => "feature",
        "op" => "linear",
        "axes" => "bti",
        "einsum" => "di,bti->btd",
        "over" => "d",
        "positions" => "t",
        "name" | "input" => "x",
        "weight" => "W_1",
        "parameter" | "bias" => "b_1",
        "gain" => "g_1",
        "multiplier" => "m",
        "role" => "branch",
        "tokens" => "correlated",
        "output" => "out",
        "scale" => "d_model=n,heads=n",
        "optimizer" => "sgd",
        axis if axis.len() == 1 => "d_model",
        _ => "...",
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

    fn span_of(&self, key: &toml_edit::Key, item: &Item) -> Range<usize> {
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
    pub(crate) fn refuse_unknown(&self, known: impl IntoIterator<Item = Key>, mistakes: &mut Mistakes) {
        let known: Vec<&str> = known.into_iter().map(|key| key.name).collect();
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
        let message = format!("{} of {} is {article} {found}, not {}", quote(key), self.what, wanted.name());
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
        let mut texts = Vec::new();
        for value in array {
            let span = value.span().unwrap_or_else(|| span.clone());
            if let Some(value) = value.as_str() {
                texts.push(Text::new(value, span, mistakes.source()));
            } else {
                let message = format!("`{key}` of {} holds something that is no text", self.what);
                let hint = Wanted::Texts.example(key);
                mistakes.add(&span, Diagnostic::new("wrong-type", message).hint(hint));
                return None;
            }
        }
        Some(texts)
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
    pub(crate) fn table(
        &self,
        key: &str,
        wanted: Wanted,
        what: String,
        mistakes: &mut Mistakes,
    ) -> Option<Self> {
        let (item, span) = self.item(key)?;
        let Some(table) = item.as_table_like() else {
            self.wrong_type(key, wanted, mistakes);
            return None;
        };
        Some(Self { table, span, what })
    }

    /// The one table under a key, or the tables if there are several; nothing if it is absent or, which is said, neither.
    pub(crate) fn one_or_more(&self, key: &str, what: &str, mistakes: &mut Mistakes) -> Option<Vec<Self>> {
        let (item, _) = self.item(key)?;
        if item.is_array_of_tables() || item.is_array() {
            return self.tables(key, what, mistakes);
        }
        self.table(key, Wanted::Table, format!("`[{key}]`"), mistakes).map(|table| vec![table])
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
