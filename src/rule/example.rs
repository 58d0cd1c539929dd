//! Worked examples of rule files: a test runs every one of them.

use super::about::said;
use super::expression::Expression;
use super::name::Name;
use crate::diagnostic::Diagnostic;
use crate::document::{Mistakes, Record, Text, Wanted, quote};
use crate::exponent::{Exponent, ParseExponentError};

/// Values of some names, and what the expressions of the rule then are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Example {
    /// What it shows.
    pub says: String,
    /// The exponents of the names; a name that is not given is 0.
    pub given: Vec<(Name, Exponent)>,
    /// Keys of the rule with their values.
    pub expected: Vec<(&'static str, Exponent)>,
}

impl Example {
    /// What an expression is, given the exponents of the example.
    #[must_use]
    pub fn value_of(&self, expression: &Expression) -> Option<Exponent> {
        let given = |name| self.given.iter().find(|(held, _)| *held == name).map(|(_, value)| value.clone());
        expression.evaluate(|name| Some(given(name).unwrap_or_default()))
    }
}

/// A derivation and its outcome.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DerivedExample {
    /// What it shows, if it says so.
    pub says: Option<String>,
    /// Built-in architecture; nothing in an architecture's own file.
    pub architecture: Option<String>,
    /// As in `--scale`.
    pub scale: String,
    /// Name of the optimizer.
    pub optimizer: String,
    /// Name of the desiderata set; nothing in a desiderata set's own file.
    pub desiderata: Option<String>,
    /// What comes out.
    pub gives: Outcome,
}

/// The outcome of a derivation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// No hyperparameters meet the desiderata.
    Impossible,
    /// The exponents that are not zero, by parameter or multiplier.
    Exponents {
        /// Of initial standard deviations.
        init: Vec<(String, Exponent)>,
        /// Of learning rates.
        lr: Vec<(String, Exponent)>,
        /// Of multipliers.
        multiplier: Vec<(String, Exponent)>,
    },
}

/// Reads `[[example]]` tables; a rule must have at least one.
pub(super) fn read_examples(
    file: &Record<'_>,
    keys: &[&'static str],
    mistakes: &mut Mistakes<'_>,
) -> Vec<Example> {
    if !file.has("example") {
        file.missing("example", Wanted::Tables, mistakes);
    }
    let tables = file.tables("example", "an example", mistakes).unwrap_or_default();
    let read = |table: &Record<'_>| {
        let mut known = vec!["says", "given"];
        known.extend(keys);
        table.refuse_unknown(&known, mistakes);
        let says = said(table, "says", mistakes);
        let given = table.table("given", Wanted::Exponents, "what is given".into(), mistakes);
        let given = given.map_or_else(Vec::new, |given| read_given(&given, mistakes));
        let mut expected = Vec::new();
        for key in keys {
            let value = table.text(key, mistakes).and_then(|text| exponent(&text, mistakes));
            expected.extend(value.map(|value| (*key, value)));
        }
        if expected.is_empty() {
            let missing = Diagnostic::new("missing-key", "the example expects nothing");
            mistakes.add(&table.span, missing.hint(format!("add one of: {}", keys.join(", "))));
        }
        Some(Example { says: says?.value.into(), given, expected })
    };
    tables.iter().filter_map(read).collect()
}

fn read_given(table: &Record<'_>, mistakes: &mut Mistakes<'_>) -> Vec<(Name, Exponent)> {
    let mut given = Vec::new();
    for key in table.keys(mistakes.source()) {
        let Some(name) = Name::read(key.value) else {
            let unknown = Diagnostic::new("unknown-name", format!("unknown name {}", quote(key.value)));
            mistakes.add(&key.span, unknown.hint("write a name as the expressions do, like `\"|C|\"`"));
            continue;
        };
        let value = table.text(key.value, mistakes).and_then(|text| exponent(&text, mistakes));
        given.extend(value.map(|value| (name, value)));
    }
    given
}

fn exponent(text: &Text<'_>, mistakes: &mut Mistakes<'_>) -> Option<Exponent> {
    match text.value.parse() {
        Ok(exponent) => Some(exponent),
        Err(error) => {
            let error: ParseExponentError = error;
            let message = format!("{} is not an exponent: {error}", quote(text.value));
            mistakes.add(&text.span, Diagnostic::new("exponent", message).hint(error.hint()));
            None
        }
    }
}

/// Reads the `[[example]]` tables of an architecture or desiderata file; `other` names what the file itself is not.
pub(super) fn read_derived_examples(
    file: &Record<'_>,
    other: &'static str,
    mistakes: &mut Mistakes<'_>,
) -> Vec<DerivedExample> {
    if !file.has("example") {
        file.missing("example", Wanted::Tables, mistakes);
    }
    let tables = file.tables("example", "an example", mistakes).unwrap_or_default();
    tables.iter().filter_map(|table| read_derived_example(table, other, mistakes)).collect()
}

fn read_derived_example(
    table: &Record<'_>,
    other: &'static str,
    mistakes: &mut Mistakes<'_>,
) -> Option<DerivedExample> {
    table.refuse_unknown(&["says", "scale", "optimizer", "gives", other], mistakes);
    let says = table.text("says", mistakes).map(|text| text.value.to_owned());
    let named = said(table, other, mistakes).map(|text| text.value.to_owned());
    let scale = said(table, "scale", mistakes);
    let optimizer = said(table, "optimizer", mistakes);
    let gives = read_outcome(table, mistakes);
    let (architecture, desiderata) =
        if other == "architecture" { (Some(named?), None) } else { (None, Some(named?)) };
    let (scale, optimizer) = (scale?.value.into(), optimizer?.value.into());
    Some(DerivedExample { says, architecture, scale, optimizer, desiderata, gives: gives? })
}

fn read_outcome(table: &Record<'_>, mistakes: &mut Mistakes<'_>) -> Option<Outcome> {
    let hint = "write `\"impossible\"` or a table of the exponents that are not zero";
    let Some((item, _)) = table.item("gives") else {
        let missing = Diagnostic::new("missing-key", format!("{} has no `gives`", table.what));
        mistakes.add(&table.span, missing.hint(hint));
        return None;
    };
    if item.is_str() {
        let text = table.text("gives", mistakes)?;
        if text.value != "impossible" {
            let wrong = Diagnostic::new("outcome", format!("{} is not an outcome", quote(text.value)));
            mistakes.add(&text.span, wrong.hint(hint));
        }
        return Some(Outcome::Impossible);
    }
    let gives = table.table("gives", Wanted::Table, "what the example gives".into(), mistakes)?;
    gives.refuse_unknown(&["init", "lr", "multiplier"], mistakes);
    let mut of = |key: &str| {
        let mut entries = Vec::new();
        let Some(table) = gives.table(key, Wanted::Exponents, format!("`{key}`"), mistakes) else {
            return entries;
        };
        for name in table.keys(mistakes.source()) {
            let value = table.text(name.value, mistakes).and_then(|text| exponent(&text, mistakes));
            entries.extend(value.map(|value| (name.value.to_owned(), value)));
        }
        entries
    };
    Some(Outcome::Exponents { init: of("init"), lr: of("lr"), multiplier: of("multiplier") })
}
