//! [`Layout`]: where everything of a figure goes, in pixels.

use super::words::{self, NORMAL, SMALL, TITLE};
use super::{Figure, Panels};

/// Where everything goes.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Layout {
    /// Of the whole figure.
    pub(super) width: f64,
    /// Of the whole figure.
    pub(super) height: f64,
    /// Title and subtitle.
    pub(super) heading: Rectangle,
    /// Each row.
    pub(super) rows: Vec<RowLayout>,
}

/// Where one row goes.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct RowLayout {
    /// The plotting area of the panel in each column; headings are above, tick labels below it.
    pub(super) panels: Vec<Rectangle>,
    /// The columns of the legend.
    pub(super) legend: Vec<Rectangle>,
    /// Entries in a column of the legend.
    pub(super) entries: usize,
    /// Room for the name of a line in the legend.
    pub(super) label: f64,
}

/// Edges in pixels, from the upper left corner of the figure.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Rectangle {
    /// The left edge.
    pub(super) left: f64,
    /// The upper edge.
    pub(super) top: f64,
    /// The right edge.
    pub(super) right: f64,
    /// The lower edge.
    pub(super) bottom: f64,
}

/// Free space around the figure.
const MARGIN: f64 = 14.0;
/// Width of a panel.
const PANEL_WIDTH: f64 = 310.0;
/// Least height of a panel.
const PANEL_HEIGHT: f64 = 256.0;
/// Between two panels of a row.
const PANEL_GAP: f64 = 16.0;
/// Left of the panels: the axis label and the tick labels.
const LEFT: f64 = 62.0;
/// Above a panel: its heading.
const ABOVE: f64 = 1.8 * NORMAL;
/// Below a panel: tick labels and the axis label.
const BELOW: f64 = 42.0;
/// Between two rows.
const ROW_GAP: f64 = 14.0;
/// From the last panel to the legend, and between its columns.
const LEGEND_GAP: f64 = 18.0;
/// Most columns of a legend.
const LEGEND_COLUMNS: usize = 3;
/// Entries that a column of the legend takes before there is another one.
const LEGEND_ENTRIES: usize = 26;
/// Least and most room for the name of a line.
const LABEL: (f64, f64) = (34.0, 130.0);

/// Lines of the legend that come before its entries.
pub(super) const LEGEND_HEADER: f64 = 2.0;
/// Height of a line of the legend.
pub(super) const LEGEND_LINE: f64 = 1.25 * SMALL;
/// Width of the sample of a line in the legend, with the space after it.
pub(super) const LEGEND_SAMPLE: f64 = 32.0;
/// Room for a predicted exponent in the legend.
pub(super) const LEGEND_EXPONENT: f64 = 58.0;

impl Layout {
    /// The layout of a figure.
    pub(super) fn of(figure: &Figure) -> Self {
        let mut top = MARGIN + TITLE * 1.5 + NORMAL * 1.6;
        let rows: Vec<RowLayout> = figure
            .rows
            .iter()
            .map(|row| {
                let layout = RowLayout::of(row, figure.columns.len(), top + ABOVE);
                top = layout.bottom() + BELOW + ROW_GAP;
                layout
            })
            .collect();
        let right = rows.iter().map(RowLayout::right).fold(panel_right(figure.columns.len()), f64::max);
        let heading = Rectangle { left: MARGIN, top: MARGIN, right, bottom: MARGIN + TITLE + NORMAL };
        Self { width: right + MARGIN, height: top, heading, rows }
    }
}

impl RowLayout {
    fn of(row: &Panels, columns: usize, top: f64) -> Self {
        let legend_columns = row.lines.len().div_ceil(LEGEND_ENTRIES).clamp(1, LEGEND_COLUMNS);
        let entries = row.lines.len().div_ceil(legend_columns);
        let legend_height = (LEGEND_HEADER + entries as f64) * LEGEND_LINE;
        let bottom = top + PANEL_HEIGHT.max(legend_height);
        let panel = |column: usize| {
            let left = panel_left(column);
            Rectangle { left, top, right: left + PANEL_WIDTH, bottom }
        };
        let labels = row.lines.iter().map(|line| line.label.as_str()).chain([row.kind.as_str()]);
        let widest = labels.map(|label| words::width(label, SMALL)).fold(LABEL.0, f64::max);
        let label = widest.min(LABEL.1) + 4.0;
        let width = LEGEND_SAMPLE + label + LEGEND_EXPONENT * columns as f64;
        let legend = |column: usize| {
            let left = panel_right(columns) + LEGEND_GAP + column as f64 * (width + LEGEND_GAP);
            Rectangle { left, top, right: left + width, bottom }
        };
        Self {
            panels: (0..columns).map(panel).collect(),
            legend: (0..legend_columns).map(legend).collect(),
            entries,
            label,
        }
    }

    fn bottom(&self) -> f64 {
        self.legend.first().map_or(0.0, |legend| legend.bottom)
    }

    fn right(&self) -> f64 {
        self.legend.last().map_or(0.0, |legend| legend.right)
    }
}

fn panel_left(column: usize) -> f64 {
    MARGIN + LEFT + column as f64 * (PANEL_WIDTH + PANEL_GAP)
}

fn panel_right(columns: usize) -> f64 {
    panel_left(columns.max(1) - 1) + PANEL_WIDTH
}

#[cfg(test)]
mod tests {
    use super::super::tests::power_laws;
    use super::*;

    #[test]
    fn panels_and_legend_do_not_overlap_and_lie_in_the_figure() {
        for lines in [0, 1, 17, 40, 200] {
            let layout = Layout::of(&power_laws(lines));
            for row in &layout.rows {
                let mut edge = 0.0;
                for rectangle in row.panels.iter().chain(&row.legend) {
                    assert!(edge < rectangle.left && rectangle.left < rectangle.right);
                    edge = rectangle.right;
                }
                assert!(edge < layout.width && row.bottom() < layout.height);
                assert!(row.entries * row.legend.len() >= lines);
            }
        }
    }
}
