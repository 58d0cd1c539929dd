//! `op = "linear"`, `"bilinear"` and `"product"`: the operations that an einsum describes.

use crate::document::{Sound, quote};
use std::ops::Range;

use super::shared::{self, Shared};
use super::{Checked, Context, multiplier};
use crate::architecture::einsum::EinsumText;
use crate::document::Diagnostic;
use crate::graph::op::{Bilinear, Linear, Product};
use crate::graph::{AxisId, Einsum, Kind, Op, ParameterKind};

/// `m * einsum(W, x)`. The weight contracts feature axes only, and lacks no feature axis that passes through
/// (theory, sections 2 and 3), but for those it is meant to be shared over.
pub(super) fn linear(context: &mut Context) -> Checked {
    let record = &context.node.record;
    let weight = record.required_text("weight", context.mistakes);
    let weight = weight.and_then(|weight| weight.name(context.mistakes));
    let multiplier = multiplier::optional(context);
    let Some(einsum) = read_einsum(context) else {
        return Checked::default();
    };
    let name = weight.as_ref().map_or("the weight", |weight| weight.value);
    let input = context.operand_name(0);
    let axes = einsum.result.axes.clone();
    if refuse_swapped(name, &input, &einsum, context) == Sound::No {
        return Checked::with_axes(&axes);
    }
    let whole = einsum.refuse_stray([name, &input], context.space, context.mistakes);
    let mut sound = whole.and(refuse_bad_weight(name, &einsum, context));
    if let Some(axes) = context.axes(0) {
        sound = sound.and(einsum.refuse_misfit(1, &input, &axes, context.space, context.mistakes));
    }
    if whole == Sound::No {
        return Checked::default();
    }
    let [weight_axes, _] = &einsum.operands;
    let weight = weight.and_then(|weight| sound.then(weight)).and_then(|weight| {
        let (space, mistakes) = (context.space, &mut *context.mistakes);
        context.registry.parameter(&weight, ParameterKind::Weight, &weight_axes.axes, space, mistakes)
    });
    let (Some(weight), Some(multiplier)) = (weight, multiplier) else {
        return Checked::with_axes(&axes);
    };
    Checked::new(Some(Op::Linear(Linear { weight, einsum: einsum.einsum(), multiplier })), &axes)
}

/// `m * einsum(p, q)` with a contraction.
pub(super) fn bilinear(context: &mut Context) -> Checked {
    let multiplier = multiplier::optional(context);
    let Some(einsum) = read_einsum(context) else {
        return Checked::default();
    };
    let (whole, sound) = sound_for_two(&einsum, context);
    let axes = einsum.result.axes.clone();
    if whole == Sound::No {
        return Checked::default();
    }
    if sound == Sound::Yes && einsum.einsum().contracted().is_empty() {
        let message = format!("the einsum of {} contracts no axis", context.node.record.what);
        let mut diagnostic = Diagnostic::new("no-contraction", message).hint("write `op = \"product\"`");
        if context.node.record.has("multiplier") {
            diagnostic =
                diagnostic.note("a product takes no multiplier: let a node with `op = \"scale\"` follow");
        }
        context.mistakes.add(&op_span(context), diagnostic);
        return Checked::with_axes(&axes);
    }
    let multiplier = multiplier.and_then(|multiplier| sound.then(multiplier));
    Checked::new(
        multiplier.map(|multiplier| Op::Bilinear(Bilinear { einsum: einsum.einsum(), multiplier })),
        &axes,
    )
}

/// `einsum(p, q)` without a contraction; without an einsum, entry by entry over the same axes.
pub(super) fn product(context: &mut Context) -> Checked {
    if !context.node.record.has("einsum") {
        return entry_by_entry(context);
    }
    let Some(einsum) = read_einsum(context) else {
        return Checked::default();
    };
    let (whole, sound) = sound_for_two(&einsum, context);
    if whole == Sound::No {
        return Checked::default();
    }
    let axes = einsum.result.axes.clone();
    let contracted = einsum.einsum().contracted();
    if !contracted.is_empty() {
        let message = format!(
            "the product {} contracts {}",
            context.node.record.what,
            quote(&context.space.letters(&contracted))
        );
        let diagnostic = Diagnostic::new("contraction", message).hint("write `op = \"bilinear\"`");
        context.mistakes.add(&op_span(context), diagnostic);
        return Checked::with_axes(&axes);
    }
    Checked::new(sound.then(Op::Product(Product { einsum: einsum.einsum() })), &axes)
}

fn entry_by_entry(context: &mut Context) -> Checked {
    let mut sound = refuse_twice(context);
    let (Some(p), Some(q)) = (context.axes(0), context.axes(1)) else {
        return Checked { ops: None, axes: context.axes(0).or(context.axes(1)) };
    };
    if p != q
        && let Some(operand) = context.node.operands.get(1)
    {
        let (p_letters, q_letters) = (context.space.letters(&p), context.space.letters(&q));
        let both: String = p_letters
            .chars()
            .chain(q_letters.chars().filter(|letter| !p_letters.contains(*letter)))
            .collect();
        let message = format!(
            "{} has axes {}, but {} has {}",
            quote(&context.operand_name(1)),
            quote(&q_letters),
            quote(&context.operand_name(0)),
            quote(&p_letters)
        );
        context.mistakes.add(
            &operand.name.span,
            Diagnostic::new("different-axes", message)
                .hint(format!("say how they meet, like `einsum = \"{p_letters},{q_letters}->{both}\"`")),
        );
        sound = Sound::No;
    }
    let einsum = Einsum { operands: [p.clone(), q], result: p.clone() };
    Checked::new(sound.then(Op::Product(Product { einsum })), &p)
}

