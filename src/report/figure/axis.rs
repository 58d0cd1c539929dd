//! [`LogAxis`]: a range of positive numbers on a logarithmic axis, with its ticks.

/// A range, as decimal logarithms; `low < high`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct LogAxis {
    low: f64,
    high: f64,
}

/// A labelled place on an axis.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Tick {
    /// Where, as a number on the axis.
    pub(super) value: f64,
    /// What is written there.
    pub(super) label: String,
}

/// Part of the range left free beyond the smallest and the largest value.
const FREE: f64 = 0.045;
/// Up to this many decades, ticks are at 1, 2 and 5 times powers of ten; beyond, at powers of ten.
const FINE: f64 = 2.0;
/// Most ticks at powers of ten.
const MOST_DECADES: f64 = 7.0;

impl LogAxis {
    /// An axis that holds all the values, which are positive and finite, and spans at least `decades` powers of
    /// ten, so that noise on a constant does not fill it. Without a value it is around one.
    pub(super) fn over(values: impl IntoIterator<Item = f64>, decades: f64) -> Self {
        let logarithms = values.into_iter().map(f64::log10);
        let (low, high) = logarithms
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (value.min(low), value.max(high)));
        let (low, high) = if low <= high { (low, high) } else { (0.0, 0.0) };
        let missing = (decades - (high - low)).max(0.0) / 2.0;
        let (low, high) = (low - missing, high + missing);
        let free = (high - low).max(1e-6) * FREE;
        Self { low: low - free, high: high + free }
    }

    /// Where a number lies: 0 at the low end, 1 at the high end.
    pub(super) fn fraction(&self, value: f64) -> f64 {
        (value.log10() - self.low) / (self.high - self.low)
    }

    /// Decades per unit of [`LogAxis::fraction`].
    pub(super) fn decades(&self) -> f64 {
        self.high - self.low
    }

    /// Ticks within the range, increasing: at most ten, and at least one if it spans a decade.
    pub(super) fn ticks(&self) -> Vec<Tick> {
        let (steps, stride): (&[f64], f64) = if self.decades() <= FINE {
            (&[1.0, 2.0, 5.0], 1.0)
        } else {
            (&[1.0], (self.decades() / MOST_DECADES).ceil())
        };
        let mut decade = (self.low / stride).floor() * stride;
        let mut ticks = Vec::new();
        while decade <= self.high {
            for step in steps {
                let place = decade + step.log10();
                if (self.low..=self.high).contains(&place) {
                    ticks.push(Tick { value: 10f64.powf(place), label: label(*step, decade as i32) });
                }
            }
            decade += stride;
        }
        ticks
    }
}

/// `step * 10^decade`, in full where that is short.
fn label(step: f64, decade: i32) -> String {
    match decade {
        0..=3 => format!("{}", step * 10f64.powi(decade)),
        -3..=-1 => format!("{:.*}", usize::from(decade.unsigned_abs() as u8), step * 10f64.powi(decade)),
        other if step == 1.0 => format!("10{}", superscript(other)),
        other => format!("{step}·10{}", superscript(other)),
    }
}

fn superscript(number: i32) -> String {
    let raised = |digit: char| match digit {
        '-' => '⁻',
        '1' => '¹',
        '2' => '²',
        '3' => '³',
        '4' => '⁴',
        '5' => '⁵',
        '6' => '⁶',
        '7' => '⁷',
        '8' => '⁸',
        '9' => '⁹',
        _ => '⁰',
    };
    number.to_string().chars().map(raised).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(values: &[f64], decades: f64) -> String {
        let ticks = LogAxis::over(values.iter().copied(), decades).ticks();
        ticks.into_iter().map(|tick| tick.label).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn ticks_are_round_numbers_that_fit_the_range() {
        let cases: [(&[f64], &str); 6] = [
            (&[1.0, 9.0], "1 2 5 10"),
            (&[0.03, 0.9], "0.05 0.1 0.2 0.5 1"),
            (&[1e-3, 1e3], "0.001 0.01 0.1 1 10 100 1000"),
            (&[1e-6, 1e-4], "10⁻⁶ 10⁻⁵ 10⁻⁴"),
            (&[1e-30, 1e30], "10⁻³⁰ 10⁻²⁰ 10⁻¹⁰ 1 10¹⁰ 10²⁰ 10³⁰"),
            (&[], "0.5 1 2"),
        ];
        for (values, expected) in cases {
            assert_eq!(labels(values, 1.0), expected, "{values:?}");
        }
    }

    #[test]
    fn noise_on_a_constant_does_not_fill_the_axis() {
        let axis = LogAxis::over([0.99, 1.01], 1.0);
        assert!(axis.decades() >= 1.0);
        assert!((axis.fraction(1.0) - 0.5).abs() < 0.01);
    }

    #[test]
    fn the_widest_range_of_floating_point_has_few_ticks() {
        let axis = LogAxis::over([f64::from_bits(1), f64::MAX], 1.0);
        assert!((2..=10).contains(&axis.ticks().len()));
    }
}
