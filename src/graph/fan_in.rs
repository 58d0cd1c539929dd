//! The fan-in of a weight: how many terms of its own order a linear map sums for each entry of its result.

use super::op::Slope;
use super::{AxisId, Graph, NodeId, ParameterId};

impl Graph {
    /// The axes that a linear node sums over, but those along which its operand is one-hot: of a row of such an input one
    /// entry is not zero, so a sum over the vocabulary has one term, as frameworks start an embedding. Empty for other nodes.
    #[must_use]
    pub fn summed_axes(&self, node: NodeId) -> Vec<AxisId> {
        let Some(einsum) = self.node(node).op.linear_einsum() else { return Vec::new() };
        let operands = self.operands(node);
        let hot = operands.first().and_then(|x| {
            // The einsum relabels the axes of its operand by position.
            let axis = self.one_hot_along(*x)?;
            let place = self.node(*x).axes.iter().position(|held| *held == axis)?;
            einsum.operands[1].get(place).copied()
        });
        einsum.contracted().into_iter().filter(|axis| Some(*axis) != hot).collect()
    }

    /// Whether a linear node sums over an axis along which its operand is one-hot.
    #[must_use]
    pub fn takes_one_hot(&self, node: NodeId) -> bool {
        let contracted = self.node(node).op.linear_einsum().map_or(0, |einsum| einsum.contracted().len());
        self.summed_axes(node).len() < contracted
    }

    /// The axes of a parameter whose entries meet something in a row of its first use: all but one along which the input is
    /// one-hot.
    #[must_use]
    pub fn met_axes(&self, parameter: ParameterId) -> Vec<AxisId> {
        let mut axes = self.parameter(parameter).axes.clone();
        let first = self.uses(parameter).first().copied();
        if let Some((node, einsum)) = first.and_then(|node| Some((node, self.node(node).op.linear_einsum()?)))
        {
            let summed = self.summed_axes(node);
            axes.retain(|axis| summed.contains(axis) || !einsum.contracted().contains(axis));
        }
        axes
    }

    /// The axis along which a node has one entry that is not zero: that of a one-hot input, also behind factors.
    fn one_hot_along(&self, mut node: NodeId) -> Option<AxisId> {
        loop {
            let op = &self.node(node).op;
            let is_factor = op.passes_on() && op.facts().uses.is_none() && op.facts().slope != Slope::Place;
            match self.operands(node).as_slice() {
                [] => return op.one_hot(),
                [x] if is_factor => node = *x,
                [..] => return None,
            }
        }
    }
}
