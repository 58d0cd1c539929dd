//! Measured numbers as they are printed: rounded, so that the last digits of a computation do not show.

/// With two decimals and a sign unless it is zero: `+0.50`, `-1.02`, `0.00`. A dash where there is no number.
pub(super) fn slope(value: f64) -> String {
    if !value.is_finite() {
        return "-".into();
    }
    let text = format!("{value:+.2}");
    if text == "+0.00" || text == "-0.00" { "0.00".into() } else { text }
}

/// With two decimals: `0.01`. A dash where there is no number.
pub(super) fn error(value: f64) -> String {
    if value.is_finite() { format!("{value:.2}") } else { "-".into() }
}

/// With four significant digits: `1.234e-5`. Empty where there is no number.
pub(super) fn magnitude(value: f64) -> String {
    if value.is_finite() { format!("{value:.3e}") } else { String::new() }
}

/// With three decimals, for data: `0.498`. Empty where there is no number.
pub(super) fn data(value: f64) -> String {
    if !value.is_finite() {
        return String::new();
    }
    let text = format!("{value:.3}");
    if text == "-0.000" { "0.000".into() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_rounded_and_zero_has_no_sign() {
        let cases = [
            (slope(0.4981), "+0.50"),
            (slope(-0.004), "0.00"),
            (slope(10.0), "+10.00"),
            (slope(f64::NAN), "-"),
            (error(0.0149), "0.01"),
            (data(-0.0001), "0.000"),
            (data(-0.4981), "-0.498"),
            (data(f64::NAN), ""),
            (magnitude(0.000_012_341), "1.234e-5"),
            (magnitude(0.0), "0.000e0"),
        ];
        for (written, expected) in cases {
            assert_eq!(written, expected);
        }
    }
}
