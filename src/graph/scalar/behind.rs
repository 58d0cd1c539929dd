//! What stands behind a node before anything else sees it: a value that a scalar, a bias or a sum of such values alone takes is
//! seen only there, and so are the branches of all layers of a repeat where they are added to its stream.

use crate::graph::{DimensionId, Graph, MultiplierId, NodeId, ParameterKind, Shortcut};

impl Graph {
    /// The node that alone takes a node and passes it on: see [`Facts::passes_on`](crate::graph::op::Facts::passes_on). A sum does so
    /// only with operands that all are taken by it alone: where a stream that goes on elsewhere is added, that is something else.
    /// What leaves a layer of a repeat is taken by the next one too.
    #[must_use]
    pub fn passed_to(&self, y: NodeId) -> Option<NodeId> {
        let z = self.only_user(y)?;
        (self.node(z).op.passes_on() && !self.adds_to_other(z)).then_some(z)
    }

    /// Whether a node is a sum with a summand that goes on elsewhere, or with a sum like that.
    fn adds_to_other(&self, z: NodeId) -> bool {
        let summands = self.operands(z);
        let is_sum = self.node(z).op.facts().adds && summands.len() > 1;
        is_sum && summands.iter().any(|x| self.only_user(*x) != Some(z) || self.adds_to_other(*x))
    }

    /// The node that alone takes a node, once.
    fn only_user(&self, y: NodeId) -> Option<NodeId> {
        match self.users(y).as_slice() {
            [user] => Some(user.node),
            _ => None,
        }
    }

    /// A node and those to which it is passed on, the last one seen by others.
    fn way(&self, y: NodeId) -> impl Iterator<Item = NodeId> + '_ {
        std::iter::successors(Some(y), |node| self.passed_to(*node))
    }

    /// The multipliers that a node passes before others see it, its own left out.
    #[must_use]
    pub fn multipliers_behind(&self, y: NodeId) -> Vec<MultiplierId> {
        self.way(y).skip(1).filter_map(|node| self.node(node).op.multiplier()).collect()
    }

    /// Whether a multiplier alone takes a node, so that nobody sees it but times that.
    #[must_use]
    pub fn is_seen_scaled(&self, y: NodeId) -> bool {
        let is_scale =
            |z: NodeId| self.node(z).op.facts().uses.is_none() && self.node(z).op.multiplier().is_some();
        self.is_scalable(y) && self.passed_to(y).is_some_and(is_scale)
    }

    /// The dimension along which a node is added up before others see it: the depth of a residual repeat, if all that becomes
    /// of the node is added to its stream, in every layer to the same one.
    #[must_use]
    pub fn stacked_over(&self, y: NodeId) -> Option<DimensionId> {
        let repeat = self.repeat_at(y)?;
        let end = self.way(y).last()?;
        let sum = self.only_user(end).filter(|sum| self.node(*sum).op.facts().adds)?;
        let held = self.repeat(repeat);
        let trunk = self.trunk(repeat).filter(|_| held.shortcut == Shortcut::Residual)?;
        (trunk.contains(&sum) && !trunk.contains(&end)).then_some(held.dimension)
    }

    /// Whether the size of a node can be traded against a multiplier behind it: a map makes it, in front of which a multiplier
    /// could stand, or sums, biases and scalars of such.
    #[must_use]
    pub fn is_scalable(&self, y: NodeId) -> bool {
        let op = &self.node(y).op;
        let makes = op.linear_einsum().is_some() || op.facts().narrows;
        let is_sum = || op.passes_on() && op.facts().uses != Some(ParameterKind::Gain);
        makes
            || is_sum()
                && self.operands(y).iter().all(|x| self.passed_to(*x) == Some(y) && self.is_scalable(*x))
    }

    /// Whether a node is another one times multipliers, for weights alone: these belong to the weights.
    #[must_use]
    pub fn scales_for_weights(&self, z: NodeId) -> bool {
        let is_weight = |user: NodeId| self.node(user).op.linear_einsum().is_some();
        let users = self.way(z).last().map(|end| self.users(end)).unwrap_or_default();
        self.is_times(z)
            && !self.is_scalable(z)
            && !users.is_empty()
            && users.iter().all(|user| is_weight(user.node))
    }

    /// Whether a node is its operand times a multiplier, or passes such a one on.
    fn is_times(&self, z: NodeId) -> bool {
        let op = &self.node(z).op;
        let alone = op.passes_on() && op.facts().uses.is_none() && !op.facts().adds;
        let mut before = alone.then(|| self.operands(z)).into_iter().flatten();
        alone && (op.multiplier().is_some() || before.any(|x| self.is_times(x)))
    }
}
