//! `fscale measure`: simulated magnitudes, their slopes, and whether they agree with the prediction.

use clap::{Args, ValueEnum, value_parser};

use super::options::{
    FormatOption, NetworkOptions, ResultsOption, derive_failed, hyperparameters, question_named, scaling,
    simulate_failed, values,
};
use super::results::Results;
use super::until::{Budget, Goal, HalfWidth};
use super::{Answer, progress, trial};
use crate::architecture::{Architecture, Hyperparameters};
use crate::derive::{DeriveError, Verdict, derive};
use crate::diagnostic::Diagnostics;
use crate::graph::Scaling;
use crate::report::derivation::Derived;
use crate::report::measurement::{Measured, Summary};
use crate::rule::{Optimizer, RuleBook};
use crate::simulate::{Experiment, Precision, Samples, Small, compare};
use crate::verify::{Verification, quantities};

/// Arguments of `measure`.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct Measure {
    #[command(flatten)]
    pub(super) network: NetworkOptions,
    /// Measure at this many random hyperparameters for each dimension, far from those that keep training stable
    #[arg(long, value_name = "COUNT", conflicts_with_all = ["hp", "desiderata", "precision"])]
    #[arg(value_parser = value_parser!(u16).range(1..=MOST_RANDOM))]
    pub(super) random: Option<u16>,
    /// Measure at a built-in parameterization, like `standard`, or at a hyperparameter file
    #[arg(long, value_name = "FILE", conflicts_with = "desiderata")]
    hp: Option<String>,
    /// Measure at the hyperparameters that these requirements give [default: fsc]
    #[arg(long, value_name = "NAME")]
    desiderata: Option<String>,
    /// The optimizer; a hyperparameter file names its own [default: sgd]
    #[arg(long, value_name = "NAME")]
    pub(super) optimizer: Option<String>,
    /// The dimensions that grow: `d_k`, or tied: `d_model=n,heads=n^1/2`; with `--random` each of them alone
    #[arg(long, value_name = "SCALE", required_unless_present = "random")]
    pub(super) scale: Option<String>,
    /// Sizes of the first dimension of `--scale`, increasing; the first is the base point [default: as in the report,
    /// 64 doubled six times, or 8 for a sample dimension; for a tie the size in the file doubled five times; with
    /// `--random` a quarter of the largest size in the file times 1, 4, 16, 64, 256]
    #[arg(long, value_name = "SIZES", value_delimiter = ',')]
    pub(super) values: Vec<usize>,
    /// How many seeds [default: 8, with `--random` 16]
    #[arg(long, value_name = "COUNT")]
    pub(super) seeds: Option<u64>,
    /// Add seeds, and larger sizes where seeds do not help, until every slope is known to so much: half its 95%
    /// confidence interval
    #[arg(long, value_name = "HALF_WIDTH", conflicts_with = "random")]
    until: Option<HalfWidth>,
    /// End `--until` after this time: `90s`, `5m`, `2h` or seconds
    #[arg(long, value_name = "TIME", requires = "until")]
    budget: Option<Budget>,
    /// What all random numbers are derived from
    #[arg(long, value_name = "NUMBER", default_value_t = 0)]
    pub(super) seed: u64,
    /// In which precision arrays are stored
    #[arg(long, value_enum, default_value_t)]
    precision: Bits,
    #[command(flatten)]
    pub(super) results: ResultsOption,
    #[command(flatten)]
    pub(super) format: FormatOption,
}

/// The most random hyperparameters of a dimension: beyond it, the answer would not fit in memory.
const MOST_RANDOM: i64 = 1000;

/// The precision in which arrays are stored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
enum Bits {
    /// 32 bits
    #[default]
    F32,
    /// 64 bits
    F64,
}

const EXAMPLES: &str = "\
Examples:
  fscale measure --scale d_k                                             the derived rule: everything flat
  fscale measure --hp standard --scale d_ff                              what happens if nothing is changed
  fscale measure --scale d_ff --values 128,512,2048 --results runs.jsonl  interrupt it and run it again
  fscale measure --scale d_k --until 0.03 --budget 5m                    as many seeds and sizes as it takes
  fscale measure mlp --random 20 --optimizer adam --results adam.jsonl    the theory, tried at random

Exit status: 0 all agree, 1 something disagrees or the scaling is infeasible, 2 bad input.";

/// Hyperparameters with their optimizer, and where they come from.
struct Setting<'a> {
    optimizer: &'a Optimizer,
    hyperparameters: Hyperparameters,
    origin: String,
}

impl Measure {
    pub(super) fn run(&self) -> Result<Answer, Diagnostics> {
        match self.random {
            Some(cases) => trial::run(self, cases),
            None => self.measure(),
        }
    }

