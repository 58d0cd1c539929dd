//! Exponents from text: whole numbers and fractions, never decimals.

use std::str::FromStr;

use thiserror::Error;

use super::Exponent;

/// Largest numerator and denominator accepted from text, in absolute value.
const LARGEST_READ: i64 = 1_000_000;

/// Why a text is not an exponent.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ParseExponentError {
    /// Nothing is written.
    #[error("an exponent is missing")]
    Empty,
    /// A decimal: exponents are written as fractions. Holds the fraction it stands for, if it is one.
    #[error("exponents are fractions, not decimals")]
    Decimal(Option<Exponent>),
    /// The denominator is zero.
    #[error("the denominator is zero")]
    ZeroDenominator,
    /// Numerator or denominator is above a million.
    #[error("numerator and denominator must not exceed a million")]
    OutOfRange,
    /// Not a number at all.
    #[error("not a rational number")]
    NotANumber,
}

impl ParseExponentError {
    /// What to write instead.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::Decimal(Some(meant)) => format!("write `{meant}`"),
            Self::Empty
            | Self::Decimal(None)
            | Self::ZeroDenominator
            | Self::OutOfRange
            | Self::NotANumber => "write a whole number or a fraction, like `-1` or `1/2`".into(),
        }
    }
}

impl FromStr for Exponent {
    type Err = ParseExponentError;

    /// Reads `3`, `-1`, `1/2`, `-3/4`.
    fn from_str(text: &str) -> Result<Self, ParseExponentError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(ParseExponentError::Empty);
        }
        if text.contains(['.', 'e', 'E']) && text.parse::<Decimal>().is_ok() {
            return Err(ParseExponentError::Decimal(decimal_as_fraction(text)));
        }
        let (numerator, denominator) = match text.split_once('/') {
            Some((numerator, denominator)) => {
                (whole(numerator.trim_end())?, digits(denominator.trim_start())?)
            }
            None => (whole(text)?, 1),
        };
        if denominator == 0 {
            return Err(ParseExponentError::ZeroDenominator);
        }
        Ok(Self::ratio(numerator, denominator))
    }
}

#[allow(clippy::disallowed_types, reason = "only recognises that a text is a decimal, to refuse it")]
type Decimal = f64;

fn whole(text: &str) -> Result<i64, ParseExponentError> {
    match text.strip_prefix('-') {
        Some(rest) => digits(rest).map(|value| -value),
        None => digits(text.strip_prefix('+').unwrap_or(text)),
    }
}

fn digits(text: &str) -> Result<i64, ParseExponentError> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(ParseExponentError::NotANumber);
    }
    match text.parse::<i64>() {
        Ok(value) if value <= LARGEST_READ => Ok(value),
        _ => Err(ParseExponentError::OutOfRange),
    }
}

fn decimal_as_fraction(text: &str) -> Option<Exponent> {
    let (sign, unsigned) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text),
    };
    let (before, after) = unsigned.split_once('.')?;
    if before.len() + after.len() > 9 {
        return None;
    }
    let value = format!("{before}{after}").parse::<i64>().ok()?;
    let scale = 10_i64.checked_pow(u32::try_from(after.len()).ok()?)?;
    Some(Exponent::ratio(sign * value, scale))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fractions_are_read_as_written() {
        let cases = [("1/2", (1, 2)), ("-1", (-1, 1)), ("6/4", (3, 2)), ("+3", (3, 1)), (" -3/4 ", (-3, 4))];
        for (text, (n, d)) in cases {
            assert_eq!(text.parse(), Ok(Exponent::ratio(n, d)), "{text}");
        }
    }

    #[test]
    fn what_is_not_a_fraction_is_refused_with_the_correction() {
        let cases = [
            ("0.5", "write `1/2`"),
            ("-.25", "write `-1/4`"),
            ("1e3", "write a whole number or a fraction, like `-1` or `1/2`"),
            ("", "write a whole number or a fraction, like `-1` or `1/2`"),
            ("1/0", "write a whole number or a fraction, like `-1` or `1/2`"),
            ("1/-2", "write a whole number or a fraction, like `-1` or `1/2`"),
            ("99999999999999999999", "write a whole number or a fraction, like `-1` or `1/2`"),
            ("half", "write a whole number or a fraction, like `-1` or `1/2`"),
        ];
        for (text, hint) in cases {
            assert_eq!(text.parse::<Exponent>().map_err(|error| error.hint()), Err(hint.into()), "{text}");
        }
    }
}
