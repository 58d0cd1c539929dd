//! Measurements of one scaling under several parameterizations, as a figure.

use std::collections::BTreeSet;

use super::{Course, Figure, Panels, Series};
use crate::graph::{Graph, NodeId, Quantity, QuantityKind, Role, Scaling, Site};
use crate::simulate::Measurement;

/// A measurement with the name of what was measured, like `standard`.
#[derive(Clone, Copy, Debug)]
pub struct NamedMeasurement<'a> {
    /// The heading of its column.
    pub name: &'a str,
    /// What was measured: all at the same sizes.
    pub measurement: &'a Measurement,
}

/// What a parameterization is called that is also the other one: it is drawn once.
#[must_use]
pub fn also(name: &str, other: &str) -> String {
    if name == other { name.into() } else { format!("{name}, also {other}") }
}

/// Which nodes of a network are drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shown {
    /// All of them.
    Everything,
    /// These, and the parameters used there.
    Only(BTreeSet<NodeId>),
}

impl Shown {
    fn has(&self, graph: &Graph, quantity: Quantity) -> bool {
        let nodes = match self {
            Self::Everything => return true,
            Self::Only(nodes) => nodes,
        };
        match quantity.site() {
            Site::Node(id) | Site::Use(_, id) => nodes.contains(&id),
            Site::Parameter(parameter) => graph.uses(parameter).iter().any(|id| nodes.contains(id)),
        }
    }
}

