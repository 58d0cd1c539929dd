//! `fscale measure --random`: the theory tried against simulation, at hyperparameters that nobody would choose.

use super::Measure;
use crate::cli::Reply;
use crate::cli::args::scale::tied;
use crate::cli::io::output;
use crate::cli::io::progress::Progress;
use crate::cli::io::results::Results;
use crate::document::{Diagnostic, Diagnostics, shorten};
use crate::graph::{DimensionId, Graph};
use crate::report::answer::trial::Tried;
use crate::report::render;
use crate::simulate::Ended;
use crate::study::Summary;
use crate::study::trial::Trial;

/// How many seeds unless something else is asked for: random hyperparameters are noisier than derived ones.
const SEEDS: u64 = 16;

/// Makes the trial, and answers whether nothing disagrees.
pub(super) fn run(measure: &Measure, cases: u16) -> Result<Reply, Diagnostics> {
    let format = measure.format.refuse_lines("--random")?;
    let book = measure.network.rules()?;
    measure.results.try_file(&measure.network.files(&book))?;
    let architecture = measure.network.read(&book)?;
    let graph = &architecture.graph;
    let single = graph.unrolled(|_| 1).graph;
    let trial = Trial {
        graph,
        single: &single,
        book: &book,
        optimizer: book.optimizer(measure.choice.optimizer.as_deref().unwrap_or("sgd"))?,
        dimensions: dimensions(measure.scale.as_deref(), graph)?,
        cases: cases.into(),
        runs: measure.runs(SEEDS),
    };
    let (results, finished) = measure.results.open(&architecture)?;
    let progress = Progress::begin("cases", (0..trial.dimensions.len() * trial.cases).map(|_| 1));
    let append = |ended: Ended<'_>| {
        if let Some(results) = &results {
            results.append(ended);
        }
    };
    let mut cases = Vec::new();
    let made = trial.run(&finished, &append, |case| {
        cases.push(case.clone());
        progress.ended(1);
    });
    progress.end();
    let kept = results.map_or(Ok(()), Results::close);
    made.map_err(|error| Diagnostic::new("trial", error.to_string()).hint(error.hint()))?;
    let tried = Tried { trial: &trial, cases: &cases };
    Diagnostics::both(output::print(&render(&tried, format)), kept)?;
    let summary: Summary = cases.iter().map(|case| Summary::of(&case.measurement)).sum();
    Ok(Reply::when(summary.disagrees == 0))
}

/// The dimensions that are named, or all that a trial can scale.
fn dimensions(named: Option<&str>, graph: &Graph) -> Result<Vec<DimensionId>, Diagnostics> {
    let Some(text) = named else {
        let dimensions = Trial::dimensions(graph);
        if dimensions.is_empty() {
            let none = Diagnostic::new("scale", "no dimension of features lies inside the network");
            return Err(none.hint("name the dimensions, like `--scale batch`").into());
        }
        return Ok(dimensions);
    };
    let scaling = tied(text, graph)?;
    if text.contains('=') {
        let tie = Diagnostic::new("scale", "`--random` scales each dimension alone, like `n`");
        let names: Vec<&str> =
            scaling.powers.iter().map(|(id, ..)| graph.dimension(*id).name.as_str()).collect();
        return Err(tie
            .note(format!("`--scale {}`", shorten(text)))
            .hint(format!("write `--scale {}`", names.join(",")))
            .into());
    }
    Ok(scaling.powers.iter().map(|(id, ..)| *id).collect())
}
