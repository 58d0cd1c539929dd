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
use crate::graph::Scaling;
use crate::rule::RuleBook;
use crate::simulate::{Cost, Experiment, Run, Runs, SimulateError};
use crate::study::choice::Choice;
use crate::study::verify::Verification;

/// Everything that determines what is measured, and the tasks that make it up.
#[derive(Clone, Debug)]
pub struct Sweep {
    book: RuleBook,
    architecture: Architecture,
    planned: Planned,
    tasks: Vec<Task>,
}

/// What is planned: a measurement of a network.
#[derive(Clone, Debug)]
pub struct Planned {
    /// How dimensions grow, in one scale variable.
    pub scaling: Scaling,
    /// At which hyperparameters.
    pub choice: Choice,
    /// At which sizes, with which seeds and how it is simulated.
    pub runs: Runs,
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
    /// The sweep of what is planned.
    ///
    /// # Errors
    /// What is wrong with the experiment, see [`SimulateError`].
    pub fn new(book: RuleBook, architecture: Architecture, planned: Planned) -> Result<Self, SimulateError> {
        let mut sweep = Self { book, architecture, planned, tasks: Vec::new() };
        let costs = sweep.experiment().costs()?;
        let leader = sweep.planned.scaling.powers.first();
        let leader = leader.map_or("", |(id, ..)| sweep.architecture.graph.dimension(*id).name.as_str());
        let task = |run: Run| {
            let size = sweep.planned.runs.values[run.value];
            let name = format!("{leader}-{size}-seed-{}", run.seed.0);
            Task { name, run, size, cost: costs.at(size) }
        };
        sweep.tasks = sweep.planned.runs.each().map(task).collect();
        Ok(sweep)
    }

    /// The network.
    #[must_use]
    pub fn architecture(&self) -> &Architecture {
        &self.architecture
    }

    /// What is planned of it.
    #[must_use]
    pub fn planned(&self) -> &Planned {
        &self.planned
    }

    /// Every task, in the order in which one machine would start them.
    #[must_use]
    pub fn tasks(&self) -> &[Task] {
        &self.tasks
    }

    /// What is predicted and simulated.
    #[must_use]
    pub fn verification(&self) -> Verification<'_> {
        let Planned { scaling, choice, runs } = &self.planned;
        Verification {
            graph: &self.architecture.graph,
            book: &self.book,
            optimizer: &choice.optimizer,
            scaling,
            runs: runs.clone(),
        }
    }

    /// What is simulated.
    #[must_use]
    pub fn experiment(&self) -> Experiment<'_> {
        self.verification().experiment(&self.planned.choice.hyperparameters)
    }
}
