//! The order of computation: operands before the nodes that use them, ties in the order of the file.

use crate::document::{Mistakes, quote};
use std::cmp::Reverse;
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, VecDeque};

use petgraph::algo::kosaraju_scc;
use petgraph::graph::{DiGraph, NodeIndex};

use super::declaration::Declarations;
use crate::document::Diagnostic;

/// Most nodes of a cycle that its message names.
const MOST_NAMED: usize = 8;

/// The order in which nodes are looked at.
pub(super) struct Order {
    /// Every node by its position among the declarations: first those that can be computed, in the order of
    /// computation, then those in a cycle or behind one, in the order of the file.
    pub(super) sequence: Vec<usize>,
    /// Whether some nodes depend on themselves.
    pub(super) cyclic: bool,
}

/// Orders the nodes. Each group of nodes that depend on each other is a mistake, told by its shortest cycle.
pub(super) fn order(declarations: &Declarations, mistakes: &mut Mistakes) -> Order {
    let count = declarations.nodes.len();
    let mut uses: DiGraph<(), ()> = DiGraph::with_capacity(count, count);
    for _ in 0..count {
        uses.add_node(());
    }
    for (position, node) in declarations.nodes.iter().enumerate() {
        for operand in node.operands.iter().filter_map(|operand| operand.declaration) {
            uses.add_edge(NodeIndex::new(operand), NodeIndex::new(position), ());
        }
    }
    let mut cycles: Vec<Vec<usize>> =
        kosaraju_scc(&uses).iter().filter_map(|group| shortest_cycle(group, &uses)).collect();
    cycles.sort();
    for cycle in &cycles {
        report(cycle, declarations, mistakes);
    }
    Order { sequence: computable_first(&uses), cyclic: !cycles.is_empty() }
}

/// Kahn's algorithm; of the nodes that are ready, the first of the file is next.
fn computable_first(uses: &DiGraph<(), ()>) -> Vec<usize> {
    let mut waiting: Vec<usize> =
        uses.node_indices().map(|node| uses.neighbors_directed(node, petgraph::Incoming).count()).collect();
    let mut ready: BinaryHeap<Reverse<usize>> =
        (0..waiting.len()).filter(|position| waiting[*position] == 0).map(Reverse).collect();
    let mut order = Vec::with_capacity(waiting.len());
    while let Some(Reverse(next)) = ready.pop() {
        order.push(next);
        for user in uses.neighbors(NodeIndex::new(next)) {
            waiting[user.index()] -= 1;
            if waiting[user.index()] == 0 {
                ready.push(Reverse(user.index()));
            }
        }
    }
    order.extend((0..waiting.len()).filter(|position| waiting[*position] > 0));
    order
}

/// A shortest cycle through the first node of the file in a strongly connected group: from each node to one
/// that uses it, starting with that first node. Nothing for a single node that does not use itself.
fn shortest_cycle(group: &[NodeIndex], uses: &DiGraph<(), ()>) -> Option<Vec<usize>> {
    let start = *group.iter().min()?;
    let members: BTreeSet<NodeIndex> = group.iter().copied().collect();
    let mut came_from: BTreeMap<NodeIndex, NodeIndex> = BTreeMap::new();
    let mut queue = VecDeque::from([start]);
    while let Some(node) = queue.pop_front() {
        let mut users: Vec<NodeIndex> = uses.neighbors(node).filter(|user| members.contains(user)).collect();
        users.sort_unstable();
        for user in users {
            if user == start {
                let back = std::iter::successors(Some(node), |node| came_from.get(node).copied());
                let mut cycle: Vec<usize> = back.map(NodeIndex::index).collect();
                cycle.reverse();
                return Some(cycle);
            }
            if let Entry::Vacant(unseen) = came_from.entry(user) {
                unseen.insert(node);
                queue.push_back(user);
            }
        }
    }
    None
}

fn report(cycle: &[usize], declarations: &Declarations, mistakes: &mut Mistakes) {
    let (Some(start), Some(end)) = (cycle.first(), cycle.last()) else {
        return;
    };
    let operands = &declarations.nodes[*start].operands;
    let Some(entering) = operands.iter().find(|operand| operand.declaration == Some(*end)) else {
        return;
    };
    let name = |node: &usize| {
        declarations.nodes[*node].name.as_ref().map_or_else(|| "a node".into(), |name| quote(name.value))
    };
    let message = if cycle.len() == 1 {
        format!("node {} is its own operand", name(start))
    } else {
        let mut names: Vec<String> = cycle.iter().take(MOST_NAMED).map(name).collect();
        if cycle.len() > MOST_NAMED {
            names.push(format!("{} more", cycle.len() - MOST_NAMED));
        }
        names.push(name(start));
        format!("{} nodes form a cycle: {}", cycle.len(), names.join(" -> "))
    };
    mistakes.add(
        &entering.name.span,
        Diagnostic::new("cycle", message).hint("let one of them use a node that is computed before it"),
    );
}
