//! Options that several commands share, and what they stand for.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;

use crate::architecture::Architecture;
use crate::cli::args::hyperparameters::Stated;
use crate::cli::io::{input, output, target};
use crate::cli::results;
use crate::cli::results::{Otherwise, Results};
use crate::derive::gauge::{self, GaugeError};
use crate::derive::{DeriveError, Question};
use crate::document::{Diagnostic, Diagnostics, and, nearest, shorten};
use crate::graph::{Graph, Hyperparameters, Scaling, Unfolded};
use crate::report::{Format, Report, render};
use crate::rule::{Desiderata, Optimizer, RuleBook};
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
}

/// Where finished runs are kept.
#[derive(Args, Debug)]
pub(crate) struct ResultsOption {
    /// Write each finished run to this file, and take from it those that are there
    #[arg(long, value_name = "FILE")]
    results: Option<PathBuf>,
}

/// How the dimensions grow.
#[derive(Args, Debug)]
pub(crate) struct ScaleOption {
    /// The dimensions that grow: `d_k`, tied: `d_model=n,heads=n^1/2`, or apart: `d_model=n,heads=n,d_k=m`
    #[arg(long, value_name = "SCALE")]
    scale: String,
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

impl ScaleOption {
    /// The scaling, in one scale variable.
    pub(crate) fn read(&self, graph: &Graph) -> Result<Scaling, Diagnostics> {
        scaling(&self.scale, graph)
    }

    /// The scaling, in as many scale variables as it names.
    pub(crate) fn read_open(&self, graph: &Graph) -> Result<Scaling, Diagnostics> {
        open_scaling(&self.scale, graph)
    }
}

/// The optimizer and the desiderata set that options name.
pub(crate) fn questioned<'b>(
    book: &'b RuleBook,
    optimizer: &OptimizerOption,
    desiderata: &DesiderataOption,
) -> Result<(&'b Optimizer, &'b Desiderata), Diagnostics> {
    known(book, &optimizer.optimizer, &desiderata.desiderata)
}

/// The scaling that `--scale` says, in one variable.
pub(crate) fn scaling(text: &str, graph: &Graph) -> Result<Scaling, Diagnostics> {
    let scaling = open_scaling(text, graph)?;
    if scaling.variables.len() > 1 {
        return Err(derive_failed(&DeriveError::SeveralVariables(scaling.variables)).into());
    }
    Ok(scaling)
}

/// The scaling that `--scale` says.
fn open_scaling(text: &str, graph: &Graph) -> Result<Scaling, Diagnostics> {
    let scaling = Scaling::parse(text, graph).map_err(|error| {
        let known = graph.dimensions.iter().map(|dimension| dimension.name.as_str());
        let wrong = Diagnostic::new("scale", error.to_string()).hint(error.hint());
        wrong
            .note(format!("`--scale {}`", shorten(text)))
            .note(format!("the dimensions are {}", known.collect::<Vec<_>>().join(", ")))
    });
    Ok(scaling?)
}

/// Everything that a derivation is asked about; the scaling is given apart.
pub(crate) fn question(
    graph: &Arc<Graph>,
    book: &Arc<RuleBook>,
    optimizer: &OptimizerOption,
    desiderata: &DesiderataOption,
    scaling: Scaling,
) -> Result<Question, Diagnostics> {
    question_named(graph, book, &optimizer.optimizer, &desiderata.desiderata, scaling)
}

/// The same, by names.
pub(crate) fn question_named(
    graph: &Arc<Graph>,
    book: &Arc<RuleBook>,
    optimizer: &str,
    desiderata: &str,
    scaling: Scaling,
) -> Result<Question, Diagnostics> {
    let (optimizer, desiderata) = known(book, optimizer, desiderata)?;
    Ok(Question::new(graph, book, optimizer, desiderata, scaling))
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
    let code = match error {
        DeriveError::SeveralVariables(_) => "several-variables",
        DeriveError::Number(_) => "number",
        DeriveError::Unassumed(_) => "unassumed",
        DeriveError::DepthsApart(_) => "depths-apart",
        DeriveError::Propagate(_) => "propagate",
        DeriveError::Solve(_) => "too-hard",
        DeriveError::Certificate(_) | DeriveError::Inconsistent => "defect",
    };
    Diagnostic::new(code, error.to_string()).hint(error.hint())
}

