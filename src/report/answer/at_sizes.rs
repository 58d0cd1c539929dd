//! How fast quantities grow over sizes that people use, where that is not yet with their exponents.
#![allow(clippy::disallowed_types, reason = "powers over finite sizes are floating-point numbers")]

use std::collections::BTreeMap;

use crate::graph::{Graph, Quantity};
use crate::report::explain::crossover::rounded;
use crate::report::format::document::{Block, Cell, Document, Grid, counted};
use crate::report::json::{AtSizesObject, LocalPowerObject, finite};
use crate::simulate::{LocalPower, Runs, TOLERANCE};
use crate::study::sizes::SizeRange;

/// Powers over a range of sizes.
#[derive(Clone, Debug, PartialEq)]
pub struct AtSizes {
    /// The range.
    pub range: SizeRange,
    /// What was simulated for the constants.
    pub runs: Runs,
    /// The powers.
    pub powers: Vec<LocalPower>,
}

/// The columns of a power, as key and title.
pub(crate) const COLUMNS: [(&str, &str); 3] =
    [("power", "power"), ("power_stderr", "error"), ("ruled_from", "exponent from")];

/// A range that ends at more than so many times the largest size that was simulated is told to be far.
const FAR: usize = 64;

impl AtSizes {
    /// The powers by their quantity.
    pub(crate) fn by_quantity(&self) -> BTreeMap<Quantity, &LocalPower> {
        self.powers.iter().map(|power| (power.quantity, power)).collect()
    }

    /// The cells of [`COLUMNS`].
    pub(crate) fn cells(power: Option<&&LocalPower>) -> [Cell; 3] {
        let number = |number: Option<f64>, digits: usize| match number.and_then(finite) {
            Some(number) => Cell::Number(format!("{number:.digits$}")),
            None => Cell::Empty,
        };
        [
            number(power.map(|power| power.power), 4),
            number(power.and_then(|power| power.stderr), 4),
            number(power.map(|power| power.ruled_from), 0),
        ]
    }

    /// Where powers are other than exponents, in a table; how many are not.
    pub(crate) fn tell(&self, document: &mut Document, graph: &Graph, variable: &str) {
        let SizeRange { dimension, sizes: [from, to] } = &self.range;
        let differs = |power: &&LocalPower| {
            (power.power - power.exponent.approximate()).abs()
                > TOLERANCE + 2.0 * power.stderr.unwrap_or_default()
        };
        let different: Vec<&LocalPower> = self.powers.iter().filter(differs).collect();
        let values: Vec<String> = self.runs.values.iter().map(ToString::to_string).collect();
        document.push(Block::Heading(format!("From {dimension} = {from} to {to}")));
        document.say(format!(
            "powers of {variable}, with constants fitted to {} at {dimension} = {}, where learning rates are such that every \
             parameter moves its own output alike at the first size: {} of {} quantities grow with their exponents, within \
             {TOLERANCE} and twice the error",
            counted(self.runs.seeds, "seed"),
            values.join(", "),
            self.powers.len() - different.len(),
            self.powers.len(),
        ));
        let largest = self.runs.values.last().copied().unwrap_or_default();
        if *to > largest.saturating_mul(FAR) {
            document.say(format!(
                "{dimension} = {to} is far beyond the sizes that were simulated: terms that do not show there may lead before"
            ));
        }
        if different.is_empty() {
            return;
        }
        let columns = ["quantity", "node", "parameter", "predicted", "power", "as predicted from"];
        let mut grid = Grid::new(variable, &columns.map(|column| (column, column)));
        for power in &different {
            let (kind, node, parameter) = power.quantity.named(graph);
            let name = |name: Option<&str>| name.map_or(Cell::Empty, Cell::name);
            let error = power.stderr.map(|error| format!(" ± {error:.2}")).unwrap_or_default();
            let from = match finite(power.ruled_from) {
                Some(size) => format!("{dimension} = {}", rounded(size)),
                None => "not seen".into(),
            };
            let exponent = Cell::Power(power.exponent.clone());
            // Of what is not seen there is more than that, not less.
            let least = if power.ruled_from.is_finite() { "" } else { "at least " };
            let number = Cell::Number(format!("{least}{:.2}{error}", power.power));
            let names = [Cell::words(kind), name(node), name(parameter)];
            grid.rows.push(names.into_iter().chain([exponent, number, Cell::words(from)]).collect());
        }
        document.push(Block::Grid(grid));
        if different.iter().any(|power| power.ruled_from.is_infinite()) {
            document.say("not seen: at the sizes that were simulated, nothing of the predicted term shows");
        }
    }

    /// For machines.
    pub(crate) fn json(&self, graph: &Graph) -> AtSizesObject {
        let object = |power: &LocalPower| {
            let (quantity, node, parameter) = power.quantity.named(graph);
            LocalPowerObject {
                quantity: quantity.into(),
                node: node.map(str::to_owned),
                parameter: parameter.map(str::to_owned),
                exponent: power.exponent.clone(),
                power: finite(power.power),
                stderr: power.stderr.and_then(finite),
                ruled_from: finite(power.ruled_from),
            }
        };
        AtSizesObject {
            dimension: self.range.dimension.clone(),
            from: self.range.sizes[0],
            to: self.range.sizes[1],
            values: self.runs.values.clone(),
            seeds: self.runs.seeds,
            seed: self.runs.base_seed,
            powers: self.powers.iter().map(object).collect(),
        }
    }
}
