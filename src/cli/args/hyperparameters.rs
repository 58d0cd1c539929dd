//! [`Stated`]: a parameterization that an argument names, built in or in a file, before it is put under a scaling;
//! [`Parameterized`]: its exponents there, or those that are derived.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::architecture::HyperparameterFile;
use crate::cli::args::options::{derive_failed, file, gauge_failed, known, looks_like_a_name};
use crate::cli::args::scale::one_variable;
use crate::cli::args::steps::AtOption;
use crate::cli::io::input;
use crate::cli::io::progress::waited;
use crate::derive::later::{LaterAnswer, derive_later};
use crate::derive::stabilisers::StatedStabiliser;
use crate::derive::{Answer, derive, gauge};
use crate::document::{Diagnostic, Diagnostics, and};
use crate::exact::Powers;
use crate::graph::{Graph, Hyperparameters, ParameterId, Scaling, Stabiliser, StatedStabilisers, Unfolded};
use crate::propagate::{Growth, Question, Table};
use crate::report::answer::derivation::Derived;
use crate::report::answer::later::derivation::DerivedLater;
use crate::rule::{Optimizer, Parameterization, RuleBook};

/// What `--hp` calls the hyperparameters that the question itself gives.
pub(crate) const DERIVED: &str = "derived";

/// A parameterization for every scaling.
pub(crate) enum Stated<'a> {
    /// A file, for one optimizer.
    File(Box<HyperparameterFile>),
    /// A rule, for all of them.
    BuiltIn(&'a Parameterization),
}

impl<'a> Stated<'a> {
    /// The file that is read for a name, if it is neither a built-in parameterization nor what is derived.
    pub(crate) fn file(named: &str, book: &RuleBook) -> Option<PathBuf> {
        file(named, named == DERIVED || book.parameterization(named).is_ok())
    }

    /// The built-in parameterization of that name, or else the file of that path.
    pub(crate) fn read(named: &str, graph: &Graph, book: &'a RuleBook) -> Result<Self, Diagnostics> {
        let path = Path::new(named);
        let source = match book.parameterization(named) {
            Ok(parameterization) => return Ok(Self::BuiltIn(parameterization)),
            Err(unknown) if !path.exists() && looks_like_a_name(named) => {
                let message = format!("`{named}` is neither a file nor a built-in parameterization");
                return Err(Diagnostic { message, ..unknown }.into());
            }
            Err(_) => input::read(path)?,
        };
        Ok(Self::File(HyperparameterFile::read(&source, graph, book)?.into()))
    }

    /// The name of the optimizer that a file states.
    pub(crate) fn states(&self) -> Option<&str> {
        match self {
            Self::File(file) => Some(&file.optimizer.name),
            Self::BuiltIn(_) => None,
        }
    }

    /// The optimizer that a file names, which an `--optimizer` beside it must not contradict; for a built-in
    /// parameterization the wanted one, or `sgd`.
    pub(crate) fn optimizer(
        &self,
        wanted: Option<&str>,
        book: &'a RuleBook,
    ) -> Result<&'a Optimizer, Diagnostics> {
        let stated = match self {
            Self::BuiltIn(_) => return Ok(book.optimizer(wanted.unwrap_or("sgd"))?),
            Self::File(file) => &file.optimizer,
        };
        let known = book.optimizer(&stated.name).map_err(|unknown| unknown.at(stated.place.clone()))?;
        if let Some(wanted) = wanted.filter(|wanted| *wanted != stated.name) {
            let message =
                format!("`--optimizer {wanted}` contradicts the file, which says `{}`", stated.name);
            let contradiction = Diagnostic::new("optimizer", message).at(stated.place.clone());
            return Err(contradiction.hint("leave `--optimizer` out").into());
        }
        Ok(known)
    }

    /// The exponents in the scale variable number `variable` of a scaling, under one optimizer.
    pub(crate) fn along(
        &self,
        graph: &Arc<Graph>,
        scaling: &Scaling,
        variable: usize,
        optimizer: &Optimizer,
    ) -> Unfolded {
        match self {
            Self::File(file) => file.along(graph, scaling, variable),
            Self::BuiltIn(rule) => {
                rule.hyperparameters(graph, &Growth::along(scaling.along(variable)), optimizer)
            }
        }
    }

    /// What it states of weight decay and epsilon there: a built-in parameterization nothing.
    pub(crate) fn stabilisers_along(&self, scaling: &Scaling, variable: usize) -> StatedStabilisers {
        match self {
            Self::File(file) => file.stabilisers_along(scaling, variable),
            Self::BuiltIn(_) => StatedStabilisers::new(),
        }
    }
}

