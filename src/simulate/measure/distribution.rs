//! Quantiles of Student's and Fisher's distributions, from the incomplete beta function; and derivatives of the logarithm of the
//! gamma function, which logarithms of variances have as mean and variance.

/// Steps of the continued fraction and of the bisection: each more than doubles make use of.
const MOST_STEPS: usize = 200;

/// What a standardised normal mean divided by its estimated deviation exceeds, up or down, with this probability
/// in all.
#[must_use]
pub(crate) fn student(level: f64, freedom: f64) -> f64 {
    fisher(level, 1.0, freedom).sqrt()
}

/// What the quotient of two independent mean squares of so many degrees of freedom exceeds with this probability.
#[must_use]
pub(crate) fn fisher(level: f64, above: f64, below: f64) -> f64 {
    // The share of the lower square, `below / (below + above f)`, has a beta distribution.
    let (mut low, mut high) = (0.0, 1.0);
    for _ in 0..MOST_STEPS {
        let middle = f64::midpoint(low, high);
        if beta(below / 2.0, above / 2.0, middle) < level {
            low = middle;
        } else {
            high = middle;
        }
    }
    below * (1.0 - high) / (above * high)
}

/// With which probability a standardised normal mean divided by its estimated deviation exceeds so much, up or down.
#[must_use]
pub(crate) fn student_tail(distance: f64, freedom: f64) -> f64 {
    beta(freedom / 2.0, 0.5, freedom / (freedom + distance * distance))
}

/// Where asymptotic series are good to doubles.
const LARGE: f64 = 16.0;

/// The derivative of the logarithm of the gamma function at a positive number (NIST, Digital Library of Mathematical
/// Functions, 5.5.2 and 5.11.2).
#[must_use]
pub(crate) fn digamma(x: f64) -> f64 {
    if x < LARGE {
        return digamma(x + 1.0) - x.recip();
    }
    let square = (x * x).recip();
    x.ln()
        - 0.5 / x
        - square * (1.0 / 12.0 - square * (1.0 / 120.0 - square * (1.0 / 252.0 - square / 240.0)))
}

/// Its derivative (5.15.5 and 5.15.8).
#[must_use]
pub(crate) fn trigamma(x: f64) -> f64 {
    if x < LARGE {
        return trigamma(x + 1.0) + (x * x).recip();
    }
    let square = (x * x).recip();
    let series = 1.0 / 6.0 - square * (1.0 / 30.0 - square * (1.0 / 42.0 - square / 30.0));
    x.recip() + square / 2.0 + square / x * series
}

/// Where the derivative is so large; it falls from infinity to zero.
#[must_use]
pub(crate) fn inverse_trigamma(value: f64) -> f64 {
    let (mut low, mut high) = (-50.0_f64, 50.0_f64);
    for _ in 0..MOST_STEPS {
        let middle = f64::midpoint(low, high);
        if trigamma(middle.exp()) > value { low = middle } else { high = middle }
    }
    high.exp()
}

/// The regularised incomplete beta function `I_x(a, b)`.
fn beta(a: f64, b: f64, x: f64) -> f64 {
    if x <= 0.0 || x >= 1.0 {
        return x.clamp(0.0, 1.0);
    }
    // The continued fraction converges fast on this side of the mean.
    if x > (a + 1.0) / (a + b + 2.0) {
        return 1.0 - beta(b, a, 1.0 - x);
    }
    let logarithm = libm::lgamma(a + b) - libm::lgamma(a) - libm::lgamma(b) + a * x.ln() + b * (-x).ln_1p();
    logarithm.exp() / (a * fraction(a, b, x))
}

/// The continued fraction of the incomplete beta function, from its end (NIST, Digital Library of Mathematical
/// Functions, 8.17.22).
fn fraction(a: f64, b: f64, x: f64) -> f64 {
    let mut value = 1.0;
    let mut step = f64::from(u8::MAX);
    while step >= 1.0 {
        let even = step * (b - step) * x / ((a + 2.0 * step - 1.0) * (a + 2.0 * step));
        let before = step - 1.0;
        let odd = -(a + before) * (a + b + before) * x / ((a + 2.0 * before) * (a + 2.0 * before + 1.0));
        value = 1.0 + odd / (1.0 + even / value);
        step -= 1.0;
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_those_of_printed_tables() {
        // Pearson and Hartley, Biometrika Tables for Statisticians, volume 1: four significant digits.
        let students = [(0.05, 1.0, 12.71), (0.05, 7.0, 2.365), (0.01, 4.0, 4.604), (0.05, 120.0, 1.980)];
        for (level, freedom, expected) in students {
            let found = student(level, freedom);
            assert!((found / expected - 1.0).abs() < 5e-4, "{freedom}: {found}");
        }
        let fishers = [(0.05, 5.0, 7.0, 3.97), (0.01, 3.0, 30.0, 4.51), (0.01, 5.0, 1.0, 5764.0)];
        for (level, above, below, expected) in fishers {
            let found = fisher(level, above, below);
            assert!((found / expected - 1.0).abs() < 2e-3, "{above}, {below}: {found}");
        }
    }

    #[test]
    fn the_tail_of_a_quantile_is_its_level() {
        for (level, freedom) in [(0.05, 1.0), (0.001, 3.5), (1e-6, 7.0), (0.05, 1e4)] {
            let found = student_tail(student(level, freedom), freedom);
            assert!((found / level - 1.0).abs() < 1e-6, "{level}, {freedom}: {found}");
        }
    }

    #[test]
    fn derivatives_of_the_gamma_function_are_known_at_one_and_a_half() {
        use std::f64::consts::{LN_2, PI};
        /// Euler's constant.
        const GAMMA: f64 = 0.577_215_664_901_532_9;
        let found = [digamma(1.0), digamma(0.5), trigamma(1.0), trigamma(0.5)];
        let expected = [-GAMMA, -GAMMA - 2.0 * LN_2, PI * PI / 6.0, PI * PI / 2.0];
        for (found, expected) in found.into_iter().zip(expected) {
            assert!((found - expected).abs() < 1e-12, "{found} {expected}");
        }
        for x in [0.1, 0.5, 3.0, 200.0] {
            assert!((inverse_trigamma(trigamma(x)) / x - 1.0).abs() < 1e-9, "{x}");
        }
    }

    #[test]
    fn the_incomplete_beta_function_is_known_in_closed_form_at_whole_numbers() {
        for x in [0.01_f64, 0.3, 0.5, 0.9, 0.999] {
            // A few operations on numbers of order one.
            assert!((beta(1.0, 3.0, x) - (1.0 - (1.0 - x).powi(3))).abs() < 1e-12);
            assert!((beta(2.0, 2.0, x) - x * x * (3.0 - 2.0 * x)).abs() < 1e-12);
        }
    }
}
