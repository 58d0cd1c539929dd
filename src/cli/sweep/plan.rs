//! `fscale sweep plan`: a measurement as a list of tasks.

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;

use crate::cli::Reply;
use crate::cli::args::choice::ChoiceOptions;
use crate::cli::args::options::{NetworkOptions, simulate_failed};
use crate::cli::args::scale::{AlongOption, ScaleOption};
use crate::cli::args::simulation::SimulationOptions;
use crate::cli::io::output::write_file;
use crate::cli::io::{output, target};
use crate::document::{Diagnostic, Diagnostics};
use crate::report::format::document::counted;
use crate::report::{Format, Report, render};
use crate::simulate::{Cost, Ladder, Runs};
use crate::study::sweep::{Planned, Sweep};

/// Arguments of `sweep plan`.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct Plan {
    #[command(flatten)]
    network: NetworkOptions,
    #[command(flatten)]
    choice: ChoiceOptions,
    #[command(flatten)]
    scale: ScaleOption,
    #[command(flatten)]
    along: AlongOption,
    /// Sizes of the first dimension of `--scale`, increasing; the first is the base point [default: as `fscale measure`]
    #[arg(long, value_name = "SIZES", value_delimiter = ',')]
    values: Vec<usize>,
    /// How many seeds
    #[arg(long, value_name = "COUNT", default_value_t = Runs::SEEDS)]
    seeds: u64,
    /// What all random numbers are derived from
    #[arg(long, value_name = "NUMBER", default_value_t = 0)]
    seed: u64,
    #[command(flatten)]
    simulation: SimulationOptions,
    /// The file to write
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

const EXAMPLES: &str = "\
Examples:
  fscale sweep plan --scale d_ff --values 1024,4096,16384 --out plan.json
  fscale sweep plan mine.toml --hp mine-hp.toml --scale width --seeds 32 --out plan.json

The options are those of `fscale measure`. The plan holds the text of the architecture, the exponents and the rules that
are not built in: nothing else is needed to run it.
Exit status: 0 planned, 1 the scaling is infeasible (nothing is written), 2 bad input.";

impl Plan {
    pub(super) fn run(&self) -> Result<Reply, Diagnostics> {
        let book = self.network.rules()?;
        let files = [self.network.files(&book), self.choice.files(&book)].concat();
        target::try_file("--out", &self.out, &files)?;
        let architecture = self.network.read(&book)?;
        let course = self.scale.course(&self.along, &architecture.graph)?;
        let scaling = course.scaling.clone();
        let conflict = |report: &dyn Report| output::print(&render(report, Format::Text));
        let Some(choice) = self.choice.read(&book, &architecture, &course, conflict)? else {
            return Ok(Reply::No);
        };
        let runs = Runs::at(self.values.as_slice()).seeds(self.seeds).base_seed(self.seed);
        let runs = runs.simulated(self.simulation.read());
        let planned =
            Planned { runs: runs.or_on(&Ladder::default(), &architecture.graph, &scaling), scaling, choice };
        let sweep = Sweep::new(Arc::unwrap_or_clone(book), architecture, planned)
            .map_err(|error| simulate_failed(&error))?;
        let plan = sweep.write();
        if plan.len() as u64 > Sweep::LARGEST {
            let message = format!("the plan would be larger than {} MiB", Sweep::LARGEST >> 20);
            return Err(Diagnostic::new("plan", message).hint("plan fewer seeds, with fewer rules").into());
        }
        write_file(&self.out, plan.as_bytes())?;
        let largest = sweep.tasks().iter().map(|task| task.cost).max_by_key(|cost| cost.bytes);
        let largest = largest.as_ref().map(Cost::memory).unwrap_or_default();
        let tasks = counted(sweep.tasks().len() as u64, "task");
        output::tell(&format!("wrote {}: {tasks}, each of {largest} at most\n", self.out.display()))?;
        Ok(Reply::Yes)
    }
}
