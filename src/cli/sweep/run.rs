//! `fscale sweep run`: a share of the tasks of a plan, or some of them by name.

use std::env;
use std::path::{Path, PathBuf};
use std::slice;

use clap::Args;

use super::{Unusable, add_file, planned};
use crate::cli::Reply;
use crate::cli::args::options::{simulate_failed, unknown};
use crate::cli::io::progress::Progress;
use crate::cli::io::results::{self, Otherwise, Results};
use crate::cli::io::{output, target};
use crate::document::{Diagnostic, Diagnostics};
use crate::report::format::document::counted;
use crate::simulate;
use crate::study::sweep::{Found, Merged, Share, Sweep, Task};

/// Arguments of `sweep run`.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct Run {
    /// The plan that `fscale sweep plan` wrote
    #[arg(value_name = "PLAN")]
    plan: PathBuf,
    /// Which share, counted from 0: `0/4` to `3/4` [default: the one that Slurm, Kubernetes or GNU parallel gives]
    #[arg(long, value_name = "SHARE", conflicts_with_all = ["shares", "task"])]
    shard: Option<Share>,
    /// How many shares there are, where a scheduler gives the number of this one [default: what `FSCALE_SHARES` or
    /// Slurm says]
    #[arg(long, value_name = "COUNT", conflicts_with = "task")]
    shares: Option<u32>,
    /// Run these tasks instead of a share
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    task: Vec<String>,
    /// The file of results, or the folder in which one is named after the share; tasks that are in it are not run again
    #[arg(long, value_name = "DIR or FILE.jsonl")]
    out: PathBuf,
}

const EXAMPLES: &str = "\
Examples:
  fscale sweep run plan.json --shard 0/4 --out results
  fscale sweep run plan.json --task d_ff-4096-seed-3 --out mended.jsonl
  parallel fscale sweep run plan.json --shard {}/8 --out results ::: 0 1 2 3 4 5 6 7

Shares are balanced by the cost of their tasks. If one is interrupted, the same command goes on where it stopped.
Without `--shard` the share is that of SLURM_ARRAY_TASK_ID, of JOB_COMPLETION_INDEX (Kubernetes) or of PARALLEL_SEQ
(GNU parallel); the last two need `--shares` or FSCALE_SHARES.
Exit status: 0 every task has ended, 2 bad input.";

impl Run {
    pub(super) fn run(&self) -> Result<Reply, Diagnostics> {
        let sweep = planned(&self.plan)?;
        let (tasks, name) = self.chosen(&sweep)?;
        let path = self.path(&name);
        target::spare("--out", &path, slice::from_ref(&self.plan))?;
        results::try_file(&path)?;
        let experiment = sweep.experiment();
        let costs = experiment.costs().map_err(|error| simulate_failed(&error))?;
        refuse_others(&sweep, &path)?;
        let (results, finished) = Results::open(&path, sweep.architecture(), Otherwise::Refuse)?;
        let missing = experiment.missing(&finished);
        let to_run = |task: &&&Task| missing.binary_search(&task.run).is_ok();
        let to_run: Vec<&&Task> = tasks.iter().filter(to_run).collect();
        let cost = |task: &Task| task.cost.multiply_adds;
        let progress = Progress::begin("tasks", to_run.iter().map(|task| cost(task)));
        let runs: Vec<simulate::Run> = to_run.iter().map(|task| task.run).collect();
        let made = experiment.make(&runs, &|ended| {
            results.append(ended);
            progress.ended(costs.at(ended.size).multiply_adds);
        });
        progress.end();
        results.close_or_print()?;
        made.map_err(|error| simulate_failed(&error))?;
        output::tell(&match tasks.len() {
            0 => format!("{name} has no tasks\n"),
            all => {
                let before = all - runs.len();
                let before = if before > 0 { format!(", {before} of them before") } else { String::new() };
                format!("wrote {}: {}{before}\n", path.display(), counted(all as u64, "task"))
            }
        })?;
        Ok(Reply::Yes)
    }

    /// The tasks to be run, in order, and a name for the file of their results.
    fn chosen<'s>(&self, sweep: &'s Sweep) -> Result<(Vec<&'s Task>, String), Diagnostics> {
        if !self.task.is_empty() {
            return self.named(sweep);
        }
        let share = match self.shard {
            Some(share) => share,
            None => self.given()?,
        };
        Ok((share.of(sweep), share.name()))
    }

    /// The tasks of `--task`. Every unknown name is told.
    fn named<'s>(&self, sweep: &'s Sweep) -> Result<(Vec<&'s Task>, String), Diagnostics> {
        let mut errors = Diagnostics::none();
        for name in &self.task {
            if !sweep.tasks().iter().any(|task| task.name == *name) {
                let known = sweep.tasks().iter().take(MOST_KNOWN);
                let known: Vec<&str> = known.map(|task| task.name.as_str()).collect();
                errors.push(unknown("task", name, &known));
            }
        }
        let tasks = sweep.tasks().iter().filter(|task| self.task.contains(&task.name)).collect();
        let file = if let [only] = self.task.as_slice() { only } else { "tasks" };
        errors.or((tasks, file.to_owned()))
    }

    /// The share that a scheduler gives, which is said.
    fn given(&self) -> Result<Share, Diagnostics> {
        let variable = |name: &str| env::var(name).ok();
        let found = Found::in_environment(&variable, self.shares);
        let found = found.map_err(|error| Diagnostic::new("share", error.to_string()).hint(error.hint()))?;
        let Some(Found { share, scheduler }) = found else {
            let none = Diagnostic::new("share", "no share is named, and no scheduler gives one");
            return Err(none.hint("name one, like `--shard 0/4`; `--shard 0/1` is everything").into());
        };
        output::complain(&format!("share {share} by {scheduler}\n"));
        Ok(share)
    }

    /// The file of results: what ends in `.jsonl` is one, and anything else a folder.
    fn path(&self, name: &str) -> PathBuf {
        let is_file = self.out.extension().is_some_and(|ending| ending == "jsonl") && !self.out.is_dir();
        if is_file { self.out.clone() } else { self.out.join(format!("{name}.jsonl")) }
    }
}

/// Refuses a file with results that the merge would refuse. What else is wrong with it is found when it is opened.
fn refuse_others(sweep: &Sweep, path: &Path) -> Result<(), Diagnostics> {
    match add_file(&mut Merged::of(sweep), sweep, path) {
        Err(Unusable::Result(error)) => {
            let other = Diagnostic::new("results", error.to_string());
            Err(other.hint("write to another folder, or remove the file").into())
        }
        Ok(()) | Err(Unusable::File(_)) => Ok(()),
    }
}

/// Among so many tasks the nearest is looked for.
const MOST_KNOWN: usize = 10_000;
