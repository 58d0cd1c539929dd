//! What a node calls the axes of its operands: an einsum may rename them, as keys over positions `t` become keys over
//! positions `s`.

use super::{AxisId, Consumer, Graph, NodeId};

impl Graph {
    /// The axes of an operand as the node that uses it calls them, in the order of the operand's; nothing if there is no
    /// such operand.
    #[must_use]
    pub fn labels(&self, place: Consumer) -> Option<Vec<AxisId>> {
        let op = &self.node(place.node).op;
        if let Some(einsum) = op.linear_einsum() {
            return Some(einsum.operands[1].clone());
        }
        match op.einsum() {
            Some(einsum) => einsum.operands.get(place.position).cloned(),
            None => {
                self.operands(place.node).get(place.position).map(|operand| self.node(*operand).axes.clone())
            }
        }
    }

    /// What the node calls one axis of its operand.
    #[must_use]
    pub fn label(&self, place: Consumer, axis: AxisId) -> Option<AxisId> {
        if self.node(place.node).op.einsum().is_none() {
            return Some(axis);
        }
        let operand = *self.operands(place.node).get(place.position)?;
        let position = self.node(operand).axes.iter().position(|held| *held == axis)?;
        self.labels(place)?.get(position).copied()
    }

    /// The operands of a node that have the axis it calls `label`: their positions, and each with its own axis.
    #[must_use]
    pub fn operands_along(&self, node: NodeId, label: AxisId) -> Vec<(usize, (NodeId, AxisId))> {
        let op = &self.node(node).op;
        let renames = op.einsum().is_some();
        let label = op.along(label);
        let along = |(position, operand): (usize, NodeId)| {
            let axes = &self.node(operand).axes;
            let labels = if renames { self.labels(Consumer { node, position })? } else { axes.clone() };
            let place = labels.iter().position(|held| *held == label);
            Some((position, (operand, *axes.get(place?)?)))
        };
        self.operands(node).into_iter().enumerate().filter_map(along).collect()
    }
}
