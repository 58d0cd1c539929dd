//! `fscale measure`: simulated magnitudes, their slopes, and whether they agree with the prediction.

mod train;
mod trial;

use clap::{Args, value_parser};

use train::LargestUpdate;

use super::Reply;
use crate::architecture::Architecture;
use crate::cli::args::choice::ChoiceOptions;
use crate::cli::args::fixed::AlignmentOption;
use crate::cli::args::measurement::Measuring;
use crate::cli::args::options::{NetworkOptions, ResultsOption, simulate_failed};
use crate::cli::args::scale::AlongOption;
use crate::cli::args::simulation::{SimulationOptions, TimingsOption};
use crate::cli::args::until::{Budget, HalfWidth, Watcher};
use crate::cli::io::progress::Progress;
use crate::cli::io::results::Results;
use crate::cli::io::stream::{MeasuredFormatOption, Stream};
use crate::document::{Diagnostic, Diagnostics};
use crate::report::Report;
use crate::report::answer::reached::note;
use crate::simulate::{Ladder, Runs, Samples};
use crate::study::until::reach;
use crate::study::verify::Verification;

/// Arguments of `measure`.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct Measure {
    #[command(flatten)]
    network: NetworkOptions,
    /// Measure at this many random hyperparameters for each dimension, far from those that keep training stable
    #[arg(long, value_name = "COUNT", conflicts_with_all = ["hp", "desiderata", "given", "precision", "updates", "timings", "alignment"])]
    #[arg(value_parser = value_parser!(u16).range(1..=MOST_RANDOM))]
    random: Option<u16>,
    #[command(flatten)]
    choice: ChoiceOptions,
    #[command(flatten)]
    alignment: AlignmentOption,
    /// The dimensions that grow: `d_k`, or tied: `d_model=n,heads=n^1/2`; with `--random` each of them alone
    #[arg(long, value_name = "SCALE", required_unless_present = "random")]
    scale: Option<String>,
    #[command(flatten)]
    along: AlongOption,
    /// Sizes of the first dimension of `--scale`, increasing; the first is the base point [default: as in the report,
    /// 64 doubled six times, or 8 for a sample dimension; for a tie the size in the file doubled seven times; with
    /// `--random` a quarter of the largest number of features of a node in the file times 1, 4, 16, 64, 256, 1024, as far as
    /// a run needs at most 4 GiB, with one layer in each repeat]
    #[arg(long, value_name = "SIZES", value_delimiter = ',')]
    values: Vec<usize>,
    /// How many seeds [default: 8, with `--random` 16]
    #[arg(long, value_name = "COUNT")]
    seeds: Option<u64>,
    /// Add seeds, and larger sizes where seeds do not help, until every slope is known to so much: half its 95%
    /// confidence interval
    #[arg(long, value_name = "HALF_WIDTH", conflicts_with = "random")]
    until: Option<HalfWidth>,
    /// End `--until` after this time: `90s`, `5m`, `2h` or seconds
    #[arg(long, value_name = "TIME", requires = "until")]
    budget: Option<Budget>,
    /// Train so many steps of the optimizer, and tell alignments and magnitudes over time instead of the first step
    #[arg(long, value_name = "COUNT", conflicts_with_all = ["random", "until", "results", "updates", "method", "timings"])]
    #[arg(value_parser = value_parser!(u32).range(1..=MOST_STEPS))]
    steps: Option<u32>,
    /// How much the first step of each parameter moves the node that it moves most, at the smallest size
    /// [default: 0.1]
    #[arg(long, value_name = "NUMBER", requires = "steps")]
    largest_update: Option<LargestUpdate>,
    /// What all random numbers are derived from
    #[arg(long, value_name = "NUMBER", default_value_t = 0)]
    seed: u64,
    #[command(flatten)]
    simulation: SimulationOptions,
    #[command(flatten)]
    timings: TimingsOption,
    #[command(flatten)]
    results: ResultsOption,
    #[command(flatten)]
    format: MeasuredFormatOption,
}

/// The most steps: beyond it, nobody waits.
const MOST_STEPS: i64 = 100_000;

/// The most random hyperparameters of a dimension: beyond it, the answer would not fit in memory.
const MOST_RANDOM: i64 = 1000;

const EXAMPLES: &str = "\
Examples:
  fscale measure --scale d_k                                             the derived rule: everything flat
  fscale measure --hp standard --scale d_ff                              what happens if nothing is changed
  fscale measure --scale d_ff --values 128,512,2048 --results runs.jsonl  interrupt it and run it again
  fscale measure --scale d_ff --format jsonl                              a line of JSON as each run ends
  fscale measure --scale d_k --until 0.03 --budget 5m                    as many seeds and sizes as it takes
  fscale measure mlp --random 20 --optimizer adam --results adam.jsonl    the theory, tried at random
  fscale measure mlp --hp standard --optimizer adam --scale width --values 64,128,256,512 --steps 64

