//! Whether what a certificate states is true, whatever its evidence: its question is derived anew.

use std::collections::BTreeMap;
use std::sync::Arc;

use fscale::architecture::Architecture;
use fscale::derive::{Joined, derive, gauge, joined};
use fscale::exact::{Exponent, PowerSum, Powers};
use fscale::graph::{Graph, Hyperparameters, Scaling};
use fscale::propagate::{Given, Growth, Propagation, Question, Table};
use fscale::rule::RuleBook;
use serde_json::{Map, Value, json};

/// Whether the statement of a document is true. What cannot be asked is not.
pub(crate) fn is_true(document: &Value) -> bool {
    told(document).unwrap_or(false)
}

fn told(document: &Value) -> Option<bool> {
    let stated = &document["statement"];
    let word = |key: &str| stated[key].as_str();
    let mut book = RuleBook::embedded().ok()?;
    if let Some(name) = word("alignment") {
        book.assume(name).ok()?;
    }
    let book = Arc::new(book);
    let text = &book.architecture(stated["architecture"]["name"].as_str()?).ok()?.text;
    let architecture = Architecture::parse(text, &book.activations()).ok()?;
    let graph = &architecture.graph;
    let scaling = Scaling::parse(word("scaling")?, graph).ok()?;
    let optimizer = book.optimizer(word("optimizer")?).ok()?;
    let desiderata = book.desiderata(word("desiderata")?).ok()?;
    let given = match word("given") {
        Some(name) => {
            let rule = book.parameterization(name).ok()?;
            let in_variable = |variable| {
                let growth = Growth::along(scaling.along(variable));
                gauge::folded(&rule.hyperparameters(graph, &growth, optimizer), optimizer).ok()
            };
            let hyperparameters = (0..scaling.variables.len()).map(in_variable).collect::<Option<_>>()?;
            Some(Given { name: name.into(), hyperparameters })
        }
        None => None,
    };
    let question = Question::new(graph, &book, optimizer, desiderata, scaling).given(given);
    if document["kind"] != "certificate" || word("variable")? != question.scaling.variables.join(",") {
        return Some(false);
    }
    match question.scaling.variables.len() {
        1 => alone(stated, &question),
        _ => jointly(stated, &question),
    }
}

/// In one scale variable.
fn alone(stated: &Value, question: &Question) -> Option<bool> {
    let answer = derive(question).ok()?;
    let status = stated["status"].as_str()?;
    let starts = |table: &Table| match table.smaller_starts.as_slice() {
        [] => Value::Null,
        starts => starts.iter().map(|w| format!("init({})", question.graph.parameter(*w).name)).collect(),
    };
    Some(match answer.feasible() {
        None => status == "infeasible" && stated["table"].is_null(),
        Some(table) if table.unique => {
            let known = if table.smaller_starts.is_empty() { "unique" } else { "unique-up-to-starts" };
            let says = match status {
                "feasible" => stated["smaller_starts"].is_null(),
                other => other == known && stated["smaller_starts"] == starts(table),
            };
            says && stated["table"] == written(table, &question.graph)
        }
        Some(_) => {
            let posed = answer.posed()?;
            let table = read(&stated["table"], &question.graph, &posed.propagation)?;
            let point = posed.propagation.point(&table);
            status == "feasible" && posed.demands.program.unmet(&point).is_none()
        }
    })
}

/// In several.
fn jointly(stated: &Value, question: &Question) -> Option<bool> {
    let answer = derive(question).ok()?;
    let status = stated["status"].as_str()?;
    if answer.impossible().is_some() {
        return Some(status == "infeasible");
    }
    let open = answer.posed()?;
    let tables = stated["tables"].as_object()?;
    let read = |variable: &String| read(tables.get(variable)?, &question.graph, &open.propagation);
    let tables: Vec<Hyperparameters> = question.scaling.variables.iter().map(read).collect::<Option<_>>()?;
    let holds = matches!(joined(open, &tables).ok()?, Joined::Holds(_));
    let says = answer.feasible().is_some_and(|table| match status {
        "unique" => table.unique && table.smaller_starts.is_empty(),
        "unique-up-to-starts" => table.unique,
        other => other == "feasible",
    });
    Some(holds && (status == "feasible" || says))
}

/// A table as a certificate writes it.
fn written(table: &Table, graph: &Arc<Graph>) -> Value {
    let parameters = table.parameters.iter().map(|row| {
        let only = |sum: &PowerSum| sum.largest().map(|powers| powers[0].to_string());
        let columns = [
            ("init", row.init.as_ref().map(Powers::to_string)),
            ("lr", Some(row.lr.to_string())),
            ("weight_decay", row.weight_decay.as_ref().and_then(only)),
            ("epsilon", row.epsilon.as_ref().and_then(only)),
        ];
        let entry: Map<String, Value> =
            columns.into_iter().filter_map(|(key, value)| Some((key.to_owned(), json!(value?)))).collect();
        (graph.parameter(row.parameter).name.clone(), Value::Object(entry))
    });
    let multipliers = table
        .multipliers
        .iter()
        .map(|(id, value)| (graph.multiplier(*id).name.clone(), json!(value.to_string())));
    json!({"parameters": parameters.collect::<Map<_, _>>(), "multipliers": multipliers.collect::<Map<_, _>>()})
}

/// The hyperparameters of a table, if it states all that there are and nothing of what is frozen.
fn read(table: &Value, graph: &Arc<Graph>, propagation: &Propagation) -> Option<Hyperparameters> {
    let number = |value: &Value| value.as_str()?.parse::<Exponent>().ok();
    let mut read = Hyperparameters::constant(graph);
    for id in graph.parameter_ids() {
        let entry = &table["parameters"][&graph.parameter(id).name];
        if propagation.init[id.0].is_some() {
            read.init[id.0] = number(&entry["init"])?;
        }
        read.lr[id.0] = number(&entry["lr"])?;
        if propagation.lr[id.0].is_none() && !read.lr[id.0].is_zero() {
            return None;
        }
    }
    for id in graph.multiplier_ids() {
        read.multiplier[id.0] = number(&table["multipliers"][&graph.multiplier(id).name])?;
    }
    Some(read)
}

/// How many were tried, how many of these accepted, all of them true.
#[derive(Debug, Default)]
pub(crate) struct Count {
    pub(crate) tried: usize,
    pub(crate) accepted: usize,
    pub(crate) by: BTreeMap<String, usize>,
}