    fn measure(&self) -> Result<Answer, Diagnostics> {
        let book = self.network.rules()?;
        let architecture = self.network.read(&book)?;
        let graph = &architecture.graph;
        let scaling = scaling(self.scale.as_deref().unwrap_or_default(), graph)?;
        let Some(setting) = self.setting(&book, &architecture, &scaling)? else { return Ok(Answer::No) };
        let verification = Verification {
            graph,
            book: &book,
            optimizer: setting.optimizer,
            scaling: &scaling,
            values: values(&self.values, graph, &scaling),
            seeds: self.seeds(),
            base_seed: self.seed,
            precision: match self.precision {
                Bits::F32 => Precision::F32,
                Bits::F64 => Precision::F64,
            },
            memory: Experiment::MEMORY,
        };
        let prediction = verification
            .predict(&setting.hyperparameters)
            .map_err(|error| derive_failed(&DeriveError::Propagate(error)))?;
        let experiment = verification.experiment(&setting.hyperparameters);
        let predicted = quantities(graph, &prediction);
        let (experiment, samples, known) = match self.until {
            None => {
                let samples = self.simulate(&experiment, &architecture)?;
                (experiment, samples, None)
            }
            Some(half_width) => {
                let goal = Goal::new(half_width, self.budget);
                let reached = goal.reach(experiment, &predicted, &self.results, &architecture)?;
                (reached.experiment, reached.samples, Some(reached.note))
            }
        };
        let measurement = compare(&samples, &predicted);
        let summary = Summary::of(&measurement);
        let mut notes: Vec<String> = prediction.notes.iter().cloned().chain(known).collect();
        if summary.crossover + summary.disagrees > 0 {
            notes.extend(smallness(&experiment));
        }
        let measured = Measured {
            graph,
            scaling: &scaling,
            optimizer: setting.optimizer,
            hyperparameters: &setting.hyperparameters,
            origin: &setting.origin,
            seeds: experiment.seeds,
            base_seed: self.seed,
            prediction: &prediction,
            measurement: &measurement,
            notes: &notes,
        };
        self.format.print(&measured)?;
        Ok(Answer::when(summary.disagrees == 0 && prediction.saturated.is_empty()))
    }

    fn seeds(&self) -> u64 {
        self.seeds.unwrap_or(8)
    }

    /// Where to measure. If the hyperparameters are to be derived and there are none, the conflict is the answer:
    /// it is printed, and there is nothing to measure.
    fn setting<'a>(
        &self,
        book: &'a RuleBook,
        architecture: &Architecture,
        scaling: &Scaling,
    ) -> Result<Option<Setting<'a>>, Diagnostics> {
        let graph = &architecture.graph;
        if let Some(hp) = &self.hp {
            let given = hyperparameters(hp, self.optimizer.as_deref(), graph, scaling, book)?;
            let origin = format!("hyperparameters of `{hp}`");
            let (optimizer, hyperparameters) = (given.optimizer, given.hyperparameters);
            return Ok(Some(Setting { optimizer, hyperparameters, origin }));
        }
        let optimizer = self.optimizer.as_deref().unwrap_or("sgd");
        let desiderata = self.desiderata.as_deref().unwrap_or("fsc");
        let question = question_named(graph, book, optimizer, desiderata, scaling.clone())?;
        let answer = derive(&question).map_err(|error| derive_failed(&error))?;
        let Verdict::Feasible { table, .. } = &answer.verdict else {
            self.format.print(&Derived { question: &question, answer: &answer })?;
            return Ok(None);
        };
        let origin = format!("hyperparameters of {desiderata}");
        let optimizer = book.optimizer(optimizer)?;
        Ok(Some(Setting { optimizer, hyperparameters: table.hyperparameters(), origin }))
    }

    fn simulate(
        &self,
        experiment: &Experiment<'_>,
        architecture: &Architecture,
    ) -> Result<Samples, Diagnostics> {
        experiment.check().map_err(|error| simulate_failed(&error))?;
        let (results, finished) = self.results.open(architecture)?;
        let progress = progress::bar(experiment.missing(&finished).len() as u64, "runs");
        let samples = experiment.run(&finished, &|ended| {
            if let Some(results) = &results {
                results.append(ended);
            }
            progress.inc(1);
        });
        progress.finish_and_clear();
        results.map_or(Ok(()), Results::close)?;
        samples.map_err(|error| simulate_failed(&error).into())
    }
}

/// That the sizes are too small to tell, if they are, and larger ones that can be simulated.
fn smallness(experiment: &Experiment<'_>) -> Vec<String> {
    let Experiment { graph, scaling, values, .. } = experiment;
    let Some(small) = Small::of(graph, scaling, values) else { return Vec::new() };
    let larger = Small::mended(graph, scaling)
        .filter(|values| Experiment { values: values.clone(), ..experiment.clone() }.check().is_ok());
    let larger = larger.map(|values| {
        let values: Vec<String> = values.iter().map(ToString::to_string).collect();
        format!("try `--values {}`", values.join(","))
    });
    [small.to_string()].into_iter().chain(larger).collect()
}
