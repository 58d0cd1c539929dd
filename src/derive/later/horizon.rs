//! [`horizon`]: after how many steps exponents stay as they are.

use crate::graph::{Graph, NodeId, Start};

/// Steps after which exponents stay, where nothing starts at zero: what a first step leaves is seen by the second, and what that
/// makes of gradients by the third (theory, section 12).
const STEPS: usize = 3;

/// So many steps, and one more for each weight or gain that starts at zero behind another: it wakes a step after what it waits for.
#[must_use]
pub fn horizon(graph: &Graph) -> usize {
    let mut longest = vec![0_usize; graph.nodes().len()];
    for id in graph.nodes() {
        let before = graph.operands(id).into_iter().map(|x: NodeId| longest[x.index()]).max().unwrap_or(0);
        let factor = graph.parameter_at(id).filter(|_| graph.node(id).op.bias().is_none());
        let is_zero = factor.is_some_and(|w| graph.parameter(w).start == Start::Zero);
        longest[id.index()] = before + usize::from(is_zero);
    }
    STEPS + longest.into_iter().max().unwrap_or(0)
}
