//! `fscale measure --until`: seeds and sizes are added until every slope is known, or the time is up.
#![allow(clippy::disallowed_types, reason = "how well a slope is known is a floating-point number")]

use std::collections::BTreeMap;
use std::str::FromStr;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use super::results::Results;
use crate::architecture::Architecture;
use crate::cli::args::options::{ResultsOption, simulate_failed};
use crate::cli::io::progress::Progress;
use crate::document::Diagnostics;
use crate::report::answer::measurement::in_words;
use crate::report::format::document::counted;
use crate::simulate::{
    Costs, Ended, Experiment, Finished, Next, Predicted, Quantity, Run, Runs, Samples, Seed, Until, compare,
};

/// How well every slope is to be known: half its 95% confidence interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct HalfWidth(f64);

impl FromStr for HalfWidth {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let number = text.parse().ok().filter(|number: &f64| *number > 0.0 && number.is_finite());
        number.map(Self).ok_or_else(|| "it is no number above 0, like 0.03".into())
    }
}

/// How long a measurement may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Budget(Duration);

impl FromStr for Budget {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let units = [("s", 1), ("m", 60), ("h", 3600), ("", 1)];
        let seconds = units.into_iter().find_map(|(unit, seconds)| {
            let number: u64 = text.strip_suffix(unit)?.parse().ok()?;
            number.checked_mul(seconds)
        });
        let duration = seconds.filter(|seconds| *seconds > 0).map(Duration::from_secs);
        duration.map(Self).ok_or_else(|| "it is no time above 0, like 90s, 5m or 2h".into())
    }
}

/// What is to be known, and when to stop.
#[derive(Clone, Copy, Debug)]
pub(super) struct Goal {
    until: Until,
    budget: Option<Budget>,
}

/// A measurement that has ended.
pub(super) struct Reached<'a> {
    /// With the seeds and sizes that it came to.
    pub(super) experiment: Experiment<'a>,
    /// What was measured.
    pub(super) samples: Samples,
    /// What is known, and what is not.
    pub(super) note: String,
}

/// How often the largest size is doubled at most.
const MOST_DOUBLINGS: usize = 4;

/// The next size is so many times the largest: the least of these at which every tied dimension is whole.
const TIMES: [usize; 3] = [2, 4, 8];

/// Seeds are added a sixteenth of all at a time, so that the clock is looked at often and little is copied.
const PART: u64 = 16;

impl Goal {
    pub(super) fn new(half_width: HalfWidth, budget: Option<Budget>) -> Self {
        Self { until: Until { half_width: half_width.0 }, budget }
    }

    /// Measures until every slope is known, or more runs would not help, or the time is up; with whether every run was kept.
    /// What it does depends on the clock only in where it ends.
    pub(super) fn reach<'a>(
        self,
        experiment: Experiment<'a>,
        predicted: &BTreeMap<Quantity, Predicted>,
        results: &ResultsOption,
        architecture: &Architecture,
    ) -> Result<(Reached<'a>, Result<(), Diagnostics>), Diagnostics> {
        experiment.check().map_err(|error| simulate_failed(&error))?;
        let (results, finished) = results.open(architecture)?;
        let end = self.budget.and_then(|Budget(time)| Instant::now().checked_add(time));
        let mut work = Work { results, finished, end };
        let reached = self.work(&mut work, experiment, predicted);
        let kept = work.results.map_or(Ok(()), Results::close);
        Ok((reached?, kept))
    }

    fn work<'a>(
        self,
        work: &mut Work,
        mut experiment: Experiment<'a>,
        predicted: &BTreeMap<Quantity, Predicted>,
    ) -> Result<Reached<'a>, Diagnostics> {
        let begun = experiment.runs.values.len();
        let mut samples = work.run(&mut experiment, 0, "measuring")?;
        loop {
            let measurement = compare(&samples, predicted);
            let open = measurement.quantities.iter().filter(|measured| !self.until.is_known(measured));
            let open: Vec<Quantity> = open.map(|measured| measured.quantity).collect();
            let larger = larger(&experiment).filter(|values| values.len() <= begun + MOST_DOUBLINGS);
            let next = self.until.next(&measurement, experiment.runs.seeds, larger.as_deref());
            let why = match next {
                Next::Known => "",
                Next::Exhausted => ", which more seeds or larger sizes do not mend",
                Next::Seeds(_) | Next::Values(_) if work.is_over() => ", since the time is up",
                Next::Seeds(seeds) => {
                    let from = experiment.runs.seeds;
                    experiment.runs.seeds = seeds;
                    samples = work.run(&mut experiment, from, &not_yet(open.len()))?;
                    continue;
                }
                Next::Values(values) => {
                    let mut grown = experiment.clone();
                    grown.runs.values = values;
                    let found = work.run(&mut grown, 0, &not_yet(open.len()))?;
                    // A size that was not run with every seed does not count.
                    if grown.runs.seeds == experiment.runs.seeds {
                        (experiment, samples) = (grown, found);
                    }
                    continue;
                }
            };
            let note = self.note(&experiment, &open, why);
            return Ok(Reached { experiment, samples, note });
        }
    }

    fn note(self, experiment: &Experiment<'_>, open: &[Quantity], why: &str) -> String {
        let half_width = self.until.half_width;
        let (seeds, sizes) =
            (counted(experiment.runs.seeds, "seed"), counted(experiment.runs.values.len() as u64, "size"));
        if open.is_empty() {
            return format!("every slope is known to ± {half_width}, from {seeds} at {sizes}");
        }
        let names: Vec<String> = open.iter().map(|quantity| in_words(experiment.graph, *quantity)).collect();
        format!("not known to ± {half_width} from {seeds} at {sizes}{why}: {}", names.join(", "))
    }
}

