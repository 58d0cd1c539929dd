//! [`Merged`]: what the shares of a sweep have measured, put together.

use std::collections::BTreeMap;
use std::fmt;

use thiserror::Error;

use super::{Sweep, Task};
use crate::simulate::{Ended, Finished, quantities};

/// Where a result stands.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ResultLine {
    /// The file.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
}

impl fmt::Display for ResultLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {} of `{}`", self.line, self.file)
    }
}

/// Why a result is not taken.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum MergeError {
    /// It belongs to another experiment on the same network.
    #[error("{0} holds a result of another plan")]
    Another(ResultLine),
    /// The plan has no such task.
    #[error("{at} holds a result at size {size} with seed {seed}, which the plan does not have")]
    Unplanned {
        /// Where it stands.
        at: ResultLine,
        /// Its size.
        size: usize,
        /// Its seed.
        seed: u64,
    },
    /// It has another number of magnitudes than the network has quantities.
    #[error("{0} does not hold the quantities of the network")]
    Quantities(ResultLine),
    /// Another result of the same task is not equal to it.
    #[error("{at} holds another result of task `{task}` than {other}")]
    Differs {
        /// Where it stands.
        at: ResultLine,
        /// Where the other one stands.
        other: ResultLine,
        /// The task.
        task: String,
    },
}

impl MergeError {
    /// What to do.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::Another(at) | Self::Unplanned { at, .. } => format!("leave `{}` out", at.file),
            Self::Quantities(at) => format!("remove `{}` and run its tasks again", at.file),
            Self::Differs { task, .. } => {
                format!("run the task again with `--task {task}`, and leave out the file that is wrong")
            }
        }
    }
}

/// Results of the tasks of a sweep, each of which may stand in several files if it is the same in all.
#[derive(Clone, Debug)]
pub struct Merged<'a> {
    sweep: &'a Sweep,
    experiment: String,
    quantities: usize,
    /// The tasks by size and seed.
    tasks: BTreeMap<(usize, u64), &'a Task>,
    /// Where each result stands first.
    origins: BTreeMap<&'a str, ResultLine>,
    finished: Finished,
}

impl<'a> Merged<'a> {
    /// No result yet.
    #[must_use]
    pub fn of(sweep: &'a Sweep) -> Self {
        let tasks = sweep.tasks().iter().map(|task| ((task.size, task.run.seed.0), task));
        Self {
            sweep,
            experiment: sweep.experiment().name(),
            quantities: quantities(&sweep.architecture().graph, sweep.planned().runs.simulation.updates)
                .len(),
            tasks: tasks.collect(),
            origins: BTreeMap::new(),
            finished: Finished::none(),
        }
    }

    /// Adds the result that stands there.
    ///
    /// # Errors
    /// If it is not one of the sweep, or contradicts another.
    pub fn add(&mut self, at: ResultLine, ended: Ended<'_>) -> Result<(), MergeError> {
        let Ended { experiment, size, seed, magnitudes } = ended;
        if experiment != self.experiment {
            return Err(MergeError::Another(at));
        }
        let Some(task) = self.tasks.get(&(size, seed.0)) else {
            return Err(MergeError::Unplanned { at, size, seed: seed.0 });
        };
        if magnitudes.len() != self.quantities {
            return Err(MergeError::Quantities(at));
        }
        if let Some(other) = self.origins.get(task.name.as_str()) {
            if self.finished.contradicts(ended) {
                return Err(MergeError::Differs { at, other: other.clone(), task: task.name.clone() });
            }
            return Ok(());
        }
        self.origins.insert(&task.name, at);
        self.finished.add(ended);
        Ok(())
    }

    /// The results.
    #[must_use]
    pub fn finished(&self) -> &Finished {
        &self.finished
    }

    /// The tasks of which there is no result, in order.
    #[must_use]
    pub fn missing(&self) -> Vec<&'a Task> {
        let missing = |task: &&Task| !self.origins.contains_key(task.name.as_str());
        self.sweep.tasks().iter().filter(missing).collect()
    }
}
