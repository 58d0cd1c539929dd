//! Worked examples of architectures, desiderata sets and mixes of optimizers, derived: a file that says what comes out is held to it.

use std::sync::Arc;

use crate::architecture::Architecture;
use crate::derive::{Question, Search, Verdict, derive_within};
use crate::document::{Diagnostic, Diagnostics};
use crate::exact::Exponent;
use crate::graph::{Graph, Scaling};
use crate::propagate::ScalingTable;
use crate::rule::{DerivedExample, Desiderata, Optimizer, Outcome, RuleBook};

/// Derives the worked examples of an architecture.
///
/// # Errors
/// One for each example that does not hold, names something unknown, or cannot be derived.
pub fn of_architecture(
    graph: &Arc<Graph>,
    examples: &[DerivedExample],
    book: &Arc<RuleBook>,
) -> Result<(), Diagnostics> {
    let held = |example: &DerivedExample| {
        let desiderata = book.desiderata(example.desiderata.as_deref().unwrap_or_default())?;
        holds(example, graph, desiderata, book)
    };
    each(examples, held)
}

/// Derives the worked examples of a desiderata set, on built-in architectures.
///
/// # Errors
/// As for [`of_architecture`].
pub fn of_desiderata(desiderata: &Desiderata, book: &Arc<RuleBook>) -> Result<(), Diagnostics> {
    each(&desiderata.examples, |example| holds(example, &built_in(example, book)?, desiderata, book))
}

/// Derives the worked examples of a mix of optimizers, on built-in architectures.
///
/// # Errors
/// Every example that does not come out, or cannot be derived, with its place.
pub fn of_mix(optimizer: &Optimizer, book: &Arc<RuleBook>) -> Result<(), Diagnostics> {
    let held = |example: &DerivedExample| {
        let desiderata = book.desiderata(example.desiderata.as_deref().unwrap_or_default())?;
        let named = DerivedExample { optimizer: Some(optimizer.about.name.clone()), ..example.clone() };
        holds(&named, &built_in(example, book)?, desiderata, book)
    };
    each(optimizer.mix.as_ref().map_or(&[], |mix| &mix.examples), held)
}

/// The built-in architecture that an example names.
fn built_in(example: &DerivedExample, book: &Arc<RuleBook>) -> Result<Arc<Graph>, Diagnostic> {
    let rule = book.architecture(example.architecture.as_deref().unwrap_or_default())?;
    let unreadable = |_| {
        let wrong =
            Diagnostic::new("example", format!("the architecture `{}` has mistakes", rule.about.name));
        wrong.hint(format!("see `fscale check {}`", rule.text.name))
    };
    Ok(Architecture::parse(&rule.text, &book.activations()).map_err(unreadable)?.graph)
}

/// Everything wrong with every example, at its place.
fn each(
    examples: &[DerivedExample],
    held: impl Fn(&DerivedExample) -> Result<(), Diagnostic>,
) -> Result<(), Diagnostics> {
    let wrong = examples.iter().filter_map(|example| {
        let wrong = held(example).err()?;
        Some(if wrong.place.is_some() { wrong } else { wrong.at(example.place.clone()) })
    });
    Diagnostics(wrong.collect()).or(())
}

fn holds(
    example: &DerivedExample,
    graph: &Arc<Graph>,
    desiderata: &Desiderata,
    book: &Arc<RuleBook>,
) -> Result<(), Diagnostic> {
    let wrong = |message: String, hint: String| Diagnostic::new("example", message).hint(hint);
    let scaling =
        Scaling::parse(&example.scale, graph).map_err(|error| wrong(error.to_string(), error.hint()))?;
    let optimizer = book.optimizer(example.optimizer.as_deref().unwrap_or_default())?;
    let question = Question::new(graph, book, optimizer, desiderata, scaling);
    let answer =
        derive_within(&question, Search::Conflict).map_err(|error| wrong(error.to_string(), error.hint()))?;
    let found = outcome(&answer.verdict, graph);
    if sorted(&found) == sorted(&example.gives) {
        return Ok(());
    }
    let message = format!("the derivation gives `{found}`, not `{}`", example.gives);
    let hint = format!("see `fscale explain --scale {}`, or mend `gives`", example.scale);
    Err(wrong(message, hint).at(example.gives_place.clone()))
}

/// What a rule file would say of a verdict.
fn outcome(verdict: &Verdict, graph: &Graph) -> Outcome {
    let table: &ScalingTable = match verdict {
        Verdict::Feasible { table, .. } => table,
        Verdict::Infeasible { .. } => return Outcome::Impossible,
    };
    let name = |row: &crate::propagate::ParameterRow| graph.parameter(row.parameter).name.clone();
    let rows = table.parameters.iter();
    let init = rows.clone().filter_map(|row| Some((name(row), row.init.clone()?))).collect();
    let lr = rows.map(|row| (name(row), row.lr.clone())).collect();
    let multipliers = table.multipliers.iter();
    let multiplier =
        multipliers.map(|(id, value)| (graph.multiplier(*id).name.clone(), value.clone())).collect();
    let [init, lr, multiplier] = [init, lr, multiplier].map(changing);
    Outcome::Exponents { init, lr, multiplier }
}

fn changing(entries: Vec<(String, Exponent)>) -> Vec<(String, Exponent)> {
    entries.into_iter().filter(|(_, exponent)| !exponent.is_zero()).collect()
}

/// The same outcome, whatever the order in which it is written.
fn sorted(outcome: &Outcome) -> Outcome {
    let sorted = |entries: &[(String, Exponent)]| {
        let mut entries = changing(entries.to_vec());
        entries.sort();
        entries
    };
    match outcome {
        Outcome::Impossible => Outcome::Impossible,
        Outcome::Exponents { init, lr, multiplier } => {
            Outcome::Exponents { init: sorted(init), lr: sorted(lr), multiplier: sorted(multiplier) }
        }
    }
}
