//! Worked examples of rule files. Those of expressions are worked out when the file is read; those of derivations need
//! the other rules: [`crate::worked`] derives them.

use std::fmt;
use std::ops::Range;

use super::about::said;
use super::expression::Expression;
use super::name::Name;
use crate::document::{Diagnostic, Key, Keys, Mistakes, Place, Record, Text, Value, Wanted, quote};
use crate::exact::{Exponent, ParseExponentError};

/// Values of some names, and what the expressions of the rule then are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Example {
    /// What it shows.
    pub says: String,
    /// The exponents of the names; a name that is not given is 0.
    pub given: Vec<(Name, Exponent)>,
    /// What comes out.
    pub expected: Vec<Expected>,
}

/// What an expression of the rule is in an example.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expected {
    /// The key of the expression.
    pub key: &'static str,
    /// Its value.
    pub exponent: Exponent,
    /// The bytes of the file that say so.
    pub span: Range<usize>,
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
    /// Name of the optimizer; nothing in a mix's own file.
    pub optimizer: Option<String>,
    /// Name of the desiderata set; nothing in a desiderata set's own file.
    pub desiderata: Option<String>,
    /// What comes out.
    pub gives: ExampleAnswer,
    /// Where it says so.
    pub gives_place: Place,
    /// Where it stands.
    pub place: Place,
}

/// The outcome of a derivation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExampleAnswer {
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

impl fmt::Display for ExampleAnswer {
    /// `impossible`, `nothing changes`, `init W_O -1; lr W_Q 1, W_K 1`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self::Exponents { init, lr, multiplier } = self else { return f.write_str("impossible") };
        let told = |(kind, entries): (&str, &Vec<(String, Exponent)>)| {
            let entries: Vec<String> =
                entries.iter().map(|(name, exponent)| format!("{name} {exponent}")).collect();
            (!entries.is_empty()).then(|| format!("{kind} {}", entries.join(", ")))
        };
        let told = [("init", init), ("lr", lr), ("multiplier", multiplier)].into_iter().filter_map(told);
        let told: Vec<String> = told.collect();
        f.write_str(&if told.is_empty() { "nothing changes".into() } else { told.join("; ") })
    }
}

/// The most derivations that a file may ask for: each takes as long as `fscale derive`.
const MOST_DERIVED: usize = 100;

