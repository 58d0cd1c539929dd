//! [`Choice`]: at which hyperparameters something is measured.

use crate::graph::Hyperparameters;
use crate::rule::Optimizer;

/// Hyperparameters with their optimizer, and where they come from.
#[derive(Clone, Debug)]
pub struct Choice {
    /// What trains the network.
    pub optimizer: Optimizer,
    /// The exponents.
    pub hyperparameters: Hyperparameters,
    /// Where these come from, in words.
    pub origin: String,
}
