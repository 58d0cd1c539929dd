//! Cut nodes: where the feature speed formula holds (theory, section 8).

use super::{Graph, NodeId, ParameterId};

impl Graph {
    /// The parameters used at a node or above it, in order.
    #[must_use]
    pub fn parameters_upstream(&self, node: NodeId) -> Vec<ParameterId> {
        let mut above = vec![false; self.nodes().len()];
        above[node.index()] = true;
        let mut found = Vec::new();
        for id in self.nodes().rev().filter(|id| id.index() <= node.index()) {
            if above[id.index()] {
                self.operands(id).iter().for_each(|operand| above[operand.index()] = true);
                found.extend(self.parameter_at(id));
            }
        }
        found.sort_unstable();
        found.dedup();
        found
    }

    /// The nodes with a parameter upstream through which every path from the parameters upstream of them to
    /// the loss passes, in order. A parameter used both above a node and beside it takes a path around it.
    #[must_use]
    pub fn cut_nodes(&self) -> Vec<NodeId> {
        self.nodes().filter(|node| self.is_cut(*node)).collect()
    }

    fn is_cut(&self, node: NodeId) -> bool {
        let above = self.parameters_upstream(node);
        if above.is_empty() {
            return false;
        }
        // The nodes from which the loss is reached without passing through `node`.
        let mut around = vec![false; self.nodes().len()];
        around[self.loss.output.index()] = self.loss.output != node;
        for id in self.nodes().rev().filter(|id| *id != node) {
            if around[id.index()] {
                let operands = self.operands(id);
                operands.iter().filter(|operand| **operand != node).for_each(|id| around[id.index()] = true);
            }
        }
        let goes_around =
            |id: NodeId| around[id.index()] && self.parameter_at(id).is_some_and(|w| above.contains(&w));
        !self.nodes().any(goes_around)
    }
}
