//! Runs: the arrays of a network at one size with one seed, forward, backward and the responses to one step, and the magnitudes
//! that are recorded of them.

mod finished;
mod first;
mod loss;
mod network;
mod pass;
mod record;
mod response;
#[cfg(test)]
mod same_law;
mod samples;
mod step;
mod witness;

pub use self::finished::{Ended, Finished};
pub(super) use self::network::{Network, sizes};
pub(super) use self::pass::Pass;
pub(super) use self::record::{base_rates, record};
pub use self::record::{most_quantities, quantities};
pub use self::samples::{Run, Samples, Seed};
pub(super) use self::step::sign;
pub(super) use self::witness::Nobody;
