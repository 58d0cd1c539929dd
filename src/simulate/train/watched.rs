//! [`Watched`]: what is measured of a network in training.

use crate::graph::{Graph, NodeId, ParameterId, Quantity};

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Watched {
    /// The loss.
    Loss,
    /// rms of a node.
    Forward(NodeId),
    /// rms of what a node has changed by since step 0.
    Change(NodeId),
    /// rms of the derivative of the loss by a node.
    Backward(NodeId),
    /// rms of the gradient of a parameter.
    Gradient(ParameterId),
    /// `rms(A x) / (rms(A) rms(x))` where a node multiplies a weight with an activation: between 1 and the number of
    /// terms that are summed, its root for independent ones.
    Aligned(Term, ParameterId, NodeId),
}

impl Watched {
    /// The quantity of the theory that it is, before the first step; nothing of a loss or an alignment.
    #[must_use]
    pub fn quantity(self) -> Option<Quantity> {
        match self {
            Self::Forward(node) => Some(Quantity::forward(node)),
            Self::Change(node) => Some(Quantity::change(node)),
            Self::Backward(node) => Some(Quantity::backward(node)),
            Self::Gradient(parameter) => Some(Quantity::gradient(parameter)),
            Self::Loss | Self::Aligned(..) => None,
        }
    }
}

/// A part of what a linear node has changed by: `W x - W_0 x_0 = dW x_0 + W_0 dx + dW dx`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Term {
    /// `dW x_0`: the update since step 0 times the activation then.
    Update,
    /// `W_0 dx`: the initial weight times what the activation has changed by.
    Weight,
    /// `dW dx`: both changes.
    Both,
}

impl Term {
    /// Every term.
    pub const ALL: [Self; 3] = [Self::Update, Self::Weight, Self::Both];
}

/// The loss, every node with its change and what comes back to it, every gradient, and every weight that contracts something. A
/// node that no parameter moves has no change, and a weight behind it meets none.
#[must_use]
pub fn watched(graph: &Graph) -> Vec<Watched> {
    let moves = |id: NodeId| !graph.parameters_upstream(id).is_empty();
    let is_copy = |id: &NodeId| graph.node(*id).op.repeat().is_some();
    let nodes = || graph.nodes().filter(|id| !is_copy(id));
    let of_node = |id| {
        let change = moves(id).then_some(Watched::Change(id));
        [Some(Watched::Forward(id)), change, Some(Watched::Backward(id))].into_iter().flatten()
    };
    let trained = graph.parameter_ids().filter(|id| graph.parameter(*id).is_trained());
    let of_use = |id: NodeId| {
        let operand = graph.operands(id).first().copied();
        let linear = graph.node(id).op.linear_einsum().filter(|einsum| !einsum.contracted().is_empty());
        let used = linear.and(graph.parameter_at(id)).zip(operand);
        used.into_iter().flat_map(move |(w, x)| {
            let meets = move |term: &Term| *term == Term::Update || moves(x);
            Term::ALL.into_iter().filter(meets).map(move |term| Watched::Aligned(term, w, id))
        })
    };
    let all = [Watched::Loss].into_iter().chain(nodes().flat_map(of_node));
    all.chain(trained.map(Watched::Gradient)).chain(nodes().flat_map(of_use)).collect()
}
