//! [`Figure`]: measured magnitudes against size, on log-log axes, as SVG text.
//!
//! A figure is a grid. A row shows one kind of quantity, a column one parameterization, and a line has the same
//! look in every panel of its row. The panels of a row share their vertical range, so that they can be compared.
#![allow(clippy::disallowed_types, reason = "a drawing has coordinates, not exponents")]

mod axis;
mod canvas;
mod layout;
mod legend;
mod look;
mod measured;
mod panel;
mod words;

pub use measured::{Named, Shown, also, figure};

use canvas::{Canvas, Ink, Place};
use layout::{Layout, Rectangle};

use crate::exact::Exponent;

/// What is drawn.
#[derive(Clone, Debug, PartialEq)]
pub struct Figure {
    /// One line, at the top.
    pub title: String,
    /// One more line below it: what was scaled, how, with what.
    pub subtitle: String,
    /// The name of each column.
    pub columns: Vec<String>,
    /// Label of the horizontal axis, with its unit.
    pub x_label: String,
    /// The sizes, increasing. A size of zero is not drawn.
    pub sizes: Vec<usize>,
    /// The rows, from above.
    pub rows: Vec<Row>,
}

/// One kind of quantity, with a panel in each column.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// What is shown: the heading of its panels.
    pub title: String,
    /// Label of the vertical axis, with its unit.
    pub y_label: String,
    /// What the legend calls a line, like `node`.
    pub kind: String,
    /// The lines, in the order of the legend.
    pub lines: Vec<Line>,
}

/// One quantity.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// Its name.
    pub label: String,
    /// Its course in each column.
    pub curves: Vec<Curve>,
}

/// A quantity over the sizes, under one parameterization.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Curve {
    /// One for each size. What is not positive and finite is left out, and the curve is broken there.
    pub magnitudes: Vec<f64>,
    /// The predicted exponent: drawn as a dashed line through the last point.
    pub predicted: Option<Exponent>,
}

impl Curve {
    /// The points that a log-log plot can show, with their positions among the sizes.
    fn points<'a>(&'a self, sizes: &'a [usize]) -> impl Iterator<Item = (usize, f64, f64)> + 'a {
        let both = sizes.iter().zip(&self.magnitudes).enumerate();
        both.map(|(position, (size, magnitude))| (position, *size as f64, *magnitude))
            .filter(|(_, size, magnitude)| *size > 0.0 && magnitude.is_finite() && *magnitude > 0.0)
    }
}

/// The figure as SVG text. The same figure gives the same bytes; coordinates are rounded to a quarter of a pixel,
/// so that the last digits of a magnitude do not show.
#[must_use]
pub fn draw(figure: &Figure) -> String {
    let layout = Layout::of(figure);
    canvas::sheet(layout.width, layout.height, &figure.title, |canvas| {
        heading(canvas, figure, &layout);
        for (row, frame) in figure.rows.iter().zip(&layout.rows) {
            panel::draw(canvas, figure, row, frame);
            legend::draw(canvas, figure, row, frame);
        }
    })
}

fn heading(canvas: &Canvas<'_>, figure: &Figure, layout: &Layout) {
    let Rectangle { left, top, right, .. } = layout.heading;
    let width = right - left;
    canvas.bold(&words::fit(&figure.title, words::TITLE, width), words::TITLE, (left, top), Place::BELOW);
    let below = (left, top + 1.5 * words::TITLE);
    canvas.text(
        &words::fit(&figure.subtitle, words::NORMAL, width),
        words::NORMAL,
        below,
        Place::BELOW,
        Ink::GREY,
    );
}

#[cfg(test)]
mod tests;
