//! Exponents of any length, as programs write them for each other.

use std::collections::BTreeSet;

use num_bigint::BigInt;
use num_integer::Integer;
use num_rational::Ratio;
use num_traits::{One, Zero};

use super::Exponent;

impl Exponent {
    /// Reads what [`Display`](std::fmt::Display) writes, of any length, and nothing else: `-1/2`, not `2/4`, `+1` or `1/1`.
    #[must_use]
    pub fn from_written(text: &str) -> Option<Self> {
        let (numerator, denominator) = text.split_once('/').unwrap_or((text, "1"));
        let (numerator, denominator): (BigInt, BigInt) = (numerator.parse().ok()?, denominator.parse().ok()?);
        if denominator.is_zero() {
            return None;
        }
        let value = Self::from_big(Ratio::new(numerator, denominator));
        (value.to_string() == text).then_some(value)
    }
}

/// The smallest number above zero that makes whole numbers of all values.
#[must_use]
pub fn common_denominator<'a>(values: impl IntoIterator<Item = &'a Exponent>) -> Exponent {
    let (mut small, mut multiple) = (BTreeSet::new(), BigInt::one());
    for value in values {
        match value.parts() {
            Some((_, denominator)) => drop(small.insert(denominator)),
            None => multiple = multiple.lcm(value.as_big().denom()),
        }
    }
    let multiple =
        small.into_iter().fold(multiple, |multiple, denominator| multiple.lcm(&denominator.into()));
    Exponent::from_big(Ratio::from_integer(multiple))
}

/// Numbers in the same proportions, of the same signs: whole, and without a common divisor. All zero, they stay so.
#[must_use]
pub fn coprime(values: &[Exponent]) -> Vec<Exponent> {
    let values: Vec<_> = values.iter().map(Exponent::as_big).collect();
    let multiple = values.iter().fold(BigInt::one(), |multiple, value| multiple.lcm(value.denom()));
    let whole = values.iter().map(|value| value.numer() * (&multiple / value.denom()));
    let whole: Vec<BigInt> = whole.collect();
    let divisor = whole.iter().fold(BigInt::zero(), |divisor, value| divisor.gcd(value));
    let divisor = if divisor.is_zero() { BigInt::one() } else { divisor };
    whole.into_iter().map(|value| Exponent::from_big(Ratio::from_integer(value / &divisor))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_common_denominator_makes_whole_numbers() {
        let long = Exponent::from_written(&format!("1/1{}", "0".repeat(30))).unwrap();
        let values = [Exponent::ratio(1, 6), Exponent::ratio(-3, 4), Exponent::ONE, long];
        let common = common_denominator(&values);
        assert!(values.iter().all(|value| (value * &common).is_integer()));
        assert_eq!(common_denominator(&values[..3]), Exponent::integer(12));
        assert_eq!(common_denominator([]), Exponent::ONE);
    }

    #[test]
    fn only_what_is_written_is_read_back() {
        let long = format!("-{}/1{}", "7".repeat(80), "0".repeat(90));
        let value = Exponent::from_written(&long).unwrap();
        assert_eq!(Exponent::from_written(&value.to_string()), Some(value));
        assert_eq!(Exponent::from_written("-1/2"), Some(-Exponent::HALF));
        for text in
            ["", "-", "2/4", "+1", "1/1", "01", "-0", "1/0", "1/-2", "1_0", " 1", "0.5", "1e3", "1//2"]
        {
            assert_eq!(Exponent::from_written(text), None, "{text}");
        }
    }

    #[test]
    fn proportions_stay_and_divisors_go() {
        let ratio = Exponent::ratio;
        let whole = [2, -3].map(Exponent::integer);
        assert_eq!(coprime(&[ratio(1, 3), ratio(-1, 2)]), whole);
        assert_eq!(coprime(&whole.clone().map(|value| value * Exponent::integer(35))), whole);
        assert_eq!(coprime(&[Exponent::ZERO]), [Exponent::ZERO]);
    }
}
