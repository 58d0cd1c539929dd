//! Grids as CSV (RFC 4180): exponents as fractions, cells without a value empty.

use crate::report::format::document::{Cell, Grid, power};

/// The grid with a head of column keys; lines end in CR LF.
#[must_use]
pub fn csv(grid: &Grid) -> String {
    let mut text = record(grid.columns.iter().map(|column| column.key.clone()));
    for row in &grid.rows {
        text.push_str(&record(row.iter().map(|cell| match cell {
            Cell::Empty => String::new(),
            Cell::Name(text) | Cell::Words(text) | Cell::Sentence(text) | Cell::Number(text) => text.clone(),
            Cell::Power(exponent) => exponent.to_string(),
            Cell::Powers(powers) => powers.write(power),
        })));
    }
    text
}

fn record(fields: impl Iterator<Item = String>) -> String {
    let quoted = fields.map(|field| {
        if field.contains(['"', ',', '\r', '\n']) {
            format!("\"{}\"", field.replace('"', "\"\""))
        } else {
            field
        }
    });
    format!("{}\r\n", quoted.collect::<Vec<_>>().join(","))
}