/// Why nothing could be simulated, with what to do.
pub(crate) fn simulate_failed(error: &SimulateError) -> Diagnostic {
    Diagnostic::new("simulate", error.to_string()).hint(error.hint())
}

/// Why a multiplier of a weight cannot be traded, with what to do.
pub(crate) fn gauge_failed(error: &GaugeError) -> Diagnostic {
    Diagnostic::new("gauge", error.to_string()).hint(error.hint())
}

/// A parameterization, from a file or built in, with its optimizer.
pub(crate) struct Parameterized<'a> {
    /// What trains the network.
    pub(crate) optimizer: &'a Optimizer,
    /// The exponents, with the multipliers of weights and biases folded into them.
    pub(crate) hyperparameters: Hyperparameters,
    /// The exponents beside those multipliers.
    pub(crate) stored: Hyperparameters,
    /// Whether there were such multipliers.
    pub(crate) has_own: bool,
}

/// The hyperparameters of a file, or of a built-in parameterization. The optimizer of a file is the one it names; an
/// `--optimizer` beside it must not contradict it.
pub(crate) fn hyperparameters<'a>(
    named: &str,
    optimizer: Option<&str>,
    graph: &Arc<Graph>,
    scaling: &Scaling,
    book: &'a RuleBook,
) -> Result<Parameterized<'a>, Diagnostics> {
    parameterized(&Stated::read(named, graph, book)?, optimizer, graph, scaling, book)
}

/// The same of one that has been read.
pub(crate) fn parameterized<'a>(
    stated: &Stated<'a>,
    optimizer: Option<&str>,
    graph: &Arc<Graph>,
    scaling: &Scaling,
    book: &'a RuleBook,
) -> Result<Parameterized<'a>, Diagnostics> {
    let optimizer = stated.optimizer(optimizer, book)?;
    let unfolded = stated.along(graph, scaling, 0, optimizer);
    let hyperparameters = gauge::folded(&unfolded, optimizer).map_err(|error| gauge_failed(&error))?;
    Ok(Parameterized {
        optimizer,
        hyperparameters,
        has_own: unfolded.has_own(),
        stored: unfolded.hyperparameters,
    })
}

/// Refuses a built-in parameterization whose exponents depend on which of several scale variables is larger: each is the
/// larger or smaller of some sums, and in each variable it must be the same one.
pub(crate) fn refuse_apart(
    named: &str,
    stated: &Stated<'_>,
    optimizer: &Optimizer,
    graph: &Arc<Graph>,
    scaling: &Scaling,
) -> Result<(), Diagnostics> {
    let together = Scaling {
        variables: scaling.variables.iter().take(1).cloned().collect(),
        powers: scaling.powers.iter().map(|(dimension, _, power)| (*dimension, 0, power.clone())).collect(),
    };
    let apart =
        (0..scaling.variables.len()).map(|variable| stated.along(graph, scaling, variable, optimizer));
    if stated.along(graph, &together, 0, optimizer) == Unfolded::sum(graph, apart) {
        return Ok(());
    }
    let names = and(&scaling.variables);
    let message = format!("the exponents of `{named}` depend on which of {names} is larger");
    let apart = Diagnostic::new("apart", message);
    Err(apart.hint("tie the dimensions, or write the exponents into a hyperparameter file").into())
}

/// The one of some names that was meant, or a diagnostic with the nearest.
pub(crate) fn unknown(kind: &str, name: &str, known: &[&str]) -> Diagnostic {
    let unknown = Diagnostic::new("unknown-name", format!("unknown {kind} `{name}`"));
    match nearest(name, known.iter().copied()) {
        Some(near) => unknown.hint(format!("did you mean `{near}`?")),
        None => unknown.hint(format!("known: {}", known.join(", "))),
    }
}
