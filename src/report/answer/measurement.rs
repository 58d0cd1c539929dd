//! The answer of `measure`: magnitudes against size, slopes, and whether they agree with the prediction.
#![allow(clippy::disallowed_types, reason = "measured magnitudes and slopes are floating-point numbers")]

use crate::graph::{Graph, Scaling};
use crate::propagate::Prediction;
use crate::report::Report;
use crate::report::answer::{hyperparameters, prediction};
use crate::report::explain::crossover::Sizes;
use crate::report::explain::reason::reasons;
use crate::report::format::document::{Block, Cell, Document, Grid, counted};
use crate::report::json::{
    AnyAnswer, AskedObject, BeginLine, EndLine, MeasureAnswer, MeasuredObject, SummaryObject, VerdictName,
    finite,
};
use crate::simulate::{MeasuredQuantity, Measurement, Runs, SlopeVerdict};
use crate::study::Summary;
use crate::study::choice::Choice;

/// A measurement with what it is of.
#[derive(Clone, Copy, Debug)]
pub struct Measured<'a> {
    /// The network.
    pub graph: &'a Graph,
    /// How it grew, in one scale variable.
    pub scaling: &'a Scaling,
    /// With which hyperparameters.
    pub choice: &'a Choice,
    /// With which seeds.
    pub runs: &'a Runs,
    /// What was predicted.
    pub prediction: &'a Prediction,
    /// The magnitudes.
    pub measurement: &'a Measurement,
    /// What is to be known of prediction and sizes, a line each.
    pub notes: &'a [String],
}

impl Measured<'_> {
    fn variable(&self) -> &str {
        self.scaling.variables.first().map_or("n", String::as_str)
    }

    /// What is known before anything is measured, for machines.
    pub(crate) fn begin(&self) -> BeginLine {
        BeginLine {
            title: self.title(),
            asked: AskedObject::measured(self.graph, self.scaling, self.choice),
            hyperparameters: hyperparameters::json(&self.choice.hyperparameters, self.graph),
            seeds: self.runs.seeds,
            seed: self.runs.base_seed,
            values: self.measurement.values.clone(),
        }
    }

    /// What is known beside the quantities when everything is measured, for machines.
    pub(crate) fn end(&self) -> EndLine {
        EndLine {
            summary: Summary::of(self.measurement).into(),
            saturated: prediction::saturated(self.prediction, self.graph),
            notes: self.notes.to_vec(),
        }
    }

    /// Where crossings are told.
    pub(crate) fn sizes(&self) -> Sizes<'_> {
        Sizes::of(self.graph, self.scaling, &self.measurement.values)
    }

    /// What was measured, in a line.
    fn title(&self) -> String {
        let ends = self.prediction.saturated.iter();
        let ends =
            ends.map(|(node, why)| format!("; exponents end at `{}`, {why}", self.graph.node(*node).name));
        format!(
            "{}: `{}` with {}, {}, {} from {}{}",
            self.graph.title,
            self.scaling.write(self.graph),
            self.choice.optimizer.about.name,
            self.choice.origin.words,
            counted(self.runs.seeds, "seed"),
            self.runs.base_seed,
            ends.collect::<String>()
        )
    }
}

impl From<Summary> for SummaryObject {
    fn from(summary: Summary) -> Self {
        let Summary { agrees, crossover, disagrees, unpredicted } = summary;
        Self { agrees, crossover, disagrees, unpredicted }
    }
}

/// The columns that say which quantity is meant, as key and title.
pub(crate) const NAMES: [(&str, &str); 3] =
    [("quantity", "quantity"), ("node", "node"), ("parameter", "parameter")];

/// The columns that say what was found, for people.
pub(crate) const FINDINGS: [(&str, &str); 3] =
    [("slope", "slope"), ("predicted", "predicted"), ("verdict", "verdict")];

/// The same for machines. The interval holds the slope with 95% confidence.
pub(crate) const EXACT_FINDINGS: [(&str, &str); 6] = [
    ("slope", "slope"),
    ("stderr", "error"),
    ("lower", "lower"),
    ("upper", "upper"),
    ("predicted", "predicted"),
    ("verdict", "verdict"),
];

/// A number as it is written; nothing where there is none, like the error of a slope of one seed.
fn number(value: f64, written: String) -> Cell {
    if value.is_nan() { Cell::Empty } else { Cell::Number(written) }
}

/// A slope with three decimals and half its 95% confidence interval, like `0.502 ± 0.013`; nothing is rounded to a
/// negative zero.
fn rounded(measured: &MeasuredQuantity) -> Cell {
    let text = format!("{:.3}", measured.slope);
    let text = if text == "-0.000" { "0.000".into() } else { text };
    let interval = measured.interval.map(|[low, high]| format!(" ± {:.3}", (high - low) / 2.0));
    number(measured.slope, text + &interval.unwrap_or_default())
}

