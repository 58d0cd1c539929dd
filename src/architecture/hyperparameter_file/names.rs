//! [`Known`]: the names that may stand as keys; a parameter by its name, those of a pattern, or those of a class.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;

use super::exponents::{Exponents, exponents_of, read_exponent};
use crate::document::{Diagnostic, Mistakes, Record, Text, Wanted, is_match, quote, quote_all};
use crate::graph::{DimensionId, ParameterClass};

/// Most patterns in one section: each is held against every name.
const MOST_PATTERNS: usize = 100;

/// The names that may stand as keys, with what they mean.
pub(super) struct Known<'g, Id> {
    pub(super) what: &'static str,
    pub(super) all: &'static str,
    pub(super) code: &'static str,
    /// Names that belong to another section, with that section.
    pub(super) elsewhere: (Vec<&'g str>, &'static str),
    pub(super) ids: BTreeMap<&'g str, Id>,
    /// What may stand there too.
    pub(super) classes: &'static [(&'static str, ParameterClass)],
}

impl<Id: Copy> Known<'_, Id> {
    pub(super) fn find(&self, name: &Text, mistakes: &mut Mistakes) -> Option<Id> {
        let id = self.ids.get(name.value).copied();
        if id.is_none() {
            let (misplaced, section) = &self.elsewhere;
            let hint = if misplaced.contains(&name.value) {
                format!("write it under {section}")
            } else {
                self.suggest(name, mistakes)
            };
            let message = format!("the architecture has no {} {}", self.what, quote(name.value));
            mistakes.add(&name.span, Diagnostic::new(self.code, message).hint(hint));
        }
        id
    }
}

impl<Id> Known<'_, Id> {
    fn suggest(&self, name: &Text, mistakes: &mut Mistakes) -> String {
        let classes = self.classes.iter().map(|(class, _)| *class);
        mistakes.suggest(name.value, self.ids.keys().copied().chain(classes), || self.listed())
    }

    fn listed(&self) -> String {
        if self.ids.is_empty() {
            format!("the architecture has no {}: remove it", self.what)
        } else {
            format!("{} are {}", self.all, quote_all(self.ids.keys().copied()))
        }
    }
}

/// A section of the file: whose exponents may stand in it.
pub(super) struct Section<'k, 'g, Id> {
    pub(super) key: &'static str,
    /// Everything that can be named.
    pub(super) subjects: &'k Known<'g, Id>,
    /// Those that have what the section states: a pattern or a class speaks of no others.
    pub(super) having: BTreeSet<Id>,
    /// The members of each class.
    pub(super) classes: &'k BTreeMap<ParameterClass, Vec<Id>>,
}

/// What a section states of something, and the key that says so.
struct Said {
    key: String,
    exponents: Arc<Exponents>,
}

/// What a section states, by the rank of the key: a name wins over a pattern, a pattern over a class.
struct Ranks<Id> {
    named: BTreeMap<Id, Arc<Exponents>>,
    matched: BTreeMap<Id, Said>,
    classed: BTreeMap<Id, Arc<Exponents>>,
    /// Patterns of which one contradicts the other about some that it matches, unless these are named too.
    contradicting: Vec<Contradiction<Id>>,
}

struct Contradiction<Id> {
    /// Where the second one stands.
    span: Range<usize>,
    patterns: [String; 2],
    /// What both match.
    about: BTreeSet<Id>,
}

impl<Id: Copy + Ord> Section<'_, '_, Id> {
    /// What the section states; nothing if it is absent.
    pub(super) fn read(
        &self,
        file: &Record,
        dimensions: &Known<DimensionId>,
        mistakes: &mut Mistakes,
    ) -> BTreeMap<Id, Arc<Exponents>> {
        let key = self.key;
        let Some(table) = file.table(key, Wanted::Table, format!("`[{key}]`"), mistakes) else {
            return BTreeMap::new();
        };
        let mut ranks = Ranks::new();
        let mut patterns = 0;
        for name in table.keys(mistakes.source()) {
            let is_pattern = name.value.contains('*');
            patterns += usize::from(is_pattern);
            if is_pattern && patterns > MOST_PATTERNS {
                let message = format!("`[{key}]` has more than {MOST_PATTERNS} patterns");
                let many = Diagnostic::new("too-many-patterns", message);
                mistakes.add(&name.span, many.hint("write names, or one pattern for several"));
                break;
            }
            let class = self.subjects.classes.iter().find(|(class, _)| *class == name.value);
            let class = class.filter(|_| !self.subjects.ids.contains_key(name.value));
            let whom = match class {
                _ if is_pattern => Whom::Matched(self.matched(&name, mistakes)),
                Some((_, class)) => Whom::Class(self.members(*class)),
                None => Whom::Named(self.subjects.find(&name, mistakes)),
            };
            if let Some(exponents) = self.exponents(&table, &name, dimensions, mistakes) {
                ranks.say(&name, whom, exponents);
            }
        }
        ranks.settle(self, mistakes)
    }

