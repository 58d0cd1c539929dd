//! The one door from exact exponents to floating point, for plotting and for comparing with measurements.
#![allow(clippy::disallowed_types, reason = "this is where exact numbers become floats")]

use num_traits::ToPrimitive;

use super::Exponent;

impl Exponent {
    /// The nearest floating-point number. Never compute with it what is then called exact.
    #[must_use]
    pub fn approximate(&self) -> f64 {
        self.as_big().to_f64().unwrap_or(f64::NAN)
    }
}
