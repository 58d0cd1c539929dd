//! [`Behind`]: what stands behind a node before anything else sees it. A value that a scalar, a bias or a sum of such values alone
//! takes is seen only there, and so are the branches of all layers of a repeat where they are added to its stream.

use crate::graph::{DimensionId, Graph, MultiplierId, NodeId, ParameterKind, Shortcut};

/// What stands behind each node of a network, found in one pass.
#[derive(Clone, Debug, Default)]
pub(in crate::graph) struct Behind {
    /// The node that alone takes each node, once; no loss judges that.
    only_user: Vec<Option<NodeId>>,
    /// The node to which each is passed on.
    passed: Vec<Option<NodeId>>,
    /// Where it ends up so.
    end: Vec<NodeId>,
    /// Whether its size can be traded against a multiplier behind it.
    scalable: Vec<bool>,
    /// Whether it is its operand times a multiplier, or passes such a one on.
    times: Vec<bool>,
    /// Whether it is the stream within a layer of a residual repeat.
    on_trunk: Vec<bool>,
}

impl Behind {
    /// Of a network whose nodes are numbered in topological order.
    pub(in crate::graph) fn of(graph: &Graph) -> Self {
        let mut behind = Self::default();
        for y in graph.nodes() {
            behind.only_user.push(match graph.users(y).as_slice() {
                [user] if !graph.is_output(y) => Some(user.node),
                _ => None,
            });
        }
        // Whether a node is a sum with a summand that goes on elsewhere, or with a sum like that.
        let mut adds_to_other = vec![false; behind.only_user.len()];
        for z in graph.nodes() {
            let summands = graph.operands(z);
            let is_sum = graph.node(z).op.facts().adds && summands.len() > 1;
            let is_other = |x: &NodeId| behind.only_user[x.index()] != Some(z) || adds_to_other[x.index()];
            adds_to_other[z.index()] = is_sum && summands.iter().any(is_other);
        }
        let passes = |z: &NodeId| graph.node(*z).op.passes_on() && !adds_to_other[z.index()];
        behind.passed = behind.only_user.iter().map(|user| user.filter(passes)).collect();
        for z in graph.nodes() {
            let op = &graph.node(z).op;
            let operands = graph.operands(z);
            let makes = op.linear_einsum().is_some() || op.facts().narrows;
            let passes = op.passes_on() && op.facts().uses != Some(ParameterKind::Gain);
            let is_taken = |x: &NodeId| behind.passed[x.index()] == Some(z) && behind.scalable[x.index()];
            behind.scalable.push(makes || passes && operands.iter().all(is_taken));
            let alone = op.passes_on() && op.facts().uses.is_none() && !op.facts().adds;
            let is_times = op.multiplier().is_some() || operands.iter().any(|x| behind.times[x.index()]);
            behind.times.push(alone && is_times);
        }
        behind.end = graph.nodes().collect();
        for y in graph.nodes().rev() {
            if let Some(z) = behind.passed[y.index()] {
                behind.end[y.index()] = behind.end[z.index()];
            }
        }
        behind.on_trunk = vec![false; behind.end.len()];
        let residual = graph.repeat_ids().filter(|id| graph.repeat(*id).shortcut == Shortcut::Residual);
        for node in residual.flat_map(|id| graph.trunk(id).unwrap_or_default()) {
            behind.on_trunk[node.index()] = true;
        }
        behind
    }
}

impl Graph {
    /// The node that alone takes a node and passes it on: see [`Facts::passes_on`](crate::graph::op::Facts::passes_on). A sum does so
    /// only with operands that all are taken by it alone: where a stream that goes on elsewhere is added, that is something else.
    /// What leaves a layer of a repeat is taken by the next one too.
    #[must_use]
    pub fn passed_to(&self, y: NodeId) -> Option<NodeId> {
        self.behind.passed[y.index()]
    }

    /// The multipliers that a node passes before others see it, its own left out.
    #[must_use]
    pub fn multipliers_behind(&self, y: NodeId) -> Vec<MultiplierId> {
        let way = std::iter::successors(self.passed_to(y), |node| self.passed_to(*node));
        way.filter_map(|node| self.node(node).op.multiplier()).collect()
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
        let end = self.behind.end[y.index()];
        let sum = self.behind.only_user[end.index()].filter(|sum| self.node(*sum).op.facts().adds)?;
        let on_trunk = |node: NodeId| self.behind.on_trunk[node.index()];
        (on_trunk(sum) && !on_trunk(end)).then(|| self.repeat(repeat).dimension)
    }

    /// Whether the size of a node can be traded against a multiplier behind it: a map makes it, in front of which a multiplier
    /// could stand, or sums, biases and scalars of such.
    #[must_use]
    pub fn is_scalable(&self, y: NodeId) -> bool {
        self.behind.scalable[y.index()]
    }

    /// Whether a node is another one times multipliers, for weights alone: these belong to the weights.
    #[must_use]
    pub fn scales_for_weights(&self, z: NodeId) -> bool {
        let is_weight = |user: NodeId| self.node(user).op.linear_einsum().is_some();
        let is_times = self.behind.times[z.index()] && !self.is_scalable(z);
        let end = self.behind.end[z.index()];
        let users = if is_times { self.users(end) } else { Vec::new() };
        !users.is_empty() && !self.is_output(end) && users.iter().all(|user| is_weight(user.node))
    }
}
