//! What is zero before the first step: what a weight makes that starts at zero, and what passes that on.

use super::op::Zeros;
use super::{Graph, NodeId, Parameter, ParameterKind, Start};

impl Graph {
    /// Whether a node applies a weight that starts at zero.
    #[must_use]
    pub fn is_from_zero(&self, z: NodeId) -> bool {
        self.parameter_at(z).is_some_and(|w| {
            let parameter = self.parameter(w);
            parameter.kind == ParameterKind::Weight && parameter.start == Start::Zero
        })
    }

    /// Whether a node is zero before the first step.
    #[must_use]
    pub fn starts_at_zero(&self, z: NodeId) -> bool {
        self.is_from_zero(z)
            || self.passes_zero(z)
                && self.has_zero()
                && self.operands(z).into_iter().all(|x| self.starts_at_zero(x))
    }

    /// Whether a node is zero where all that it is made from is, and may be so before the first step.
    #[must_use]
    pub fn passes_zero(&self, z: NodeId) -> bool {
        match self.node(z).op.facts().zeros {
            Zeros::Kept | Zeros::Summed => true,
            Zeros::AsItsRule | Zeros::Filled | Zeros::Lost => false,
        }
    }

    fn has_zero(&self) -> bool {
        let is_zero = |w: &Parameter| w.kind == ParameterKind::Weight && w.start == Start::Zero;
        self.parameters.iter().any(is_zero)
    }
}