/// A parameterization, from a file or built in, with its optimizer; its exponents in each scale variable.
pub(crate) struct Parameterized<'a> {
    /// What trains the network.
    pub(crate) optimizer: &'a Optimizer,
    /// The exponents, with the multipliers of weights and biases folded into them.
    pub(crate) hyperparameters: Vec<Hyperparameters>,
    /// The exponents beside those multipliers.
    pub(crate) stored: Vec<Hyperparameters>,
    /// The multiplier of its own of each parameter in each scale variable; nothing if none has one.
    pub(crate) own: Option<Vec<Powers>>,
    /// What is stated of weight decay and epsilon.
    pub(crate) stabilisers: Vec<StatedStabiliser>,
}

/// The hyperparameters of a file, of a built-in parameterization or, as `derived`, those that the desiderata give. The optimizer
/// of a file is the one it names; an `--optimizer` beside it must not contradict it. What is derived holds for the steps that are asked
/// about.
pub(crate) fn hyperparameters<'a>(
    (named, at): (&str, AtOption),
    optimizer: Option<&str>,
    desiderata: &str,
    graph: &Arc<Graph>,
    scaling: &Scaling,
    book: &'a Arc<RuleBook>,
) -> Result<Parameterized<'a>, Diagnostics> {
    if named == DERIVED {
        let (optimizer, desiderata) = known(book, optimizer.unwrap_or("sgd"), desiderata)?;
        let question = Question::new(graph, book, optimizer, desiderata, scaling.clone());
        if at.is_later() {
            let answer = later(&question)?;
            return Ok(Parameterized::of_table(optimizer, &derived_later(&question, &answer)?));
        }
        let answer = waited("deriving", || derive(&question)).map_err(|error| derive_failed(&error))?;
        return Ok(Parameterized::of_table(optimizer, derived(&answer)?));
    }
    let stated = Stated::read(named, graph, book)?;
    let optimizer = stated.optimizer(optimizer, book)?;
    parameterized(named, &stated, optimizer, graph, scaling)
}

/// The table that `--hp derived` stands for.
///
/// # Errors
/// If there is none: the conflict, in short.
pub(crate) fn derived(answer: &Answer) -> Result<&Table, Diagnostic> {
    answer.table().map_err(|infeasible| {
        let Question { graph, optimizer, desiderata, scaling, book, .. } = &answer.question;
        let scale = scaling.write(graph);
        let (optimizer, desiderata) = (&optimizer.about.name, &desiderata.about.name);
        let message = format!("nothing is derived: `{scale}` is impossible with {optimizer}, {desiderata}");
        let because = match answer.impossible() {
            Some(_) => format!("conflict: {}", Derived { answer }.in_short()),
            None => infeasible.to_string(),
        };
        let assumed = book.regime.assumed().map_or_else(String::new, |name| format!(" --alignment {name}"));
        let hint = format!(
            "see `fscale explain --scale {scale} --optimizer {optimizer} --desiderata {desiderata}{assumed}`"
        );
        Diagnostic::new("nothing-derived", message).note(because).hint(hint)
    })
}

/// What holds at every step.
pub(crate) fn later(question: &Question) -> Result<LaterAnswer, Diagnostics> {
    one_variable(&question.scaling)?;
    let answer = waited("deriving", || derive_later(question));
    Ok(answer.map_err(|error| derive_failed(&error))?)
}

