//! [`Notation`]: the words of requirements, predictions and measurements, each with its meaning.

use std::collections::BTreeMap;

use super::about::{ABOUT, About, read_about, said};
use crate::document::{Diagnostic, Key, Mistakes, Record, Value, Wanted, quote};

/// A list of words.
#[derive(Clone, Debug)]
pub struct Notation {
    /// Name, summary, why, source.
    pub about: About,
    /// The words, in the order of the file.
    pub words: Vec<DefinedWord>,
}

/// A word and what it means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DefinedWord {
    /// The word as answers write it.
    pub word: String,
    /// What it is among: words of one group stand together.
    pub group: String,
    /// What it means.
    pub says: String,
    /// Where it comes from.
    pub from: String,
}

const KEYS: [Key; 1] =
    [Key::required("word", Value::Tables(|| WORD.to_vec()), "a word and what it means; at least one", "")];

const WORD: [Key; 4] = [
    Key::required("word", Value::TEXT, "the word as answers write it", r#""gain""#),
    Key::required("group", Value::TEXT, "what it is among; words of one group stand together", r#""depth""#),
    Key::required("says", Value::TEXT, "what it means", r#""What a layer makes of its stream.""#),
    Key::required("from", Value::TEXT, "where it comes from", r#""theory, section 5""#),
];

impl Notation {
    /// Every key of the file.
    pub(super) fn keys() -> Vec<Key> {
        ABOUT.into_iter().chain(KEYS).collect()
    }

    pub(super) fn read(file: &Record<'_>, mistakes: &mut Mistakes<'_>) -> Option<Self> {
        file.refuse_unknown(Self::keys(), mistakes);
        let about = read_about(file, mistakes);
        if !file.has("word") {
            file.missing("word", Wanted::Tables, mistakes);
        }
        let tables = file.tables("word", "a word", mistakes).unwrap_or_default();
        let mut words = Vec::new();
        let mut lines: BTreeMap<String, usize> = BTreeMap::new();
        for table in &tables {
            table.refuse_unknown(WORD, mistakes);
            let [word, group, says, from] =
                ["word", "group", "says", "from"].map(|key| said(table, key, mistakes));
            let (Some(word), Some(group), Some(says), Some(from)) = (word, group, says, from) else {
                continue;
            };
            let line = mistakes.line(word.span.start);
            if let Some(first) = lines.insert(word.value.into(), line) {
                let twice =
                    Diagnostic::new("duplicate-word", format!("{} is defined twice", quote(word.value)));
                let twice = twice.note(format!("the first stands on line {first}"));
                mistakes.add(&word.span, twice.hint("give one meaning to a word, or another name to one"));
            }
            let text = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
            let [word, group, says, from] = [word, group, says, from].map(|said| text(said.value));
            words.push(DefinedWord { word, group, says, from });
        }
        Some(Self { about: about?, words })
    }

    /// The words in their groups, both in the order of the file.
    #[must_use]
    pub fn groups(&self) -> Vec<(&str, Vec<&DefinedWord>)> {
        let mut groups: Vec<(&str, Vec<&DefinedWord>)> = Vec::new();
        for word in &self.words {
            match groups.iter_mut().find(|(group, _)| *group == word.group) {
                Some((_, words)) => words.push(word),
                None => groups.push((&word.group, vec![word])),
            }
        }
        groups
    }
}
