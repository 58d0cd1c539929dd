//! [`Quantity`]: what is recorded of a run, and where.

use crate::graph::{Graph, NodeId, ParameterId};
use crate::simulate::plan::Updates;

/// Which quantity is meant, with its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Quantity {
    /// rms of the node.
    Forward(NodeId),
    /// rms of the derivative of the loss by the node.
    Backward(NodeId),
    /// rms of the first-order response of the node to the step of one parameter.
    UpdateBy(ParameterId, NodeId),
    /// rms of the first-order response of the node to the step of all parameters.
    Update(NodeId),
    /// rms of the gradient of the parameter.
    Gradient(ParameterId),
    /// Loss decrease caused by the parameter.
    Contribution(ParameterId),
    /// Cosine of the angle at a cut node (theory, section 8).
    Angle(NodeId),
}

/// Every quantity that a simulation of the graph measures, in the order of [`crate::simulate::Samples::runs`]: for each
/// node forward, backward, the update by each parameter upstream, their sum and, at a cut node, the angle;
/// then for each parameter gradient and contribution. In a repeat: the root mean square over layers, of angles too; the
/// update by the copies of a parameter in all layers together, and the sum of their contributions.
#[must_use]
pub fn quantities(graph: &Graph, updates: Updates) -> Vec<Quantity> {
    let cut_nodes = graph.cut_nodes();
    let of_node = |id: NodeId| {
        let upstream = graph.parameters_upstream(id);
        let total = (!upstream.is_empty()).then_some(Quantity::Update(id));
        let angle = cut_nodes.binary_search(&id).is_ok().then_some(Quantity::Angle(id));
        let each = match updates {
            Updates::Each => upstream,
            Updates::Total => Vec::new(),
        };
        let by = each.into_iter().map(move |parameter| Quantity::UpdateBy(parameter, id));
        [Quantity::Forward(id), Quantity::Backward(id)].into_iter().chain(by).chain(total).chain(angle)
    };
    let of_parameter = |id: ParameterId| [Quantity::Gradient(id), Quantity::Contribution(id)];
    // What enters a layer is what leaves the one before.
    let is_copy = |id: &NodeId| graph.node(*id).op.repeat().is_some();
    let nodes = graph.nodes().filter(|id| !is_copy(id));
    nodes.flat_map(of_node).chain(graph.parameter_ids().flat_map(of_parameter)).collect()
}

/// More quantities than any simulation of the graph measures, however its layers are written out.
#[must_use]
pub fn most_quantities(graph: &Graph) -> usize {
    let (nodes, parameters) = (graph.nodes().len(), graph.parameters.len());
    nodes * (4 + parameters) + 2 * parameters
}