/// Every digit.
fn exact(value: f64) -> Cell {
    number(value, value.to_string())
}

/// The cells of [`NAMES`].
pub(crate) fn names(measured: &MeasuredQuantity, graph: &Graph) -> [Cell; 3] {
    let (quantity, node, parameter) = measured.quantity.named(graph);
    let name = |name: Option<&str>| name.map_or(Cell::Empty, Cell::name);
    [Cell::words(quantity), name(node), name(parameter)]
}

/// The cells of [`FINDINGS`], for people.
pub(crate) fn findings(measured: &MeasuredQuantity) -> [Cell; 3] {
    let predicted = measured.predicted.as_ref();
    [
        rounded(measured),
        predicted.map_or(Cell::Empty, |exponent| Cell::Number(exponent.to_string())),
        held(measured),
    ]
}

/// The cells of [`EXACT_FINDINGS`].
pub(crate) fn exact_findings(measured: &MeasuredQuantity) -> [Cell; 6] {
    let end = |place: usize| measured.interval.map_or(Cell::Empty, |interval| exact(interval[place]));
    [
        exact(measured.slope),
        exact(measured.stderr),
        end(0),
        end(1),
        Cell::power(measured.predicted.as_ref()),
        held(measured),
    ]
}

fn held(measured: &MeasuredQuantity) -> Cell {
    measured.verdict.map_or(Cell::Empty, |held| Cell::words(held.name()))
}

/// A verdict for machines.
pub(crate) fn named(verdict: SlopeVerdict) -> VerdictName {
    match verdict {
        SlopeVerdict::Agrees => VerdictName::Agrees,
        SlopeVerdict::Crossover => VerdictName::Crossover,
        SlopeVerdict::Disagrees => VerdictName::Disagrees,
    }
}

/// A measured quantity for machines.
pub(crate) fn quantity(measured: &MeasuredQuantity, graph: &Graph, sizes: Sizes<'_>) -> MeasuredObject {
    let (quantity, node, parameter) = measured.quantity.named(graph);
    MeasuredObject {
        quantity: quantity.into(),
        node: node.map(str::to_owned),
        parameter: parameter.map(str::to_owned),
        magnitudes: measured.magnitudes.iter().copied().map(finite).collect(),
        slope: finite(measured.slope),
        stderr: finite(measured.stderr),
        interval: measured.interval.map(|interval| interval.map(finite)),
        predicted: measured.predicted.clone(),
        verdict: measured.verdict.map(named),
        crossover: measured.crossover.as_ref().map(|crossover| sizes.json(crossover)),
        cause: measured.cause.as_ref().map(|cause| sizes.cause_json(cause)),
    }
}

impl Report for Measured<'_> {
    fn document(&self) -> Document {
        let mut document = Document::default();
        document.push(Block::Heading(self.title()));
        let values: Vec<String> = self.measurement.values.iter().map(ToString::to_string).collect();
        let values = values.iter().map(|value| (value.as_str(), value.as_str()));
        let columns: Vec<(&str, &str)> = NAMES.into_iter().chain(values).chain(FINDINGS).collect();
        let mut grid = Grid::new(self.variable(), &columns);
        for measured in &self.measurement.quantities {
            let magnitude = |magnitude: &f64| number(*magnitude, format!("{magnitude:.2e}"));
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
        let why = reasons(&self.measurement.quantities, self.sizes());
        if !why.is_empty() {
            document.push(Block::List(why));
        }
        for note in self.notes {
            document.say(format!("note: {note}"));
        }
        document
    }

    /// One magnitude in a row.
    fn data(&self) -> Grid {
        let magnitude = ["value", "magnitude"].map(|key| (key, key));
        let columns: Vec<(&str, &str)> = NAMES.into_iter().chain(magnitude).chain(EXACT_FINDINGS).collect();
        let mut grid = Grid::new(self.variable(), &columns);
        for measured in &self.measurement.quantities {
            for (value, magnitude) in self.measurement.values.iter().zip(&measured.magnitudes) {
                let magnitude = [Cell::Number(value.to_string()), exact(*magnitude)];
                let row = names(measured, self.graph).into_iter().chain(magnitude);
                grid.rows.push(row.chain(exact_findings(measured)).collect());
            }
        }
        grid
    }

    fn json(&self) -> AnyAnswer {
        let BeginLine { title, asked, hyperparameters, seeds, seed, values } = self.begin();
        let quantities = self.measurement.quantities.iter();
        let quantities = quantities.map(|measured| quantity(measured, self.graph, self.sizes())).collect();
        let EndLine { summary, saturated, notes } = self.end();
        AnyAnswer::Measure(MeasureAnswer {
            title,
            asked,
            hyperparameters,
            seeds,
            seed,
            values,
            quantities,
            summary,
            saturated,
            notes,
        })
    }

    fn names_its_words(&self) -> bool {
        true
    }
}
