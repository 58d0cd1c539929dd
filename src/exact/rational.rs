//! [`Exponent`]: an exact rational number, the exponent `e` of a magnitude `Theta(n^e)`.

use std::cmp::Ordering;
use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Div, Mul, Neg, Sub, SubAssign};

use num_bigint::BigInt;
use num_integer::Integer;
use num_rational::{BigRational, Ratio};
use num_traits::{One, Signed, ToPrimitive};

/// An exact rational, always in lowest terms with a positive denominator, so that equal numbers are
/// equal values: `Exponent::ratio(2, 4) == Exponent::ratio(1, 2)`.
///
/// Small numbers are held in two machine words; a result that does not fit moves to big integers,
/// so no arithmetic overflows.
///
/// ```
/// use fscale::Exponent;
///
/// let half: Exponent = "1/2".parse()?;
/// assert_eq!(&half + &half, Exponent::ONE);
/// assert!("0.5".parse::<Exponent>().is_err()); // never a decimal
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Exponent(Repr);

/// `Big` holds only what `Small` cannot: the derived equality depends on it.
#[derive(Clone, PartialEq, Eq, Hash)]
enum Repr {
    Small(i64, i64),
    Big(Box<BigRational>),
}

impl Exponent {
    /// The exponent of a constant magnitude.
    pub const ZERO: Self = Self(Repr::Small(0, 1));
    /// The exponent of the scale variable itself.
    pub const ONE: Self = Self(Repr::Small(1, 1));
    /// The exponent of a square root.
    pub const HALF: Self = Self(Repr::Small(1, 2));

    /// A whole number.
    #[must_use]
    pub const fn integer(value: i64) -> Self {
        Self(Repr::Small(value, 1))
    }

    /// `numerator / denominator`; the sign may be on either.
    ///
    /// # Panics
    /// If the denominator is zero. For numbers from outside use [`str::parse`].
    #[must_use]
    pub fn ratio(numerator: i64, denominator: i64) -> Self {
        assert!(denominator != 0, "an exponent needs a non-zero denominator");
        Self::reduce(i128::from(numerator), i128::from(denominator))
    }

    fn reduce(numerator: i128, denominator: i128) -> Self {
        // The greatest common divisor of machine words is several times faster.
        if let (Ok(n), Ok(d)) = (i64::try_from(numerator), i64::try_from(denominator))
            && n > i64::MIN
            && d > i64::MIN
        {
            let divisor = d.signum() * n.gcd(&d);
            return Self(Repr::Small(n / divisor, d / divisor));
        }
        let sign = if denominator < 0 { -1 } else { 1 };
        let divisor = sign * numerator.gcd(&denominator);
        let (n, d) = (numerator / divisor, denominator / divisor);
        match (i64::try_from(n), i64::try_from(d)) {
            (Ok(n), Ok(d)) => Self(Repr::Small(n, d)),
            _ => Self(Repr::Big(Box::new(Ratio::new_raw(n.into(), d.into())))),
        }
    }

    /// The same number, in machine words where it fits.
    pub(crate) fn from_big(value: BigRational) -> Self {
        match (value.numer().to_i64(), value.denom().to_i64()) {
            (Some(n), Some(d)) => Self(Repr::Small(n, d)),
            _ => Self(Repr::Big(Box::new(value))),
        }
    }

    fn to_big(&self) -> BigRational {
        match &self.0 {
            Repr::Small(n, d) => Ratio::new_raw(BigInt::from(*n), BigInt::from(*d)),
            Repr::Big(big) => (**big).clone(),
        }
    }

    /// Whether this is the exponent of a constant.
    #[must_use]
    pub fn is_zero(&self) -> bool {
        self.0 == Repr::Small(0, 1)
    }

    /// Whether this is above zero: the magnitude grows.
    #[must_use]
    pub fn is_positive(&self) -> bool {
        match &self.0 {
            Repr::Small(n, _) => *n > 0,
            Repr::Big(big) => big.is_positive(),
        }
    }

