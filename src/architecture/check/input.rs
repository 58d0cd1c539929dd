//! `op = "input"`: data.

use super::{Checked, Context};
use crate::architecture::op_keys::TOKENS;
use crate::document::{Diagnostic, quote};
use crate::graph::op::{Input, Tokens};
use crate::graph::{AxisId, Kind, Op};

/// Axes as declared, at least one. One-hot data need a single feature axis: the one that holds the 1.
pub(super) fn input(context: &mut Context) -> Checked {
    let record = &context.node.record;
    let tokens = tokens(context);
    let one_hot = record.truth("one_hot", context.mistakes);
    let text = record.required_text("axes", context.mistakes);
    let labels = text.and_then(|text| context.space.labels(&text, context.mistakes));
    let Some(labels) = labels else {
        return Checked::default();
    };
    if labels.axes.is_empty() {
        context.mistakes.add(
            &labels.span,
            Diagnostic::new("no-axes", format!("{} has no axes", record.what))
                .hint("write its axes, like `axes = \"bti\"`"),
        );
        return Checked::default();
    }
    let one_hot = match one_hot {
        Some(true) => one_hot_axis(&labels.axes, context),
        Some(false) | None => Some(None),
    };
    let op = one_hot.zip(tokens).map(|(one_hot, tokens)| Op::Input(Input { one_hot, tokens }));
    Checked::new(op, &labels.axes)
}

fn tokens(context: &mut Context) -> Option<Tokens> {
    let record = &context.node.record;
    if !record.has("tokens") {
        return Some(Tokens::Correlated);
    }
    let text = record.text("tokens", context.mistakes)?;
    let known = TOKENS.iter().find(|(name, ..)| *name == text.value);
    if known.is_none() {
        let hint = context.mistakes.suggest(text.value, TOKENS.map(|(name, ..)| name), || {
            "tokens are `correlated` or `independent`".into()
        });
        let message = format!("tokens cannot be {}", quote(text.value));
        context.mistakes.add(&text.span, Diagnostic::new("unknown-tokens", message).hint(hint));
    }
    known.map(|(_, tokens, _)| *tokens)
}

fn one_hot_axis(axes: &[AxisId], context: &mut Context) -> Option<Option<AxisId>> {
    let record = &context.node.record;
    if axes.iter().any(|axis| context.space.kind(*axis).is_none()) {
        return None;
    }
    let is_feature = |axis: &&AxisId| context.space.kind(**axis) == Some(Kind::Feature);
    let features: Vec<AxisId> = axes.iter().filter(is_feature).copied().collect();
    if let [axis] = features.as_slice() {
        return Some(Some(*axis));
    }
    if let Some((_, span)) = record.item("one_hot") {
        let message =
            format!("one-hot data have one feature axis, but {} has {}", record.what, features.len());
        context.mistakes.add(
            &span,
            Diagnostic::new("one-hot-axes", message).hint("give it one feature axis, or remove `one_hot`"),
        );
    }
    None
}