/// The figure of measurements, a column for each: updates of all nodes by all parameters together, the update by each
/// parameter of the node that uses it, forward magnitudes of all nodes but the data, and contributions of all
/// parameters. Updates and contributions are those of a simulation whose base learning rates make the largest update
/// by each parameter 1 at the smallest size; only how they change with size has a meaning. A row without a line is left
/// out.
#[must_use]
pub fn figure(
    title: &str,
    graph: &Graph,
    scaling: &Scaling,
    columns: &[NamedMeasurement<'_>],
    shown: &Shown,
) -> Figure {
    let measured = columns.first().map(|column| column.measurement.quantities.iter());
    let quantities = measured.into_iter().flatten().map(|measured| measured.quantity);
    let quantities: Vec<Quantity> = quantities.filter(|quantity| shown.has(graph, *quantity)).collect();
    let row = |title: &str, y_label: &str, kind: &str, name: fn(&Graph, Quantity) -> Option<&str>| {
        let line = |quantity: &Quantity| {
            let label = name(graph, *quantity)?.to_owned();
            Some(Series {
                label,
                curves: columns.iter().map(|column| curve(column.measurement, *quantity)).collect(),
            })
        };
        Panels {
            title: title.into(),
            y_label: y_label.into(),
            kind: kind.into(),
            lines: quantities.iter().filter_map(line).collect(),
        }
    };
    let leader = scaling.powers.first().map_or("", |(id, ..)| &graph.dimension(*id).name);
    Figure {
        title: title.into(),
        subtitle: format!("{}; one optimizer step at initialization", scaling.write(graph)),
        columns: columns.iter().map(|column| column.name.to_owned()).collect(),
        x_label: format!("{leader} (entries)"),
        sizes: columns.first().map(|column| column.measurement.values.clone()).unwrap_or_default(),
        rows: [
            row("Updates", "response to one step (rms)", "node", updated),
            row("Own updates", "response to its own step (rms)", "parameter", own_update),
            row("Forward", "magnitude (rms)", "node", computed),
            row("Contributions", "decrease of the loss, to first order", "parameter", contributing),
        ]
        .into_iter()
        .filter(|row| !row.lines.is_empty())
        .collect(),
    }
}

fn curve(measurement: &Measurement, quantity: Quantity) -> Course {
    let found = measurement.quantities.iter().find(|measured| measured.quantity == quantity);
    found.map_or_else(Course::default, |measured| Course {
        magnitudes: measured.magnitudes.clone(),
        predicted: measured.predicted.clone(),
    })
}

/// The node whose update this is.
fn updated(graph: &Graph, quantity: Quantity) -> Option<&str> {
    match (quantity.kind(), quantity.site()) {
        (QuantityKind::Update, Site::Node(id)) => Some(&graph.node(id).name),
        _ => None,
    }
}

/// The parameter whose own update this is: of the first node that uses it.
fn own_update(graph: &Graph, quantity: Quantity) -> Option<&str> {
    let Site::Use(parameter, id) = quantity.site() else { return None };
    (graph.uses(parameter).first() == Some(&id)).then_some(&graph.parameter(parameter).name)
}

/// The node whose forward magnitude this is, unless it is data.
fn computed(graph: &Graph, quantity: Quantity) -> Option<&str> {
    let node = graph.node(quantity.site().node()?);
    (quantity.kind() == QuantityKind::Forward && node.role != Role::Input).then_some(&node.name)
}

/// The parameter whose contribution this is.
fn contributing(graph: &Graph, quantity: Quantity) -> Option<&str> {
    let parameter = graph.parameter(quantity.site().parameter()?);
    (quantity.kind() == QuantityKind::Contribution).then_some(&parameter.name)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::architecture::Architecture;
    use crate::exact::Exponent;
    use crate::rule::RuleBook;
    use crate::simulate::MeasuredQuantity;

    fn transformer() -> Arc<Graph> {
        let book = RuleBook::embedded().unwrap();
        let text = &book.architecture("transformer").unwrap().text;
        Architecture::parse(text, &book.activations()).unwrap().graph
    }

    fn measurement(quantities: impl IntoIterator<Item = Quantity>) -> Measurement {
        let measured = |quantity| MeasuredQuantity {
            quantity,
            magnitudes: vec![1.0, 2.0, 4.0],
            slope: 1.0,
            stderr: 0.0,
            interval: None,
            predicted: Some(Exponent::ONE),
            verdict: None,
            crossover: None,
            cause: None,
        };
        Measurement { values: vec![16, 32, 64], quantities: quantities.into_iter().map(measured).collect() }
    }

    #[test]
    fn every_row_has_its_quantities_and_data_has_no_line() {
        let graph = transformer();
        let nodes = graph
            .nodes()
            .flat_map(|id| [Quantity::forward(id), Quantity::backward(id), Quantity::update(id)]);
        let parameters =
            graph.parameter_ids().flat_map(|id| [Quantity::gradient(id), Quantity::contribution(id)]);
        let own = graph.parameter_ids().flat_map(|id| {
            let used = graph.uses(id)[0];
            let at_outputs = graph.outputs().map(move |output| Quantity::update_by(id, output));
            at_outputs.chain([Quantity::update_by(id, used)]).collect::<Vec<_>>()
        });
        let mut quantities: Vec<Quantity> = nodes.chain(parameters).chain(own).collect();
        quantities.sort_unstable();
        quantities.dedup();
        let measurement = measurement(quantities);
        let columns =
            ["standard", "derived"].map(|name| NamedMeasurement { name, measurement: &measurement });
        let scaling = Scaling::parse("d_k", &graph).unwrap();
        let drawn = |shown| figure("d_k", &graph, &scaling, &columns, &shown);
        let figure = drawn(Shown::Everything);
        assert_eq!(figure.x_label, "d_k (entries)");
        let counts: Vec<(&str, usize)> =
            figure.rows.iter().map(|row| (row.title.as_str(), row.lines.len())).collect();
        assert_eq!(counts, [("Updates", 18), ("Own updates", 8), ("Forward", 17), ("Contributions", 8)]);
        let lines = figure.rows.iter().flat_map(|row| &row.lines);
        assert!(lines.clone().all(|line| line.curves.len() == 2));
        assert!(figure.rows[2].lines.iter().all(|line| line.label != "u"));
        let some = |names: &[&str]| names.iter().map(|name| graph.find_node(name).unwrap()).collect();
        let labels = |figure: &Figure| -> Vec<String> {
            let rows = figure.rows.iter();
            rows.map(|row| row.lines.iter().map(|line| line.label.as_str()).collect::<Vec<_>>().join(" "))
                .collect()
        };
        assert_eq!(labels(&drawn(Shown::Only(some(&["h", "r"])))), ["h r", "W_1", "h r", "W_1"]);
        assert_eq!(labels(&drawn(Shown::Only(some(&["r"])))), ["r", "r"], "a row without a line is left out");
    }

    #[test]
    fn a_quantity_that_only_one_column_has_is_an_empty_curve_in_the_other() {
        let graph = transformer();
        let out = graph.find_node("out").unwrap();
        let (one, none) = (measurement([Quantity::update(out)]), measurement([]));
        let columns = [
            NamedMeasurement { name: "standard", measurement: &one },
            NamedMeasurement { name: "derived", measurement: &none },
        ];
        let figure =
            figure("d_k", &graph, &Scaling::parse("d_k", &graph).unwrap(), &columns, &Shown::Everything);
        assert_eq!(figure.rows[0].lines[0].curves[1], Course::default());
    }
}
