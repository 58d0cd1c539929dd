//! `fscale figure`: magnitudes against size, a line per node, standard beside derived.

use std::path::PathBuf;

use clap::Args;

use super::options::{
    DesiderataOption, NetworkOptions, OptimizerOption, ResultsOption, ScaleOption, derive_failed,
    hyperparameters, question, simulate_failed, values,
};
use super::output::{self, write_file};
use super::results::Results;
use super::{Answer, progress};
use crate::architecture::Hyperparameters;
use crate::derive::{Verdict, derive};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::report::derivation::Derived;
use crate::report::figure::{self, Named};
use crate::report::{Format, render};
use crate::simulate::{Experiment, Measurement, Precision};
use crate::verify::Verification;

/// Arguments of `figure`.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct Figure {
    #[command(flatten)]
    network: NetworkOptions,
    #[command(flatten)]
    scale: ScaleOption,
    #[command(flatten)]
    optimizer: OptimizerOption,
    #[command(flatten)]
    desiderata: DesiderataOption,
    /// Draw a built-in parameterization or a hyperparameter file instead of the derived one
    #[arg(long, value_name = "FILE")]
    hp: Option<String>,
    /// Sizes of the first dimension of `--scale`, increasing [default: as in the report, 64 doubled six times, or
    /// 8 for a sample dimension; for a tie the size in the file doubled five times]
    #[arg(long, value_name = "SIZES", value_delimiter = ',')]
    values: Vec<usize>,
    /// How many seeds
    #[arg(long, value_name = "COUNT", default_value_t = 8)]
    seeds: u64,
    /// What all random numbers are derived from
    #[arg(long, value_name = "NUMBER", default_value_t = 0)]
    seed: u64,
    #[command(flatten)]
    results: ResultsOption,
    /// The file to write
    #[arg(long, value_name = "FILE.svg")]
    out: PathBuf,
}

const EXAMPLES: &str = "\
Examples:
  fscale figure --scale d_k --out d_k.svg
  fscale figure --scale d_model=n,heads=n,d_ff=n --optimizer adam --out width.svg
  fscale figure mlp --scale width --values 64,256,1024 --out width.svg

Exit status: 0 drawn, 1 the scaling is impossible (nothing is drawn), 2 bad input.";

impl Figure {
    pub(super) fn run(&self) -> Result<Answer, Diagnostics> {
        let book = self.network.rules()?;
        let architecture = self.network.read(&book)?;
        let graph = &architecture.graph;
        let scaling = self.scale.read(graph)?;
        let question = question(graph, &book, &self.optimizer, &self.desiderata, scaling.clone())?;
        let standard = hyperparameters("standard", Some(&self.optimizer.optimizer), graph, &scaling, &book)?;
        let (name, chosen) = match &self.hp {
            Some(hp) => {
                let given = hyperparameters(hp, Some(&self.optimizer.optimizer), graph, &scaling, &book)?;
                (hp.clone(), given.hyperparameters)
            }
            None => {
                let answer = derive(&question).map_err(|error| derive_failed(&error))?;
                let Verdict::Feasible { table, .. } = &answer.verdict else {
                    output::print(&render(&Derived { question: &question, answer: &answer }, Format::Text))?;
                    return Ok(Answer::No);
                };
                (format!("derived ({})", question.desiderata.about.name), table.hyperparameters())
            }
        };
        let verification = Verification {
            graph,
            book: &book,
            optimizer: question.optimizer,
            scaling: &scaling,
            values: values(&self.values, graph, &scaling),
            seeds: self.seeds,
            base_seed: self.seed,
            precision: Precision::F32,
            memory: Experiment::MEMORY,
        };
        let experiments = [&standard.hyperparameters, &chosen].map(|point| verification.experiment(point));
        for experiment in &experiments {
            experiment.check().map_err(|error| simulate_failed(&error))?;
        }
        let (results, finished) = self.results.open(&architecture)?;
        let missing = experiments.iter().map(|experiment| experiment.missing(&finished).len() as u64);
        let bar = progress::bar(missing.sum(), "runs");
        let measure = |hyperparameters: &Hyperparameters| -> Result<Measurement, Diagnostic> {
            let measured = verification.measure(hyperparameters, &finished, &|ended| {
                if let Some(results) = &results {
                    results.append(ended);
                }
                bar.inc(1);
            });
            measured.map_err(|error| Diagnostic::new("simulate", error.to_string()).hint(error.hint()))
        };
        let (standard, chosen) = (measure(&standard.hyperparameters)?, measure(&chosen)?);
        bar.finish_and_clear();
        results.map_or(Ok(()), Results::close)?;
        let columns =
            [Named { name: "standard", measurement: &standard }, Named { name: &name, measurement: &chosen }];
        let title = format!("{}, {}", graph.title, question.optimizer.about.name);
        let drawn = figure::draw(&figure::figure(&title, graph, &scaling, &columns));
        write_file(&self.out, drawn.as_bytes())?;
        Ok(Answer::Yes)
    }
}
