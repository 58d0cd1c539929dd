//! The answer of `measure`: magnitudes against size, slopes, and whether they agree with the prediction.
#![allow(clippy::disallowed_types, reason = "measured magnitudes and slopes are floating-point numbers")]

use serde_json::{Map, Value, json};

use super::Report;
use super::document::{Block, Cell, Document, Grid};
use super::json::{object, optional};
use crate::graph::Graph;
use crate::simulate::{MeasuredQuantity, Measurement, Quantity, Verdict};

/// A measurement with what it is of.
#[derive(Clone, Copy, Debug)]
pub struct Measured<'a> {
    /// The network.
    pub graph: &'a Graph,
    /// The scale variable.
    pub variable: &'a str,
    /// What was measured, in a line: scaling, optimizer, hyperparameters, seeds.
    pub title: &'a str,
    /// The magnitudes.
    pub measurement: &'a Measurement,
}

/// How many quantities got which verdict.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Slope and exponent are equal within the tolerance.
    pub agrees: usize,
    /// The slope still drifts towards the exponent.
    pub crossover: usize,
    /// They differ.
    pub disagrees: usize,
    /// Nothing was predicted.
    pub unpredicted: usize,
}

impl Summary {
    /// The verdicts of a measurement, counted.
    #[must_use]
    pub fn of(measurement: &Measurement) -> Self {
        let mut summary = Self::default();
        for quantity in &measurement.quantities {
            *match quantity.verdict {
                Some(Verdict::Agrees) => &mut summary.agrees,
                Some(Verdict::Crossover) => &mut summary.crossover,
                Some(Verdict::Disagrees) => &mut summary.disagrees,
                None => &mut summary.unpredicted,
            } += 1;
        }
        summary
    }
}

/// The name of a verdict.
#[must_use]
pub fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Agrees => "agrees",
        Verdict::Crossover => "crossover",
        Verdict::Disagrees => "disagrees",
    }
}

/// A slope with three decimals; nothing is rounded to a negative zero.
fn rounded(slope: f64) -> String {
    let text = format!("{slope:.3}");
    if text == "-0.000" { "0.000".into() } else { text }
}

impl Measured<'_> {
    /// Quantity, node and parameter, by name.
    fn named(&self, quantity: Quantity) -> (&'static str, Option<&str>, Option<&str>) {
        let node = |id| Some(self.graph.node(id).name.as_str());
        let parameter = |id| Some(self.graph.parameter(id).name.as_str());
        match quantity {
            Quantity::Forward(y) => ("forward", node(y), None),
            Quantity::Backward(y) => ("backward", node(y), None),
            Quantity::UpdateBy(w, y) => ("update", node(y), parameter(w)),
            Quantity::Update(y) => ("update", node(y), None),
            Quantity::Gradient(w) => ("gradient", None, parameter(w)),
            Quantity::Contribution(w) => ("contribution", None, parameter(w)),
            Quantity::Angle(y) => ("angle", node(y), None),
        }
    }

    fn row(&self, measured: &MeasuredQuantity, number: impl Fn(f64) -> String) -> Vec<Cell> {
        let (quantity, node, parameter) = self.named(measured.quantity);
        let name = |name: Option<&str>| name.map_or(Cell::Empty, Cell::name);
        let mut row = vec![Cell::words(quantity), name(node), name(parameter)];
        row.extend(measured.magnitudes.iter().map(|magnitude| Cell::Number(number(*magnitude))));
        row
    }
}

impl Report for Measured<'_> {
    fn document(&self) -> Document {
        let mut document = Document::default();
        document.push(Block::Heading(self.title.into()));
        let values: Vec<String> = self.measurement.values.iter().map(ToString::to_string).collect();
        let keys = ["quantity", "node", "parameter"].map(|key| (key, key));
        let values = values.iter().map(|value| (value.as_str(), value.as_str()));
        let found = ["slope", "error", "predicted", "verdict"].map(|key| (key, key));
        let columns: Vec<(&str, &str)> = keys.into_iter().chain(values).chain(found).collect();
        let mut grid = Grid::new(self.variable, &columns);
        for measured in &self.measurement.quantities {
            let mut row = self.row(measured, |magnitude| format!("{magnitude:.2e}"));
            row.push(Cell::Number(rounded(measured.slope)));
            row.push(Cell::Number(rounded(measured.stderr)));
            let predicted = measured.predicted.as_ref();
            row.push(predicted.map_or(Cell::Empty, |exponent| Cell::Number(exponent.to_string())));
            row.push(measured.verdict.map_or(Cell::Empty, |held| Cell::words(verdict(held))));
            grid.rows.push(row);
        }
        document.push(Block::Grid(grid));
        let Summary { agrees, crossover, disagrees, unpredicted } = Summary::of(self.measurement);
        let mut counts = format!("{agrees} agree, {crossover} crossover, {disagrees} disagree");
        if unpredicted > 0 {
            counts.push_str(&format!(", {unpredicted} not predicted"));
        }
        document.say(counts);
        document
    }

    /// One magnitude in a row.
    fn data(&self) -> Grid {
        let keys = [
            "quantity",
            "node",
            "parameter",
            "value",
            "magnitude",
            "slope",
            "stderr",
            "predicted",
            "verdict",
        ];
        let mut grid = Grid::new(self.variable, &keys.map(|key| (key, key)));
        for measured in &self.measurement.quantities {
            let (quantity, node, parameter) = self.named(measured.quantity);
            let name = |name: Option<&str>| name.map_or(Cell::Empty, Cell::name);
            for (value, magnitude) in self.measurement.values.iter().zip(&measured.magnitudes) {
                grid.rows.push(vec![
                    Cell::words(quantity),
                    name(node),
                    name(parameter),
                    Cell::Number(value.to_string()),
                    Cell::Number(magnitude.to_string()),
                    Cell::Number(measured.slope.to_string()),
                    Cell::Number(measured.stderr.to_string()),
                    Cell::power(measured.predicted.as_ref()),
                    measured.verdict.map_or(Cell::Empty, |held| Cell::words(verdict(held))),
                ]);
            }
        }
        grid
    }

    fn json(&self) -> Map<String, Value> {
        let quantity = |measured: &MeasuredQuantity| {
            let (quantity, node, parameter) = self.named(measured.quantity);
            json!({
                "quantity": quantity,
                "node": node,
                "parameter": parameter,
                "magnitudes": measured.magnitudes,
                "slope": measured.slope,
                "stderr": measured.stderr,
                "predicted": optional(measured.predicted.as_ref()),
                "verdict": measured.verdict.map(verdict),
            })
        };
        let Summary { agrees, crossover, disagrees, unpredicted } = Summary::of(self.measurement);
        object([
            ("title", json!(self.title)),
            ("values", json!(self.measurement.values)),
            ("quantities", Value::Array(self.measurement.quantities.iter().map(quantity).collect())),
            (
                "summary",
                json!({
                    "agrees": agrees, "crossover": crossover, "disagrees": disagrees,
                    "unpredicted": unpredicted,
                }),
            ),
        ])
    }
}
