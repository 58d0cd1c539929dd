//! [`Figure`]: measured magnitudes against size, on log-log axes, as SVG text.
//!
//! A figure is a grid. A row shows one kind of quantity, a column one parameterization, and a line has the same
//! look in every panel of its row. The panels of a row share their vertical range, so that they can be compared.
#![allow(clippy::disallowed_types, reason = "a drawing has coordinates, not exponents")]

mod axis;
mod canvas;
mod grid;
mod layout;
mod legend;
mod look;
mod measured;
mod panel;
mod words;

pub use grid::{Course, Figure, Panels, Series};
pub use measured::{NamedMeasurement, Shown, also, figure};

use canvas::{Canvas, Ink, Place};
use layout::{Layout, Rectangle};

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
