//! [`Repeat`]: a block of nodes computed several times, layer after layer, on one stream (theory, section 5).
//!
//! The graph holds the block once. What enters a layer is a node of its own, of op [`Stream`](super::op::Stream): for the
//! first layer it is its operand, for every other what left the layer before.

use std::collections::BTreeSet;

use super::op::Centred;
use super::{Consumer, DimensionId, Graph, NodeId, ParameterId, RepeatId};

/// A block that is computed several times. Each layer has parameters of its own, of the same hyperparameters, but for those that
/// all have in common.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repeat {
    /// How many layers; of kind depth.
    pub dimension: DimensionId,
    /// Whether the stream goes around the block.
    pub shortcut: Shortcut,
    /// The parameters of the block that all layers have in common: then they are passes through one layer.
    pub shared: BTreeSet<ParameterId>,
    /// The stream as a layer takes it, of op [`Stream`](super::op::Stream).
    pub entry: NodeId,
    /// The node that leaves the block.
    pub exit: NodeId,
}

/// Whether the stream goes around the block.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Shortcut {
    /// `x <- x + branch(x)`
    Residual,
    /// `x <- block(x)`
    Chain,
}

impl Shortcut {
    /// The name of its rule.
    #[must_use]
    pub fn rule_name(self) -> &'static str {
        match self {
            Self::Residual => "residual",
            Self::Chain => "chain",
        }
    }
}

/// A step of the only traversal: a node that is computed once, or a repeat with all nodes of its block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// One node.
    Node(NodeId),
    /// The entry and the block of a repeat.
    Repeat(RepeatId),
}

impl Graph {
    /// All repeats.
    pub fn repeat_ids(&self) -> impl DoubleEndedIterator<Item = RepeatId> + use<> {
        (0..self.repeats.len()).map(RepeatId)
    }

    /// One repeat.
    #[must_use]
    pub fn repeat(&self, id: RepeatId) -> &Repeat {
        &self.repeats[id.0]
    }

    /// The nodes of the block of a repeat, in order: what depends on its entry and leads to its exit.
    #[must_use]
    pub fn block(&self, id: RepeatId) -> Vec<NodeId> {
        let Repeat { entry, exit, .. } = *self.repeat(id);
        let mut below = vec![false; self.nodes().len()];
        below[entry.index()] = true;
        let between = |node: &NodeId| *node > entry && *node <= exit;
        for node in self.nodes().filter(between) {
            below[node.index()] = self.operands(node).iter().any(|operand| below[operand.index()]);
        }
        let mut above = vec![false; self.nodes().len()];
        above[exit.index()] = true;
        for node in self.nodes().rev().filter(between).filter(|node| below[node.index()]) {
            if above[node.index()] {
                self.operands(node).iter().for_each(|operand| above[operand.index()] = true);
            }
        }
        self.nodes().filter(between).filter(|node| below[node.index()] && above[node.index()]).collect()
    }

    /// The nodes of a residual block that are the stream within a layer, in order, the exit last: sums and norms on the
    /// way around all branches. Nothing if no such way leads from entry to exit, or more than one.
    #[must_use]
    pub fn trunk(&self, id: RepeatId) -> Option<Vec<NodeId>> {
        let Repeat { entry, exit, .. } = *self.repeat(id);
        let mut before = vec![None; self.nodes().len()];
        before[entry.index()] = Some(entry);
        for node in self.block(id) {
            let stays = self.node(node).op.facts().in_stream;
            let mut ways = self.operands(node).into_iter().filter(|x| before[x.index()].is_some());
            if let (true, Some(way)) = (stays, ways.next()) {
                if ways.next().is_some() {
                    return None;
                }
                before[node.index()] = Some(way);
            }
        }
        let mut trunk = Vec::new();
        let mut here = exit;
        while here != entry {
            trunk.push(here);
            here = before[here.index()]?;
        }
        trunk.reverse();
        Some(trunk)
    }

    /// The branches of a residual block: the nodes beside its trunk, those together that are connected without it.
    #[must_use]
    pub fn branches(&self, id: RepeatId) -> Vec<Vec<NodeId>> {
        let trunk = self.trunk(id).unwrap_or_default();
        let beside: Vec<NodeId> = self.block(id).into_iter().filter(|node| !trunk.contains(node)).collect();
        let mut branches: Vec<Vec<NodeId>> = Vec::new();
        for node in beside {
            let operands = self.operands(node);
            let (joined, others) = branches
                .into_iter()
                .partition(|branch: &Vec<NodeId>| operands.iter().any(|operand| branch.contains(operand)));
            branches = others;
            branches.push(joined.into_iter().flatten().chain([node]).collect());
        }
        branches
    }

    /// Whether all layers of a repeat have a parameter in common, so that each is a pass through the same layer.
    #[must_use]
    pub fn is_shared(&self, parameter: ParameterId) -> bool {
        self.repeats.iter().any(|repeat| repeat.shared.contains(&parameter))
    }

    /// Whether a node is in a branch of which all layers of a repeat have all parameters in common: passes make alike things of
    /// streams that are alike.
    #[must_use]
    pub fn is_looped(&self, node: NodeId) -> bool {
        let Some(id) = self.repeat_at(node).filter(|id| !self.repeat(*id).shared.is_empty()) else {
            return false;
        };
        let branch = self.branches(id).into_iter().find(|branch| branch.contains(&node));
        branch.is_some_and(|branch| {
            branch.into_iter().filter_map(|node| self.parameter_at(node)).all(|w| self.is_shared(w))
        })
    }

    /// The repeat of which each layer has a copy of the parameter, or all layers have it in common.
    #[must_use]
    pub fn repeat_of(&self, parameter: ParameterId) -> Option<RepeatId> {
        self.repeat_at(*self.uses(parameter).first()?)
    }

    /// The order of computation, each repeat at the place of its entry.
    #[must_use]
    pub fn units(&self) -> Vec<Unit> {
        let unit = |node: NodeId| match (self.node(node).op.repeat(), self.repeat_at(node)) {
            (Some(entered), _) => Some(Unit::Repeat(entered)),
            (None, Some(_)) => None,
            (None, None) => Some(Unit::Node(node)),
        };
        self.nodes().filter_map(unit).collect()
    }

    /// What a node is computed from, the layer before included: the operands, and the exit for an entry.
    #[must_use]
    pub fn sources(&self, node: NodeId) -> Vec<NodeId> {
        let mut sources = self.operands(node);
        if let Some(repeat) = self.node(node).op.repeat() {
            sources.push(self.repeat(repeat).exit);
        }
        sources
    }

    /// Every use of a node, by the next layer included: the consumers, and the entry for an exit.
    #[must_use]
    pub fn users(&self, node: NodeId) -> Vec<Consumer> {
        let mut users = self.consumers(node);
        let again = self.repeats.iter().filter(|repeat| repeat.exit == node);
        users.extend(again.map(|repeat| Consumer { node: repeat.entry, position: 0 }));
        users
    }

    /// Whether the entries of a node have mean zero, as far as weights see to it: those of different layers add up like
    /// a square root only then. What leaves an activation or a softmax has a mean.
    #[must_use]
    pub fn is_centred(&self, node: NodeId) -> bool {
        let operands = || self.operands(node).into_iter();
        match self.node(node).op.facts().centred {
            Centred::Always => true,
            Centred::IfAny => operands().any(|x| self.is_centred(x)),
            Centred::IfAll => operands().all(|x| self.is_centred(x)),
            Centred::Never => false,
        }
    }
}
