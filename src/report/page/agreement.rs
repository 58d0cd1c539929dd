//! [`Agreement`]: a measurement against its prediction: counts, the worst, and all of it as data.

use std::collections::BTreeSet;

use super::number;
use crate::graph::Graph;
use crate::report::document::{Cell, Grid};
use crate::simulate::{MeasuredQuantity, Measurement, Quantity, Verdict};

/// A measurement with the names of what it measured.
#[derive(Clone, Copy, Debug)]
pub struct Agreement<'a> {
    /// The network.
    pub graph: &'a Graph,
    /// The measurement.
    pub measurement: &'a Measurement,
}

/// How many quantities came out how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Slope and exponent are equal within the tolerance.
    pub agrees: usize,
    /// The local slope still drifts towards the exponent.
    pub crossover: usize,
    /// They differ.
    pub disagrees: usize,
}

impl Agreement<'_> {
    /// How many quantities came out how. Those without a prediction are not counted.
    #[must_use]
    pub fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        for measured in &self.measurement.quantities {
            match measured.verdict {
                Some(Verdict::Agrees) => counts.agrees += 1,
                Some(Verdict::Crossover) => counts.crossover += 1,
                Some(Verdict::Disagrees) => counts.disagrees += 1,
                None => {}
            }
        }
        counts
    }

    /// The quantities whose slopes are farthest from their exponents, the farthest first: at most `most`, and
    /// only those that do not agree.
    #[must_use]
    pub fn worst(&self, most: usize) -> Vec<&MeasuredQuantity> {
        let failing = |measured: &&MeasuredQuantity| match measured.verdict {
            Some(Verdict::Crossover | Verdict::Disagrees) => true,
            Some(Verdict::Agrees) | None => false,
        };
        let mut worst: Vec<&MeasuredQuantity> = self.measurement.quantities.iter().filter(failing).collect();
        worst.sort_by(|a, b| distance(b).total_cmp(&distance(a)));
        worst.truncate(most);
        worst
    }

    /// The largest distance of a slope from its exponent, of all quantities that have both.
    #[must_use]
    pub fn largest_distance(&self) -> Option<f64> {
        let distances =
            self.measurement.quantities.iter().map(distance).filter(|distance| distance.is_finite());
        distances.reduce(f64::max)
    }

    /// Of some quantities the one with the steepest slope, up or down.
    #[must_use]
    pub fn steepest(&self, of: &BTreeSet<Quantity>) -> Option<&MeasuredQuantity> {
        let measured = self.measurement.quantities.iter();
        let candidates =
            measured.filter(|measured| of.contains(&measured.quantity) && measured.slope.is_finite());
        candidates.max_by(|a, b| a.slope.abs().total_cmp(&b.slope.abs()))
    }

    /// Quantities as a table for people.
    #[must_use]
    pub fn table(&self, quantities: &[&MeasuredQuantity]) -> Grid {
        let columns = [
            ("quantity", "quantity"),
            ("slope", "slope"),
            ("stderr", "standard error"),
            ("predicted", "predicted"),
            ("verdict", "verdict"),
        ];
        let mut grid = Grid::new("n", &columns);
        for measured in quantities {
            grid.rows.push(vec![
                Cell::Words(in_words(self.graph, measured.quantity)),
                Cell::Number(number::slope(measured.slope)),
                Cell::Number(number::error(measured.stderr)),
                measured
                    .predicted
                    .as_ref()
                    .map_or(Cell::Empty, |exponent| Cell::Number(exponent.to_string())),
                measured.verdict.map_or(Cell::Empty, |verdict| Cell::words(verdict.name())),
            ]);
        }
        grid
    }

    /// Every quantity in a row: what, where, slope, exponent, verdict, and the magnitude at each size in a column
    /// called by the size.
    #[must_use]
    pub fn data(&self) -> Grid {
        let sizes: Vec<String> = self.measurement.values.iter().map(ToString::to_string).collect();
        let fixed = ["quantity", "node", "parameter", "slope", "stderr", "predicted", "verdict"];
        let keys = fixed.into_iter().chain(sizes.iter().map(String::as_str));
        let mut grid = Grid::new("n", &keys.map(|key| (key, key)).collect::<Vec<_>>());
        for measured in &self.measurement.quantities {
            let place = Place::of(self.graph, measured.quantity);
            let mut row = vec![
                Cell::words(place.quantity),
                place.node.map_or(Cell::Empty, Cell::name),
                place.parameter.map_or(Cell::Empty, Cell::name),
                Cell::Number(number::data(measured.slope)),
                Cell::Number(number::data(measured.stderr)),
                Cell::power(measured.predicted.as_ref()),
                measured.verdict.map_or(Cell::Empty, |verdict| Cell::words(verdict.name())),
            ];
            let magnitudes =
                (0..sizes.len()).map(|at| measured.magnitudes.get(at).copied().unwrap_or(f64::NAN));
            row.extend(magnitudes.map(|magnitude| Cell::Number(number::magnitude(magnitude))));
            grid.rows.push(row);
        }
        grid
    }
}

/// How far the slope is from the exponent; not a number if one is missing.
fn distance(measured: &MeasuredQuantity) -> f64 {
    measured.predicted.as_ref().map_or(f64::NAN, |exponent| (measured.slope - exponent.approximate()).abs())
}

/// A quantity taken apart.
struct Place<'a> {
    quantity: &'static str,
    node: Option<&'a str>,
    parameter: Option<&'a str>,
}

impl<'a> Place<'a> {
    fn of(graph: &'a Graph, quantity: Quantity) -> Self {
        let (quantity, node, parameter) = match quantity {
            Quantity::Forward(id) => ("forward", Some(id), None),
            Quantity::Backward(id) => ("backward", Some(id), None),
            Quantity::UpdateBy(parameter, id) => ("update", Some(id), Some(parameter)),
            Quantity::Update(id) => ("update", Some(id), None),
            Quantity::Gradient(parameter) => ("gradient", None, Some(parameter)),
            Quantity::Contribution(parameter) => ("contribution", None, Some(parameter)),
            Quantity::Angle(id) => ("angle", Some(id), None),
        };
        Self {
            quantity,
            node: node.map(|id| graph.node(id).name.as_str()),
            parameter: parameter.map(|id| graph.parameter(id).name.as_str()),
        }
    }
}

/// ``update of `q` by `W_Q` ``
pub(super) fn in_words(graph: &Graph, quantity: Quantity) -> String {
    let Place { quantity, node, parameter } = Place::of(graph, quantity);
    match (node, parameter) {
        (Some(node), Some(parameter)) => format!("{quantity} of `{node}` by `{parameter}`"),
        (Some(name), None) | (None, Some(name)) => format!("{quantity} of `{name}`"),
        (None, None) => quantity.into(),
    }
}