/// Keys of a worked example of expressions, besides these.
const OF_EXPRESSIONS: [Key; 2] = [
    Key::required("says", Value::TEXT, "what it shows", r#""a layer of width n""#),
    Key::optional(
        "given",
        Value::Entries("|C|", Wanted::Exponent),
        "exponents of names in expressions; 0 for those not given",
        r#""1""#,
    ),
];

/// The key `example` of a rule of expressions.
pub(super) const fn examples(keys: Keys) -> Key {
    let says = "a worked example, tried when the file is read; at least one";
    Key::required("example", Value::Tables(keys), says, "")
}

/// Keys of a worked example of the expressions under some keys.
pub(super) fn example_keys(of: &[&'static str]) -> Vec<Key> {
    let says = "what it then is; needed of one key";
    let expected = of.iter().map(|key| Key::optional(key, Value::EXPONENT, says, r#""1""#));
    OF_EXPRESSIONS.into_iter().chain(expected).collect()
}

/// Keys of a worked derivation, besides those that name what the file itself is not.
const OF_DERIVATIONS: [Key; 3] = [
    Key::optional("says", Value::TEXT, "what it shows", r#""keys of size n""#),
    Key::required("scale", Value::TEXT, "how dimensions grow, as in `--scale`", r#""d_k""#),
    Key::required(
        "gives",
        Value::Table(|| OUTCOME.to_vec()),
        "what comes out: `\"impossible\"`, or the exponents that are not zero",
        "",
    ),
];

const OUTCOME: [Key; 3] = [
    Key::optional("init", OF_EACH, "of initial standard deviations, by parameter", r#""-1/2""#),
    Key::optional("lr", OF_EACH, "of learning rates, by parameter", r#""-1""#),
    Key::optional("multiplier", Value::Entries("attention", Wanted::Exponent), "of multipliers", r#""-1""#),
];
const OF_EACH: Value = Value::Entries("W_Q", Wanted::Exponent);

/// The key `example` of a rule of derivations.
pub(super) const fn derived_examples(keys: Keys) -> Key {
    let says = "a derivation and its outcome, tried by `fscale check`; at least one";
    Key::required("example", Value::Tables(keys), says, "")
}

/// Keys of a worked derivation in a file that does not name two of architecture, optimizer and desiderata set.
pub(super) fn derived_example_keys(others: [&'static str; 2]) -> Vec<Key> {
    let named = others.map(|other| {
        let (says, example) = match other {
            "architecture" => ("a built-in architecture, by name", r#""transformer""#),
            "optimizer" => ("an optimizer, by name", r#""adam""#),
            _ => ("a desiderata set, by name", r#""fsc""#),
        };
        Key::required(other, Value::TEXT, says, example)
    });
    OF_DERIVATIONS.into_iter().chain(named).collect()
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
        table.refuse_unknown(example_keys(keys), mistakes);
        let says = said(table, "says", mistakes);
        let given = table.table("given", Wanted::Exponents, "what is given".into(), mistakes);
        let given = given.map_or_else(Vec::new, |given| read_given(&given, mistakes));
        let mut expected = Vec::new();
        for key in keys {
            let Some(text) = table.text(key, mistakes) else { continue };
            let span = text.span.clone();
            expected.extend(exponent(&text, mistakes).map(|exponent| Expected { key, exponent, span }));
        }
        if expected.is_empty() {
            let missing = Diagnostic::new("missing-key", "the example expects nothing");
            mistakes.add(&table.span, missing.hint(format!("add one of: {}", keys.join(", "))));
        }
        Some(Example { says: says?.value.into(), given, expected })
    };
    tables.iter().filter_map(read).collect()
}

/// Reports every example in which an expression of the rule is not what the example says.
pub(super) fn check_examples<'r>(
    examples: &[Example],
    expression: impl Fn(&str) -> Option<&'r Expression>,
    mistakes: &mut Mistakes<'_>,
) {
    for example in examples {
        for Expected { key, exponent, span } in &example.expected {
            let wrong = match expression(key).map(|expression| example.value_of(expression)) {
                Some(Some(value)) if value == *exponent => continue,
                Some(Some(value)) => {
                    Diagnostic::new("example", format!("`{key}` is {value} here, not {exponent}"))
                        .hint(format!("mend the expression, or write `{key} = \"{value}\"`"))
                }
                Some(None) => Diagnostic::new("example", format!("`{key}` has no value here"))
                    .hint("mend the expression, or what is given"),
                None => Diagnostic::new("example", format!("the rule says nothing of `{key}`"))
                    .hint(format!("leave `{key}` out of the example")),
            };
            mistakes.add(span, wrong);
        }
    }
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

/// Reads the `[[example]]` tables of an architecture, a desiderata set or a mix of optimizers; `others` names what the file
/// itself is not.
pub(super) fn read_derived_examples(
    file: &Record<'_>,
    others: [&'static str; 2],
    mistakes: &mut Mistakes<'_>,
) -> Vec<DerivedExample> {
    if !file.has("example") {
        file.missing("example", Wanted::Tables, mistakes);
    }
    let tables = file.tables("example", "an example", mistakes).unwrap_or_default();
    if let Some(table) = tables.get(MOST_DERIVED) {
        let many =
            Diagnostic::new("too-many-examples", format!("a file has at most {MOST_DERIVED} examples"));
        mistakes.add(&table.span, many.hint("keep those that show something"));
    }
    let tables = tables.iter().take(MOST_DERIVED);
    tables.filter_map(|table| read_derived_example(table, others, mistakes)).collect()
}

fn read_derived_example(
    table: &Record<'_>,
    others: [&'static str; 2],
    mistakes: &mut Mistakes<'_>,
) -> Option<DerivedExample> {
    table.refuse_unknown(derived_example_keys(others), mistakes);
    let says = table.text("says", mistakes).map(|text| text.value.to_owned());
    let scale = said(table, "scale", mistakes);
    let named = others.map(|key| said(table, key, mistakes).map(|text| text.value.to_owned()));
    let span = table.item("gives").map_or_else(|| table.span.clone(), |(_, span)| span);
    let gives_place = mistakes.source().place(span);
    let place = mistakes.source().place(table.span.clone());
    let gives = read_outcome(table, mistakes);
    if named.iter().any(Option::is_none) {
        return None;
    }
    let of = |key| others.iter().position(|other| *other == key).and_then(|place| named[place].clone());
    Some(DerivedExample {
        says,
        architecture: of("architecture"),
        scale: scale?.value.into(),
        optimizer: of("optimizer"),
        desiderata: of("desiderata"),
        gives: gives?,
        gives_place,
        place,
    })
}

fn read_outcome(table: &Record<'_>, mistakes: &mut Mistakes<'_>) -> Option<ExampleAnswer> {
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
        return Some(ExampleAnswer::Impossible);
    }
    let gives = table.table("gives", Wanted::Table, "what the example gives".into(), mistakes)?;
    gives.refuse_unknown(OUTCOME, mistakes);
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
    Some(ExampleAnswer::Exponents { init: of("init"), lr: of("lr"), multiplier: of("multiplier") })
}
