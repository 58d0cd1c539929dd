//! The tables that must come out: theory section 9, and the tables of papers, each with its source. Where a paper says something
//! else, a test says what, and what of the desiderata its table does not meet.

mod depth;
mod spectral;
mod theory;
mod unit;
mod width;

use fscale::architecture::{Architecture, HyperparameterFile};
use fscale::derive::{Answer, derive};
use fscale::document::Source;
use fscale::exact::{Form, Powers};
use fscale::graph::{Graph, Hyperparameters, Scaling, Unfolded};
use fscale::propagate::{Growth, ParameterRow, Question, Table, propagate, require};
use fscale::rule::RuleBook;
use std::sync::Arc;

fn book() -> Arc<RuleBook> {
    Arc::new(RuleBook::embedded().unwrap())
}

fn architecture(book: &Arc<RuleBook>, name: &str) -> Architecture {
    Architecture::parse(&book.architecture(name).unwrap().text, &book.activations()).unwrap()
}

/// A network that only a test needs.
fn written(book: &Arc<RuleBook>, text: &str) -> Arc<Graph> {
    let source = Source::new("test", text);
    Architecture::parse(&source, &book.activations()).unwrap_or_else(|wrong| panic!("{wrong}")).graph
}

fn answer<'a>(
    book: &'a Arc<RuleBook>,
    graph: &'a Arc<Graph>,
    scale: &str,
    optimizer: &str,
    desiderata: &str,
) -> Answer {
    let scaling = Scaling::parse(scale, graph).unwrap();
    let optimizer = book.optimizer(optimizer).unwrap();
    let desiderata = book.desiderata(desiderata).unwrap();
    derive(&Question::new(graph, book, optimizer, desiderata, scaling)).unwrap()
}

/// The table of a scaling that is possible.
fn table(book: &Arc<RuleBook>, graph: &Arc<Graph>, scale: &str, optimizer: &str, desiderata: &str) -> Table {
    let answer = answer(book, graph, scale, optimizer, desiderata);
    answer.feasible().unwrap_or_else(|| panic!("{scale}, {optimizer}, {desiderata}: impossible")).clone()
}

fn row<'a>(graph: &Arc<Graph>, table: &'a Table, name: &str) -> &'a ParameterRow {
    &table.parameters[graph.find_parameter(name).unwrap().0]
}

fn multiplier(graph: &Arc<Graph>, table: &Table, name: &str) -> String {
    table.multipliers[graph.find_multiplier(name).unwrap().0].1.to_string()
}

/// The exponents that are not zero, in words: `init W_O -1; lr W_Q 1, W_K 1`.
fn in_short(graph: &Arc<Graph>, table: &Table) -> String {
    let listed = |what: &str, entries: Vec<(&str, &Powers)>| {
        let changed = entries.iter().filter(|(_, exponent)| !exponent.is_zero());
        let changed: Vec<String> = changed.map(|(name, exponent)| format!("{name} {exponent}")).collect();
        (!changed.is_empty()).then(|| format!("{what} {}", changed.join(", ")))
    };
    let name = |row: &ParameterRow| graph.parameter(row.parameter).name.as_str();
    let rows = &table.parameters;
    let init = rows.iter().filter_map(|row| Some((name(row), row.init.as_ref()?)));
    let lr = rows.iter().map(|row| (name(row), &row.lr));
    let multipliers = table.multipliers.iter().map(|(id, e)| (graph.multiplier(*id).name.as_str(), e));
    let parts = [
        listed("multiplier", multipliers.collect()),
        listed("init", init.collect()),
        listed("lr", lr.collect()),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join("; ")
}

/// A hyperparameter file of this folder, along one scale variable.
fn published(text: &str, graph: &Arc<Graph>, scale: &str) -> Unfolded {
    let file = HyperparameterFile::parse(&Source::new("published", text), graph);
    let file = file.unwrap_or_else(|wrong| panic!("{wrong}"));
    file.along(graph, &Scaling::parse(scale, graph).unwrap(), 0)
}

/// The requirements of `fsc` that hyperparameters do not meet, each with the value it has instead.
fn failing(
    book: &Arc<RuleBook>,
    graph: &Arc<Graph>,
    scale: &str,
    optimizer: &str,
    given: &Hyperparameters,
) -> Vec<String> {
    let optimizer = book.optimizer(optimizer).unwrap();
    let powers = Scaling::parse(scale, graph).unwrap().along(0);
    let propagation = propagate(graph, book, optimizer, Growth::along(powers)).unwrap();
    let point = propagation.point(given);
    let value = |form: &Form| form.evaluate(|unknown| point.get(unknown.0 as usize)).unwrap();
    let demands = require(&propagation, book.desiderata("fsc").unwrap(), None);
    let asked = demands.requirements.iter().filter(|asked| !asked.is_gauge());
    let failing = asked.filter_map(|asked| {
        let left = asked.terms.iter().map(|(form, _)| value(form)).max().unwrap();
        let excess = &left - &value(&asked.right);
        let fails = excess.is_positive() || (asked.requires.contains(" = ") && excess.is_negative());
        fails.then(|| format!("{} ({left})", asked.requires))
    });
    failing.collect()
}
