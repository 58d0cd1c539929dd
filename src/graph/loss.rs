//! [`Loss`]: a term of what training minimises. All of them are added up.

use super::{Graph, NodeId};

/// A term of the loss. It sends back to the node that it judges a signal of its own, beside what comes from nodes that use
/// that one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loss {
    /// Which loss.
    pub op: LossOp,
    /// The node it judges, which no other term does.
    pub output: NodeId,
    /// By what it is multiplied in the sum, a number above zero, kept as written: `1`, `0.3`. It is of order 1, so no
    /// exponent depends on it.
    pub weight: String,
}

/// The two losses, averaged over all sample axes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LossOp {
    /// Half the squared error, summed over outputs.
    Mse,
    /// Cross-entropy over the one feature axis of the output.
    CrossEntropy,
}

impl Graph {
    /// The nodes that losses judge, in the order of the losses.
    pub fn outputs(&self) -> impl Iterator<Item = NodeId> {
        self.losses.iter().map(|loss| loss.output)
    }

    /// The loss that judges a node.
    #[must_use]
    pub fn loss_of(&self, node: NodeId) -> Option<&Loss> {
        self.losses.iter().find(|loss| loss.output == node)
    }

    /// Whether a loss judges a node.
    #[must_use]
    pub fn is_output(&self, node: NodeId) -> bool {
        self.loss_of(node).is_some()
    }

    /// The losses of the same nodes in another network.
    pub(super) fn losses_of(&self, of: impl Fn(NodeId) -> NodeId) -> Vec<Loss> {
        self.losses.iter().map(|loss| Loss { output: of(loss.output), ..loss.clone() }).collect()
    }
}
