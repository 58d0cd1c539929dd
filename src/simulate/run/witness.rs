//! [`Witness`]: who looks at tensors while they pass by, since they are too large to be kept.

use super::response::Responses;
use super::step::Direction;
use crate::graph::{NodeId, ParameterId};
use crate::simulate::array::{Real, Tensor};

/// Is shown everything that a simulation computes. Where a node or a parameter is computed slice by slice, each slice is
/// shown.
pub(crate) trait Witness<R: Real> {
    /// The value of a node.
    fn forwards(&mut self, _id: NodeId, _value: &Tensor<R>) {}
    /// The derivative of the loss by a node.
    fn backs(&mut self, _id: NodeId, _back: &Tensor<R>) {}
    /// A parameter takes its step. Told before any node responds to it.
    fn steps(&mut self, id: ParameterId, direction: &Direction<'_, R>);
    /// A node responds. Told for each node with a parameter upstream.
    fn responds(&mut self, id: NodeId, responses: &Responses<R>);
}

/// Nobody.
pub(crate) struct Nobody;

impl<R: Real> Witness<R> for Nobody {
    fn steps(&mut self, _: ParameterId, _: &Direction<'_, R>) {}
    fn responds(&mut self, _: NodeId, _: &Responses<R>) {}
}