    fn exponents(
        &self,
        table: &Record,
        name: &Text,
        dimensions: &Known<DimensionId>,
        mistakes: &mut Mistakes,
    ) -> Option<Arc<Exponents>> {
        let what = format!("the {} of {}", self.key, quote(name.value));
        let record = exponents_of(table, name, what, mistakes)?;
        let mut exponents = Exponents::new();
        for dimension in record.keys(mistakes.source()) {
            let id = dimensions.find(&dimension, mistakes);
            let exponent = read_exponent(&record, dimension.value, mistakes);
            exponents.extend(id.zip(exponent));
        }
        exponents.retain(|_, exponent| !exponent.is_zero());
        Some(Arc::new(exponents))
    }

    fn members(&self, class: ParameterClass) -> Vec<Id> {
        let members = self.classes.get(&class).into_iter().flatten().copied();
        members.filter(|id| self.having.contains(id)).collect()
    }

    /// Those that a pattern matches and that have what the section states. That there are none is a mistake.
    fn matched(&self, pattern: &Text, mistakes: &mut Mistakes) -> Vec<Id> {
        let Known { ids, what, .. } = self.subjects;
        let matched: Vec<(&&str, &Id)> =
            ids.iter().filter(|(name, _)| is_match(pattern.value, name)).collect();
        let having = matched.iter().map(|(_, id)| **id).filter(|id| self.having.contains(id));
        let having: Vec<Id> = having.collect();
        if having.is_empty() {
            let quoted = quote(pattern.value);
            let (message, hint) = if matched.is_empty() {
                (format!("the architecture has no {what} like {quoted}"), self.subjects.listed())
            } else {
                let names = quote_all(matched.iter().map(|(name, _)| **name));
                let message = format!("what is called like {quoted} has no {}: {names}", self.key);
                (message, format!("remove it from `[{}]`", self.key))
            };
            mistakes.add(&pattern.span, Diagnostic::new("unmatched-pattern", message).hint(hint));
        }
        having
    }
}

/// Of whom a key speaks.
enum Whom<Id> {
    Named(Option<Id>),
    Matched(Vec<Id>),
    Class(Vec<Id>),
}

impl<Id: Copy + Ord> Ranks<Id> {
    fn new() -> Self {
        Self {
            named: BTreeMap::new(),
            matched: BTreeMap::new(),
            classed: BTreeMap::new(),
            contradicting: Vec::new(),
        }
    }

    fn say(&mut self, name: &Text, whom: Whom<Id>, exponents: Arc<Exponents>) {
        match whom {
            Whom::Named(id) => self.named.extend(id.map(|id| (id, exponents))),
            Whom::Class(ids) => self.classed.extend(ids.into_iter().map(|id| (id, Arc::clone(&exponents)))),
            Whom::Matched(ids) => self.match_all(name, ids, &exponents),
        }
    }

    fn match_all(&mut self, name: &Text, ids: Vec<Id>, exponents: &Arc<Exponents>) {
        let mut against: BTreeMap<&str, BTreeSet<Id>> = BTreeMap::new();
        let mut new = Vec::new();
        for id in ids {
            match self.matched.get(&id) {
                Some(said) if said.exponents == *exponents => {}
                Some(said) => drop(against.entry(&said.key).or_default().insert(id)),
                None => new.push(id),
            }
        }
        let contradicting = against.into_iter().map(|(first, about)| Contradiction {
            span: name.span.clone(),
            patterns: [first.to_owned(), name.value.to_owned()],
            about,
        });
        self.contradicting.extend(contradicting);
        let said = |_| Said { key: name.value.to_owned(), exponents: Arc::clone(exponents) };
        self.matched.extend(new.into_iter().map(|id| (id, said(id))));
    }

    /// What is stated of each. That two patterns contradict each other about one that is not named is a mistake.
    fn settle(self, section: &Section<'_, '_, Id>, mistakes: &mut Mistakes) -> BTreeMap<Id, Arc<Exponents>> {
        for Contradiction { span, patterns: [first, second], about } in &self.contradicting {
            let Some(id) = about.iter().find(|id| !self.named.contains_key(id)) else { continue };
            let name = section.subjects.ids.iter().find(|(_, other)| *other == id).map(|(name, _)| *name);
            let (first, second, name) = (quote(first), quote(second), quote(name.unwrap_or_default()));
            let message =
                format!("{first} and {second} state different exponents of the {} of {name}", section.key);
            let hint = format!("name {name} itself, which wins over patterns");
            mistakes.add(span, Diagnostic::new("patterns-contradict", message).hint(hint));
        }
        let mut stated = self.classed;
        stated.extend(self.matched.into_iter().map(|(id, said)| (id, said.exponents)));
        stated.extend(self.named);
        stated
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_anything() {
        let cases = [
            ("W_*", "W_Q", true),
            ("W_*", "W_", true),
            ("W_*", "b_1", false),
            ("*", "W_Q", true),
            ("*_Q", "W_Q", true),
            ("a*a", "a", false),
            ("a*a", "aa", true),
            ("*b*d", "abcd", true),
            ("*b*b*", "abcd", false),
            ("a**d", "abcd", true),
        ];
        for (pattern, name, matches) in cases {
            assert_eq!(is_match(pattern, name), matches, "{pattern} {name}");
        }
    }
}
