//! The key `base`: the value of a multiplier, or the standard deviation of a parameter, at base size.

use std::ops::Range;

use toml_edit::Item;

use super::space::Space;
use crate::document::{Diagnostic, Mistakes, Record, Source, Text, Wanted, quote, shorten};
use crate::graph::BaseValue;

/// The value at base size as a file states it.
pub(super) struct Base {
    /// The value.
    pub(super) value: BaseValue,
    /// Its place.
    pub(super) span: Range<usize>,
}

/// A number above zero, or the text `1/sqrt(dimension)`. The outer nothing means a mistake, the inner one that there is none.
pub(super) fn base(record: &Record, space: &Space, mistakes: &mut Mistakes) -> Option<Option<Base>> {
    let Some((item, span)) = record.item("base") else {
        return Some(None);
    };
    let value = if let Some(number) = positive(item, &span, mistakes.source()) {
        Some(BaseValue::Number(number))
    } else if item.is_str() {
        let text = record.text("base", mistakes)?;
        let Some(dimension) = inverse_sqrt(&text) else {
            refuse(&text, mistakes);
            return None;
        };
        Some(BaseValue::InverseSqrt(space.named(&dimension, mistakes)?))
    } else {
        None
    };
    if let Some(value) = value {
        return Some(Some(Base { value, span }));
    }
    if item.is_integer() || item.is_float() {
        let written = written(&span, mistakes.source());
        let message = format!("the base {} is not above zero", quote(&written));
        mistakes.add(
            &span,
            Diagnostic::new("bad-base", message).hint("write a number above zero, like `base = 0.125`"),
        );
    } else {
        record.wrong_type("base", Wanted::Base, mistakes);
    }
    None
}

/// A number above zero that is finite, as it is written.
pub(super) fn positive(item: &Item, span: &Range<usize>, source: &Source) -> Option<String> {
    if let Some(number) = item.as_integer() {
        return (number > 0).then(|| number.to_string());
    }
    let is_positive = item.as_float().is_some_and(|number| number > 0.0 && number.is_finite());
    is_positive.then(|| written(span, source).trim_start_matches('+').to_owned())
}

/// A number without the strokes that part its digits.
pub(super) fn written(span: &Range<usize>, source: &Source) -> String {
    source.text.get(span.clone()).unwrap_or_default().replace('_', "")
}

/// The name in `1/sqrt(name)`.
fn inverse_sqrt<'a>(text: &Text<'a>) -> Option<Text<'a>> {
    let before = text.value.find("1/sqrt(").filter(|start| text.value[..*start].trim().is_empty())?;
    let start = before + "1/sqrt(".len();
    let end = text.value.trim_end().len();
    let name = text.value.get(start..end)?.strip_suffix(')')?;
    Some(text.slice(start..start + name.len()))
}

fn refuse(text: &Text, mistakes: &mut Mistakes) {
    let number = text.value.trim();
    let hint = if number.bytes().all(|c| c.is_ascii_digit() || c == b'.') && !number.is_empty() {
        format!("write the number without quotes: `base = {}`", shorten(number))
    } else {
        "write a number above zero, or `base = \"1/sqrt(d_k)\"` with one of the dimensions".into()
    };
    let message = format!("the base {} is neither a number nor `1/sqrt(dimension)`", quote(text.value));
    mistakes.add(&text.span, Diagnostic::new("bad-base", message).hint(hint));
}