    /// Whether this is below zero: the magnitude vanishes.
    #[must_use]
    pub fn is_negative(&self) -> bool {
        match &self.0 {
            Repr::Small(n, _) => *n < 0,
            Repr::Big(big) => big.is_negative(),
        }
    }

    /// Whether this is a whole number.
    #[must_use]
    pub fn is_integer(&self) -> bool {
        match &self.0 {
            Repr::Small(_, d) => *d == 1,
            Repr::Big(big) => big.is_integer(),
        }
    }

    /// The absolute value.
    #[must_use]
    pub fn abs(&self) -> Self {
        if self.is_negative() { -self } else { self.clone() }
    }

    /// Half of it: the exponent of the square root.
    #[must_use]
    pub fn half(&self) -> Self {
        self * &Self::HALF
    }

    /// `1 / self`, or nothing for zero.
    #[must_use]
    pub fn reciprocal(&self) -> Option<Self> {
        match &self.0 {
            Repr::Small(0, _) => None,
            Repr::Small(n, d) => Some(Self::reduce(i128::from(*d), i128::from(*n))),
            Repr::Big(big) => Some(Self::from_big(big.recip())),
        }
    }

    /// Numerator and denominator, where both fit in a machine word.
    #[must_use]
    pub fn parts(&self) -> Option<(i64, i64)> {
        match &self.0 {
            Repr::Small(n, d) => Some((*n, *d)),
            Repr::Big(_) => None,
        }
    }

    /// The nearest whole number, of two the larger; nothing where its parts do not fit in a machine word.
    #[must_use]
    pub fn rounded(&self) -> Option<i64> {
        let (numerator, denominator) = self.parts()?;
        let doubled = 2 * i128::from(numerator) + i128::from(denominator);
        i64::try_from(doubled.div_euclid(2 * i128::from(denominator))).ok()
    }

    /// How many 64-bit words its longer part takes: the price of computing with it.
    #[must_use]
    pub fn words(&self) -> usize {
        match &self.0 {
            Repr::Small(..) => 1,
            Repr::Big(big) => {
                let bits = big.numer().bits().max(big.denom().bits());
                usize::try_from(bits.div_ceil(64)).unwrap_or(usize::MAX)
            }
        }
    }

    pub(super) fn as_big(&self) -> BigRational {
        self.to_big()
    }
}

impl Default for Exponent {
    fn default() -> Self {
        Self::ZERO
    }
}

impl Ord for Exponent {
    fn cmp(&self, other: &Self) -> Ordering {
        match (&self.0, &other.0) {
            (Repr::Small(a, b), Repr::Small(c, d)) if b == d => a.cmp(c),
            (Repr::Small(a, b), Repr::Small(c, d)) => {
                (i128::from(*a) * i128::from(*d)).cmp(&(i128::from(*c) * i128::from(*b)))
            }
            _ => self.to_big().cmp(&other.to_big()),
        }
    }
}

