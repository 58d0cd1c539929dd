//! Worked examples of rule files: a test runs every one of them.

use super::expression::Expression;
use super::name::Name;
use super::reader::{Reader, Spanned};
use crate::diagnostic::Diagnostic;
use crate::exponent::Exponent;

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
pub(super) fn read_examples(reader: &Reader<'_>, keys: &[&'static str]) -> Vec<Example> {
    required(reader);
    reader.tables("example", |reader| {
        let says = reader.required_text("says");
        let given = reader.table("given", |reader| Some(read_given(reader))).unwrap_or_default();
        let expected: Vec<_> =
            keys.iter().filter_map(|key| Some((*key, exponent(reader, &reader.text(key)?)?))).collect();
        if expected.is_empty() {
            let missing = Diagnostic::new("missing-key", "the example expects nothing");
            reader.report(reader.span(), missing.hint(format!("add one of: {}", keys.join(", "))));
        }
        Some(Example { says: says?.value, given, expected })
    })
}

fn required(reader: &Reader<'_>) {
    if !reader.has("example") {
        let missing = Diagnostic::new("missing-key", "`example` is missing");
        reader.report(0..0, missing.hint("add a table `[[example]]` with a worked example"));
    }
}

fn read_given(reader: &Reader<'_>) -> Vec<(Name, Exponent)> {
    let mut given = Vec::new();
    for (key, value) in reader.entries() {
        match Name::read(&key.value) {
            Some(name) => given.extend(exponent(reader, &value).map(|value| (name, value))),
            None => {
                let unknown = Diagnostic::new("unknown-name", format!("unknown name `{}`", key.value));
                reader.report(key.span, unknown.hint("write a name as the expressions do, like `\"|C|\"`"));
            }
        }
    }
    given
}

fn exponent(reader: &Reader<'_>, text: &Spanned<String>) -> Option<Exponent> {
    match text.value.parse() {
        Ok(exponent) => Some(exponent),
        Err(error) => {
            let message = format!("`{}` is not an exponent: {error}", text.value);
            reader.report(text.span.clone(), Diagnostic::new("exponent", message).hint(error.hint()));
            None
        }
    }
}

/// Reads the `[[example]]` tables of an architecture or desiderata file.
pub(super) fn read_derived_examples(reader: &Reader<'_>, extra: &'static str) -> Vec<DerivedExample> {
    required(reader);
    reader.tables("example", |reader| {
        let says = reader.text("says").map(|text| text.value);
        let named = reader.required_text(extra).map(|text| text.value);
        let scale = reader.required_text("scale");
        let optimizer = reader.required_text("optimizer");
        let gives = read_outcome(reader);
        let (architecture, desiderata) =
            if extra == "architecture" { (Some(named?), None) } else { (None, Some(named?)) };
        let (scale, optimizer) = (scale?.value, optimizer?.value);
        Some(DerivedExample { says, architecture, scale, optimizer, desiderata, gives: gives? })
    })
}

fn read_outcome(reader: &Reader<'_>) -> Option<Outcome> {
    if reader.is_text("gives") {
        let text = reader.text("gives")?;
        if text.value != "impossible" {
            let wrong = Diagnostic::new("outcome", format!("`{}` is not an outcome", text.value));
            reader.report(
                text.span,
                wrong.hint("write `\"impossible\"` or a table of the exponents that are not zero"),
            );
        }
        return Some(Outcome::Impossible);
    }
    reader.table("gives", |reader| {
        let of = |key| {
            let read = |reader: &Reader<'_>| {
                let entries = reader.entries().into_iter();
                Some(
                    entries
                        .filter_map(|(name, value)| Some((name.value, exponent(reader, &value)?)))
                        .collect(),
                )
            };
            reader.table(key, read).unwrap_or_default()
        };
        Some(Outcome::Exponents { init: of("init"), lr: of("lr"), multiplier: of("multiplier") })
    })
}
