//! Whether what a certificate states is true, whatever its evidence: its question is derived anew.

use std::collections::BTreeMap;
use std::sync::Arc;

use fscale::architecture::Architecture;
use fscale::derive::{JointVerdict, Question, Verdict, breaks, derive, derive_jointly, gauge};
use fscale::exact::Exponent;
use fscale::graph::{Graph, Hyperparameters, Scaling};
use fscale::propagate::{Propagation, ScalingTable, Sizes};
use fscale::rule::{Given, RuleBook};
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
    let mut desiderata = book.desiderata(word("desiderata")?).ok()?.clone();
    if let Some(name) = word("given") {
        let rule = book.parameterization(name).ok()?;
        let unfolded = rule.hyperparameters(graph, &Sizes::new(graph, scaling.along(0)), optimizer);
        let hyperparameters = gauge::folded(&unfolded, optimizer).ok()?;
        desiderata.given = Some(Given { name: name.into(), hyperparameters });
    }
    let question = Question::new(graph, &book, optimizer, &desiderata, scaling);
    match (document["kind"].as_str()?, question.scaling.variables.len()) {
        ("certificate", 1) => alone(stated, &question),
        ("joint certificate", 2..) => jointly(stated, &question),
        _ => Some(false),
    }
}

/// In one scale variable.
fn alone(stated: &Value, question: &Question) -> Option<bool> {
    let answer = derive(question).ok()?;
    let status = stated["status"].as_str()?;
    Some(match &answer.verdict {
        Verdict::Infeasible { .. } => status == "infeasible" && stated["table"].is_null(),
        Verdict::Feasible { table, .. } if table.unique => {
            status != "infeasible" && stated["table"] == written(table, &question.graph)
        }
        Verdict::Feasible { .. } => {
            let table = read(&stated["table"], &question.graph, &answer.propagation)?;
            let point = answer.propagation.point(&table);
            status == "feasible" && answer.demands.program.unmet(&point).is_none()
        }
    })
}

/// In several.
fn jointly(stated: &Value, question: &Question) -> Option<bool> {
    let answer = derive_jointly(question).ok()?;
    let status = stated["status"].as_str()?;
    if let JointVerdict::Impossible(_) = answer.verdict {
        return Some(status == "infeasible");
    }
    let tables = stated["tables"].as_object()?;
    let read = |variable: &String| read(tables.get(variable)?, &question.graph, &answer.open);
    let tables: Vec<Hyperparameters> = question.scaling.variables.iter().map(read).collect::<Option<_>>()?;
    let holds = breaks(question, &answer.open, &answer.demands, &tables).ok()?.is_empty();
    let is_unique = matches!(&answer.verdict, JointVerdict::Holds(table) if table.unique);
    Some(holds && (status == "feasible" || (status == "unique" && is_unique)))
}

/// A table as a certificate writes it.
fn written(table: &ScalingTable, graph: &Arc<Graph>) -> Value {
    let parameters = table.parameters.iter().map(|row| {
        let columns = [
            ("init", row.init.as_ref()),
            ("lr", Some(&row.lr)),
            ("weight_decay", row.weight_decay.as_ref()),
            ("epsilon", row.epsilon.as_ref()),
        ];
        let entry: Map<String, Value> = columns
            .into_iter()
            .filter_map(|(key, value)| Some((key.to_owned(), json!(value?.to_string()))))
            .collect();
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
