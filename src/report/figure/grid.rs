//! [`Figure`]: what is drawn, as data.
#![allow(clippy::disallowed_types, reason = "a drawing has magnitudes, not exponents")]

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
    pub rows: Vec<Panels>,
}

/// One kind of quantity, with a panel in each column.
#[derive(Clone, Debug, PartialEq)]
pub struct Panels {
    /// What is shown: the heading of its panels.
    pub title: String,
    /// Label of the vertical axis, with its unit.
    pub y_label: String,
    /// What the legend calls a line, like `node`.
    pub kind: String,
    /// The lines, in the order of the legend.
    pub lines: Vec<Series>,
}

/// One quantity.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// Its name.
    pub label: String,
    /// Its course in each column.
    pub curves: Vec<Course>,
}

/// A quantity over the sizes, under one parameterization.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Course {
    /// One for each size. What is not positive and finite is left out, and the curve is broken there.
    pub magnitudes: Vec<f64>,
    /// The predicted exponent: drawn as a dashed line through the last point.
    pub predicted: Option<Exponent>,
}

impl Course {
    /// The points that a log-log plot can show, with their positions among the sizes.
    pub(super) fn points<'a>(&'a self, sizes: &'a [usize]) -> impl Iterator<Item = (usize, f64, f64)> + 'a {
        let both = sizes.iter().zip(&self.magnitudes).enumerate();
        both.map(|(position, (size, magnitude))| (position, *size as f64, *magnitude))
            .filter(|(_, size, magnitude)| *size > 0.0 && magnitude.is_finite() && *magnitude > 0.0)
    }
}
