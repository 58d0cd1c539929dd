//! Cut nodes: where the feature speed formula holds (theory, section 8).

use super::{Graph, NodeId, ParameterId};

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
    /// any loss passes, in order. A parameter used both above a node and beside it takes a path around it. In a repeat:
    /// the nodes of which that is so in every layer.
    #[must_use]
    pub fn cut_nodes(&self) -> Vec<NodeId> {
        let entry = |node| self.repeat_at(node).map(|id| self.repeat(id).entry);
        self.nodes().filter(|node| self.is_cut(*node, entry(*node))).collect()
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
