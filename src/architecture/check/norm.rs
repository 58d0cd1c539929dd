//! `op = "layer_norm"` and `"rms_norm"`: lowered to a norm, and a gain and a bias behind it where they are named.

use super::elementwise::refuse_outside;
use super::maps::shared_hint;
use super::over::{read_over, refuse_empty, refuse_kind};
use super::{Checked, Context};
use crate::architecture::space::Labels;
use crate::diagnostic::Diagnostic;
use crate::document::{Sound, Text, quote};
use crate::graph::{AxisId, Kind, NormKind, Op, ParameterKind};

/// Norm over feature axes. Gain and bias run over the same axes, so these must be all feature axes of the operand.
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
    let mut ops = vec![Op::Norm { kind, over: over.axes.clone() }];
    for (name, kind) in [(gain, ParameterKind::Gain), (bias, ParameterKind::Bias)] {
        match name {
            Name::Absent => {}
            Name::Wrong => sound = Sound::No,
            Name::Given(name) if sound == Sound::Yes => {
                let op = parameter(&name, kind, &over, axes.as_deref(), context);
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
    axes: Option<&[AxisId]>,
    context: &mut Context,
) -> Option<Op> {
    let shared = axes
        .unwrap_or_default()
        .iter()
        .copied()
        .find(|axis| context.space.kind(*axis) == Some(Kind::Feature) && !over.axes.contains(axis));
    if let Some(axis) = shared {
        let message = format!(
            "{} runs over the normalised axes, so it is shared over the feature axis `{}` of {}",
            quote(name.value),
            context.space.letter(axis),
            quote(&context.operand_name(0))
        );
        let hint = shared_hint(name.value, axis, context.space) + " by normalising over it too";
        context.mistakes.add(&name.span, Diagnostic::new("shared-over-feature", message).hint(hint));
        return None;
    }
    let id = context.registry.parameter(name, kind, &over.axes, context.space, context.mistakes)?;
    Some(match kind {
        ParameterKind::Gain => Op::Gain { parameter: id },
        ParameterKind::Bias | ParameterKind::Weight => Op::Bias { parameter: id },
    })
}