fn not_yet(open: usize) -> String {
    format!("({} not yet known)", counted(open as u64, "slope"))
}

/// The sizes of an experiment with a larger one, if it can be simulated.
fn larger(experiment: &Experiment<'_>) -> Option<Vec<usize>> {
    let largest = *experiment.runs.values.last()?;
    let grown = |times: usize| {
        let values = experiment.runs.values.iter().copied().chain([largest.checked_mul(times)?]).collect();
        let runs = Runs { values, ..experiment.runs.clone() };
        let grown = Experiment { runs, ..experiment.clone() };
        grown.check().is_ok().then_some(grown.runs.values)
    };
    TIMES.into_iter().find_map(grown)
}

/// Runs that were made, where they are written, and when to stop.
struct Work {
    results: Option<Results>,
    finished: Finished,
    end: Option<Instant>,
}

impl Work {
    fn is_over(&self) -> bool {
        self.end.is_some_and(|end| Instant::now() >= end)
    }

    /// Runs an experiment of which so many seeds are done, some seeds at a time, until the time is up; its seeds are then
    /// those that were run at every size. Some are run in any case.
    fn run(
        &mut self,
        experiment: &mut Experiment<'_>,
        done: u64,
        message: &str,
    ) -> Result<Samples, Diagnostics> {
        let wanted = experiment.runs.seeds;
        let costs = experiment.costs().map_err(|error| simulate_failed(&error))?;
        let missing = experiment.missing(&self.finished);
        let cost = |run: &Run| costs.at(experiment.runs.values[run.value]).multiply_adds;
        let progress = Progress::begin("runs", missing.iter().map(cost));
        progress.tell(message);
        let mut seeds = done;
        let samples = loop {
            let more = (seeds / PART).max(rayon::current_num_threads() as u64);
            seeds = seeds.saturating_add(more).min(wanted);
            experiment.runs.seeds = seeds;
            let samples = self.run_all(experiment, &costs, &progress);
            if samples.is_err() || seeds == wanted || self.is_over() {
                break samples;
            }
        };
        progress.end();
        samples
    }

    fn run_all(
        &mut self,
        experiment: &Experiment<'_>,
        costs: &Costs,
        progress: &Progress,
    ) -> Result<Samples, Diagnostics> {
        let made: Mutex<Vec<(usize, Seed, Vec<f64>)>> = Mutex::new(Vec::new());
        let samples = experiment.run(&self.finished, &|ended| {
            if let Some(results) = &self.results {
                results.append(ended);
            }
            if let Ok(mut made) = made.lock() {
                made.push((ended.size, ended.seed, ended.magnitudes.to_vec()));
            }
            progress.ended(costs.at(ended.size).multiply_adds);
        });
        let name = experiment.name();
        for (size, seed, magnitudes) in made.into_inner().unwrap_or_default() {
            self.finished.add(Ended { experiment: &name, size, seed, magnitudes: &magnitudes });
        }
        samples.map_err(|error| simulate_failed(&error).into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_budget_is_a_time_in_seconds_minutes_or_hours() {
        let seconds = |text: &str| text.parse::<Budget>().map(|Budget(time)| time.as_secs()).ok();
        let aligned = [("90s", 90), ("5m", 300), ("2h", 7200), ("45", 45)];
        for (text, expected) in aligned {
            assert_eq!(seconds(text), Some(expected), "{text}");
        }
        for text in ["", "0", "0s", "-1", "1.5h", "5 m", "s", "99999999999999999h", "3d"] {
            assert_eq!(seconds(text), None, "{text}");
        }
    }

    #[test]
    fn a_half_width_is_a_number_above_zero() {
        assert_eq!("0.03".parse(), Ok(HalfWidth(0.03)));
        for text in ["0", "-0.1", "NaN", "inf", "", "1/2"] {
            assert!(text.parse::<HalfWidth>().is_err(), "{text}");
        }
    }
}
