//! Section 1: exponents are exact rationals; a magnitude may be minus infinity ("not reached").

use num_rational::Ratio;
use num_traits::Zero;

pub(crate) type Exponent = Ratio<i128>;

/// `None` is minus infinity. The order of `Option` puts it below every exponent, so that `max`
/// is the magnitude of a sum.
pub(crate) type Magnitude = Option<Exponent>;

pub(crate) fn zero() -> Exponent {
    Exponent::zero()
}

pub(crate) fn half(value: Exponent) -> Exponent {
    value / 2
}

/// The magnitude of a product with something of exponent `shift`.
pub(crate) fn times(magnitude: Magnitude, shift: Exponent) -> Magnitude {
    magnitude.map(|value| value + shift)
}
