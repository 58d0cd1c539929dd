//! The direction in which a parameter moves, from its gradient.

use super::network::Network;
use super::orthogonal::orthogonal;
use super::pass::Pass;
use super::tensor::{Real, Tensor, dot};
use crate::graph::ParameterId;
use crate::rule::Step;

/// The step of a parameter at learning rate 1: it moves by minus the direction.
pub(super) struct Direction<R> {
    /// `Phi(G)`, of the shape of the parameter.
    pub(super) phi: Tensor<R>,
    /// Root mean square of the gradient `G`.
    pub(super) gradient: f64,
    /// `<G, Phi(G)>`: how much the loss decreases, to first order.
    pub(super) decrease: f64,
}

impl<R: Real> Direction<R> {
    /// The direction of a parameter. That of a zero gradient is zero, whatever the optimizer.
    pub(super) fn of(network: &Network<'_, R>, pass: &Pass<R>, id: ParameterId, step: Step) -> Self {
        let gradient = pass.gradient(network, id);
        let size = gradient.rms();
        let phi = match step {
            Step::Gradient => gradient.clone(),
            Step::Sign => gradient.map(sign),
            Step::Normalized => normalized(&gradient),
            Step::Orthogonal => {
                orthogonal(network, pass, id, &gradient).unwrap_or_else(|| normalized(&gradient))
            }
        };
        Self { decrease: dot(&gradient.data, &phi.data), gradient: size, phi }
    }
}

/// -1, 0 or 1.
fn sign<R: Real>(x: R) -> R {
    if x.is_zero() { x } else { x.signum() }
}

/// The tensor divided by its Frobenius norm; zero if that is zero.
fn normalized<R: Real>(gradient: &Tensor<R>) -> Tensor<R> {
    let norm = dot(&gradient.data, &gradient.data).sqrt();
    let mut result = gradient.clone();
    if norm > 0.0 {
        result.scale(norm.recip());
    }
    result
}
