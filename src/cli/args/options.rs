//! Options that several commands share, and what they stand for.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;

use crate::architecture::Architecture;
use crate::cli::io::results::{self, Otherwise, Results};
use crate::cli::io::{input, output, target};
use crate::derive::DeriveError;
use crate::derive::gauge::GaugeError;
use crate::document::{Diagnostic, Diagnostics, nearest};
use crate::graph::{Graph, Scaling};
use crate::propagate::Question;
use crate::report::{Format, Report, render};
use crate::rule::{Concession, Desiderata, Optimizer, RuleBook};
use crate::simulate::{Finished, SimulateError};

/// Which network, by which rules.
#[derive(Args, Debug)]
pub(crate) struct NetworkOptions {
    /// A built-in architecture (`fscale list` names them) or a path
    #[arg(value_name = "ARCH", default_value = "transformer")]
    architecture: String,
    #[command(flatten)]
    rules: RulesOption,
}

/// By which rules.
#[derive(Args, Debug)]
pub(crate) struct RulesOption {
    /// A folder of rules that add to the built-in ones or replace them
    #[arg(long, value_name = "DIR")]
    rules: Option<PathBuf>,
}

/// In which format.
#[derive(Args, Debug)]
pub(crate) struct FormatOption {
    /// How the answer looks
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// What trains the network.
#[derive(Args, Debug)]
pub(crate) struct OptimizerOption {
    /// The optimizer of every parameter
    #[arg(long, value_name = "NAME", default_value = "sgd")]
    pub(crate) optimizer: String,
}

/// What is asked.
#[derive(Args, Debug)]
pub(crate) struct DesiderataOption {
    /// The requirements on every exponent
    #[arg(long, value_name = "NAME", default_value = "fsc")]
    pub(crate) desiderata: String,
    #[command(flatten)]
    pub(crate) relax: RelaxOption,
}

impl DesiderataOption {
    /// The requirements, less those that are relaxed.
    pub(crate) fn read(&self, book: &RuleBook) -> Result<Desiderata, Diagnostics> {
        self.relax.of(book.desiderata(&self.desiderata)?)
    }
}

/// What is asked less.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct RelaxOption {
    /// Ask less: `U on W_V` may then be less than it says, of `no U on W_V` nothing is asked; several after commas
    #[arg(long, value_name = "REQUIREMENT")]
    pub(crate) relax: Vec<String>,
}

impl RelaxOption {
    /// The requirements, asking less.
    pub(crate) fn of(&self, desiderata: &Desiderata) -> Result<Desiderata, Diagnostics> {
        let relaxed = self.relax.iter().map(|text| Concession::parse_all(text));
        let relaxed = relaxed.collect::<Result<Vec<_>, _>>()?.concat();
        Ok(desiderata.clone().asking_less(relaxed))
    }
}

/// Where finished runs are kept.
#[derive(Args, Debug)]
pub(crate) struct ResultsOption {
    /// Write each finished run to this file, and take from it those that are there
    #[arg(long, value_name = "FILE")]
    results: Option<PathBuf>,
}

impl RulesOption {
    pub(crate) fn read(&self) -> Result<Arc<RuleBook>, Diagnostics> {
        input::rules(self.rules.as_deref()).map(Arc::new)
    }
}

impl FormatOption {
    /// Prints an answer.
    pub(crate) fn print(&self, report: &dyn Report) -> Result<(), Diagnostics> {
        output::print(&render(report, self.format))
    }
}

impl ResultsOption {
    /// The file, if there is one.
    pub(crate) fn file(&self) -> Option<&Path> {
        self.results.as_deref()
    }

    /// Refuses a file that the command reads as something else, or that cannot be written.
    pub(crate) fn try_file(&self, inputs: &[PathBuf]) -> Result<(), Diagnostics> {
        let Some(path) = self.file() else { return Ok(()) };
        target::spare("--results", path, inputs)?;
        results::try_file(path)
    }

    /// The file, if there is one, and the runs that are in it.
    pub(crate) fn open(
        &self,
        architecture: &Architecture,
    ) -> Result<(Option<Results>, Finished), Diagnostics> {
        let Some(path) = &self.results else { return Ok((None, Finished::none())) };
        let (results, finished) = Results::open(path, architecture, Otherwise::Refuse)?;
        Ok((Some(results), finished))
    }
}

impl NetworkOptions {
    pub(crate) fn rules(&self) -> Result<Arc<RuleBook>, Diagnostics> {
        self.rules.read()
    }

