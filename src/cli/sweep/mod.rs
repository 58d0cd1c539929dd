//! `fscale sweep`: a measurement on many machines. A plan names its tasks, shares of them are run, and what they have
//! measured is merged.

mod merge;
mod plan;
mod run;
mod slurm;

use std::path::Path;

use clap::{Args, Subcommand};

use super::Reply;
use crate::cli::io::input;
use crate::cli::io::results::{self, Flaw};
use crate::document::{Diagnostic, Diagnostics};
use crate::study::results::ResultsError;
use crate::study::sweep::{self, MergeError, Merged, ResultLine};

/// Arguments of `sweep`.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct Sweep {
    #[command(subcommand)]
    command: Command,
}

/// What is done with a sweep.
#[derive(Debug, Subcommand)]
enum Command {
    /// Write a measurement as a list of tasks, in a file that needs no other
    Plan(plan::Plan),
    /// Run a share of the tasks, or some of them by name
    Run(run::Run),
    /// Put together what the shares have measured, and answer like `fscale measure`
    Merge(merge::Merge),
    /// A batch script for Slurm: a job array of which each task runs a share
    Slurm(slurm::Slurm),
}

const EXAMPLES: &str = "\
Examples:
  fscale sweep plan --scale d_ff --values 1024,4096,16384 --out plan.json
  fscale sweep run plan.json --shard 0/2 --out results      on one machine
  fscale sweep run plan.json --shard 1/2 --out results      on another
  fscale sweep merge plan.json results                      prints what `fscale measure` would
  fscale sweep slurm plan.json --shares 16 --out sweep.sbatch";

impl Sweep {
    pub(super) fn run(&self) -> Result<Reply, Diagnostics> {
        match &self.command {
            Command::Plan(command) => command.run(),
            Command::Run(command) => command.run(),
            Command::Merge(command) => command.run(),
            Command::Slurm(command) => command.run(),
        }
    }
}

/// The sweep of a plan.
fn planned(path: &Path) -> Result<sweep::Sweep, Diagnostics> {
    let hinted = |wrong: Diagnostic| wrong.hint("give a plan that `fscale sweep plan` wrote");
    let text = input::read_up_to(path, sweep::Sweep::LARGEST)
        .map_err(|wrong| Diagnostics(wrong.0.into_iter().map(hinted).collect()))?;
    sweep::Sweep::read(&text)
}

/// Why the results of a file are not taken.
enum Unusable {
    File(Flaw),
    Result(MergeError),
}

impl From<ResultsError> for Unusable {
    fn from(error: ResultsError) -> Self {
        Self::File(error.into())
    }
}

impl From<Flaw> for Unusable {
    fn from(flaw: Flaw) -> Self {
        Self::File(flaw)
    }
}

/// Adds every result of a file.
fn add_file(merged: &mut Merged<'_>, sweep: &sweep::Sweep, path: &Path) -> Result<(), Unusable> {
    let file = path.display().to_string();
    results::each(path, sweep.architecture(), |line, ended| {
        merged.add(ResultLine { file: file.clone(), line }, ended).map_err(Unusable::Result)
    })
}
