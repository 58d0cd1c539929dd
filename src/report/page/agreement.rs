//! [`Agreement`]: a measurement against its prediction: the worst, the steepest, and all of it as data.

use std::collections::BTreeSet;

use super::number;
use crate::graph::{Graph, Quantity};
use crate::report::explain::crossover::Sizes;
use crate::report::explain::reason::reasons;
use crate::report::format::document::{Cell, Grid};
use crate::simulate::{MeasuredQuantity, Measurement, SlopeVerdict};
use crate::study::Summary;

/// A measurement of a network.
#[derive(Clone, Copy, Debug)]
pub struct Agreement<'a> {
    /// The network.
    pub graph: &'a Graph,
    /// The measurement.
    pub measurement: &'a Measurement,
}

impl Agreement<'_> {
    /// The quantities that are compared: all but the updates by all parameters together. Such an update is a sum,
    /// and a sum of powers crosses over from one to the other (theory, section 11).
    fn compared(&self) -> impl Iterator<Item = &MeasuredQuantity> {
        self.measurement.quantities.iter().filter(|measured| !measured.quantity.is_total())
    }

    /// How many of the compared quantities came out how.
    #[must_use]
    pub fn summary(&self) -> Summary {
        let (values, quantities) = (self.measurement.values.clone(), self.compared().cloned().collect());
        Summary::of(&Measurement { values, quantities })
    }

    /// The compared quantities that do not agree, the farthest from its exponent first: at most `most`.
    #[must_use]
    pub fn worst(&self, most: usize) -> Vec<&MeasuredQuantity> {
        let failing = |measured: &&MeasuredQuantity| match measured.verdict {
            Some(SlopeVerdict::Crossover | SlopeVerdict::Disagrees) => true,
            Some(SlopeVerdict::Agrees) | None => false,
        };
        let mut worst: Vec<&MeasuredQuantity> = self.compared().filter(failing).collect();
        worst.sort_by(|a, b| distance(b).total_cmp(&distance(a)));
        worst.truncate(most);
        worst
    }

    /// Why compared slopes are not their exponents, a line for each kind.
    pub(crate) fn reasons(&self, sizes: Sizes<'_>) -> Vec<String> {
        reasons(self.compared(), sizes)
    }

    /// The largest distance of a compared slope from its exponent; nothing if no quantity has both.
    #[must_use]
    pub fn largest_distance(&self) -> Option<f64> {
        self.compared().map(distance).filter(|distance| distance.is_finite()).reduce(f64::max)
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
            let predicted = measured.predicted.as_ref();
            grid.rows.push(vec![
                Cell::Words(measured.quantity.words(self.graph)),
                Cell::Number(number::slope(measured.slope)),
                Cell::Number(number::error(measured.stderr)),
                predicted.map_or(Cell::Empty, |exponent| Cell::Number(exponent.to_string())),
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
            let (quantity, node, parameter) = measured.quantity.named(self.graph);
            let mut row = vec![
                Cell::words(quantity),
                node.map_or(Cell::Empty, Cell::name),
                parameter.map_or(Cell::Empty, Cell::name),
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::architecture::Architecture;
    use crate::exact::Exponent;
    use crate::graph::NodeId;
    use crate::report::format::csv::csv;
    use crate::report::format::document::{Block, Document};
    use crate::report::format::markdown::markdown;
    use crate::rule::RuleBook;

    fn transformer() -> Arc<Graph> {
        let book = RuleBook::embedded().unwrap();
        let text = &book.architecture("transformer").unwrap().text;
        Architecture::parse(text, &book.activations()).unwrap().graph
    }

    fn measured(quantity: Quantity, slope: f64, verdict: SlopeVerdict) -> MeasuredQuantity {
        let (magnitudes, predicted) = (vec![1.0, 0.5], Some(Exponent::ZERO));
        MeasuredQuantity {
            quantity,
            magnitudes,
            slope,
            stderr: 0.012,
            interval: None,
            predicted,
            verdict: Some(verdict),
            crossover: None,
            cause: None,
        }
    }

    fn measurement(graph: &Graph) -> Measurement {
        let node = |name| -> NodeId { graph.find_node(name).unwrap() };
        let parameter = |name| graph.find_parameter(name).unwrap();
        let quantities = vec![
            measured(Quantity::forward(node("q")), 0.02, SlopeVerdict::Agrees),
            measured(Quantity::update_by(parameter("W_Q"), node("a")), -0.21, SlopeVerdict::Crossover),
            measured(Quantity::contribution(parameter("W_K")), 0.4999, SlopeVerdict::Disagrees),
            measured(Quantity::update(node("a")), 0.9, SlopeVerdict::Disagrees),
            measured(Quantity::backward(node("q")), f64::NAN, SlopeVerdict::Disagrees),
        ];
        Measurement { values: vec![16, 32], quantities }
    }

    #[test]
    fn updates_by_all_parameters_together_are_not_compared() {
        let graph = transformer();
        let measurement = measurement(&graph);
        let agreement = Agreement { graph: &graph, measurement: &measurement };
        let Summary { agrees, crossover, disagrees, unpredicted } = agreement.summary();
        assert_eq!((agrees, crossover, disagrees, unpredicted), (1, 1, 2, 0));
        assert_eq!(agreement.largest_distance(), Some(0.4999));
    }

    #[test]
    fn what_does_not_agree_is_listed_with_the_farthest_first() {
        let graph = transformer();
        let measurement = measurement(&graph);
        let agreement = Agreement { graph: &graph, measurement: &measurement };
        let table = agreement.table(&agreement.worst(2));
        insta::assert_snapshot!(markdown(&Document(vec![Block::Grid(table)])), @r"
        | quantity | slope | standard error | predicted | verdict |
        |---|---|---|---|---|
        | backward of `q` | - | 0.01 | 0 | disagrees |
        | contribution of `W_K` | +0.50 | 0.01 | 0 | disagrees |
        ");
    }

    #[test]
    fn the_steepest_is_sought_among_given_quantities_that_have_a_slope() {
        let graph = transformer();
        let measurement = measurement(&graph);
        let agreement = Agreement { graph: &graph, measurement: &measurement };
        let of = |places: &[usize]| places.iter().map(|at| measurement.quantities[*at].quantity).collect();
        assert_eq!(agreement.steepest(&of(&[0, 1, 4])).unwrap().slope, -0.21);
        assert!(agreement.steepest(&of(&[4])).is_none());
    }

    #[test]
    fn data_hold_every_quantity_with_its_magnitudes() {
        let graph = transformer();
        let measurement = measurement(&graph);
        let agreement = Agreement { graph: &graph, measurement: &measurement };
        insta::assert_snapshot!(csv(&agreement.data()).replace('\r', ""), @r"
        quantity,node,parameter,slope,stderr,predicted,verdict,16,32
        forward,q,,0.020,0.012,0,agrees,1.000e0,5.000e-1
        update,a,W_Q,-0.210,0.012,0,crossover,1.000e0,5.000e-1
        contribution,,W_K,0.500,0.012,0,disagrees,1.000e0,5.000e-1
        update,a,,0.900,0.012,0,disagrees,1.000e0,5.000e-1
        backward,q,,,0.012,0,disagrees,1.000e0,5.000e-1
        ");
    }
}
