//! The panels of a row: axes, measured curves and predicted slopes.

use super::axis::LogAxis;
use super::canvas::{Canvas, Ink, Place, Point, dashes};
use super::layout::{Rectangle, RowLayout};
use super::look::Look;
use super::words::{self, NORMAL, SMALL};
use super::{Course, Figure, Panels};

/// A panel with its axes.
struct Panel<'a> {
    area: Rectangle,
    x: LogAxis,
    y: LogAxis,
    sizes: &'a [usize],
}

/// Draws the panels of a row, with the same axes.
pub(super) fn draw(canvas: &Canvas<'_>, figure: &Figure, row: &Panels, frame: &RowLayout) {
    let sizes = figure.sizes.iter().filter(|size| **size > 0).map(|size| *size as f64);
    let curves = || row.lines.iter().flat_map(|line| line.curves.iter().take(frame.panels.len()));
    let magnitudes = curves().flat_map(|curve| curve.points(&figure.sizes).map(|(.., magnitude)| magnitude));
    let (x, y) = (LogAxis::over(sizes, 0.3), LogAxis::over(magnitudes, 1.0));
    for (column, area) in frame.panels.iter().enumerate() {
        let panel = Panel { area: *area, x, y, sizes: &figure.sizes };
        panel.axes(canvas, figure);
        if column == 0 {
            panel.vertical_labels(canvas, &row.y_label);
        }
        let name = figure.columns.get(column).map_or("", String::as_str);
        panel.heading(canvas, &row.title, name);
        let lines: Vec<(Look, &Course)> = row
            .lines
            .iter()
            .enumerate()
            .filter_map(|(index, line)| Some((Look::of(index), line.curves.get(column)?)))
            .collect();
        for (look, curve) in &lines {
            panel.prediction(canvas, *look, curve);
        }
        for (look, curve) in &lines {
            panel.curve(canvas, *look, curve);
        }
        if lines.iter().all(|(_, curve)| curve.points(&figure.sizes).next().is_none()) {
            panel.nothing(canvas);
        }
    }
}

