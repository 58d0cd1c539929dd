//! [`Study`]: everything that can grow, derived and measured, for several optimizers.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use thiserror::Error;

use crate::architecture::Architecture;
use crate::derive::{Priority, Survey, Surveyed, gauge};
use crate::graph::Hyperparameters;
use crate::propagate::Growth;
use crate::rule::{Desiderata, Optimizer, Parameterization, RuleBook};
use crate::simulate::{Costs, Ended, Experiment, Finished, Ladder, Measurement, Runs};
use crate::study::verify::{Verification, VerifyError};

/// What is to be found out.
#[derive(Clone, Debug)]
pub struct Study<'a> {
    /// The network.
    pub architecture: &'a Architecture,
    /// The rules.
    pub book: &'a Arc<RuleBook>,
    /// The optimizers, one after the other.
    pub optimizers: Vec<&'a Optimizer>,
    /// What is asked of hyperparameters.
    pub desiderata: &'a Desiderata,
    /// What derived hyperparameters are measured beside.
    pub standard: &'a Parameterization,
    /// At which sizes.
    pub ladder: Ladder,
    /// With which seeds and how it is simulated; at the sizes of the ladder, if they name none.
    pub runs: Runs,
}

/// What was found out.
#[derive(Clone, Debug)]
pub struct Findings {
    /// The answer for every scaling, for each optimizer.
    pub surveys: Vec<Survey>,
    /// The measurements of every scaling that some optimizer allows, in the order of the file.
    pub measured: Vec<Compared>,
}

/// A scaling, measured with one optimizer.
#[derive(Clone, Debug)]
pub struct Compared {
    /// The scaling with its answer.
    pub surveyed: Surveyed,
    /// Whether the derived parameterization is the standard one.
    pub is_standard: bool,
    /// Under the standard parameterization.
    pub standard: Measurement,
    /// Under the derived one.
    pub derived: Measurement,
}

/// How far a study has come.
#[derive(Clone, Copy, Debug)]
pub struct Progress<'a> {
    /// Simulations that have ended, also before this study.
    pub done: usize,
    /// Simulations in all.
    pub all: usize,
    /// Simulations that had not been made before this study.
    pub missing: usize,
    /// What they cost together, in multiplications with an addition.
    pub missing_cost: u64,
    /// What the one that has just ended cost.
    pub cost: u64,
    /// What is being measured, in words.
    pub what: &'a str,
    /// The simulation that has just ended.
    pub ended: Ended<'a>,
}

/// Why a study cannot be made.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{what}: {why}")]
pub struct StudyError {
    /// What was to be measured, in words.
    pub what: String,
    /// Why it cannot be.
    pub why: VerifyError,
}

/// A possible scaling, to be measured under two parameterizations.
struct Job<'e> {
    surveyed: &'e Surveyed,
    verification: Verification<'e>,
    standard: Hyperparameters,
    derived: Hyperparameters,
}

impl<'a> Study<'a> {
    /// Answers every scaling of the file, and measures those that are possible. Simulations that are in `finished` are
    /// not made again; calls `progress` whenever another one has ended, from the thread that ran it. Nothing is
    /// simulated unless everything can be.
    ///
    /// # Errors
    /// The first scaling that cannot be simulated, with the reason.
    pub fn run(
        &self,
        finished: &Finished,
        progress: &(dyn Fn(Progress<'_>) + Sync),
    ) -> Result<Findings, StudyError> {
        let surveys: Vec<Survey> = self
            .optimizers
            .iter()
            .map(|optimizer| {
                Survey::of(self.architecture, self.book, optimizer, self.desiderata, Priority::default())
            })
            .collect();
        let jobs = self.jobs(&surveys);
        let (mut all, mut missing, mut missing_cost, mut costs) = (0, 0, 0_u64, Vec::new());
        for job in &jobs {
            let mut costs_of_job = Costs::default();
            for experiment in job.experiments() {
                costs_of_job = experiment.costs().map_err(|why| job.failed(why.into()))?;
                all += experiment.runs.each().count();
                for run in experiment.missing(finished) {
                    missing += 1;
                    missing_cost = missing_cost
                        .saturating_add(costs_of_job.at(experiment.runs.values[run.value]).multiply_adds);
                }
            }
            costs.push(costs_of_job);
        }
        let done = AtomicUsize::new(all - missing);
        let mut measured = Vec::new();
        for (job, costs) in jobs.iter().zip(&costs) {
            let what = job.what();
            let ended = |ended: Ended<'_>| {
                let done = done.fetch_add(1, Ordering::Relaxed) + 1;
                let cost = costs.at(ended.size).multiply_adds;
                progress(Progress { done, all, missing, missing_cost, cost, what: &what, ended });
            };
            let measure = |hyperparameters: &Hyperparameters| {
                job.verification.measure(hyperparameters, finished, &ended).map_err(|why| job.failed(why))
            };
            let derived = measure(&job.derived)?;
            let standard = if job.is_standard() { derived.clone() } else { measure(&job.standard)? };
            measured.push(Compared {
                surveyed: job.surveyed.clone(),
                is_standard: job.is_standard(),
                standard,
                derived,
            });
        }
        Ok(Findings { surveys, measured })
    }

    /// Every possible scaling in the order of the file, for each the optimizers.
    fn jobs<'e>(&'e self, surveys: &'e [Survey]) -> Vec<Job<'e>> {
        let graph = &self.architecture.graph;
        let count = surveys.first().map_or(0, |survey| survey.scalings().count());
        let scalings = (0..count)
            .flat_map(|index| surveys.iter().filter_map(move |survey| survey.scalings().nth(index)));
        let jobs = scalings.filter_map(|surveyed| {
            let Ok(answer) = &surveyed.answer else { return None };
            // Where sizes grow apart there is no one way of growing to be measured along.
            let is_one = surveyed.question.scaling.variables.len() == 1;
            let derived = answer.feasible()?.hyperparameters().into_iter().next().filter(|_| is_one)?;
            let scaling = &surveyed.measured;
            let optimizer = &*surveyed.question.optimizer;
            let growth = Growth::along(scaling.along(0));
            let standard = self.standard.hyperparameters(graph, &growth, optimizer);
            Some(Job {
                surveyed,
                verification: Verification {
                    graph,
                    book: self.book,
                    optimizer,
                    scaling,
                    runs: self.runs.clone().or_on(&self.ladder, graph, scaling),
                },
                standard: gauge::folded(&standard, optimizer).ok()?,
                derived,
            })
        });
        jobs.collect()
    }
}

impl Job<'_> {
    /// Whether the derived parameterization is the standard one: it is measured once.
    fn is_standard(&self) -> bool {
        self.standard == self.derived
    }

    /// What is simulated.
    fn experiments(&self) -> impl Iterator<Item = Experiment<'_>> {
        let standard = (!self.is_standard()).then_some(&self.standard);
        [&self.derived].into_iter().chain(standard).map(|point| self.verification.experiment(point))
    }

    /// `d_k with adam`
    fn what(&self) -> String {
        format!("{} with {}", self.surveyed.name, self.surveyed.question.optimizer.about.name)
    }

    fn failed(&self, why: VerifyError) -> StudyError {
        StudyError { what: self.what(), why }
    }
}

#[cfg(test)]
mod tests;
