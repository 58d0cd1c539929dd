//! The values and derivatives of the elementwise functions.

use std::f64::consts::{FRAC_1_SQRT_2, PI};

use crate::rule::Function;

/// Slope of the leaky relu below zero.
const LEAK: f64 = 0.01;

impl Function {
    /// The value at `x`.
    #[must_use]
    pub fn value(self, x: f64) -> f64 {
        match self {
            Self::Identity => x,
            Self::Relu => x.max(0.0),
            Self::LeakyRelu => x.max(0.0) + LEAK * x.min(0.0),
            Self::Abs => x.abs(),
            Self::Gelu => x * normal_distribution(x),
            Self::Silu => x * sigmoid(x),
            Self::Tanh => x.tanh(),
            Self::Sigmoid => sigmoid(x),
            Self::Softplus => x.max(0.0) + (-x.abs()).exp().ln_1p(),
            Self::SquaredRelu => x.max(0.0).powi(2),
        }
    }

    /// The derivative at `x`; 0 at the corner of `relu` and `abs`, the leak at that of `leaky_relu`.
    #[must_use]
    pub fn derivative(self, x: f64) -> f64 {
        let positive = f64::from(u8::from(x > 0.0));
        match self {
            Self::Identity => 1.0,
            Self::Relu => positive,
            Self::LeakyRelu => positive + LEAK * (1.0 - positive),
            Self::Abs => positive - f64::from(u8::from(x < 0.0)),
            Self::Gelu => normal_distribution(x) + x * (-x * x / 2.0).exp() / (2.0 * PI).sqrt(),
            Self::Silu => sigmoid(x) * (1.0 + x * sigmoid(-x)),
            Self::Tanh => 1.0 - x.tanh().powi(2),
            Self::Sigmoid => sigmoid(x) * sigmoid(-x),
            Self::Softplus => sigmoid(x),
            Self::SquaredRelu => 2.0 * x.max(0.0),
        }
    }
}

fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

/// The probability that a standard normal number is below `x`.
fn normal_distribution(x: f64) -> f64 {
    libm::erfc(-x * FRAC_1_SQRT_2) / 2.0
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Central differences of step 1e-5 are good to about 1e-10 for functions of order one.
    const TOLERANCE: f64 = 1e-9;

    #[test]
    fn derivatives_are_the_limits_of_differences() {
        for (name, function) in Function::NAMES {
            for x in [-3.0, -1.1, -0.2, 0.3, 0.9, 2.5] {
                let step = 1e-5;
                let slope = (function.value(x + step) - function.value(x - step)) / (2.0 * step);
                assert!((slope - function.derivative(x)).abs() < TOLERANCE, "{name} at {x}");
            }
        }
    }

    #[test]
    fn functions_take_their_known_values() {
        let cases = [
            (Function::Identity, -2.0, -2.0),
            (Function::Relu, -2.0, 0.0),
            (Function::LeakyRelu, -2.0, -0.02),
            (Function::Abs, -2.0, 2.0),
            // From tables of the normal distribution function: Phi(1) = 0.841344746068542948...
            (Function::Gelu, 1.0, 0.841_344_746_068_543),
            (Function::Silu, 0.0, 0.0),
            (Function::Tanh, 1.0, 0.761_594_155_955_764_9),
            (Function::Sigmoid, 0.0, 0.5),
            (Function::Softplus, 0.0, std::f64::consts::LN_2),
            (Function::SquaredRelu, 3.0, 9.0),
        ];
        for (function, x, value) in cases {
            assert!((function.value(x) - value).abs() < 1e-15, "{function:?} at {x}");
        }
    }

    #[test]
    fn nothing_overflows_far_from_zero() {
        for (name, function) in Function::NAMES {
            for x in [-1e4, 1e4] {
                assert!(function.value(x).is_finite() && function.derivative(x).is_finite(), "{name} at {x}");
            }
        }
    }
}
