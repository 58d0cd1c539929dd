//! The keys `multiplier` and `base`: a scalar hyperparameter in front of a node.

use super::Context;
use crate::architecture::base::base;
use crate::document::Diagnostic;
use crate::graph::MultiplierId;

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
    let base = base(record, context.space, context.mistakes);
    Some(context.registry.multiplier(&name?, base?, context.space, context.mistakes))
}