/// The table that `--hp derived` stands for at any number of steps.
///
/// # Errors
/// If none was found: why, in short.
fn derived_later(question: &Question, answer: &LaterAnswer) -> Result<Table, Diagnostic> {
    let told = DerivedLater { question, answer };
    told.found().ok_or_else(|| {
        let Question { graph, optimizer, desiderata, scaling, .. } = question;
        let scale = scaling.write(graph);
        let (optimizer, desiderata) = (&optimizer.about.name, &desiderata.about.name);
        let message =
            format!("nothing is derived: no table was found for `{scale}` with {optimizer}, {desiderata}");
        let hint = format!(
            "see `fscale derive --scale {scale} --optimizer {optimizer} --desiderata {desiderata} --at later`"
        );
        Diagnostic::new("nothing-derived", message).note(told.in_short()).hint(hint)
    })
}

/// Refuses desiderata beside hyperparameters that are not derived from them.
pub(crate) fn refuse_idle_desiderata(hp: &str, desiderata: Option<&str>) -> Result<(), Diagnostic> {
    match desiderata {
        Some(desiderata) if hp != DERIVED => {
            let message =
                format!("`--desiderata {desiderata}` asks nothing of the hyperparameters of `{hp}`");
            let hint = format!("leave it out, or write `--hp {DERIVED}`");
            Err(Diagnostic::new("usage", message).hint(hint))
        }
        Some(_) | None => Ok(()),
    }
}

impl<'a> Parameterized<'a> {
    /// What a derived table says.
    fn of_table(optimizer: &'a Optimizer, table: &Table) -> Self {
        let mut stabilisers = Vec::new();
        for stabiliser in Stabiliser::ALL {
            for row in &table.parameters {
                let sum = match stabiliser {
                    Stabiliser::WeightDecay => &row.weight_decay,
                    Stabiliser::Epsilon => &row.epsilon,
                };
                let stated =
                    sum.as_ref().and_then(|sum| StatedStabiliser::of_table(stabiliser, row.parameter, sum));
                stabilisers.extend(stated);
            }
        }
        let hyperparameters = table.hyperparameters();
        Self { optimizer, stored: hyperparameters.clone(), hyperparameters, own: None, stabilisers }
    }
}

/// The same of one that has been read, under an optimizer whatever the file says.
pub(crate) fn parameterized<'a>(
    named: &str,
    stated: &Stated<'_>,
    optimizer: &'a Optimizer,
    graph: &Arc<Graph>,
    scaling: &Scaling,
) -> Result<Parameterized<'a>, Diagnostics> {
    refuse_apart(named, stated, optimizer, graph, scaling)?;
    let variables = 0..scaling.variables.len();
    let unfolded: Vec<Unfolded> =
        variables.map(|variable| stated.along(graph, scaling, variable, optimizer)).collect();
    let folded = unfolded.iter().map(|unfolded| gauge::folded(unfolded, optimizer));
    let hyperparameters = folded.collect::<Result<_, _>>().map_err(|error| gauge_failed(&error))?;
    let own = |id: ParameterId| Powers(unfolded.iter().map(|held| held.own[id.0].clone()).collect());
    let has_own = unfolded.iter().any(Unfolded::has_own);
    let own: Option<Vec<Powers>> = has_own.then(|| graph.parameter_ids().map(own).collect());
    let in_each = (0..scaling.variables.len()).map(|variable| stated.stabilisers_along(scaling, variable));
    let in_each: Vec<StatedStabilisers> = in_each.collect();
    let stabilisers = StatedStabiliser::all(&in_each, own.as_deref(), &optimizer.of_each(graph))
        .map_err(|error| gauge_failed(&error))?;
    let stored = unfolded.into_iter().map(|unfolded| unfolded.hyperparameters).collect();
    Ok(Parameterized { optimizer, hyperparameters, stored, own, stabilisers })
}

/// Refuses a built-in parameterization whose exponents depend on which of several scale variables is larger: each is the
/// larger or smaller of some sums, and in each variable it must be the same one.
fn refuse_apart(
    named: &str,
    stated: &Stated<'_>,
    optimizer: &Optimizer,
    graph: &Arc<Graph>,
    scaling: &Scaling,
) -> Result<(), Diagnostics> {
    let together = Scaling {
        large: scaling.large.clone(),
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
