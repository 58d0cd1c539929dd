//! How a measurement looks: in every format, or as lines that are printed while it is made.
#![allow(clippy::disallowed_types, reason = "measured magnitudes are floating-point numbers")]

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use clap::builder::PossibleValue;
use clap::{Args, ValueEnum};

use crate::cli::io::output;
use crate::document::{Diagnostic, Diagnostics};
use crate::report::answer::lines;
use crate::report::{Format, Report, render};
use crate::simulate::{Ended, Experiment, Finished, Run, quantities};

/// In which format a measurement is told.
#[derive(Args, Debug)]
pub(crate) struct MeasuredFormatOption {
    /// How the answer looks
    #[arg(long, value_enum, default_value_t)]
    format: MeasuredFormat,
}

/// How a measurement looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum MeasuredFormat {
    /// Told when everything is known.
    Whole(Format),
    /// Told run by run.
    Lines,
}

impl Default for MeasuredFormat {
    fn default() -> Self {
        Self::Whole(Format::default())
    }
}

impl ValueEnum for MeasuredFormat {
    fn value_variants<'a>() -> &'a [Self] {
        const ALL: [MeasuredFormat; 6] = [
            MeasuredFormat::Whole(Format::Text),
            MeasuredFormat::Whole(Format::Markdown),
            MeasuredFormat::Whole(Format::Latex),
            MeasuredFormat::Whole(Format::Csv),
            MeasuredFormat::Whole(Format::Json),
            MeasuredFormat::Lines,
        ];
        &ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        match self {
            Self::Whole(format) => format.to_possible_value(),
            Self::Lines => Some(
                PossibleValue::new("jsonl")
                    .help("One object in a line, for each run as soon as it has ended"),
            ),
        }
    }
}

impl MeasuredFormatOption {
    /// The format, if everything is told at once.
    pub(crate) fn whole(&self) -> Option<Format> {
        match self.format {
            MeasuredFormat::Whole(format) => Some(format),
            MeasuredFormat::Lines => None,
        }
    }

    /// The format of an answer that has no runs to be told one by one.
    ///
    /// # Errors
    /// If it is asked for run by run.
    pub(crate) fn refuse_lines(&self, option: &str) -> Result<Format, Diagnostic> {
        self.whole().ok_or_else(|| {
            let message = format!("`--format jsonl` cannot be used with `{option}`");
            Diagnostic::new("usage", message).hint("write `--format json`")
        })
    }

    /// Prints an answer, or what is left of it to tell where its runs have been told.
    pub(crate) fn print(&self, report: &dyn Report, rest: impl Fn() -> String) -> Result<(), Diagnostics> {
        output::print(&self.whole().map_or_else(rest, |format| render(report, format)))
    }

    /// Prints an answer that has no runs.
    pub(crate) fn print_whole(&self, report: &dyn Report) -> Result<(), Diagnostics> {
        self.print(report, || lines::whole(report.json()))
    }
}

/// Runs that are printed in the order in which they are started, whichever ends first: a run waits for those before it.
pub(crate) struct Stream {
    state: Mutex<State>,
}

struct State {
    /// What is still to be printed, in order, from the last on.
    waited_for: Vec<Run>,
    ended: BTreeMap<Run, Vec<f64>>,
    failure: Option<Diagnostics>,
}

impl Stream {
    /// Prints the runs that have been made, as far as no other is before them.
    pub(crate) fn begin(experiment: &Experiment<'_>, finished: &Finished) -> Self {
        let mut waited_for: Vec<Run> = experiment.runs.each().collect();
        waited_for.reverse();
        let ended = experiment.recorded(finished).map(|(run, magnitudes)| (run, magnitudes.to_vec()));
        let state = State { waited_for, ended: ended.collect(), failure: None };
        let stream = Self { state: Mutex::new(state) };
        stream.with(|state| state.print(experiment, output::print));
        stream
    }

    /// Prints a run that has ended, or holds it back.
    pub(crate) fn ended(&self, experiment: &Experiment<'_>, ended: Ended<'_>) {
        let Some(value) = experiment.runs.values.iter().position(|size| *size == ended.size) else { return };
        self.with(|state| {
            state.ended.insert(Run { value, seed: ended.seed }, ended.magnitudes.to_vec());
            state.print(experiment, output::print);
        });
    }

    /// Whether everything could be printed.
    pub(crate) fn end(self) -> Result<(), Diagnostics> {
        self.with(|state| state.failure.take()).map_or(Ok(()), Err)
    }

    fn with<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        change(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl State {
    /// Prints every run before which none is waited for. After a failure nothing is printed.
    fn print(&mut self, experiment: &Experiment<'_>, print: impl Fn(&str) -> Result<(), Diagnostics>) {
        let (graph, mut text) = (experiment.graph, String::new());
        let quantities = quantities(graph, experiment.runs.simulation.updates);
        while let Some((run, magnitudes)) =
            self.waited_for.last().and_then(|run| self.ended.remove_entry(run))
        {
            self.waited_for.pop();
            let size = experiment.runs.values[run.value];
            text.push_str(&lines::run(graph, &quantities, size, run.seed, &magnitudes));
        }
        if self.failure.is_none() && !text.is_empty() {
            self.failure = print(&text).err();
        }
    }
}
