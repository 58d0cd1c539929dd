//! Runs: the arrays of a network at one size with one seed, forward, backward and the responses to one step, and the magnitudes
//! that are recorded of them.

mod finished;
mod first;
mod loss;
mod make;
mod network;
mod pass;
mod quantity;
mod rates;
mod record;
mod respond;
mod response;
#[cfg(test)]
mod same_law;
mod samples;
mod step;
mod witness;

pub use self::finished::{Ended, Finished};
pub(super) use self::network::Network;
pub(super) use self::pass::Pass;
pub use self::quantity::{Quantity, most_quantities, quantities};
pub(super) use self::rates::base_rates;
pub use self::samples::Samples;
pub(super) use self::step::sign;
pub(super) use self::witness::Nobody;
