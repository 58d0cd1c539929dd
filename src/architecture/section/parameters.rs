//! `[parameters]`: what parameters start at, where that is not a normal distribution, which are not trained, and which are
//! several matrices.

use std::ops::Range;

use crate::architecture::base::{base, positive, written};
use crate::architecture::registry::{Registry, kind_name};
use crate::architecture::space::Space;
use crate::document::{Diagnostic, Key, Mistakes, Record, Text, Value, Wanted, Word, quote};
use crate::graph::{AxisId, BaseValue, Motion, Parameter, ParameterKind, Start};

/// What a parameter may start at.
const STARTS: [(&str, Start, &str); 4] = [
    ("random", Start::Gaussian, "independent normal numbers, whose standard deviation is derived"),
    ("zero", Start::Zero, "zero, as most biases, and the second matrix of an adapter"),
    ("ones", Start::Constant, "the same number in every entry, whose size is derived; a gain stays at one"),
    (
        "identity",
        Start::Identity,
        "the identity times a number whose size is derived; of a weight that keeps dimensions",
    ),
];

/// Keys of a parameter.
pub(super) const KEYS: [Key; 4] = [
    Key::optional(
        "init",
        Value::Word(|| Word::all(&STARTS)),
        "what it starts at, or a number that every entry starts at; needed where no other key stands",
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
/// `frozen = true`, or with the axes of its `blocks`.
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
        if !(frozen.is_some() || record.has("base") || record.has("blocks") || record.has("init")) {
            record.missing("init", Wanted::Start, mistakes);
        }
        if let Some(stated) = stated(&record, mistakes) {
            begin(parameter, stated, &what, mistakes);
        }
        if let Some(stated) = base(&record, space, mistakes).flatten() {
            match fixed(parameter) {
                None => parameter.base = Some(stated.value),
                Some(why) => {
                    let wrong = Diagnostic::new("parameter-base", format!("{what} {why}"));
                    mistakes.add(&stated.span, wrong.hint("leave its `base` out"));
                }
            }
        }
    }
}

/// Why a parameter has no size at base that could be stated.
fn fixed(parameter: &Parameter) -> Option<&'static str> {
    match (parameter.start, &parameter.base) {
        (Start::One, None) => Some("is a gain, which starts at one"),
        (Start::Zero, _) => Some("starts at zero"),
        (_, Some(_)) => Some("says in its `init` at what number it starts"),
        (Start::Gaussian | Start::Constant | Start::Identity, None) => None,
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

/// What a file says that a parameter starts at.
struct Stated {
    start: Start,
    /// The number, if it says one that is not zero.
    number: Option<BaseValue>,
    span: Range<usize>,
}

/// Reads a word, or a number; nothing if there is none or, which is said, something else.
fn stated(record: &Record, mistakes: &mut Mistakes) -> Option<Stated> {
    let (item, span) = record.item("init")?;
    if item.is_integer() || item.is_float() {
        if let Some(number) = positive(item, &span, mistakes.source()) {
            return Some(Stated { start: Start::Constant, number: Some(BaseValue::Number(number)), span });
        }
        let is_zero = item.as_integer() == Some(0) || item.as_float() == Some(0.0);
        if is_zero {
            return Some(Stated { start: Start::Zero, number: None, span });
        }
        let message = format!("a parameter cannot start at {}", quote(&written(&span, mistakes.source())));
        mistakes
            .add(&span, Diagnostic::new("parameter-init", message).hint("write a number above zero, or 0"));
        return None;
    }
    if !item.is_str() {
        record.wrong_type("init", Wanted::Start, mistakes);
        return None;
    }
    let text = record.text("init", mistakes)?;
    let Some((_, start, _)) = STARTS.iter().find(|(name, ..)| *name == text.value) else {
        let message = format!("{} is not what a parameter can start at", quote(text.value));
        let hint = mistakes.suggest(text.value, STARTS.map(|(name, ..)| name), || {
            "write `random`, `zero`, `ones`, `identity` or a number".into()
        });
        mistakes.add(&text.span, Diagnostic::new("parameter-init", message).hint(hint));
        return None;
    };
    Some(Stated { start: *start, number: None, span })
}

/// Lets a parameter start as a file says.
fn begin(
    parameter: &mut Parameter,
    Stated { start, number, span }: Stated,
    what: &str,
    mistakes: &mut Mistakes,
) {
    let is_frozen = parameter.training == Motion::Frozen;
    let wrong = match (parameter.kind, start) {
        (ParameterKind::Gain, Start::Gaussian) => Some("is a gain, which starts at a number"),
        (ParameterKind::Gain | ParameterKind::Bias, Start::Identity) => {
            Some("is no matrix that could be the identity")
        }
        (ParameterKind::Weight | ParameterKind::Gain, Start::Zero) if is_frozen => {
            Some("stays at zero if it is frozen: nothing ever passes it")
        }
        (ParameterKind::Weight | ParameterKind::Bias | ParameterKind::Gain, _) => None,
    };
    if let Some(why) = wrong {
        let message = format!("{what} {why}");
        mistakes.add(&span, Diagnostic::new("parameter-init", message).hint("leave its `init` out"));
        return;
    }
    parameter.start = match (parameter.kind, start) {
        (ParameterKind::Gain, Start::Constant) => Start::One,
        (_, start) => start,
    };
    parameter.base = number;
}
