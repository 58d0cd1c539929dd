//! The options of `predict --at-sizes`: over which sizes, and what is simulated for it.

use clap::Args;

use crate::cli::args::options::simulate_failed;
use crate::cli::args::scale::one_variable;
use crate::cli::args::simulation::MemoryOption;
use crate::cli::io::progress::Progress;
use crate::document::{Diagnostic, Diagnostics, shorten};
use crate::graph::Hyperparameters;
use crate::propagate::Prediction;
use crate::report::answer::at_sizes::AtSizes;
use crate::simulate::{Finished, Runs};
use crate::study::sizes::SizeRange;
use crate::study::verify::{Verification, quantities};

/// Sizes that people use.
#[derive(Args, Debug)]
pub(crate) struct SizesOptions {
    /// Also tell how fast quantities grow from one size of the first dimension of `--scale` to another, like
    /// `d_ff=256..4096`: the constants of the terms are fitted to simulations at small sizes, from the first of these on
    #[arg(long, value_name = "RANGE", conflicts_with = "alignment")]
    at_sizes: Option<String>,
    /// Sizes that are simulated for `--at-sizes`, increasing; the first is the base point [default: the first of the range,
    /// doubled two or three times]
    #[arg(long, value_name = "SIZES", value_delimiter = ',', requires = "at_sizes")]
    values: Vec<usize>,
    /// With how many seeds [default: 4]
    #[arg(long, value_name = "COUNT", requires = "at_sizes")]
    seeds: Option<u64>,
    /// What all random numbers are derived from [default: 0]
    #[arg(long, value_name = "NUMBER", requires = "at_sizes")]
    seed: Option<u64>,
    #[command(flatten)]
    memory: MemoryOption,
}

/// Enough seeds for the error of each power to be told.
const SEEDS: u64 = 4;

/// The fewest that tell noise from powers.
const FEWEST_SEEDS: u64 = 2;

/// The fewest sizes that tell two constants apart.
const FEWEST_SIZES: usize = 3;

impl SizesOptions {
    /// Whether powers over sizes are asked for.
    pub(crate) fn is_asked(&self) -> bool {
        self.at_sizes.is_some()
    }

    /// How fast every quantity grows over the range, if one is asked for: in one scale variable.
    pub(crate) fn read(
        &self,
        verification: Verification<'_>,
        hyperparameters: &[Hyperparameters],
        prediction: &Prediction,
    ) -> Result<Option<AtSizes>, Diagnostics> {
        let Some(text) = &self.at_sizes else { return Ok(None) };
        one_variable(verification.scaling)?;
        let Some(hyperparameters) = hyperparameters.first() else { return Ok(None) };
        let range = SizeRange::parse(text, verification.graph, verification.scaling).map_err(|error| {
            let wrong = Diagnostic::new("at-sizes", error.to_string()).hint(error.hint());
            wrong.note(format!("`--at-sizes {}`", shorten(text)))
        })?;
        let runs = Runs::at(self.values.as_slice()).seeds(self.seeds.unwrap_or(SEEDS));
        let runs = runs.base_seed(self.seed.unwrap_or_default()).simulated(self.memory.simulation());
        let verification = Verification { runs, ..verification };
        let mut experiment = verification.experiment(hyperparameters);
        if experiment.runs.values.is_empty() {
            experiment.runs.values = range.simulated(&experiment);
        }
        if experiment.runs.seeds < FEWEST_SEEDS {
            let few = Diagnostic::new("at-sizes", "constants are fitted to two seeds or more");
            return Err(few.hint("give more `--seeds`, or leave them out").into());
        }
        if experiment.runs.values.len() < FEWEST_SIZES {
            let few = Diagnostic::new("at-sizes", "constants are fitted to three sizes or more");
            return Err(few
                .hint("give more `--values` that fit in memory, like `--values 64,128,256`")
                .into());
        }
        let costs = experiment.costs().map_err(|error| simulate_failed(&error))?;
        let cost = |size| costs.at(size).multiply_adds;
        let each = experiment.runs.each().map(|run| cost(experiment.runs.values[run.value]));
        let progress = Progress::begin("runs", each.collect::<Vec<_>>().into_iter());
        let samples = experiment.run(&Finished::default(), &|ended| progress.ended(cost(ended.size)));
        progress.end();
        let samples = samples.map_err(|error| simulate_failed(&error))?;
        let powers = range.powers(&samples, &quantities(prediction));
        Ok(Some(AtSizes { range, runs: experiment.runs, powers }))
    }
}
