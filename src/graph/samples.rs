//! Samples of the loss: over which dimensions it averages, and whether growing one does nothing but that.

use super::{AxisId, DimensionId, Graph, Kind, NodeId};

/// What growing a sample dimension of the loss does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LossSamples {
    /// It adds samples, and nothing else: no node runs over them, and no parameter belongs to one of them.
    Apart,
    /// It adds samples that the network mixes: at this node, which runs over them or has a parameter for each. Those of one input are
    /// then not independent. Counterexample: a context that attention runs over.
    Mixed(NodeId),
}

impl Graph {
    /// The sample dimensions over which some loss averages, in the order of the file. Positions that a mean has taken away before are
    /// not among them.
    #[must_use]
    pub fn samples_of_loss(&self) -> Vec<(DimensionId, LossSamples)> {
        let axes: Vec<AxisId> = self.outputs().flat_map(|output| self.node(output).axes.clone()).collect();
        let averaged = |id: &DimensionId| axes.iter().any(|axis| self.dimension_of(*axis) == *id);
        let samples = self.dimension_ids().filter(|id| self.dimension(*id).kind == Kind::Sample);
        let samples = samples.filter(averaged);
        samples.map(|id| (id, self.mixing(id).map_or(LossSamples::Apart, LossSamples::Mixed))).collect()
    }

    /// Whether entries of different places along a dimension meet at a node: in a softmax, a mean, a window or a contraction.
    #[must_use]
    pub fn runs_over(&self, node: NodeId, dimension: DimensionId) -> bool {
        let op = &self.node(node).op;
        // What passes its operand on, like rotary positions, tells places apart and mixes none of them.
        !op.passes_on() && op.over().into_iter().any(|axis| self.dimension_of(axis) == dimension)
    }

    /// The first node at which entries of different places along a dimension meet; or, if there is none, at which they are told
    /// apart.
    fn mixing(&self, dimension: DimensionId) -> Option<NodeId> {
        let told_apart = |id: &NodeId| {
            let held = self.parameter_at(*id).map(|parameter| self.parameter(parameter).axes.clone());
            let over = self.node(*id).op.over();
            over.into_iter().chain(held.unwrap_or_default()).any(|axis| self.dimension_of(axis) == dimension)
        };
        let meet = self.nodes().find(|id| self.runs_over(*id, dimension));
        meet.or_else(|| self.nodes().find(told_apart))
    }
}
