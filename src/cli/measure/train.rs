//! `fscale measure --steps`: real training, with the alignments it shows.

use std::fmt;
use std::str::FromStr;

use super::Measure;
use crate::cli::Reply;
use crate::cli::args::options::simulate_failed;
use crate::cli::io::progress::Progress;
use crate::document::{Diagnostic, Diagnostics};
use crate::graph::Graph;
use crate::propagate::trajectory;
use crate::report::answer::later::training::TrainedReport;
use crate::rule::{Later, Optimizer, RuleBook};
use crate::simulate::Training;
use crate::study::Summary;
use crate::study::choice::Choice;
use crate::study::steps::{PREDICTED, compared};
use crate::study::verify::Verification;

/// How much the first step of each parameter moves the node that it moves most, at the smallest size.
#[derive(Clone, Copy, Debug, PartialEq)]
#[allow(clippy::disallowed_types, reason = "a learning rate is a floating-point number")]
pub(super) struct LargestUpdate(f64);

/// The usual one: small enough for all parameters to move together.
#[allow(clippy::disallowed_types, reason = "a learning rate is a floating-point number")]
const LARGEST_UPDATE: f64 = 0.1;

impl FromStr for LargestUpdate {
    type Err = String;

    #[allow(clippy::disallowed_types, reason = "a learning rate is a floating-point number")]
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let number: Option<f64> = text.parse().ok();
        let number = number.filter(|number| number.is_finite() && *number > 0.0);
        number.map(Self).ok_or_else(|| "write a number above 0, like `0.1`".to_owned())
    }
}

impl Default for LargestUpdate {
    fn default() -> Self {
        Self(LARGEST_UPDATE)
    }
}

impl fmt::Display for LargestUpdate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Trains, and tells what was seen.
pub(super) fn run(
    measure: &Measure,
    verification: &Verification<'_>,
    choice: &Choice,
    steps: usize,
) -> Result<Reply, Diagnostics> {
    let format = measure.format.refuse_lines("--steps")?;
    let training = Training {
        experiment: verification.experiment(&choice.hyperparameters),
        later: later(&choice.optimizer, verification.graph, verification.book)?,
        steps,
        largest_update: measure.largest_update.unwrap_or_default().0,
    };
    let costs = training.costs().map_err(|error| simulate_failed(&error))?;
    let of_size = |size: usize| {
        verification.runs.values.iter().position(|value| *value == size).map_or(0, |place| costs[place])
    };
    let progress = Progress::begin("runs", verification.runs.each().map(|run| costs[run.value]));
    let trained = training.run(&|size| progress.ended(of_size(size)));
    progress.end();
    let trained = trained.map_err(|error| simulate_failed(&error))?;
    let predicted = trajectory(
        verification.graph,
        verification.book,
        &choice.optimizer,
        &verification.scaling.along(0),
        &choice.hyperparameters,
        steps.min(PREDICTED),
    );
    let compared = match &predicted {
        Ok(trajectory) => Ok(compared(verification.graph, &trained, trajectory)),
        Err(error) => Err(error.to_string()),
    };
    let agrees = compared.as_ref().is_ok_and(|against| Summary::of(&against.measurement).disagrees == 0);
    let report = TrainedReport {
        graph: verification.graph,
        scaling: verification.scaling,
        choice,
        runs: &verification.runs,
        trained: &trained,
        against: compared.as_ref().map_err(String::as_str),
    };
    crate::cli::io::output::print(&crate::report::render(&report, format))?;
    Ok(Reply::when(trained.diverged().is_empty() && (agrees || compared.is_err())))
}

/// What the optimizer of each parameter does at later steps. One of which that is not known does not train.
fn later(optimizer: &Optimizer, graph: &Graph, book: &RuleBook) -> Result<Vec<Later>, Diagnostic> {
    let known = |optimizer: &&Optimizer| {
        optimizer.later.ok_or_else(|| {
            let message = format!("later steps of `{}` need what is not simulated", optimizer.about.name);
            let others =
                book.optimizers.values().filter(|other| other.mix.is_none() && other.later.is_some());
            let names: Vec<&str> = others.map(|other| other.about.name.as_str()).collect();
            Diagnostic::new("later", message).hint(format!("these train: {}", names.join(", ")))
        })
    };
    optimizer.of_each(graph).iter().map(known).collect()
}
