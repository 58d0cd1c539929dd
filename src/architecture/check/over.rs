//! `op = "softmax"`, `"mean"`, `"rope"` and `"window"`: the operations that run over some axes of their operand.

use super::elementwise::refuse_outside;
use super::{Checked, Context};
use crate::architecture::space::Labels;
use crate::document::{Diagnostic, Sound, quote};
use crate::graph::op::{Mean, Rope, Softmax, Window};
use crate::graph::{AxisId, Kind, Op};

/// Softmax over one axis: of positions, or of experts.
pub(super) fn softmax(context: &mut Context) -> Checked {
    let over = single("over", None, context);
    Checked { ops: over.map(|over| vec![Op::Softmax(Softmax { over })]), axes: context.axes(0) }
}

/// Mean over sample axes, which the result lacks.
pub(super) fn mean(context: &mut Context) -> Checked {
    let Some(over) = read_over("over", context) else {
        return Checked::default();
    };
    let sound = refuse_empty("over", &over, context).and(refuse_kind(&over, Kind::Sample, context));
    let Some(mut axes) = context.axes(0) else {
        return Checked::default();
    };
    if sound.and(refuse_outside(&over, &axes, context)) == Sound::No {
        return Checked::default();
    }
    axes.retain(|axis| !over.axes.contains(axis));
    Checked::new(Some(Op::Mean(Mean { over: over.axes })), &axes)
}

/// Rotates the halves of one feature axis, of even size, by angles that depend on one sample axis. Those not named are
/// the last of their kind: the entries of a head, and the innermost positions.
pub(super) fn rope(context: &mut Context) -> Checked {
    let over = single_or_last("over", Kind::Feature, context);
    let positions = single_or_last("positions", Kind::Sample, context);
    let odd = over.and_then(|over| context.space.size(over)).is_some_and(|size| size % 2 == 1);
    if let (Some(over), true) = (over, odd) {
        let record = &context.node.record;
        let span = record.item("over").map_or_else(|| record.span.clone(), |(_, span)| span);
        let dimension = context.space.dimension_name(over);
        let message = format!("rope pairs the entries of `{dimension}`, whose size is odd");
        context.mistakes.add(
            &span,
            Diagnostic::new("odd-size", message).hint(format!("give `{dimension}` an even size")),
        );
    }
    let op = over.zip(positions).filter(|_| !odd).map(|(over, positions)| Op::Rope(Rope { over, positions }));
    Checked { ops: op.map(|op| vec![op]), axes: context.axes(0) }
}

/// What lies around each position of a sample axis, along an axis of its own, the last of the result.
pub(super) fn window(context: &mut Context) -> Checked {
    let over = single("over", Some(Kind::Sample), context);
    let by = read_over("by", context);
    let Some(mut axes) = context.axes(0) else {
        return Checked::default();
    };
    let Some(by) = by else {
        return Checked::default();
    };
    let [axis] = by.axes.as_slice() else {
        refuse_count("by", &by, 'w', context);
        return Checked::default();
    };
    if axes.contains(axis) {
        let letter = context.space.letter(*axis);
        let message = format!("{} has the axis `{letter}` already", quote(&context.operand_name(0)));
        let diagnostic = Diagnostic::new("window-axis", message)
            .hint("name an axis of its own for what lies around a position, over the dimension of the kernel's size");
        context.mistakes.add(&by.span, diagnostic);
        return Checked::default();
    }
    axes.push(*axis);
    Checked::new(over.map(|over| Op::Window(Window { over, by: *axis })), &axes)
}

/// The one axis under a key; without the key, the last axis of that kind of the operand.
fn single_or_last(key: &str, kind: Kind, context: &mut Context) -> Option<AxisId> {
    if context.node.record.has(key) {
        return single(key, Some(kind), context);
    }
    let axes = context.axes(0)?;
    let last = axes.iter().rfind(|axis| context.space.kind(**axis) == Some(kind)).copied();
    let all_known = axes.iter().all(|axis| context.space.kind(*axis).is_some());
    if last.is_none() && all_known {
        let name = match kind {
            Kind::Feature => "feature",
            Kind::Sample => "sample",
            Kind::Depth => "depth",
        };
        let message = format!("{} has no {name} axis", quote(&context.operand_name(0)));
        let hint = "rope rotates the entries of a feature axis by angles that depend on a sample axis";
        let span = context.node.record.span.clone();
        context.mistakes.add(&span, Diagnostic::new("no-axes", message).hint(hint));
    }
    last
}

/// The axes under a key that must be there.
pub(super) fn read_over(key: &str, context: &mut Context) -> Option<Labels> {
    let text = context.node.record.required_text(key, context.mistakes)?;
    context.space.labels(&text, context.mistakes)
}

/// Refuses an empty list of axes.
pub(super) fn refuse_empty(key: &str, over: &Labels, context: &mut Context) -> Sound {
    if !over.axes.is_empty() {
        return Sound::Yes;
    }
    let message = format!("`{key}` of {} names no axis", context.node.record.what);
    let hint = format!("name an axis of {}, like `{key} = \"d\"`", quote(&context.operand_name(0)));
    context.mistakes.add(&over.span, Diagnostic::new("no-axes", message).hint(hint));
    Sound::No
}

/// Refuses axes over dimensions of another kind.
pub(super) fn refuse_kind(over: &Labels, wanted: Kind, context: &mut Context) -> Sound {
    let name = |kind| match kind {
        Kind::Feature => "feature",
        Kind::Sample => "sample",
        Kind::Depth => "depth",
    };
    let mut sound = Sound::Yes;
    for (axis, span) in over.iter() {
        let Some(kind) = context.space.kind(axis).filter(|kind| *kind != wanted) else {
            continue;
        };
        let (letter, dimension) = (context.space.letter(axis), context.space.dimension_name(axis));
        let message = format!(
            "{} runs over {} axes, but `{letter}` is a {} axis",
            context.node.record.what,
            name(wanted),
            name(kind)
        );
        context.mistakes.add(
            span,
            Diagnostic::new("axis-kind", message).hint(format!(
                "name a {} axis, or declare `{dimension}` with `kind = \"{}\"`",
                name(wanted),
                name(wanted)
            )),
        );
        sound = Sound::No;
    }
    sound
}

/// Refuses no axis, and several.
fn refuse_count(key: &str, labels: &Labels, like: char, context: &mut Context) -> Sound {
    if labels.axes.len() < 2 {
        return refuse_empty(key, labels, context);
    }
    let message = format!("`{key}` of {} names {} axes", context.node.record.what, labels.axes.len());
    let letter = labels.axes.first().map_or(like, |axis| context.space.letter(*axis));
    context.mistakes.add(
        &labels.span,
        Diagnostic::new("several-axes", message).hint(format!("name one, like `{key} = \"{letter}\"`")),
    );
    Sound::No
}

/// The one axis of the wanted kind under a key; of any kind if it is not said.
fn single(key: &str, wanted: Option<Kind>, context: &mut Context) -> Option<AxisId> {
    let over = read_over(key, context)?;
    let mut sound = refuse_count(key, &over, 's', context);
    if let Some(wanted) = wanted {
        sound = sound.and(refuse_kind(&over, wanted, context));
    }
    if let Some(axes) = context.axes(0) {
        sound = sound.and(refuse_outside(&over, &axes, context));
    }
    over.axes.first().copied().and_then(|axis| sound.then(axis))
}
