//! The answer of `measure`: magnitudes against size, slopes, and whether they agree with the prediction.
#![allow(clippy::disallowed_types, reason = "measured magnitudes and slopes are floating-point numbers")]

use std::iter::Sum;

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
    /// More facts, a line each.
    pub notes: &'a [String],
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

    /// How many quantities were compared with a prediction.
    #[must_use]
    pub fn compared(&self) -> usize {
        self.agrees + self.crossover + self.disagrees
    }

    /// For machines.
    pub(super) fn json(&self) -> Value {
        let Self { agrees, crossover, disagrees, unpredicted } = self;
        json!({
            "agrees": agrees, "crossover": crossover, "disagrees": disagrees, "unpredicted": unpredicted,
        })
    }
}

impl Sum for Summary {
    fn sum<I: Iterator<Item = Self>>(summaries: I) -> Self {
        summaries.fold(Self::default(), |sum, of| Self {
            agrees: sum.agrees + of.agrees,
            crossover: sum.crossover + of.crossover,
            disagrees: sum.disagrees + of.disagrees,
            unpredicted: sum.unpredicted + of.unpredicted,
        })
    }
}

/// The columns that say which quantity is meant, as key and title.
pub(super) const NAMES: [(&str, &str); 3] =
    [("quantity", "quantity"), ("node", "node"), ("parameter", "parameter")];

/// The columns that say what was found.
pub(super) const FINDINGS: [(&str, &str); 4] =
    [("slope", "slope"), ("stderr", "error"), ("predicted", "predicted"), ("verdict", "verdict")];

/// A slope with three decimals; nothing is rounded to a negative zero.
fn rounded(slope: f64) -> String {
    let text = format!("{slope:.3}");
    if text == "-0.000" { "0.000".into() } else { text }
}

/// What is measured, at which node and of which parameter, by name.
#[must_use]
pub fn named(graph: &Graph, quantity: Quantity) -> (&'static str, Option<&str>, Option<&str>) {
    let node = |id| Some(graph.node(id).name.as_str());
    let parameter = |id| Some(graph.parameter(id).name.as_str());
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

/// The cells of [`NAMES`].
pub(super) fn names(measured: &MeasuredQuantity, graph: &Graph) -> [Cell; 3] {
    let (quantity, node, parameter) = named(graph, measured.quantity);
    let name = |name: Option<&str>| name.map_or(Cell::Empty, Cell::name);
    [Cell::words(quantity), name(node), name(parameter)]
}

/// The cells of [`FINDINGS`], for people.
pub(super) fn findings(measured: &MeasuredQuantity) -> [Cell; 4] {
    let predicted = measured.predicted.as_ref();
    [
        Cell::Number(rounded(measured.slope)),
        Cell::Number(rounded(measured.stderr)),
        predicted.map_or(Cell::Empty, |exponent| Cell::Number(exponent.to_string())),
        held(measured),
    ]
}

/// The cells of [`FINDINGS`], with every digit.
pub(super) fn exact_findings(measured: &MeasuredQuantity) -> [Cell; 4] {
    [
        Cell::Number(measured.slope.to_string()),
        Cell::Number(measured.stderr.to_string()),
        Cell::power(measured.predicted.as_ref()),
        held(measured),
    ]
}

fn held(measured: &MeasuredQuantity) -> Cell {
    measured.verdict.map_or(Cell::Empty, |held| Cell::words(held.name()))
}

/// A measured quantity for machines.
pub(super) fn quantity(measured: &MeasuredQuantity, graph: &Graph) -> Value {
    let (quantity, node, parameter) = named(graph, measured.quantity);
    json!({
        "quantity": quantity,
        "node": node,
        "parameter": parameter,
        "magnitudes": measured.magnitudes,
        "slope": measured.slope,
        "stderr": measured.stderr,
        "predicted": optional(measured.predicted.as_ref()),
        "verdict": measured.verdict.map(Verdict::name),
    })
}

impl Report for Measured<'_> {
    fn document(&self) -> Document {
        let mut document = Document::default();
        document.push(Block::Heading(self.title.into()));
        let values: Vec<String> = self.measurement.values.iter().map(ToString::to_string).collect();
        let values = values.iter().map(|value| (value.as_str(), value.as_str()));
        let columns: Vec<(&str, &str)> = NAMES.into_iter().chain(values).chain(FINDINGS).collect();
        let mut grid = Grid::new(self.variable, &columns);
        for measured in &self.measurement.quantities {
            let magnitude = |magnitude: &f64| Cell::Number(format!("{magnitude:.2e}"));
            let magnitudes = measured.magnitudes.iter().map(magnitude);
            let row = names(measured, self.graph).into_iter().chain(magnitudes).chain(findings(measured));
            grid.rows.push(row.collect());
        }
        document.push(Block::Grid(grid));
        let Summary { agrees, crossover, disagrees, unpredicted } = Summary::of(self.measurement);
        let mut counts = format!("{agrees} agree, {crossover} crossover, {disagrees} disagree");
        if unpredicted > 0 {
            counts.push_str(&format!(", {unpredicted} not predicted"));
        }
        document.say(counts);
        for note in self.notes {
            document.say(format!("note: {note}"));
        }
        document
    }

    /// One magnitude in a row.
    fn data(&self) -> Grid {
        let magnitude = ["value", "magnitude"].map(|key| (key, key));
        let columns: Vec<(&str, &str)> = NAMES.into_iter().chain(magnitude).chain(FINDINGS).collect();
        let mut grid = Grid::new(self.variable, &columns);
        for measured in &self.measurement.quantities {
            for (value, magnitude) in self.measurement.values.iter().zip(&measured.magnitudes) {
                let magnitude = [value.to_string(), magnitude.to_string()].map(Cell::Number);
                let row = names(measured, self.graph).into_iter().chain(magnitude);
                grid.rows.push(row.chain(exact_findings(measured)).collect());
            }
        }
        grid
    }

    fn json(&self) -> Map<String, Value> {
        let quantities = self.measurement.quantities.iter();
        object([
            ("title", json!(self.title)),
            ("values", json!(self.measurement.values)),
            ("quantities", quantities.map(|measured| quantity(measured, self.graph)).collect()),
            ("summary", Summary::of(self.measurement).json()),
            ("notes", json!(self.notes)),
        ])
    }
}
