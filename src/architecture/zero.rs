//! Weights that start at zero, and networks of which nothing is trained.

use crate::document::{Diagnostic, Mistakes, Record, Wanted, quote};
use crate::graph::{Graph, Kind, NodeId, ParameterId, Role};
use std::ops::Range;

/// Refuses a weight that starts at zero where what it makes is not simply added to something: before its first step that is
/// nothing, of which there is no norm, no softmax and no exponent.
pub(super) fn refuse_lost(graph: &Graph, file: &Record, mistakes: &mut Mistakes) {
    for id in graph.parameter_ids() {
        let uses = graph.uses(id);
        let Some(node) = uses.first().copied().filter(|node| graph.is_from_zero(*node)) else { continue };
        let name = quote(&graph.parameter(id).name);
        let made = quote(&graph.node(node).name);
        let problem = if uses.len() > 1 {
            Some((
                format!("{name} starts at zero and is used more than once"),
                "give each use a weight of its own".into(),
            ))
        } else if graph.shared_along(id, node).iter().any(|axis| graph.kind_of(*axis) == Kind::Feature) {
            let message = format!("{name} starts at zero and is shared over features");
            Some((message, "give it these axes, or let it start `random`".into()))
        } else if graph.repeat_at(node).is_some() {
            let hint = "write the layers out, or let it start `random`";
            Some((format!("{name} starts at zero in a layer of a repeat"), hint.into()))
        } else {
            lost(graph, node).map(|user| {
                let user = match user {
                    Some(user) => format!("{} takes it", quote(&graph.node(user).name)),
                    None => "it is an output".into(),
                };
                let message =
                    format!("what {name} makes, {made}, is nothing before the first step, and {user}");
                (message, format!("add {made} to what is there without it, as an adapter is"))
            })
        };
        let problem = problem.or_else(|| {
            (graph.node(node).role != Role::Branch).then(|| {
                let message = format!("what {name} makes, {made}, starts at zero and is no feature");
                (message, format!("write `role = \"branch\"` in {made}"))
            })
        });
        if let Some((message, hint)) = problem {
            let span = place(graph, id, file, mistakes);
            mistakes.add(&span, Diagnostic::new("zero-weight", message).hint(hint));
        }
    }
}

/// The first node that takes what is zero and is neither a scale nor a sum, or nothing if it is the output itself.
fn lost(graph: &Graph, node: NodeId) -> Option<Option<NodeId>> {
    if graph.is_output(node) {
        return Some(None);
    }
    graph.consumers(node).into_iter().find_map(|consumer| match graph.passes_zero(consumer.node) {
        true if graph.starts_at_zero(consumer.node) => lost(graph, consumer.node),
        true => None,
        false => Some(Some(consumer.node)),
    })
}

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
