//! [`Sweep`]: a measurement as independent tasks with stable names, which any number of machines share.
//!
//! ```text
//! Sweep -> file (a plan that needs no other file) -> Sweep on another machine -> share -> runs -> Merged -> measurement
//! ```

mod bounded;
mod environment;
mod file;
mod merge;
mod share;
mod slurm;

pub use environment::{EnvironmentError, Found};
pub use merge::{MergeError, Merged, Origin};
pub use share::{Share, ShareError};
pub use slurm::{Script, ScriptError, words};

use crate::architecture::Architecture;
use crate::graph::{Hyperparameters, Scaling};
use crate::rule::{Optimizer, RuleBook};
use crate::simulate::{Cost, Experiment, Run, SimulateError, Simulation};
use crate::study::provenance::Provenance;
use crate::study::verify::Verification;

/// Everything that determines what is measured, and the tasks that make it up.
#[derive(Clone, Debug)]
pub struct Sweep {
    book: RuleBook,
    architecture: Architecture,
    asked: Asked,
    tasks: Vec<Task>,
}

/// What is asked of a network.
#[derive(Clone, Debug)]
pub struct Asked {
    /// How dimensions grow, in one scale variable.
    pub scaling: Scaling,
    /// What trains the network.
    pub optimizer: Optimizer,
    /// With which exponents.
    pub hyperparameters: Hyperparameters,
    /// Where these come from.
    pub origin: Provenance,
    /// Sizes of the first scaled dimension.
    pub values: Vec<usize>,
    /// How many seeds.
    pub seeds: u64,
    /// What all random numbers are derived from, together with the seed.
    pub base_seed: u64,
    /// How it is simulated.
    pub simulation: Simulation,
}

/// A run of the experiment, by a name that is the same wherever it is made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Task {
    /// The first scaled dimension, its size and the seed: `d_model-4096-seed-3`.
    pub name: String,
    /// Which run.
    pub run: Run,
    /// The size of the first scaled dimension.
    pub size: usize,
    /// What it costs.
    pub cost: Cost,
}

impl Sweep {
    /// The sweep that answers what is asked.
    ///
    /// # Errors
    /// What is wrong with the experiment, see [`SimulateError`].
    pub fn new(book: RuleBook, architecture: Architecture, asked: Asked) -> Result<Self, SimulateError> {
        let mut sweep = Self { book, architecture, asked, tasks: Vec::new() };
        let costs = sweep.experiment().costs()?;
        let leader = sweep.asked.scaling.powers.first();
        let leader = leader.map_or("", |(id, ..)| sweep.architecture.graph.dimension(*id).name.as_str());
        let task = |run: Run| {
            let size = sweep.asked.values[run.value];
            let name = format!("{leader}-{size}-seed-{}", run.seed.0);
            Task { name, run, size, cost: costs.at(size) }
        };
        sweep.tasks = sweep.experiment().runs().map(task).collect();
        Ok(sweep)
    }

    /// The network.
    #[must_use]
    pub fn architecture(&self) -> &Architecture {
        &self.architecture
    }

    /// What is asked of it.
    #[must_use]
    pub fn asked(&self) -> &Asked {
        &self.asked
    }

    /// Every task, in the order in which one machine would start them.
    #[must_use]
    pub fn tasks(&self) -> &[Task] {
        &self.tasks
    }

    /// What is predicted and simulated.
    #[must_use]
    pub fn verification(&self) -> Verification<'_> {
        let Asked { scaling, optimizer, values, seeds, base_seed, simulation, .. } = &self.asked;
        Verification {
            graph: &self.architecture.graph,
            book: &self.book,
            optimizer,
            scaling,
            values: values.clone(),
            seeds: *seeds,
            base_seed: *base_seed,
            simulation: *simulation,
        }
    }

    /// What is simulated.
    #[must_use]
    pub fn experiment(&self) -> Experiment<'_> {
        self.verification().experiment(&self.asked.hyperparameters)
    }
}
