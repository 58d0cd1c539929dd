//! `op = "scale"`, `"bias"`, `"add"` and the activations: the axes of the result are those of the operand.

use super::shared::{self, Shared};
use super::{Checked, Context, multiplier};
use crate::architecture::space::Labels;
use crate::document::{Diagnostic, Sound, quote};
use crate::graph::op::{Activation, Add, Bias, Scale};
use crate::graph::{AxisId, Op, ParameterKind};

/// `m * x`.
pub(super) fn scale(context: &mut Context) -> Checked {
    let multiplier = multiplier::required(context);
    of_operand(multiplier.map(|multiplier| Op::Scale(Scale { multiplier })), context)
}

/// An elementwise function.
pub(super) fn activation(name: &str, context: &Context) -> Checked {
    of_operand(Some(Op::Activation(Activation(name.into()))), context)
}

/// `x + b`. The bias runs over axes of `x`, and lacks no feature axis of `x` but those it is meant to be
/// shared over.
pub(super) fn bias(context: &mut Context) -> Checked {
    let record = &context.node.record;
    let name = record.required_text("parameter", context.mistakes);
    let name = name.and_then(|name| name.name(context.mistakes));
    let text = record.required_text("axes", context.mistakes);
    let labels = text.and_then(|text| context.space.labels(&text, context.mistakes));
    let (Some(labels), Some(axes)) = (labels, context.axes(0)) else {
        return of_operand(None, context);
    };
    let mut sound = refuse_outside(&labels, &axes, context);
    let parameter = name.as_ref().map_or("the bias", |name| name.value);
    let lacked: Vec<AxisId> = axes.iter().copied().filter(|axis| !labels.axes.contains(axis)).collect();
    let shared = Shared::read(context);
    if let (Some(axis), Sound::Yes) = (shared.untold(&lacked, context.space).first(), sound) {
        let message = format!(
            "{} is shared over the feature axis `{}` of {}",
            quote(parameter),
            context.space.letter(*axis),
            quote(&context.operand_name(0))
        );
        let hint = shared::hint(parameter, *axis, "", context.space);
        context.mistakes.add(&labels.span, Diagnostic::new("shared-over-feature", message).hint(hint));
        sound = Sound::No;
    }
    sound = sound.and(shared.refuse_others(parameter, &lacked, context));
    let parameter = name.and_then(|name| sound.then(name)).and_then(|name| {
        let (space, mistakes) = (context.space, &mut *context.mistakes);
        context.registry.parameter(&name, ParameterKind::Bias, &labels.axes, space, mistakes)
    });
    of_operand(parameter.map(|parameter| Op::Bias(Bias { parameter })), context)
}

/// The sum of at least two operands of the same axes in the same order.
pub(super) fn add(context: &mut Context) -> Checked {
    let known =
        (0..context.operands.len()).find_map(|position| context.axes(position).map(|axes| (position, axes)));
    let Some((first, axes)) = known else {
        return Checked::default();
    };
    let mut sound = Sound::Yes;
    for (position, operand) in context.node.operands.iter().enumerate() {
        let Some(other) = context.axes(position).filter(|other| *other != axes) else {
            continue;
        };
        let message = format!(
            "{} has axes {}, but {} has {}",
            quote(operand.name.value),
            quote(&context.space.letters(&other)),
            quote(&context.operand_name(first)),
            quote(&context.space.letters(&axes))
        );
        context.mistakes.add(
            &operand.name.span,
            Diagnostic::new("different-axes", message).hint("add nodes of the same axes in the same order"),
        );
        sound = Sound::No;
    }
    Checked::new(sound.then(Op::Add(Add)), &axes)
}

/// The operation, with the axes of the only operand.
fn of_operand(op: Option<Op>, context: &Context) -> Checked {
    Checked { ops: op.map(|op| vec![op]), axes: context.axes(0) }
}

/// Refuses labels that are no axes of the operand.
pub(super) fn refuse_outside(labels: &Labels, axes: &[AxisId], context: &mut Context) -> Sound {
    let letters = context.space.letters(axes);
    let operand = context.operand_name(0);
    let mut sound = Sound::Yes;
    for (axis, span) in labels.iter().filter(|(axis, _)| !axes.contains(axis)) {
        let message = format!("{} has no axis `{}`", quote(&operand), context.space.letter(axis));
        context
            .mistakes
            .add(span, Diagnostic::new("missing-axis", message).hint(format!("its axes are `{letters}`")));
        sound = Sound::No;
    }
    sound
}
