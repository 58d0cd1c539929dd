//! `[parameters]`: what parameters start at, where that is not a normal distribution, which are not trained, and which are
//! several matrices.

use std::ops::Range;

use crate::architecture::base::base;
use crate::architecture::registry::{Registry, kind_name};
use crate::architecture::space::Space;
use crate::document::{Diagnostic, Key, Mistakes, Record, Text, Value, Wanted, Word, quote};
use crate::graph::{AxisId, Motion, Parameter, ParameterKind, Start};

/// What a parameter may start at.
const STARTS: [(&str, Start, &str); 2] = [
    ("random", Start::Gaussian, "independent normal numbers, whose standard deviation is derived"),
    ("zero", Start::Zero, "zero, as most biases, and the second matrix of an adapter"),
];

/// Keys of a parameter.
pub(super) const KEYS: [Key; 4] = [
    Key::optional(
        "init",
        Value::Word(|| Word::all(&STARTS)),
        "what it starts at; needed where no other key stands",
        r#""random""#,
    ),
    Key::optional("frozen", Value::TRUTH, "whether it is not trained", "true"),
    Key::optional(
        "base",
        Value::Plain(Wanted::Base),
        "its standard deviation at the smallest size that is measured; fan-in if absent",
        "0.02",
    ),
    Key::optional(
        "blocks",
        Value::TEXT,
        "axes of a weight that number separate matrices, as experts or heads do; those on both sides of its map do so anyway",
        r#""h""#,
    ),
];

/// Reads `[parameters]`: a table for each parameter, with its `init`, with its standard deviation at `base` size, with
/// `frozen = true`, or with the axes of its `blocks`. What a weight makes that starts at zero must be added to something, see [`crate::architecture::zero`].
pub(in crate::architecture) fn read(
    file: &Record,
    space: &Space,
    registry: &mut Registry,
    mistakes: &mut Mistakes,
) {
    let Some(table) = file.table("parameters", Wanted::Table, "`[parameters]`".into(), mistakes) else {
        return;
    };
    for key in table.keys(mistakes.source()) {
        let what = format!("parameter {}", quote(key.value));
        let Some(parameter) = registry.named(key.value) else {
            let hint = mistakes.suggest(key.value, registry.names(), || {
                "name a parameter that a node uses as its weight, parameter, gain or bias".into()
            });
            let message = format!("no node uses a parameter {}", quote(key.value));
            mistakes.add(&key.span, Diagnostic::new("unknown-parameter", message).hint(hint));
            continue;
        };
        let Some(record) = table.table(key.value, Wanted::Parameter, what.clone(), mistakes) else {
            continue;
        };
        record.refuse_unknown(KEYS, mistakes);
        let frozen = record.truth("frozen", mistakes);
        if frozen == Some(true) {
            parameter.training = Motion::Frozen;
        }
        if let Some(text) = record.text("blocks", mistakes)
            && let Some(blocks) = blocks(parameter, &text, space, mistakes)
        {
            parameter.blocks = blocks;
        }
        let text = match frozen.is_some() || record.has("base") || record.has("blocks") {
            false => record.required_text("init", mistakes),
            true => record.text("init", mistakes),
        };
        if let Some(stated) = base(&record, space, mistakes).flatten() {
            match fixed(parameter, text.as_ref()) {
                None => parameter.base = Some(stated.value),
                Some(why) => {
                    let wrong = Diagnostic::new("parameter-base", format!("{what} {why}"));
                    mistakes.add(&stated.span, wrong.hint("leave its `base` out"));
                }
            }
        }
        if let Some(text) = text {
            begin(parameter, &text, &what, mistakes);
        }
    }
}

