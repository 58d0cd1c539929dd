//! Weights that meet what they made themselves, like an embedding that is the unembedding too.

use std::collections::BTreeSet;

use super::{AxisId, Einsum, Graph, NodeId};

/// Two uses of a weight, the second transposed, with nothing but shortcuts, norms, activations and the like between them:
/// what the second takes contains `W u`, and what it makes contains `W^T W u`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Echo {
    /// The node that makes `W u`.
    pub made: NodeId,
    /// The node that meets it.
    pub met: NodeId,
    /// The nodes between them, `met` excluded, operands first.
    pub way: Vec<NodeId>,
}

impl Graph {
    /// The earlier uses of its own weight that a node meets.
    #[must_use]
    pub fn echoes_at(&self, met: NodeId) -> Vec<Echo> {
        let earlier = self.uses_beside(met).filter(|made| *made < met && self.transposes(*made, met));
        earlier.filter_map(|made| self.echo(made, met)).collect()
    }

    /// The later uses of its own weight at which what a node makes is met.
    #[must_use]
    pub fn echoes_of(&self, made: NodeId) -> Vec<Echo> {
        let later = self.uses_beside(made).filter(|met| *met > made && self.transposes(made, *met));
        later.filter_map(|met| self.echo(made, met)).collect()
    }

    /// The nodes that use the weight of a linear one.
    fn uses_beside(&self, z: NodeId) -> impl Iterator<Item = NodeId> {
        let weight = self.parameter_at(z).filter(|_| self.node(z).op.linear_einsum().is_some());
        weight.map_or_else(Vec::new, |weight| self.uses(weight)).into_iter()
    }

    fn echo(&self, made: NodeId, met: NodeId) -> Option<Echo> {
        let reached = self.kept_in(self.operands(met)[0]);
        let between = reached.iter().copied().filter(|y| *y > made && self.keeps_direction(*y));
        reached.contains(&made).then(|| Echo { made, met, way: between.collect() })
    }

    /// A node, what is kept in it, and what makes that.
    fn kept_in(&self, x: NodeId) -> BTreeSet<NodeId> {
        let mut reached = BTreeSet::new();
        let mut open = vec![x];
        while let Some(y) = open.pop() {
            if reached.insert(y) && self.keeps_direction(y) {
                open.extend(self.operands(y));
            }
        }
        reached
    }

    fn keeps_direction(&self, y: NodeId) -> bool {
        self.node(y).op.facts().keeps_direction
    }

    /// Whether the second node contracts of the weight what the first one makes, and makes what that contracts.
    fn transposes(&self, made: NodeId, met: NodeId) -> bool {
        let einsums = [made, met].map(|z| self.node(z).op.linear_einsum());
        let [Some(first), Some(second)] = einsums else { return false };
        let taken = self.operands(met)[0];
        let place = |labels: &[AxisId], axis: AxisId| labels.iter().position(|label| *label == axis);
        let turned = |(before, after): (&AxisId, &AxisId)| {
            let (before, after) = (*before, *after);
            match [role(first, before), role(second, after)] {
                [(false, true), (true, false)] => {
                    let axis = place(&first.result, before).map(|p| self.node(made).axes[p]);
                    axis == place(&second.operands[1], after).map(|p| self.node(taken).axes[p])
                }
                [(true, false), (false, true)] | [(true, true), (true, true)] => true,
                _ => false,
            }
        };
        first.operands[0].iter().zip(&second.operands[0]).all(turned)
    }
}

/// Whether an axis of a weight is in the operand, and whether it is in the result.
fn role(einsum: &Einsum, axis: AxisId) -> (bool, bool) {
    (einsum.operands[1].contains(&axis), einsum.result.contains(&axis))
}