fn read_einsum(context: &mut Context) -> Option<EinsumText> {
    let text = context.node.record.required_text("einsum", context.mistakes)?;
    EinsumText::read(&text, context.space, context.mistakes)
}

fn op_span(context: &Context) -> Range<usize> {
    let record = &context.node.record;
    record.item("op").map_or_else(|| record.span.clone(), |(_, span)| span)
}

/// Checks an einsum of two operands: first whether its result follows from them, then whether all of it is right.
fn sound_for_two(einsum: &EinsumText, context: &mut Context) -> (Sound, Sound) {
    let names = [context.operand_name(0), context.operand_name(1)];
    let whole = einsum.refuse_stray([&names[0], &names[1]], context.space, context.mistakes);
    let mut sound = whole.and(refuse_twice(context));
    for (position, name) in names.iter().enumerate() {
        if let Some(axes) = context.axes(position) {
            sound = sound.and(einsum.refuse_misfit(position, name, &axes, context.space, context.mistakes));
        }
    }
    (whole, sound)
}

/// Both operands being one node breaks the rule for a product: it needs independent entries, and `x * x` has
/// a mean (theory, section 2).
fn refuse_twice(context: &mut Context) -> Sound {
    let [p, q] = context.node.operands.as_slice() else {
        return Sound::Yes;
    };
    if p.declaration.is_none() || p.declaration != q.declaration {
        return Sound::Yes;
    }
    let message = format!("{} is multiplied with itself", quote(p.name.value));
    context.mistakes.add(
        &q.name.span,
        Diagnostic::new("same-operand", message)
            .note("the rule for products needs operands that are independent of each other")
            .hint("multiply two different nodes, like `inputs = [\"q\", \"k\"]`"),
    );
    Sound::No
}

/// The weight's axes come first. Written the other way round, the first operand fits the input and the second does not.
fn refuse_swapped(weight: &str, input: &str, einsum: &EinsumText, context: &mut Context) -> Sound {
    let [w, x] = &einsum.operands;
    let fits = |axes: &[AxisId], input: &[AxisId]| context.space.same_dimensions(axes, input);
    let swapped = context.axes(0).is_some_and(|axes| fits(&w.axes, &axes) && !fits(&x.axes, &axes));
    if !swapped {
        return Sound::Yes;
    }
    let letters = |axes: &[AxisId]| context.space.letters(axes);
    let hint = format!("write `{},{}->{}`", letters(&x.axes), letters(&w.axes), letters(&einsum.result.axes));
    let message = format!("the axes of {} stand before those of {}", quote(input), quote(weight));
    context.mistakes.add(&w.span, Diagnostic::new("operands-swapped", message).hint(hint));
    Sound::No
}

/// Refuses a weight without axes, one that contracts or makes a sample axis, and one shared over a feature axis.
fn refuse_bad_weight(weight: &str, einsum: &EinsumText, context: &mut Context) -> Sound {
    let [w, x] = &einsum.operands;
    let result = &einsum.result;
    let mut sound = Sound::Yes;
    let mut refuse = |span: &Range<usize>, diagnostic: Diagnostic| {
        context.mistakes.add(span, diagnostic);
        sound = Sound::No;
    };
    if w.axes.is_empty() {
        refuse(
            &w.span,
            Diagnostic::new("no-axes", format!("{} has no axes", quote(weight)))
                .hint("give the weight its axes, like `di,bti->btd`; a scalar is `op = \"scale\"`"),
        );
        return sound;
    }
    for (axis, span) in w.iter().filter(|(axis, _)| context.space.kind(*axis) == Some(Kind::Sample)) {
        let letter = context.space.letter(axis);
        let dimension = context.space.dimension_name(axis);
        if x.axes.contains(&axis) && !result.axes.contains(&axis) {
            let message = format!("{} contracts the sample axis `{letter}`", quote(weight));
            refuse(
                span,
                Diagnostic::new("sample-contraction", message)
                    .note("weights are shared along sample axes; what a weight mixes is a feature")
                    .hint(format!("declare `{dimension}` with `kind = \"feature\"`")),
            );
        } else if !x.axes.contains(&axis) && result.axes.contains(&axis) {
            let message =
                format!("{} makes the sample axis `{letter}`, which its input lacks", quote(weight));
            refuse(
                span,
                Diagnostic::new("sample-axis-made", message)
                    .note("sample axes come with the data")
                    .hint(format!("give an input node the axis `{letter}`, or declare `{dimension}` with `kind = \"feature\"`")),
            );
        }
    }
    let lacked: Vec<AxisId> =
        x.axes.iter().copied().filter(|axis| result.axes.contains(axis) && !w.axes.contains(axis)).collect();
    let shared = Shared::read(context);
    let untold = shared.untold(&lacked, context.space);
    for (axis, span) in x.iter().filter(|(axis, _)| untold.contains(axis)) {
        let message =
            format!("{} is shared over the feature axis `{}`", quote(weight), context.space.letter(axis));
        let hint = shared::hint(weight, axis, "", context.space);
        context.mistakes.add(span, Diagnostic::new("shared-over-feature", message).hint(hint));
        sound = Sound::No;
    }
    sound.and(shared.refuse_others(weight, &lacked, context))
}
