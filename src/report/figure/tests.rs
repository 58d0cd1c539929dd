//! What a figure shows, read from its SVG.

use super::*;
use crate::exact::Exponent;

/// A figure of two rows and two columns: some power laws under "standard", constants under "derived (fsc)".
pub(super) fn power_laws(lines: usize) -> Figure {
    let sizes: Vec<usize> = (4..=10).map(|power| 1 << power).collect();
    let curve = |exponent: Exponent, factor: f64| Course {
        magnitudes: sizes
            .iter()
            .enumerate()
            .map(|(position, size)| {
                let wiggle = 1.0 + 0.03 * ((position as f64 + 7.0 * factor) * 2.3).sin();
                factor * wiggle * (*size as f64 / 16.0).powf(exponent.approximate())
            })
            .collect(),
        predicted: Some(exponent),
    };
    let names = ["x", "n1", "q", "k", "v", "a", "p", "o", "y", "x1", "n2", "h", "r", "z", "x2", "n3", "out"];
    let line = |index: usize| {
        let factor = 0.05 * 1.35f64.powi((index % 12) as i32);
        Series {
            label: names.get(index).map_or_else(|| format!("layer {index}"), |name| (*name).into()),
            curves: vec![
                curve(Exponent::ratio((index % 4) as i64 - 1, 2), factor),
                curve(Exponent::ZERO, factor),
            ],
        }
    };
    let row = |title: &str, y_label: &str| Panels {
        title: title.into(),
        y_label: y_label.into(),
        kind: "node".into(),
        lines: (0..lines).map(line).collect(),
    };
    Figure {
        title: "Transformer block, d_k alone, SGD".into(),
        subtitle: "one optimizer step at initialization, 4 seeds".into(),
        columns: vec!["standard".into(), "derived (fsc)".into()],
        x_label: "d_k (entries)".into(),
        rows: vec![row("Updates", "rms of the response to one step"), row("Forward", "rms of the node")],
        sizes: sizes.clone(),
    }
}

fn texts(svg: &str) -> Vec<&str> {
    let pieces = svg.split("<text").skip(1);
    pieces.filter_map(|piece| Some(piece.split_once('>')?.1.split_once("</text>")?.0.trim())).collect()
}

#[test]
fn the_same_figure_gives_the_same_bytes() {
    assert_eq!(draw(&power_laws(17)), draw(&power_laws(17)));
}

#[test]
fn the_last_digits_of_a_magnitude_do_not_show() {
    let figure = power_laws(17);
    let mut noisy = figure.clone();
    for curve in noisy.rows.iter_mut().flat_map(|row| &mut row.lines).flat_map(|line| &mut line.curves) {
        for magnitude in &mut curve.magnitudes {
            *magnitude *= 1.0 + 1e-13;
        }
    }
    assert_eq!(draw(&figure), draw(&noisy));
}

#[test]
fn a_figure_names_its_axes_panels_lines_and_predicted_exponents() {
    let svg = draw(&power_laws(3));
    let texts = texts(&svg);
    let expected = [
        "Transformer block, d_k alone, SGD",
        "Updates: standard",
        "Updates: derived (fsc)",
        "d_k (entries)",
        "rms of the response to one step",
        "predicted slope",
        "n1",
        "−1/2",
        "1024",
    ];
    for text in expected {
        assert!(texts.contains(&text), "`{text}` is not in {texts:?}");
    }
}

#[test]
fn a_legend_of_several_columns_says_once_what_a_dashed_line_is() {
    let mut figure = power_laws(60);
    figure.rows.truncate(1);
    let svg = draw(&figure);
    let told = |what: &str| texts(&svg).into_iter().filter(|text| *text == what).count();
    assert_eq!((told("predicted slope"), told("node")), (1, 3));
}

#[test]
fn what_is_zero_or_not_a_number_is_left_out() {
    let mut figure = power_laws(1);
    figure.rows.truncate(1);
    figure.columns.truncate(1);
    let whole = draw(&figure).matches("<circle").count();
    let magnitudes = &mut figure.rows[0].lines[0].curves[0].magnitudes;
    (magnitudes[1], magnitudes[3], magnitudes[4]) = (0.0, f64::NAN, f64::INFINITY);
    let svg = draw(&figure);
    assert_eq!(svg.matches("<circle").count(), whole - 3);
    assert!(!svg.contains("NaN") && !svg.contains("inf"));
}

#[test]
fn a_line_that_vanishes_says_so_in_the_legend() {
    let mut figure = power_laws(2);
    figure.rows[0].lines[1].curves[0].magnitudes.fill(0.0);
    assert!(texts(&draw(&figure)).contains(&"vanishes"));
}

#[test]
fn a_panel_without_any_point_says_so() {
    let mut figure = power_laws(1);
    figure.rows[0].lines[0].curves[1].magnitudes.clear();
    assert!(texts(&draw(&figure)).contains(&"nothing above zero"));
}

#[test]
fn names_cannot_break_the_drawing() {
    let mut figure = power_laws(1);
    figure.title = "a < b & \u{7} \"c\"".into();
    figure.rows[0].lines[0].label = "<W&".into();
    let svg = draw(&figure);
    assert!(svg.contains("<title>a &lt; b &amp;  \"c\"</title>"));
    assert!(texts(&svg).contains(&"&lt;W&amp;"));
    assert!(!svg.contains('\u{7}'));
}

#[test]
fn figures_without_lines_columns_or_sizes_are_drawn() {
    for lines in [0, 1, 40, 200] {
        let figure = power_laws(lines);
        let without = |change: fn(&mut Figure)| {
            let mut figure = figure.clone();
            change(&mut figure);
            assert!(draw(&figure).trim_end().ends_with("</svg>"));
        };
        without(|_| ());
        without(|figure| figure.rows.clear());
        without(|figure| figure.columns.clear());
        without(|figure| figure.sizes.clear());
        without(|figure| figure.sizes.truncate(1));
        without(|figure| figure.sizes.fill(0));
        without(|figure| figure.sizes[0] = usize::MAX);
    }
}
