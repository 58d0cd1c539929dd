//! `op = "layer_norm"` and `"rms_norm"`: lowered to a norm, and a gain and a bias behind it where they are named.

use super::elementwise::refuse_outside;
use super::over::{read_over, refuse_empty, refuse_kind};
use super::shared::{self, Shared};
use super::{Checked, Context};
use crate::architecture::space::Labels;
use crate::document::{Diagnostic, Sound, Text, quote};
use crate::graph::op::{Bias, Gain, Norm, NormKind};
use crate::graph::{AxisId, Kind, Op, ParameterKind};

/// Norm over feature axes. Gain and bias run over the same axes, so these must be all feature axes of the operand
/// but those over which both are meant to be shared.
pub(super) fn norm(kind: NormKind, context: &mut Context) -> Checked {
    let gain = name("gain", context);
    let bias = name("bias", context);
    let over = read_over("over", context);
    let axes = context.axes(0);
    let Some(over) = over else {
        return Checked { ops: None, axes };
    };
    let mut sound = refuse_empty("over", &over, context).and(refuse_kind(&over, Kind::Feature, context));
    if let Some(axes) = &axes {
        sound = sound.and(refuse_outside(&over, axes, context));
    }
    let lacked = |axis: &AxisId| !over.axes.contains(axis);
    let lacked: Vec<AxisId> = axes.iter().flatten().copied().filter(lacked).collect();
    let shared = Shared::read(context);
    let untold = shared.untold(&lacked, context.space).first().copied();
    let first = [&gain, &bias].into_iter().find_map(|name| name.given());
    match (first, &axes) {
        (Some(first), Some(_)) => sound = sound.and(shared.refuse_others(first, &lacked, context)),
        (None, _) => sound = sound.and(shared.refuse_without_parameter(context)),
        (Some(_), None) => {}
    }
    let mut ops = vec![Op::Norm(Norm { kind, over: over.axes.clone() })];
    for (name, kind) in [(gain, ParameterKind::Gain), (bias, ParameterKind::Bias)] {
        match name {
            Name::Absent => {}
            Name::Wrong => sound = Sound::No,
            Name::Given(name) if sound == Sound::Yes => {
                let op = parameter(&name, kind, &over, untold, context);
                if op.is_none() {
                    sound = Sound::No;
                }
                ops.extend(op);
            }
            Name::Given(_) => {}
        }
    }
    Checked { ops: sound.then(ops), axes }
}

/// The name of an optional parameter.
enum Name<'a> {
    Absent,
    Wrong,
    Given(Text<'a>),
}

impl<'a> Name<'a> {
    fn given(&self) -> Option<&'a str> {
        if let Self::Given(name) = self { Some(name.value) } else { None }
    }
}

fn name<'a>(key: &str, context: &mut Context<'_, 'a>) -> Name<'a> {
    let record = &context.node.record;
    if !record.has(key) {
        return Name::Absent;
    }
    let name = record.text(key, context.mistakes).and_then(|name| name.name(context.mistakes));
    name.map_or(Name::Wrong, Name::Given)
}

fn parameter(
    name: &Text,
    kind: ParameterKind,
    over: &Labels,
    untold: Option<AxisId>,
    context: &mut Context,
) -> Option<Op> {
    if let Some(axis) = untold {
        let message = format!(
            "{} runs over the normalised axes, so it is shared over the feature axis `{}` of {}",
            quote(name.value),
            context.space.letter(axis),
            quote(&context.operand_name(0))
        );
        let hint = shared::hint(name.value, axis, " by normalising over it too", context.space);
        context.mistakes.add(&name.span, Diagnostic::new("shared-over-feature", message).hint(hint));
        return None;
    }
    let id = context.registry.parameter(name, kind, &over.axes, context.space, context.mistakes)?;
    Some(match kind {
        ParameterKind::Gain => Op::Gain(Gain { parameter: id }),
        ParameterKind::Bias | ParameterKind::Weight => Op::Bias(Bias { parameter: id }),
    })
}
