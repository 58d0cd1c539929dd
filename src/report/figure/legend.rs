//! The legend of a row: every line with its predicted exponents, to the right of the panels.

use super::canvas::{Canvas, Ink, Place, dashes};
use super::layout::{LEGEND_EXPONENT, LEGEND_LINE, LEGEND_SAMPLE, Rectangle, RowLayout};
use super::look::Look;
use super::words::{self, SMALL};
use super::{Figure, Panels, Series};

/// Length of the sample of a line.
const SAMPLE: f64 = LEGEND_SAMPLE - 8.0;

/// Draws the legend of a row.
pub(super) fn draw(canvas: &Canvas<'_>, figure: &Figure, row: &Panels, frame: &RowLayout) {
    if row.lines.is_empty() {
        return;
    }
    if let Some(first) = frame.legend.first() {
        dashed(canvas, *first);
    }
    for (column, area) in frame.legend.iter().enumerate() {
        header(canvas, figure, row, *area, frame.label);
        let first = column * frame.entries;
        let lines = row.lines.iter().enumerate().skip(first).take(frame.entries);
        for (index, line) in lines {
            let y = area.top + ((index - first) as f64 + 2.5) * LEGEND_LINE;
            entry(canvas, figure, line, Look::of(index), (area.left, y), frame.label);
        }
    }
}

/// The first line: what a dashed line means.
fn dashed(canvas: &Canvas<'_>, area: Rectangle) {
    let first = area.top + 0.5 * LEGEND_LINE;
    for (start, end) in dashes((area.left, first), (area.left + SAMPLE, first)) {
        canvas.line(&[start, end], 1.0, Ink::BLACK);
    }
    canvas.text("predicted slope", SMALL, (area.left + LEGEND_SAMPLE, first), Place::RIGHT, Ink::BLACK);
}

/// The second line: the columns' names.
fn header(canvas: &Canvas<'_>, figure: &Figure, row: &Panels, area: Rectangle, label: f64) {
    let second = area.top + 1.5 * LEGEND_LINE;
    canvas.text(&row.kind, SMALL, (area.left + LEGEND_SAMPLE, second), Place::RIGHT, Ink::GREY);
    for (column, name) in figure.columns.iter().enumerate() {
        // What stands in brackets is left to the panel's heading.
        let short = name.split('(').next().unwrap_or_default().trim();
        let short = words::fit(short, SMALL, LEGEND_EXPONENT - 4.0);
        canvas.text(&short, SMALL, (exponent_edge(area.left, label, column), second), Place::LEFT, Ink::GREY);
    }
}

fn entry(canvas: &Canvas<'_>, figure: &Figure, line: &Series, look: Look, (left, y): (f64, f64), label: f64) {
    canvas.line(&[(left, y), (left + SAMPLE, y)], 1.5, Ink::of(look));
    canvas.marker((left + SAMPLE / 2.0, y), look);
    let name = words::fit(&line.label, SMALL, label);
    canvas.text(&name, SMALL, (left + LEGEND_SAMPLE, y), Place::RIGHT, Ink::BLACK);
    for (column, curve) in line.curves.iter().take(figure.columns.len()).enumerate() {
        let drawn = curve.points(&figure.sizes).next().is_some();
        let text = match &curve.predicted {
            Some(exponent) if drawn => exponent.to_string().replace('-', "−"),
            Some(_) | None if drawn => continue,
            Some(_) | None => "vanishes".to_owned(),
        };
        let text = words::fit(&text, SMALL, LEGEND_EXPONENT - 4.0);
        canvas.text(&text, SMALL, (exponent_edge(left, label, column), y), Place::LEFT, Ink::BLACK);
    }
}

fn exponent_edge(left: f64, label: f64, column: usize) -> f64 {
    left + LEGEND_SAMPLE + label + LEGEND_EXPONENT * (column + 1) as f64
}
