//! Cut nodes: where the feature speed formula holds (theory, section 8).

use super::{Graph, NodeId, ParameterId, Repeat};

impl Graph {
    /// The trained parameters used at a node or above it, in order; in a repeat also those of layers before.
    #[must_use]
    pub fn parameters_upstream(&self, node: NodeId) -> Vec<ParameterId> {
        self.trained_above(node, |id| self.sources(id))
    }

    fn trained_above(&self, node: NodeId, from: impl Fn(NodeId) -> Vec<NodeId>) -> Vec<ParameterId> {
        let mut above = self.parameters_above(node, from);
        above.retain(|id| self.parameter(*id).is_trained());
        above
    }

    /// The same with those that are frozen.
    pub(super) fn parameters_above(
        &self,
        node: NodeId,
        from: impl Fn(NodeId) -> Vec<NodeId>,
    ) -> Vec<ParameterId> {
        let mut above = vec![false; self.nodes().len()];
        above[node.index()] = true;
        let mut open = vec![node];
        let mut found = Vec::new();
        while let Some(id) = open.pop() {
            found.extend(self.parameter_at(id));
            for operand in from(id) {
                if !std::mem::replace(&mut above[operand.index()], true) {
                    open.push(operand);
                }
            }
        }
        found.sort_unstable();
        found.dedup();
        found
    }

    /// The nodes with a parameter upstream through which every path from the parameters upstream of them to
    /// any loss passes, in order. A parameter used both above a node and beside it takes a path around it, as one that
    /// all layers of a repeat share does around each of them. In a repeat: the nodes of which that is so in every layer.
    #[must_use]
    pub fn cut_nodes(&self) -> Vec<NodeId> {
        let within =
            |node: NodeId| self.node(node).op.repeat().or(self.repeat_at(node)).map(|id| self.repeat(id));
        let is_passed = |node: NodeId| within(node).is_some_and(|repeat| self.has_looped_training(repeat));
        let entry = |node| self.repeat_at(node).map(|id| self.repeat(id).entry);
        let mut cut: Vec<NodeId> = self.nodes().filter(|node| self.is_cut(*node, entry(*node))).collect();
        cut.retain(|node| !is_passed(*node));
        cut
    }

    /// Whether the layers of a repeat share something that is trained.
    fn has_looped_training(&self, repeat: &Repeat) -> bool {
        repeat.shared.iter().any(|w| self.parameter(*w).is_trained())
    }

    /// Layers before are all above the entry of their repeat.
    fn is_cut(&self, node: NodeId, entry: Option<NodeId>) -> bool {
        let above = self.trained_above(node, |id| self.operands(id));
        if above.is_empty() {
            return false;
        }
        // The nodes from which some loss is reached without passing through `node`.
        let mut around = vec![false; self.nodes().len()];
        self.outputs().for_each(|output| around[output.index()] = output != node);
        for id in self.nodes().rev().filter(|id| *id != node) {
            if around[id.index()] {
                let operands = self.operands(id);
                operands.iter().filter(|operand| **operand != node).for_each(|id| around[id.index()] = true);
            }
        }
        let goes_around =
            |id: NodeId| around[id.index()] && self.parameter_at(id).is_some_and(|w| above.contains(&w));
        !self.nodes().any(goes_around) && !entry.is_some_and(|entry| around[entry.index()])
    }
}
