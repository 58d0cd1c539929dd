//! What a network needs as a whole: data, something to train, nothing without effect on the loss, and factors that are
//! independent of each other.

use crate::document::{Mistakes, Record, quote};
use std::collections::BTreeSet;

use super::declaration::{Declaration, Declarations};
use super::op_name::OpName;
use super::order::Order;
use crate::document::Diagnostic;
use crate::graph::{Graph, Root};

/// Keys under which nodes name what is trained.
pub(super) const TRAINED: [&str; 4] = ["weight", "parameter", "gain", "bias"];

/// Refuses nodes on which no output depends. Says nothing where a name or operand could not be read:
/// what looks unused may be meant there. Nor where nodes form a cycle, or follow the only output.
pub(super) fn refuse_idle(
    declarations: &Declarations,
    order: &Order,
    outputs: &[usize],
    mistakes: &mut Mistakes,
) {
    if outputs.is_empty() || !declarations.complete || order.cyclic {
        return;
    }
    if let [only] = outputs
        && declarations.user_of(*only).is_some()
    {
        return;
    }
    let mut reached: BTreeSet<usize> = outputs.iter().copied().collect();
    let mut queue = outputs.to_vec();
    while let Some(position) = queue.pop() {
        let operands = declarations.nodes.get(position).map_or(&[][..], |node| &node.operands);
        for operand in operands.iter().filter_map(|operand| operand.declaration) {
            if reached.insert(operand) {
                queue.push(operand);
            }
        }
    }
    for (position, node) in declarations.nodes.iter().enumerate() {
        if !reached.contains(&position) {
            let message = format!("{} has no effect on the loss", node.record.what);
            mistakes.add(
                &node.record.span,
                Diagnostic::new("no-effect", message).hint("use it on the way to the output, or remove it"),
            );
        }
    }
}

/// Refuses a network without data. An unknown operation may be meant as one.
pub(super) fn refuse_no_input(declarations: &Declarations, file: &Record, mistakes: &mut Mistakes) {
    let might_be = |op: Option<OpName>| op.is_none_or(|op| op == OpName::Input);
    if !declarations.nodes.is_empty() && !declarations.nodes.iter().any(|node| might_be(node.op)) {
        mistakes.add(
            &file.span,
            Diagnostic::new("no-input", "the network has no input")
                .hint("declare one: a `[[node]]` with `op = \"input\"` and its `axes`"),
        );
    }
}

/// Refuses a network with nothing to train. An unknown operation may be meant to name something.
pub(super) fn refuse_untrained(declarations: &Declarations, file: &Record, mistakes: &mut Mistakes) {
    let trains = |node: &Declaration| TRAINED.iter().any(|key| node.record.has(key));
    let known = declarations.nodes.iter().all(|node| node.op.is_some());
    if known && !declarations.nodes.is_empty() && !declarations.nodes.iter().any(trains) {
        mistakes.add(
            &file.span,
            Diagnostic::new("nothing-trained", "the network has no parameter to train")
                .hint("give it a weight: a `[[node]]` with `op = \"linear\"` and its `weight`"),
        );
    }
}

/// Refuses parameters whose effect a softmax takes away where they are used: all that it compares moves alike.
pub(super) fn refuse_unfelt(graph: &Graph, declarations: &Declarations, mistakes: &mut Mistakes) {
    for (node, softmax) in graph.unfelt() {
        let Some(parameter) = graph.parameter_at(node) else { continue };
        let name = &graph.parameter(parameter).name;
        let node = &graph.node(node).name;
        let declared = declarations.nodes.iter().filter(|declared| {
            declared
                .name
                .as_ref()
                .is_some_and(|held| held.value == node || node.starts_with(&format!("{}.", held.value)))
        });
        let mut named = declared.flat_map(|node| TRAINED.iter().filter_map(|key| node.record.item(key)));
        let place = named.find(|(item, _)| item.as_str() == Some(name)).map(|(_, span)| span);
        let message =
            format!("parameter {} has no effect on the loss where {} adds it", quote(name), quote(node));
        let note = format!(
            "it moves all that the softmax {} compares alike, and gets no gradient there",
            quote(&graph.node(softmax).name)
        );
        if let Some(span) = place {
            let diagnostic = Diagnostic::new("no-effect", message).note(note);
            mistakes.add(&span, diagnostic.hint("remove it there: the network computes the same without it"));
        }
    }
}

/// Refuses contractions of two nodes that come from the same entries: the rule for products needs independent ones.
pub(super) fn refuse_dependent(graph: &Graph, declarations: &Declarations, mistakes: &mut Mistakes) {
    for node in graph.nodes() {
        let Some(origin) = graph.common_origin(node) else { continue };
        let name = &graph.node(node).name;
        let declared = declarations
            .nodes
            .iter()
            .find(|declared| declared.name.as_ref().is_some_and(|held| held.value == name));
        let Some([p, q]) = declared.map(|declared| declared.operands.as_slice()) else { continue };
        let origin = match origin {
            Root::Input(input) => format!("entries of the input {}", quote(&graph.node(input).name)),
            Root::Weight(weight) => format!("products with {}", quote(&graph.parameter(weight).name)),
        };
        let message = format!(
            "{} contracts {} with {}, which are both {origin}",
            quote(name),
            quote(p.name.value),
            quote(q.name.value)
        );
        mistakes.add(
            &q.name.span,
            Diagnostic::new("dependent-operands", message)
                .note("the rule for products needs operands that are independent of each other")
                .hint(format!("let {} pass a weight of its own before", quote(q.name.value))),
        );
    }
}