Exit status: 0 all agree, 1 something disagrees or the scaling is infeasible, 2 bad input.";

impl Measure {
    pub(super) fn run(&self) -> Result<Reply, Diagnostics> {
        match self.random {
            Some(cases) => trial::run(self, cases),
            None => self.measure(),
        }
    }

    fn measure(&self) -> Result<Reply, Diagnostics> {
        let rules = self.network.rules()?;
        let files = [self.network.files(&rules), self.choice.files(&rules)].concat().into_iter();
        self.results.try_file(&files.chain(self.alignment.file(&rules)).collect::<Vec<_>>())?;
        let book = self.alignment.assumed(rules)?;
        let architecture = self.network.read(&book)?;
        let graph = &architecture.graph;
        let course = self.along.course(self.scale.as_deref().unwrap_or_default(), graph)?;
        let scaling = &course.scaling;
        let conflict = |report: &dyn Report| self.format.print_whole(report);
        let Some(choice) = self.choice.read(&book, &architecture, &course, conflict)? else {
            return Ok(Reply::No);
        };
        let verification = Verification {
            graph,
            book: &book,
            optimizer: &choice.optimizer,
            scaling,
            runs: self.runs(Runs::SEEDS).or_on(&Ladder::default(), graph, scaling),
        };
        if let Some(steps) = self.steps {
            let steps = usize::try_from(steps).unwrap_or(usize::MAX);
            return train::run(self, &verification, &choice, steps);
        }
        let measuring = Measuring::of(&verification, &choice)?;
        let Some(half_width) = self.until else {
            let (samples, kept) = self.simulate(&measuring, &architecture)?;
            let answer = measuring.answer(&measuring.experiment(), &samples, None, &self.format);
            return Diagnostics::both(answer, kept).map(|(answer, ())| answer);
        };
        if self.format.whole().is_none() {
            let streams = Diagnostic::new(
                "format",
                "`--until` does not know its runs beforehand, to tell them one by one",
            );
            return Err(streams.hint("write `--format json`").into());
        }
        let stopwatch = self.timings.start();
        let experiment = measuring.experiment();
        experiment.check().map_err(|error| simulate_failed(&error))?;
        let (results, finished) = self.results.open(&architecture)?;
        let mut watcher = Watcher::new(results, self.budget.and_then(Budget::end));
        let until = half_width.until();
        let reached = reach(until, experiment, &measuring.predicted(), finished, &mut watcher);
        let kept = watcher.results.map_or(Ok(()), Results::close);
        let reached = reached.map_err(|error| simulate_failed(&error))?;
        stopwatch.stop();
        let note = note(&reached, until);
        let answer = measuring.answer(&reached.experiment, &reached.samples, Some(note), &self.format);
        Diagnostics::both(answer, kept).map(|(answer, ())| answer)
    }

    /// The runs that are asked for, with so many seeds unless something else is.
    pub(super) fn runs(&self, seeds: u64) -> Runs {
        let runs = Runs::at(self.values.as_slice()).seeds(self.seeds.unwrap_or(seeds)).base_seed(self.seed);
        runs.simulated(self.simulation.read())
    }

    /// What is measured, and whether every run was kept and told on the way.
    fn simulate(
        &self,
        measuring: &Measuring<'_>,
        architecture: &Architecture,
    ) -> Result<(Samples, Result<(), Diagnostics>), Diagnostics> {
        let experiment = measuring.experiment();
        let costs = experiment.costs().map_err(|error| simulate_failed(&error))?;
        let (results, finished) = self.results.open(architecture)?;
        let stream = match measuring.begin(&finished, &self.format) {
            Ok(stream) => stream,
            Err(untold) => {
                let closed = results.map_or(Ok(()), Results::close);
                return Diagnostics::both(Err(untold), closed).map(|(begun, ())| begun);
            }
        };
        let cost = |size| costs.at(size).multiply_adds;
        let missing = experiment.missing(&finished);
        let progress =
            Progress::begin("runs", missing.iter().map(|run| cost(experiment.runs.values[run.value])));
        let stopwatch = self.timings.start();
        let samples = experiment.run(&finished, &|ended| {
            if let Some(results) = &results {
                results.append(ended);
            }
            if let Some(stream) = &stream {
                stream.ended(&experiment, ended);
            }
            progress.ended(cost(ended.size));
        });
        progress.end();
        stopwatch.stop();
        let told = stream.map_or(Ok(()), Stream::end);
        let kept = Diagnostics::both(results.map_or(Ok(()), Results::close), told).map(drop);
        let samples = samples.map_err(|error| simulate_failed(&error))?;
        Ok((samples, kept))
    }
}
