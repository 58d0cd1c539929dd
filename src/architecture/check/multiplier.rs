//! The keys `multiplier` and `base`: a scalar hyperparameter in front of a node.

use super::Context;
use crate::architecture::registry::Base;
use crate::diagnostic::Diagnostic;
use crate::document::{Text, Wanted, quote, shorten};
use crate::graph::{MultiplierBase, MultiplierId};

/// The multiplier of a node that may have one. The outer nothing means a mistake, the inner one that there is none.
pub(super) fn optional(context: &mut Context) -> Option<Option<MultiplierId>> {
    let record = &context.node.record;
    if record.has("multiplier") {
        return required(context).map(Some);
    }
    let Some(span) = record.key_span("base") else {
        return Some(None);
    };
    context.mistakes.add(
        &span,
        Diagnostic::new("base-alone", format!("{} has a `base` but no `multiplier`", record.what))
            .hint("name the multiplier, like `multiplier = \"m\"`, or remove `base`"),
    );
    None
}

/// The multiplier of a node that must have one.
pub(super) fn required(context: &mut Context) -> Option<MultiplierId> {
    let record = &context.node.record;
    let name = record.required_text("multiplier", context.mistakes);
    let name = name.and_then(|name| name.name(context.mistakes));
    let base = base(context);
    Some(context.registry.multiplier(&name?, base?, context.space, context.mistakes))
}

/// A number above zero, or the text `1/sqrt(dimension)`. The outer nothing means a mistake.
fn base(context: &mut Context) -> Option<Option<Base>> {
    let record = &context.node.record;
    let Some((item, span)) = record.item("base") else {
        return Some(None);
    };
    let written = context.mistakes.source().text.get(span.clone()).unwrap_or_default().replace('_', "");
    let value = if let Some(number) = item.as_integer().filter(|number| *number > 0) {
        Some(MultiplierBase::Number(number.to_string()))
    } else if item.as_float().is_some_and(|number| number > 0.0 && number.is_finite()) {
        Some(MultiplierBase::Number(written.trim_start_matches('+').to_owned()))
    } else if item.is_str() {
        let text = record.text("base", context.mistakes)?;
        let Some(dimension) = inverse_sqrt(&text) else {
            refuse(&text, context);
            return None;
        };
        let dimension = context.space.named(&dimension, context.mistakes)?;
        Some(MultiplierBase::InverseSqrt(dimension))
    } else {
        None
    };
    if let Some(value) = value {
        return Some(Some(Base { value, span }));
    }
    if item.is_integer() || item.is_float() {
        let message = format!("the base {} is not above zero", quote(&written));
        context.mistakes.add(
            &span,
            Diagnostic::new("bad-base", message).hint("write a number above zero, like `base = 0.125`"),
        );
    } else {
        record.wrong_type("base", Wanted::Base, context.mistakes);
    }
    None
}

/// The name in `1/sqrt(name)`.
fn inverse_sqrt<'a>(text: &Text<'a>) -> Option<Text<'a>> {
    let before = text.value.find("1/sqrt(").filter(|start| text.value[..*start].trim().is_empty())?;
    let start = before + "1/sqrt(".len();
    let end = text.value.trim_end().len();
    let name = text.value.get(start..end)?.strip_suffix(')')?;
    Some(text.slice(start..start + name.len()))
}

fn refuse(text: &Text, context: &mut Context) {
    let number = text.value.trim();
    let hint = if number.bytes().all(|c| c.is_ascii_digit() || c == b'.') && !number.is_empty() {
        format!("write the number without quotes: `base = {}`", shorten(number))
    } else {
        "write a number above zero, or `base = \"1/sqrt(d_k)\"` with one of the dimensions".into()
    };
    let message = format!("the base {} is neither a number nor `1/sqrt(dimension)`", quote(text.value));
    context.mistakes.add(&text.span, Diagnostic::new("bad-base", message).hint(hint));
}
