//! Derivations as text, as a grid, and for machines.

use crate::explain::chain::{Chain, Line, Rest};
use crate::report::format::document::{Cell, Grid};
use crate::report::json::DerivationLine;

impl Chain {
    /// The lines as text, each indented by its depth.
    #[must_use]
    pub fn text(&self) -> Vec<String> {
        let written = |line: &Line| {
            let mut text = format!("{}{} = {}", "  ".repeat(line.depth), line.quantity, line.exponent);
            let rest = match line.rest {
                Rest::Told => "",
                Rest::Above => ", as above",
                Rest::Deeper => ", ...",
            };
            if let Some(rule) = &line.rule {
                let says = line.says.as_ref().map(|says| format!(": {says}")).unwrap_or_default();
                text.push_str(&format!("   [{rule}{says}{rest}]"));
            }
            text
        };
        self.lines.iter().map(written).collect()
    }

    /// The lines for machines, in order, each with its depth.
    #[must_use]
    pub fn json(&self) -> Vec<DerivationLine> {
        let line = |line: &Line| DerivationLine {
            depth: line.depth,
            quantity: line.quantity.clone(),
            exponent: line.exponent.clone(),
            rule: line.rule.clone(),
            says: line.says.clone(),
        };
        self.lines.iter().map(line).collect()
    }

    /// The same, a line in a row.
    #[must_use]
    pub fn data(&self, variable: &str) -> Grid {
        let keys = ["depth", "quantity", "exponent", "rule", "says"].map(|key| (key, key));
        let mut grid = Grid::new(variable, &keys);
        let optional = |words: &Option<String>| words.as_ref().map_or(Cell::Empty, Cell::words);
        for line in &self.lines {
            grid.rows.push(vec![
                Cell::Number(line.depth.to_string()),
                Cell::words(&line.quantity),
                Cell::words(&line.exponent),
                optional(&line.rule),
                optional(&line.says),
            ]);
        }
        grid
    }
}
