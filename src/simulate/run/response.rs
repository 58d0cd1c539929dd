//! [`Responses`]: how a node moves, to first order, when parameters take their steps.

use crate::graph::ParameterId;
use crate::simulate::array::{Real, Tensor};

/// The responses of one node: derivatives along minus the directions.
pub(crate) struct Responses<R: Real> {
    /// What it responds to, in order.
    pub(crate) causes: Vec<Cause>,
    /// The response to each of them, stacked along a leading axis.
    pub(crate) stack: Tensor<R>,
}

/// What moves a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Cause {
    /// The step of one parameter, at learning rate 1; of its copies in all layers, if it is in a repeat.
    Step(ParameterId),
    /// The steps of all parameters together, each at its own learning rate.
    Together,
}

impl<R: Real> Responses<R> {
    /// The response to each cause.
    pub(crate) fn each(&self) -> impl Iterator<Item = (Cause, &[R])> {
        self.causes.iter().copied().zip(self.stack.copies(self.causes.len()))
    }
}
