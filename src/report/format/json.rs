//! Answers for machines: always one object with the version of its schema and of the program.

use serde_json::{Map, Value, json};

use crate::document::is_obeyed;
use crate::exact::{Exponent, PowerSum, Summand};
use crate::report::format::document::{Powers, power};

/// Version of the shape of the answers.
pub const SCHEMA: u32 = 1;

/// The object with `schema` and `fscale` in front, indented, with a newline at the end.
#[must_use]
pub fn envelope(answer: Map<String, Value>) -> String {
    let mut object = Map::new();
    object.insert("schema".into(), json!(SCHEMA));
    object.insert("fscale".into(), json!(env!("CARGO_PKG_VERSION")));
    object.extend(answer);
    escaped(format!("{:#}\n", Value::Object(object)))
}

/// The same JSON with every letter escaped that a terminal would obey: such letters stand in texts only.
fn escaped(json: String) -> String {
    let is_meant = |letter: char| letter == '\n' || !is_obeyed(letter);
    if json.chars().all(is_meant) {
        return json;
    }
    let mut text = String::new();
    for letter in json.chars() {
        if is_meant(letter) {
            text.push(letter);
        } else {
            text.push_str(&format!("\\u{:04x}", u32::from(letter)));
        }
    }
    text
}

/// An exponent: a text like `"-1/2"`.
#[must_use]
pub fn exponent(exponent: &Exponent) -> Value {
    Value::String(exponent.to_string())
}

/// An exponent, or `null`.
#[must_use]
pub fn optional(value: Option<&Exponent>) -> Value {
    value.map_or(Value::Null, exponent)
}

/// An exponent where there is one scale variable; an object with one for each where there are several, an array of them for a
/// sum without a largest summand; `null` for nothing. A power of such a sum stands in the object under the sum itself, written
/// out: `{"n": "1", "m": "0", "(n + m)": "-1"}`.
#[must_use]
pub fn powers(sum: Option<&PowerSum>, variables: &[String], divisors: &[PowerSum]) -> Value {
    let Some(sum) = sum else { return Value::Null };
    let named = |sum: &PowerSum| {
        let (variables, divisors) = (variables.to_vec(), divisors.to_vec());
        format!("({})", Powers { variables, divisors, sum: sum.clone() }.write(power))
    };
    let summand = |summand: &Summand| {
        let exponents = variables.iter().zip(&summand.exponents);
        let exponents = exponents.map(|(name, value)| (name.clone(), exponent(value)));
        let sums = summand
            .sums
            .iter()
            .filter_map(|(number, value)| Some((named(divisors.get(*number)?), exponent(value))));
        Value::Object(object(exponents.chain(sums)))
    };
    match (variables, sum.summands()) {
        ([_], [only]) => optional(only.exponents.first()),
        (_, [only]) => summand(only),
        (_, several) => Value::Array(several.iter().map(summand).collect()),
    }
}

/// An object of the given entries, in order.
#[must_use]
pub fn object<K: Into<String>>(entries: impl IntoIterator<Item = (K, Value)>) -> Map<String, Value> {
    entries.into_iter().map(|(key, value)| (key.into(), value)).collect()
}