    /// The architecture as it was given.
    pub(crate) fn name(&self) -> &str {
        &self.architecture
    }

    /// The files that are read: of the architecture, if it is not built in, and of the rules.
    pub(crate) fn files(&self, book: &RuleBook) -> Vec<PathBuf> {
        let rules = self.rules.rules.as_deref().map(input::rule_files).unwrap_or_default();
        file(&self.architecture, book.architecture(&self.architecture).is_ok())
            .into_iter()
            .chain(rules)
            .collect()
    }

    /// The built-in architecture of that name, or else the file of that path.
    pub(crate) fn read(&self, book: &RuleBook) -> Result<Architecture, Diagnostics> {
        architecture(&self.architecture, book)
    }
}

/// The built-in architecture of that name, or else the file of that path.
pub(crate) fn architecture(name: &str, book: &RuleBook) -> Result<Architecture, Diagnostics> {
    let activations = book.activations();
    let path = Path::new(name);
    match book.architecture(name) {
        Ok(rule) => Architecture::parse(&rule.text, &activations),
        Err(unknown) if !path.exists() && looks_like_a_name(name) => Err(unknown.into()),
        Err(_) => Architecture::parse(&input::read(path)?, &activations),
    }
}

/// The file that a name stands for unless it is that of something built in.
pub(crate) fn file(name: &str, is_built_in: bool) -> Option<PathBuf> {
    (!is_built_in).then(|| PathBuf::from(name))
}

/// A word that no path would be.
pub(crate) fn looks_like_a_name(text: &str) -> bool {
    !text.contains(['/', '\\', '.'])
}

/// The optimizer and the desiderata set that options name.
pub(crate) fn questioned<'b>(
    book: &'b RuleBook,
    optimizer: &OptimizerOption,
    desiderata: &DesiderataOption,
) -> Result<(&'b Optimizer, Desiderata), Diagnostics> {
    let (optimizer, asked) = known(book, &optimizer.optimizer, &desiderata.desiderata)?;
    Ok((optimizer, desiderata.relax.of(asked)?))
}

/// Everything that a derivation is asked about, the optimizer by its name; the scaling is given apart.
pub(crate) fn question_named(
    graph: &Arc<Graph>,
    book: &Arc<RuleBook>,
    optimizer: &str,
    desiderata: &DesiderataOption,
    scaling: Scaling,
) -> Result<Question, Diagnostics> {
    let (optimizer, asked) = known(book, optimizer, &desiderata.desiderata)?;
    let desiderata = desiderata.relax.of(asked)?;
    Ok(Question::new(graph, book, optimizer, &desiderata, scaling))
}

/// An optimizer and a desiderata set by name. Both are looked up before either is refused.
pub(crate) fn known<'b>(
    book: &'b RuleBook,
    optimizer: &str,
    desiderata: &str,
) -> Result<(&'b Optimizer, &'b Desiderata), Diagnostics> {
    match (book.optimizer(optimizer), book.desiderata(desiderata)) {
        (Ok(optimizer), Ok(desiderata)) => Ok((optimizer, desiderata)),
        (optimizer, desiderata) => {
            Err(Diagnostics(optimizer.err().into_iter().chain(desiderata.err()).collect()))
        }
    }
}

/// Why nothing could be derived, with what to do.
pub(crate) fn derive_failed(error: &DeriveError) -> Diagnostic {
    Diagnostic::new(error.code(), error.to_string()).hint(error.hint())
}

/// Why nothing could be simulated, with what to do.
pub(crate) fn simulate_failed(error: &SimulateError) -> Diagnostic {
    Diagnostic::new(error.code(), error.to_string()).hint(error.hint())
}

/// Why a multiplier of a weight cannot be traded, with what to do.
pub(crate) fn gauge_failed(error: &GaugeError) -> Diagnostic {
    Diagnostic::new(error.code(), error.to_string()).hint(error.hint())
}

/// The one of some names that was meant, or a diagnostic with the nearest.
pub(crate) fn unknown(kind: &str, name: &str, known: &[&str]) -> Diagnostic {
    let unknown = Diagnostic::new("unknown-name", format!("unknown {kind} `{name}`"));
    match nearest(name, known.iter().copied()) {
        Some(near) => unknown.hint(format!("did you mean `{near}`?")),
        None => unknown.hint(format!("known: {}", known.join(", "))),
    }
}
