//! The command line: arguments, and one file per command. Files, environment and stdout are touched only here.

mod answer;
mod args;
mod io;
mod proven;

mod check;
mod completions;
mod derive;
mod dims;
mod equiv;
mod explain;
mod figure;
mod judge;
mod list;
mod man;
mod measure;
mod predict;
mod report;
mod rule;
mod sweep;

use std::ffi::OsString;

pub use answer::Reply;

use clap::{Parser, Subcommand, ValueEnum};

use args::usage;
use io::{output, threads};

use crate::document::Diagnostics;
use crate::report::json::{DiagnosticsAnswer, Envelope};

/// Derives how the hyperparameters of a neural network must change with its size.
#[derive(Debug, Parser)]
#[command(name = "fscale", version, after_help = EXAMPLES, max_term_width = 110)]
pub struct Arguments {
    /// How errors look on stderr
    #[arg(long, global = true, value_enum, default_value_t, value_name = "FORM")]
    diagnostic_format: DiagnosticFormat,
    #[command(subcommand)]
    command: Command,
}

const EXAMPLES: &str = "\
Examples:
  fscale report                                   the main job: everything below for the built-in transformer
  fscale dims                                     what of the built-in transformer can grow, and how
  fscale derive --scale d_k --optimizer adam      the rule for larger keys and queries
  fscale explain --scale d_model                  why the width alone cannot grow
  fscale predict --hp standard --scale d_ff       what happens if nothing is changed
  fscale measure --scale d_k                      the same in a simulation
  fscale sweep plan --scale d_k --out plan.json   the same on many machines

Exit status: 0 yes (feasible, agrees), 1 no (infeasible, disagrees), 2 bad input.";

/// How errors look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub enum DiagnosticFormat {
    /// What is wrong, where, and what to do
    #[default]
    Text,
    /// One object for machines
    Json,
}

/// What a program asks of fscale.
#[derive(Debug, Subcommand)]
enum Command {
    /// The scaling table, or the conflict that forbids it
    Derive(derive::Derive),
    /// Every dimension alone and every declared tie: scalable or not
    Dims(dims::Dims),
    /// Why: derivations in words, the proof, and what to give up
    Explain(explain::Explain),
    /// Whether two parameterizations are the same up to the trade of multiplier, init and learning rate
    Equiv(equiv::Equiv),
    /// Every exponent at given hyperparameters
    Predict(predict::Predict),
    /// Which requirements given hyperparameters meet, and the smallest change that mends the rest
    Judge(judge::Judge),
    /// Simulated magnitudes and slopes, and whether they agree with the prediction
    Measure(measure::Measure),
    /// A measurement on many machines: planned, run in shares, merged
    Sweep(sweep::Sweep),
    /// Magnitudes against size, a line per node: standard beside derived
    Figure(figure::Figure),
    /// What can grow, derived, measured and drawn, as one page: the main job
    Report(report::Report),
    /// An architecture, rule or hyperparameter file is well formed, or a certificate proves what it states
    Check(check::Check),
    /// What is built in
    List(list::List),
    /// The documentation of a rule
    Rule(rule::Rule),
    /// Completions for a shell
    Completions(completions::Completions),
    /// Man pages
    Man(man::Man),
}

impl Arguments {
    /// The arguments of the process. Help, the version and mistakes of usage are shown, and the process ends.
    #[must_use]
    pub fn read() -> Self {
        let given: Vec<OsString> = std::env::args_os().collect();
        Self::read_from(&given).unwrap_or_else(|error| usage::end(&error, &given))
    }

    /// Given arguments, the first of them the name of the program.
    ///
    /// # Errors
    /// Mistakes of usage, and the requests for help or the version.
    pub fn read_from<T: Into<OsString> + Clone>(
        arguments: impl IntoIterator<Item = T>,
    ) -> Result<Self, clap::Error> {
        Self::try_parse_from(arguments)
    }

    /// Runs the command.
    ///
    /// # Errors
    /// Everything wrong with the input.
    pub fn run(&self) -> Result<Reply, Diagnostics> {
        if let Command::Measure(_) | Command::Sweep(_) | Command::Figure(_) | Command::Report(_) =
            self.command
        {
            threads::start();
        }
        match &self.command {
            Command::Derive(command) => command.run(),
            Command::Dims(command) => command.run(),
            Command::Explain(command) => command.run(),
            Command::Equiv(command) => command.run(),
            Command::Predict(command) => command.run(),
            Command::Judge(command) => command.run(),
            Command::Measure(command) => command.run(),
            Command::Sweep(command) => command.run(),
            Command::Figure(command) => command.run(),
            Command::Report(command) => command.run(),
            Command::Check(command) => command.run(),
            Command::List(command) => command.run(),
            Command::Rule(command) => command.run(),
            Command::Completions(command) => command.run(),
            Command::Man(command) => command.run(),
        }
    }

    /// Shows diagnostics on stderr, as text or as JSON.
    pub fn show(&self, diagnostics: &Diagnostics) {
        self.diagnostic_format.show(diagnostics);
    }
}

impl DiagnosticFormat {
    fn show(self, diagnostics: &Diagnostics) {
        output::complain(&match self {
            Self::Text => format!("{diagnostics}\n"),
            Self::Json => Envelope::of(DiagnosticsAnswer::from(diagnostics)).write(),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_arguments_are_well_formed() {
        Arguments::command().debug_assert();
    }
}
