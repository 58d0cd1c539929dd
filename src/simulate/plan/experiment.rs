//! [`Experiment`]: a network, how it scales, and which sizes and seeds to run.

use std::collections::BTreeMap;

use super::runs::Run;
use super::simulation::Simulation;
use crate::graph::{Graph, Hyperparameters, Scaling};
use crate::rule::{Function, Step};
use crate::simulate::random::Seed;

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
    /// Sizes of the first scaled dimension: increasing, at least two.
    pub values: Vec<usize>,
    /// How many seeds, from 0 on.
    pub seeds: u64,
    /// What all random numbers are derived from, together with the seed.
    pub base_seed: u64,
    /// How it is simulated.
    pub simulation: Simulation,
}

impl Experiment<'_> {
    /// The most characters of an exponent of its hyperparameters.
    pub const LONGEST_EXPONENT: usize = 1000;

    /// Every run, in the order in which they are started.
    pub fn runs(&self) -> impl Iterator<Item = Run> + use<> {
        let seeds = self.seeds;
        (0..self.values.len())
            .flat_map(move |value| (0..seeds).map(move |seed| Run { value, seed: Seed(seed) }))
    }
}