impl PartialOrd for Exponent {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Add for &Exponent {
    type Output = Exponent;
    fn add(self, other: &Exponent) -> Exponent {
        match (&self.0, &other.0) {
            (Repr::Small(a, b), Repr::Small(c, d)) => {
                if let (1, 1, Some(sum)) = (b, d, a.checked_add(*c)) {
                    return Exponent::integer(sum);
                }
                let (a, b, c, d) = (i128::from(*a), i128::from(*b), i128::from(*c), i128::from(*d));
                // Each product is below 2^126, so the sum fits.
                Exponent::reduce(a * d + c * b, b * d)
            }
            _ => Exponent::from_big(self.to_big() + other.to_big()),
        }
    }
}

impl Mul for &Exponent {
    type Output = Exponent;
    fn mul(self, other: &Exponent) -> Exponent {
        match (&self.0, &other.0) {
            (Repr::Small(a, b), Repr::Small(c, d)) => {
                if let (1, 1, Some(product)) = (b, d, a.checked_mul(*c)) {
                    return Exponent::integer(product);
                }
                Exponent::reduce(i128::from(*a) * i128::from(*c), i128::from(*b) * i128::from(*d))
            }
            _ => Exponent::from_big(self.to_big() * other.to_big()),
        }
    }
}

impl Neg for &Exponent {
    type Output = Exponent;
    fn neg(self) -> Exponent {
        match &self.0 {
            Repr::Small(n, d) => match n.checked_neg() {
                Some(n) => Exponent(Repr::Small(n, *d)),
                None => Exponent::reduce(-i128::from(*n), i128::from(*d)),
            },
            Repr::Big(big) => Exponent::from_big(-(**big).clone()),
        }
    }
}

impl Sub for &Exponent {
    type Output = Exponent;
    fn sub(self, other: &Exponent) -> Exponent {
        self + &-other
    }
}

impl Div for &Exponent {
    type Output = Exponent;
    /// # Panics
    /// On division by zero, like the built-in integers.
    fn div(self, other: &Exponent) -> Exponent {
        match (&self.0, &other.0) {
            (_, Repr::Small(0, _)) => unreachable!("division of an exponent by zero"),
            (Repr::Small(a, b), Repr::Small(c, d)) => {
                Exponent::reduce(i128::from(*a) * i128::from(*d), i128::from(*b) * i128::from(*c))
            }
            _ => Exponent::from_big(self.to_big() / other.to_big()),
        }
    }
}

impl Neg for Exponent {
    type Output = Exponent;
    fn neg(self) -> Exponent {
        -&self
    }
}

macro_rules! by_value {
    ($($operation:ident $method:ident),*) => {$(
        impl $operation for Exponent {
            type Output = Exponent;
            fn $method(self, other: Exponent) -> Exponent {
                (&self).$method(&other)
            }
        }
        impl $operation<&Exponent> for Exponent {
            type Output = Exponent;
            fn $method(self, other: &Exponent) -> Exponent {
                (&self).$method(other)
            }
        }
    )*};
}
by_value!(Add add, Sub sub, Mul mul, Div div);

impl AddAssign<&Exponent> for Exponent {
    fn add_assign(&mut self, other: &Exponent) {
        *self = &*self + other;
    }
}

impl SubAssign<&Exponent> for Exponent {
    fn sub_assign(&mut self, other: &Exponent) {
        *self = &*self - other;
    }
}

impl Sum for Exponent {
    fn sum<I: Iterator<Item = Exponent>>(terms: I) -> Exponent {
        terms.fold(Exponent::ZERO, |total, term| total + term)
    }
}

impl<'a> Sum<&'a Exponent> for Exponent {
    fn sum<I: Iterator<Item = &'a Exponent>>(terms: I) -> Exponent {
        terms.fold(Exponent::ZERO, |total, term| total + term)
    }
}

impl From<i64> for Exponent {
    fn from(value: i64) -> Self {
        Self::integer(value)
    }
}

impl fmt::Display for Exponent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Repr::Small(n, 1) => f.pad(&n.to_string()),
            Repr::Small(n, d) => f.pad(&format!("{n}/{d}")),
            Repr::Big(big) if big.denom().is_one() => f.pad(&big.numer().to_string()),
            Repr::Big(big) => f.pad(&format!("{}/{}", big.numer(), big.denom())),
        }
    }
}

impl fmt::Debug for Exponent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_numbers_are_equal_values() {
        assert_eq!(Exponent::ratio(2, 4), Exponent::HALF);
        assert_eq!(Exponent::ratio(1, -2), Exponent::ratio(-1, 2));
        assert_eq!(Exponent::ratio(0, -7), Exponent::ZERO);
    }

    #[test]
    fn arithmetic_moves_to_big_integers_and_back() {
        let large = Exponent::integer(i64::MAX);
        let square = &large * &large;
        assert!(square.parts().is_none());
        assert_eq!(&square / &large, large);
        assert_eq!((&square - &square), Exponent::ZERO);
        assert!(-&square < large && square > large);
        assert_eq!(-Exponent::integer(i64::MIN) + Exponent::integer(i64::MIN), Exponent::ZERO);
    }
}
