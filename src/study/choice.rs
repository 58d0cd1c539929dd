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
    /// Where these come from.
    pub origin: Provenance,
}

/// Where hyperparameters come from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Provenance {
    /// In words: `hyperparameters of fsc`.
    pub words: String,
    /// The requirements that they were derived from, if they were.
    pub desiderata: Option<String>,
    /// The parameterization whose inits and multipliers were given, if some were.
    pub given: Option<String>,
    /// The alignment that is assumed of every response, if one is.
    pub alignment: Option<String>,
}
