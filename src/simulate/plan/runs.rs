//! [`Run`]: one size with one seed.

use crate::simulate::random::Seed;

/// One run of an experiment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Run {
    /// Which of the values, from 0.
    pub value: usize,
    /// With which random numbers.
    pub seed: Seed,
}
