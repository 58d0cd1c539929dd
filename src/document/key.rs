//! [`Key`]: what a table of a file may hold, as data. Readers refuse every other key, and `fscale rule format` prints these,
//! so the reference says what is read.

use super::record::Wanted;

/// A key of a table.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Key {
    /// How it is written.
    pub(crate) name: &'static str,
    /// What stands under it.
    pub(crate) value: Value,
    /// Whether it must be there.
    pub(crate) need: Need,
    /// What it says, in a line.
    pub(crate) says: &'static str,
    /// A value, as TOML; of tables with keys of their own nothing: theirs are the example.
    pub(crate) example: &'static str,
}

/// Whether a key must be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Need {
    /// It must.
    Required,
    /// It may be left out.
    Optional,
}

/// The keys of a table.
pub(crate) type Keys = fn() -> Vec<Key>;

/// What stands under a key.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Value {
    /// A value of some type.
    Plain(Wanted),
    /// One of some words.
    Word(fn() -> Vec<Word>),
    /// An expression of rule files.
    Expression,
    /// A table whose keys are names that the file gives, like the one here, each with a value of some type.
    Entries(&'static str, Wanted),
    /// The same, each with a table.
    Named(&'static str, Keys),
    /// One table.
    Table(Keys),
    /// Tables, as many as one likes.
    Tables(Keys),
    /// One table, or several.
    OneOrMore(Keys),
    /// The same, with keys that depend on the word under one of them.
    Cases(&'static str, fn() -> Vec<Case>),
}

/// A word of a closed vocabulary.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Word {
    /// How it is written.
    pub(crate) name: &'static str,
    /// What it means.
    pub(crate) says: &'static str,
}

/// The keys of a table that holds a certain word.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    /// The word; nothing for those that are names of activations.
    pub(crate) word: Option<&'static str>,
    /// What it means.
    pub(crate) says: &'static str,
    /// Every key.
    pub(crate) keys: Vec<Key>,
}

impl Key {
    /// A key that must be there.
    pub(crate) const fn required(
        name: &'static str,
        value: Value,
        says: &'static str,
        example: &'static str,
    ) -> Self {
        Self { name, value, need: Need::Required, says, example }
    }

    /// A key that may be left out.
    pub(crate) const fn optional(
        name: &'static str,
        value: Value,
        says: &'static str,
        example: &'static str,
    ) -> Self {
        Self { name, value, need: Need::Optional, says, example }
    }
}

impl Value {
    /// A text.
    pub(crate) const TEXT: Self = Self::Plain(Wanted::Text);
    /// `true` or `false`.
    pub(crate) const TRUTH: Self = Self::Plain(Wanted::Truth);
    /// An exponent.
    pub(crate) const EXPONENT: Self = Self::Plain(Wanted::Exponent);

    /// What kind of value that is, in words.
    pub(crate) fn kind(self) -> &'static str {
        match self {
            Self::Plain(Wanted::Base) => "a number or a text",
            Self::Plain(Wanted::TruthOrTexts) => "`true` or texts",
            Self::Plain(wanted) => wanted.name(),
            Self::Word(_) => "a word",
            Self::Expression => "an expression",
            Self::Entries(_, Wanted::Text) => "texts by name",
            Self::Entries(_, Wanted::Exponent) => "exponents by name",
            Self::Entries(..) | Self::Named(..) => "tables by name",
            Self::Table(_) => Wanted::Table.name(),
            Self::OneOrMore(_) => "a table or several",
            Self::Tables(_) | Self::Cases(..) => Wanted::Tables.name(),
        }
    }
}

impl Word {
    /// Words of a vocabulary that gives each with its meaning beside what it stands for.
    pub(crate) fn all<T>(vocabulary: &[(&'static str, T, &'static str)]) -> Vec<Self> {
        vocabulary.iter().map(|(name, _, says)| Self { name, says }).collect()
    }
}
