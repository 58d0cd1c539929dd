//! [`Runs`]: at which sizes, with which seeds and how a network is simulated; and [`Run`], one of them.

use super::ladder::Ladder;
use super::simulation::Simulation;
use crate::graph::{Graph, Scaling};
use crate::simulate::random::Seed;

/// Which runs are made of an experiment: one with every seed at every size.
///
/// ```
/// use fscale::simulate::{Run, Runs, Seed};
///
/// let runs = Runs::at([64, 256, 1024]).seeds(4).base_seed(7);
/// assert_eq!(runs.each().count(), 12);
/// assert_eq!(runs.each().last(), Some(Run { value: 2, seed: Seed(3) }));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Runs {
    /// Sizes of the first scaled dimension: increasing, at least two. Where there are none, they are still to be chosen.
    pub values: Vec<usize>,
    /// How many seeds, from 0 on.
    pub seeds: u64,
    /// What all random numbers are derived from, together with the seed.
    pub base_seed: u64,
    /// How they are simulated.
    pub simulation: Simulation,
}

/// One run of an experiment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Run {
    /// Which of the values, from 0.
    pub value: usize,
    /// With which random numbers.
    pub seed: Seed,
}

impl Default for Runs {
    /// At sizes that are still to be chosen, with [`Runs::SEEDS`] seeds, from base seed 0, by the default simulation.
    fn default() -> Self {
        Self { values: Vec::new(), seeds: Self::SEEDS, base_seed: 0, simulation: Simulation::default() }
    }
}

impl Runs {
    /// As many seeds as make the slopes of the built-in architectures good to about 0.1.
    pub const SEEDS: u64 = 8;

    /// The default runs at these sizes of the first scaled dimension.
    #[must_use]
    pub fn at(values: impl Into<Vec<usize>>) -> Self {
        Self { values: values.into(), ..Self::default() }
    }

    /// The same with so many seeds.
    #[must_use]
    pub fn seeds(self, seeds: u64) -> Self {
        Self { seeds, ..self }
    }

    /// The same with random numbers that are derived from another number.
    #[must_use]
    pub fn base_seed(self, base_seed: u64) -> Self {
        Self { base_seed, ..self }
    }

    /// The same, simulated so.
    #[must_use]
    pub fn simulated(self, simulation: Simulation) -> Self {
        Self { simulation, ..self }
    }

    /// The same at the sizes of a ladder, if none have been chosen.
    #[must_use]
    pub fn or_on(self, ladder: &Ladder, graph: &Graph, scaling: &Scaling) -> Self {
        if self.values.is_empty() { Self { values: ladder.values(graph, scaling), ..self } } else { self }
    }

    /// Every run, in the order in which they are started.
    pub fn each(&self) -> impl Iterator<Item = Run> + use<> {
        let seeds = self.seeds;
        (0..self.values.len())
            .flat_map(move |value| (0..seeds).map(move |seed| Run { value, seed: Seed(seed) }))
    }
}