/// Why a parameter has no standard deviation that could be stated.
fn fixed(parameter: &Parameter, init: Option<&Text<'_>>) -> Option<&'static str> {
    match parameter.kind {
        ParameterKind::Gain => Some("is a gain, which starts at one"),
        ParameterKind::Weight | ParameterKind::Bias => {
            init.is_some_and(|text| text.value == "zero").then_some("starts at zero")
        }
    }
}

/// The axes that number the matrices of a weight: some of its own, not all.
fn blocks(
    parameter: &Parameter,
    text: &Text<'_>,
    space: &Space,
    mistakes: &mut Mistakes,
) -> Option<Vec<AxisId>> {
    let what = format!("parameter {}", quote(&parameter.name));
    let own = space.letters(&parameter.axes);
    let mut blocks: Vec<AxisId> = Vec::new();
    let mut wrong: Vec<(Range<usize>, String, String)> = Vec::new();
    for (start, letter) in text.value.char_indices().filter(|(_, letter)| *letter != ' ') {
        let named = parameter.axes.iter().zip(own.chars()).find(|(_, known)| *known == letter);
        let quoted = quote(&letter.to_string());
        let (message, hint) = match named {
            Some((axis, _)) if !blocks.contains(axis) => {
                blocks.push(*axis);
                continue;
            }
            Some(_) => (format!("the `blocks` of {what} name {quoted} twice"), "write it once".into()),
            None => {
                let hint =
                    format!("its axes are {} where it is used first: write some of these", quote(&own));
                (format!("{what} has no axis {quoted}"), hint)
            }
        };
        wrong.push((text.part(start..start + letter.len_utf8()), message, hint));
    }
    let whole = no_blocks(parameter, text, blocks.len(), [&what, &own]);
    if let Some((message, hint)) = whole {
        wrong = vec![(text.span.clone(), message, hint)];
    }
    let is_right = wrong.is_empty();
    for (span, message, hint) in wrong {
        mistakes.add(&span, Diagnostic::new("parameter-blocks", message).hint(hint));
    }
    is_right.then_some(blocks)
}

/// Why a parameter cannot have so many axes as its blocks, and what to do; `what` and `own` name it and its axes.
fn no_blocks(
    parameter: &Parameter,
    text: &Text<'_>,
    count: usize,
    [what, own]: [&str; 2],
) -> Option<(String, String)> {
    match parameter.kind {
        ParameterKind::Bias | ParameterKind::Gain => {
            let kind = kind_name(parameter.kind);
            Some((format!("{what} is a {kind}, which is no matrix"), "leave its `blocks` out".into()))
        }
        ParameterKind::Weight if text.value.trim().is_empty() => {
            let hint = format!("write some of {}, or leave it out", quote(own));
            Some((format!("the `blocks` of {what} name no axis"), hint))
        }
        ParameterKind::Weight if count == parameter.axes.len() => {
            let hint = format!("leave one of {} out, or all", quote(own));
            Some((format!("the `blocks` of {what} leave no axis for its matrices"), hint))
        }
        ParameterKind::Weight => None,
    }
}

/// Reads what a parameter starts at.
fn begin(parameter: &mut Parameter, text: &Text<'_>, what: &str, mistakes: &mut Mistakes) {
    let Some((_, start, _)) = STARTS.iter().find(|(name, ..)| *name == text.value) else {
        let message = format!("{} is not what a parameter can start at", quote(text.value));
        let hint =
            mistakes.suggest(text.value, STARTS.map(|(name, ..)| name), || "write `random` or `zero`".into());
        mistakes.add(&text.span, Diagnostic::new("parameter-init", message).hint(hint));
        return;
    };
    let wrong = match (parameter.kind, start) {
        (ParameterKind::Gain, _) => Some("is a gain, which starts at one"),
        (ParameterKind::Weight, Start::Zero) if parameter.training == Motion::Frozen => {
            Some("stays at zero if it is frozen: nothing ever passes it")
        }
        (ParameterKind::Weight | ParameterKind::Bias, _) => None,
    };
    match wrong {
        None => parameter.start = *start,
        Some(why) => {
            let message = format!("{what} {why}");
            mistakes.add(&text.span, Diagnostic::new("parameter-init", message).hint("leave its `init` out"));
        }
    }
}
