//! [`reach`]: seeds and sizes are added until every slope is known, or the time is up.

use std::collections::BTreeMap;
use std::sync::Mutex;

use crate::graph::{Quantity, Role};
use crate::simulate::{
    Costs, Ended, Experiment, Finished, Next, PredictedSlope, Run, Runs, Samples, Seed, SimulateError, Until,
    compare,
};

/// What goes on around a measurement whose end is not known beforehand.
pub trait Watch: Sync {
    /// Whether the time is up.
    fn is_over(&self) -> bool;

    /// Runs of these costs come next, in multiplications with an addition, since so many slopes are not yet known; nothing is
    /// said of slopes before the first run.
    fn begin(&mut self, costs: &[u64], open: Option<usize>);

    /// A run of this cost has ended. Called from the thread that ran it.
    fn ended(&self, ended: Ended<'_>, cost: u64);

    /// The runs that were begun have ended, or those that there was time for.
    fn end(&mut self);
}

/// A measurement that has ended.
#[derive(Clone, Debug)]
pub struct Reached<'a> {
    /// With the seeds and sizes that it came to.
    pub experiment: Experiment<'a>,
    /// What was measured.
    pub samples: Samples,
    /// The slopes that are not known.
    pub open: Vec<Quantity>,
    /// Why nothing more was measured.
    pub because: Halt,
}

/// Why nothing more is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Halt {
    /// Every slope is known.
    Known,
    /// More seeds or larger sizes would not help.
    Exhausted,
    /// The time is up.
    Over,
}

/// How often the largest size is doubled at most.
const MOST_DOUBLINGS: usize = 4;

/// The next size is so many times the largest: the least of these at which every tied dimension is whole.
const TIMES: [usize; 3] = [2, 4, 8];

/// Seeds are added a sixteenth of all at a time, so that the clock is looked at often and little is copied.
const PART: u64 = 16;

/// Measures until every slope is known, or more runs would not help, or the time is up. Runs that are in `finished` are not made
/// again. What it does depends on the watch only in where it ends.
///
/// # Errors
/// If the experiment cannot be simulated.
pub fn reach<'a>(
    until: Until,
    mut experiment: Experiment<'a>,
    predicted: &BTreeMap<Quantity, PredictedSlope>,
    finished: Finished,
    watch: &mut impl Watch,
) -> Result<Reached<'a>, SimulateError> {
    let begun = experiment.runs.values.len();
    let mut work = Work { finished, watch };
    let mut samples = work.run(&mut experiment, 0, None)?;
    loop {
        let measurement = compare(&samples, predicted, &experiment.graph.of_role(Role::Logits));
        let open = measurement.quantities.iter().filter(|measured| !until.is_known(measured));
        let open: Vec<Quantity> = open.map(|measured| measured.quantity).collect();
        let larger = larger(&experiment).filter(|values| values.len() <= begun + MOST_DOUBLINGS);
        let next = until.next(&measurement, experiment.runs.seeds, larger.as_deref());
        let because = match next {
            Next::Known => Halt::Known,
            Next::Exhausted => Halt::Exhausted,
            Next::Seeds(_) | Next::Values(_) if work.watch.is_over() => Halt::Over,
            Next::Seeds(seeds) => {
                let from = experiment.runs.seeds;
                experiment.runs.seeds = seeds;
                samples = work.run(&mut experiment, from, Some(open.len()))?;
                continue;
            }
            Next::Values(values) => {
                let mut grown = experiment.clone();
                grown.runs.values = values;
                let found = work.run(&mut grown, 0, Some(open.len()))?;
                // A size that was not run with every seed does not count.
                if grown.runs.seeds == experiment.runs.seeds {
                    (experiment, samples) = (grown, found);
                }
                continue;
            }
        };
        return Ok(Reached { experiment, samples, open, because });
    }
}

/// The sizes of an experiment with a larger one, if it can be simulated.
pub(super) fn larger(experiment: &Experiment<'_>) -> Option<Vec<usize>> {
    let largest = *experiment.runs.values.last()?;
    let grown = |times: usize| {
        let values = experiment.runs.values.iter().copied().chain([largest.checked_mul(times)?]).collect();
        let runs = Runs { values, ..experiment.runs.clone() };
        let grown = Experiment { runs, ..experiment.clone() };
        grown.check().is_ok().then_some(grown.runs.values)
    };
    TIMES.into_iter().find_map(grown)
}

/// Runs that were made, and who watches.
struct Work<'w, W> {
    finished: Finished,
    watch: &'w mut W,
}

impl<W: Watch> Work<'_, W> {
    /// Runs an experiment of which so many seeds are done, some seeds at a time, until the time is up; its seeds are then
    /// those that were run at every size. Some are run in any case.
    fn run(
        &mut self,
        experiment: &mut Experiment<'_>,
        done: u64,
        open: Option<usize>,
    ) -> Result<Samples, SimulateError> {
        let wanted = experiment.runs.seeds;
        let costs = experiment.costs()?;
        let missing = experiment.missing(&self.finished);
        let cost = |run: &Run| costs.at(experiment.runs.values[run.value]).multiply_adds;
        self.watch.begin(&missing.iter().map(cost).collect::<Vec<_>>(), open);
        let mut seeds = done;
        let samples = loop {
            let more = (seeds / PART).max(rayon::current_num_threads() as u64);
            seeds = seeds.saturating_add(more).min(wanted);
            experiment.runs.seeds = seeds;
            let samples = self.run_all(experiment, &costs);
            if samples.is_err() || seeds == wanted || self.watch.is_over() {
                break samples;
            }
        };
        self.watch.end();
        samples
    }

    #[allow(clippy::disallowed_types, reason = "measured magnitudes are floating-point numbers")]
    fn run_all(&mut self, experiment: &Experiment<'_>, costs: &Costs) -> Result<Samples, SimulateError> {
        let made: Mutex<Vec<(usize, Seed, Vec<f64>)>> = Mutex::new(Vec::new());
        let watch = &*self.watch;
        let samples = experiment.run(&self.finished, &|ended| {
            if let Ok(mut made) = made.lock() {
                made.push((ended.size, ended.seed, ended.magnitudes.to_vec()));
            }
            watch.ended(ended, costs.at(ended.size).multiply_adds);
        });
        let name = experiment.name();
        for (size, seed, magnitudes) in made.into_inner().unwrap_or_default() {
            self.finished.add(Ended { experiment: &name, size, seed, magnitudes: &magnitudes });
        }
        samples
    }
}
