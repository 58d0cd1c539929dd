//! [`Powers`]: the exponent of one magnitude in each scale variable.

use std::fmt;
use std::ops::Index;

use super::{Exponent, PowerSum};

/// The exponent in each scale variable, in order: `[-1, 1/2]` of `n^-1 m^1/2`. In one scale variable it is one exponent.
///
/// ```
/// use fscale::{Exponent, Powers};
///
/// let powers = Powers(vec![Exponent::integer(-1), Exponent::ratio(1, 2)]);
/// assert_eq!(powers.to_string(), "(-1, 1/2)");
/// assert_eq!(powers.towards(&[Exponent::ONE, Exponent::integer(4)]), Exponent::ONE);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Powers(pub Vec<Exponent>);

impl Powers {
    /// What does not change, in so many scale variables.
    #[must_use]
    pub fn zero(variables: usize) -> Self {
        Self(vec![Exponent::ZERO; variables])
    }

    /// Whether it changes in no scale variable.
    #[must_use]
    pub fn is_zero(&self) -> bool {
        self.0.iter().all(Exponent::is_zero)
    }

    /// The sum of `times` as much of another, in each variable.
    pub fn add_scaled(&mut self, times: &Exponent, other: &Self) {
        for (own, by) in self.0.iter_mut().zip(&other.0) {
            *own += &(times * by);
        }
    }

    /// So many times as much, in each variable.
    #[must_use]
    pub fn scaled(&self, times: &Exponent) -> Self {
        Self(self.0.iter().map(|own| times * own).collect())
    }

    /// The exponent where each scale variable grows like a power of one that drives them all.
    #[must_use]
    pub fn towards(&self, direction: &[Exponent]) -> Exponent {
        self.0.iter().zip(direction).map(|(own, growth)| own * growth).sum()
    }
}

impl From<&Powers> for PowerSum {
    fn from(powers: &Powers) -> Self {
        Self::single(powers.0.clone())
    }
}

impl Index<usize> for Powers {
    type Output = Exponent;

    fn index(&self, variable: usize) -> &Exponent {
        &self.0[variable]
    }
}

impl fmt::Display for Powers {
    /// `-1/2` in one scale variable, `(-1/2, 1)` in several.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.as_slice() {
            [only] => only.fmt(f),
            several => {
                let written: Vec<String> = several.iter().map(Exponent::to_string).collect();
                write!(f, "({})", written.join(", "))
            }
        }
    }
}

/// A dimension that is called large without growing is taken to grow with this power: larger than every power that anything
/// else has, and a multiple of all numbers up to 10, so that what it adds to an exponent can be told from the rest.
pub const LARGE: i64 = 1_008_000_000_000;

/// The name of what is called large, beside the scale variable.
pub const LARGE_NAME: &str = "large";

/// In an exponent the power of a scale variable, and that of what is called large: a multiple of 1/5040. Exponents that do not come
/// from something called large have none of it: numbers that are read are at most a million, which is far below the least part.
#[must_use]
pub fn apart(exponent: &Exponent) -> [Exponent; 2] {
    /// The common denominator of what [`LARGE`] is multiplied with.
    const PARTS: i64 = 5040;
    const PART: i64 = LARGE / PARTS;
    let parts = (exponent * &Exponent::ratio(1, PART)).rounded().unwrap_or_default();
    let of_large = Exponent::ratio(parts, PARTS);
    [exponent - &(&of_large * &Exponent::integer(LARGE)), of_large]
}

/// A magnitude as the theory writes it: `1`, `n`, `n^-1/2`; with a power of what is called large, `n^1/2 large^-1`.
#[must_use]
pub fn power(variable: &str, exponent: &Exponent) -> String {
    let [own, of_large] = apart(exponent);
    match (own.is_zero(), of_large.is_zero()) {
        (_, true) => alone(variable, exponent),
        (true, false) => alone(LARGE_NAME, &of_large),
        (false, false) => format!("{} {}", alone(variable, &own), alone(LARGE_NAME, &of_large)),
    }
}

/// An exponent with the share of what is called large apart: `-1/2`, `1/2 - large`, `3/2 large`.
#[must_use]
pub fn told(exponent: &Exponent) -> String {
    let [own, of_large] = apart(exponent);
    let size = |share: &Exponent| match *share == Exponent::ONE {
        true => LARGE_NAME.to_owned(),
        false => format!("{share} {LARGE_NAME}"),
    };
    match (own.is_zero(), of_large.is_zero(), of_large.is_negative()) {
        (_, true, _) => exponent.to_string(),
        (true, false, false) => size(&of_large),
        (true, false, true) => format!("-{}", size(&of_large.abs())),
        (false, false, negative) => {
            format!("{own} {} {}", if negative { '-' } else { '+' }, size(&of_large.abs()))
        }
    }
}

fn alone(variable: &str, exponent: &Exponent) -> String {
    if exponent.is_zero() {
        "1".into()
    } else if *exponent == Exponent::ONE {
        variable.into()
    } else {
        format!("{variable}^{exponent}")
    }
}
