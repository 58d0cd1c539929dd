//! [`Experiment`]: a network, how it scales, and which sizes and seeds to run.

use std::collections::BTreeMap;

use super::runs::Runs;
use crate::graph::{Graph, Hyperparameters, Scaling};
use crate::rule::{Function, Step};

/// One network at several sizes with several seeds.
#[derive(Clone, Debug)]
pub struct Experiment<'a> {
    /// The network.
    pub graph: &'a Graph,
    /// How init, learning rates and multipliers change with the scale variable.
    pub hyperparameters: &'a Hyperparameters,
    /// How each parameter moves, in order.
    pub steps: Vec<Step>,
    /// The function of each activation, by name.
    pub functions: BTreeMap<String, Function>,
    /// How dimensions grow; one scale variable.
    pub scaling: &'a Scaling,
    /// At which sizes, with which seeds and how it is simulated.
    pub runs: Runs,
}

impl Experiment<'_> {
    /// The most characters of an exponent of its hyperparameters.
    pub const LONGEST_EXPONENT: usize = 1000;
}
