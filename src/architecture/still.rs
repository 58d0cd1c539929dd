//! Networks of which nothing is trained.

use crate::document::{Diagnostic, Mistakes, Record, Wanted};
use crate::graph::{Graph, ParameterId};
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

/// Where `[parameters]` speaks of a parameter.
fn place(graph: &Graph, id: ParameterId, file: &Record, mistakes: &mut Mistakes) -> Range<usize> {
    let table = file.table("parameters", Wanted::Table, "`[parameters]`".into(), mistakes);
    let span = table.and_then(|table| table.key_span(&graph.parameter(id).name));
    span.unwrap_or_else(|| file.span.clone())
}