impl Panel<'_> {
    fn at(&self, size: f64, magnitude: f64) -> Point {
        let Rectangle { left, top, right, bottom } = self.area;
        let (x, y) = (self.x.fraction(size), self.y.fraction(magnitude));
        (left + x * (right - left), bottom - y * (bottom - top))
    }

    fn heading(&self, canvas: &Canvas<'_>, title: &str, column: &str) {
        let Rectangle { left, top, right, .. } = self.area;
        let above = top - 1.45 * NORMAL;
        let text = if column.is_empty() { title.to_owned() } else { format!("{title}: {column}") };
        canvas.bold(&words::fit(&text, NORMAL, right - left), NORMAL, (left, above), Place::BELOW);
    }

    /// Grid, frame, and everything along the horizontal axis.
    fn axes(&self, canvas: &Canvas<'_>, figure: &Figure) {
        let Rectangle { left, top, right, bottom } = self.area;
        for tick in self.y.ticks() {
            let (_, y) = self.at(1.0, tick.value);
            canvas.line(&[(left, y), (right, y)], 1.0, Ink::GRID);
        }
        let mut free = f64::NEG_INFINITY;
        for size in self.sizes.iter().filter(|size| **size > 0) {
            let (x, _) = self.at(*size as f64, 1.0);
            canvas.line(&[(x, top), (x, bottom)], 1.0, Ink::GRID);
            let label = size.to_string();
            let half = words::width(&label, SMALL) / 2.0;
            if x - half > free {
                canvas.text(&label, SMALL, (x, bottom + 5.0), Place::CENTRED_BELOW, Ink::BLACK);
                free = x + half + 4.0;
            }
        }
        canvas.outline(self.area, Ink::FRAME);
        let middle = ((left + right) / 2.0, bottom + 9.0 + SMALL);
        let label = words::fit(&figure.x_label, NORMAL, right - left);
        canvas.text(&label, NORMAL, middle, Place::CENTRED_BELOW, Ink::BLACK);
    }

    fn vertical_labels(&self, canvas: &Canvas<'_>, label: &str) {
        let Rectangle { left, top, bottom, .. } = self.area;
        for tick in self.y.ticks() {
            let (_, y) = self.at(1.0, tick.value);
            canvas.text(&tick.label, SMALL, (left - 6.0, y), Place::LEFT, Ink::BLACK);
        }
        let label = words::fit(label, NORMAL, bottom - top);
        canvas.upwards(&label, NORMAL, (left - 60.0, (top + bottom) / 2.0), Ink::BLACK);
    }

    fn nothing(&self, canvas: &Canvas<'_>) {
        let Rectangle { left, top, right, bottom } = self.area;
        let middle = ((left + right) / 2.0, (top + bottom) / 2.0);
        canvas.text("nothing above zero", NORMAL, middle, Place::CENTRED, Ink::GREY);
    }

    /// The measured points, joined where they are neighbours.
    fn curve(&self, canvas: &Canvas<'_>, look: Look, curve: &Course) {
        let points: Vec<(usize, Point)> = curve
            .points(self.sizes)
            .map(|(position, size, magnitude)| (position, self.at(size, magnitude)))
            .collect();
        for neighbours in points.chunk_by(|(before, _), (after, _)| before + 1 == *after) {
            let path: Vec<Point> = neighbours.iter().map(|(_, point)| *point).collect();
            if path.len() > 1 {
                canvas.line(&path, 1.5, Ink::of(look));
            }
        }
        for (_, point) in points {
            canvas.marker(point, look);
        }
    }

    /// The predicted slope through the last point, over the whole width of the panel, as far as it is inside.
    /// Dashes that would be hidden beneath the measured line are left out.
    fn prediction(&self, canvas: &Canvas<'_>, look: Look, curve: &Course) {
        let Some(exponent) = &curve.predicted else { return };
        let Some((_, size, magnitude)) = curve.points(self.sizes).last() else { return };
        let (x0, y0) = (self.x.fraction(size), self.y.fraction(magnitude));
        let slope = exponent.approximate() * self.x.decades() / self.y.decades();
        let Some((from, to)) = inside(x0, y0, slope) else { return };
        let Rectangle { left, top, right, bottom } = self.area;
        let pixel = |x: f64| (left + x * (right - left), bottom - (y0 + slope * (x - x0)) * (bottom - top));
        let measured: Vec<Point> =
            curve.points(self.sizes).map(|(_, size, magnitude)| self.at(size, magnitude)).collect();
        for (start, end) in dashes(pixel(from), pixel(to)) {
            if !(hides(&measured, start) && hides(&measured, end)) {
                canvas.line(&[start, end], 1.0, Ink::of(look));
            }
        }
    }
}

/// Whether a line through points hides what is drawn at a point beneath it.
fn hides(line: &[Point], (x, y): Point) -> bool {
    const HALF_WIDTH: f64 = 0.75;
    let mut pieces = line.iter().zip(line.iter().skip(1));
    pieces.any(|((x0, y0), (x1, y1))| {
        (*x0..=*x1).contains(&x) && (y0 + (x - x0) / (x1 - x0) * (y1 - y0) - y).abs() < HALF_WIDTH
    })
}

/// Where the line of a slope through a point enters and leaves the unit square.
fn inside(x0: f64, y0: f64, slope: f64) -> Option<(f64, f64)> {
    if !slope.is_finite() {
        return None;
    }
    if slope == 0.0 {
        return Some((0.0, 1.0));
    }
    let (at_bottom, at_top) = (x0 - y0 / slope, x0 + (1.0 - y0) / slope);
    let (from, to) = (at_bottom.min(at_top).max(0.0), at_bottom.max(at_top).min(1.0));
    (from < to).then_some((from, to))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slope_is_cut_where_it_leaves_the_panel() {
        assert_eq!(inside(0.5, 0.5, 0.0), Some((0.0, 1.0)));
        assert_eq!(inside(0.5, 0.5, 1.0), Some((0.0, 1.0)));
        assert_eq!(inside(0.5, 0.5, 2.0), Some((0.25, 0.75)));
        assert_eq!(inside(0.5, 0.5, -2.0), Some((0.25, 0.75)));
        assert_eq!(inside(1.0, 1.0, 0.5), Some((0.0, 1.0)));
        assert_eq!(inside(0.5, 0.5, f64::NAN), None);
    }
}
