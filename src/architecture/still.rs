//! What the whole network says of `[parameters]`: whether anything is trained, and whether a weight can be the identity.

use crate::document::{Diagnostic, Mistakes, Record, Wanted, quote};
use crate::graph::{Graph, ParameterId, Start};
use std::ops::Range;

/// Refuses a network all of whose parameters are frozen.
pub(super) fn refuse_still(graph: &Graph, file: &Record, mistakes: &mut Mistakes) {
    let all =
        !graph.parameters.is_empty() && graph.parameters.iter().all(|parameter| !parameter.is_trained());
    let last = graph.parameter_ids().next_back().filter(|_| all);
    if let Some(last) = last {
        let span = place(graph, last, file, mistakes);
        let diagnostic = Diagnostic::new("nothing-trained", "every parameter is frozen");
        mistakes.add(&span, diagnostic.hint("leave `frozen = true` out of one of them"));
    }
}

/// Refuses the identity as the start of a weight that does not make the dimensions that it sums.
pub(super) fn refuse_unlike(graph: &Graph, file: &Record, mistakes: &mut Mistakes) {
    for id in graph.parameter_ids().filter(|id| graph.parameter(*id).start == Start::Identity) {
        if graph.diagonal(id).is_none() {
            let span = place(graph, id, file, mistakes);
            let name = quote(&graph.parameter(id).name);
            let message = format!(
                "{name} does not make the dimensions that it sums, so it cannot start at the identity"
            );
            let hint = "let it start `random`, `zero`, `ones` or at a number";
            mistakes.add(&span, Diagnostic::new("parameter-init", message).hint(hint));
        }
    }
}

/// Where `[parameters]` speaks of a parameter.
fn place(graph: &Graph, id: ParameterId, file: &Record, mistakes: &mut Mistakes) -> Range<usize> {
    let table = file.table("parameters", Wanted::Table, "`[parameters]`".into(), mistakes);
    let span = table.and_then(|table| table.key_span(&graph.parameter(id).name));
    span.unwrap_or_else(|| file.span.clone())
}
