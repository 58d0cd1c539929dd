//! `fscale sweep merge`: what the shares have measured, as one answer.

use std::fs;
use std::path::{Path, PathBuf};
use std::slice;

use clap::Args;

use super::{Unusable, add_file, planned};
use crate::cli::Reply;
use crate::cli::args::measurement::Measuring;
use crate::cli::args::options::simulate_failed;
use crate::cli::io::stream::{MeasuredFormatOption, Stream};
use crate::cli::io::{output, target};
use crate::document::{Diagnostic, Diagnostics};
use crate::simulate::Finished;
use crate::study::results::whole;
use crate::study::sweep::{Merged, Sweep, Task};

/// Arguments of `sweep merge`.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct Merge {
    /// The plan that `fscale sweep plan` wrote
    #[arg(value_name = "PLAN")]
    plan: PathBuf,
    /// Files of results, or folders with such files, which end in `.jsonl`
    #[arg(value_name = "FILES", required = true)]
    files: Vec<PathBuf>,
    /// Write all results to this file too, for `fscale measure --results`
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    #[command(flatten)]
    format: MeasuredFormatOption,
}

const EXAMPLES: &str = "\
Examples:
  fscale sweep merge plan.json results
  fscale sweep merge plan.json one.jsonl another.jsonl --format json --out runs.jsonl

Prints what `fscale measure` prints with the options of the plan.
Exit status: 0 all agree, 1 something disagrees, 2 a task is missing, results contradict each other, or bad input.";

impl Merge {
    pub(super) fn run(&self) -> Result<Reply, Diagnostics> {
        // Results of the tasks are all written again: to write over a file of them loses none.
        if let Some(out) = &self.out {
            target::try_file("--out", out, slice::from_ref(&self.plan))?;
        }
        let sweep = planned(&self.plan)?;
        let mut merged = Merged::of(&sweep);
        let mut errors = Diagnostics::none();
        for path in files(&self.files)? {
            match add_file(&mut merged, &sweep, &path) {
                Ok(()) => {}
                Err(Unusable::File(flaw)) => {
                    errors.push(flaw.told(&path).hint("leave it out, or run its tasks again"));
                }
                Err(Unusable::Result(error)) => {
                    errors.push(Diagnostic::new("merge", error.to_string()).hint(error.hint()));
                }
            }
        }
        errors.or(())?;
        refuse_missing(&merged.missing(), &self.plan)?;
        let written = self.out.as_ref().map_or(Ok(()), |out| self.write(out, &sweep, merged.finished()));
        let answer = self.answer(&sweep, merged.finished());
        Diagnostics::both(answer, written).map(|(answer, ())| answer)
    }

    /// Every result in the order of the tasks.
    fn write(&self, out: &Path, sweep: &Sweep, finished: &Finished) -> Result<(), Diagnostics> {
        let experiment = sweep.experiment();
        output::write_file(out, whole(sweep.architecture(), &experiment, finished).as_bytes())
    }

    fn answer(&self, sweep: &Sweep, finished: &Finished) -> Result<Reply, Diagnostics> {
        let verification = sweep.verification();
        let measuring = Measuring::of(&verification, &sweep.planned().choice)?;
        let stream = measuring.begin(finished, &self.format)?;
        let experiment = measuring.experiment();
        let samples = experiment.run(finished, &|_| {}).map_err(|error| simulate_failed(&error))?;
        stream.map_or(Ok(()), Stream::end)?;
        measuring.answer(&experiment, &samples, None, &self.format)
    }
}

/// The files, and those in the folders, sorted.
fn files(named: &[PathBuf]) -> Result<Vec<PathBuf>, Diagnostics> {
    let mut files = Vec::new();
    for path in named {
        if !path.is_dir() {
            files.push(path.clone());
            continue;
        }
        let failed = |error: std::io::Error| {
            let message = format!("cannot read the folder `{}`: {error}", path.display());
            Diagnostic::new("results", message).hint("name the files in it")
        };
        let mut found = Vec::new();
        for entry in fs::read_dir(path).map_err(failed)? {
            found.push(entry.map_err(failed)?.path());
        }
        found.retain(|file| file.extension().is_some_and(|ending| ending == "jsonl"));
        if found.is_empty() {
            let none = Diagnostic::new("results", format!("`{}` holds no results", path.display()));
            return Err(none.hint("name a folder that `fscale sweep run --out` wrote into").into());
        }
        found.sort();
        files.extend(found);
    }
    Ok(files)
}

/// The most names of missing tasks that are told.
const MOST_NAMES: usize = 10;

fn refuse_missing(missing: &[&Task], plan: &Path) -> Result<(), Diagnostic> {
    let Some(first) = missing.first() else { return Ok(()) };
    let names = missing.iter().take(MOST_NAMES).map(|task| format!("`{}`", task.name));
    let names = names.collect::<Vec<_>>().join(", ");
    let more = missing.len().saturating_sub(MOST_NAMES);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let missing = Diagnostic::new("missing-tasks", format!("there is no result of {names}{more}"));
    let (plan, first) = (plan.display(), &first.name);
    Err(missing.hint(format!("run the shares again, or `fscale sweep run {plan} --task {first} --out DIR`")))
}
