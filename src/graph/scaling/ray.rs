//! [`Ray`]: a ray in the growth of several scale variables, along which a network is measured.

use thiserror::Error;

use super::Scaling;
use crate::document::{and, quote};
use crate::exact::{Exponent, ParseExponentError};
use crate::graph::Hyperparameters;

/// A way of growing: every scale variable like a power of one that drives them, or not at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ray {
    /// How the dimensions grow, in all scale variables.
    pub open: Scaling,
    /// How fast each scale variable grows, as a power of the one that drives them.
    pub direction: Vec<Exponent>,
    /// How the dimensions grow with that one.
    pub scaling: Scaling,
}

/// Why a text is no course of a scaling.
///
/// ```
/// use fscale::{MeasureError, Network, RayError, Runs};
///
/// let question = Network::builtin("mlp")?.scale("width=n,d_in=m")?;
/// let wrong = question.along("l").measure(Runs::default()).unwrap_err();
/// assert_eq!(wrong, MeasureError::Ray(RayError::Unknown("l".into())));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum RayError {
    /// There are several scale variables, and it is not said which one grows.
    #[error("one scale variable is wanted here, not {}", and(.0))]
    Several(Vec<String>),
    /// The scaling has no such variable.
    #[error("unknown scale variable {}", quote(.0))]
    Unknown(String),
    /// Not of the form `m` or `n=m^2`.
    #[error("{} does not say how a scale variable grows", quote(.0))]
    Malformed(String),
    /// The power is not a rational number.
    #[error("the power of {} is not an exponent: {}", quote(.0), .1)]
    Power(String, ParseExponentError),
    /// A variable stands twice.
    #[error("scale variable `{0}` grows twice")]
    Repeated(String),
    /// Several variables drive others.
    #[error("one scale variable drives all others")]
    Drivers,
}

impl RayError {
    /// What kind of mistake it is, for machines.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Several(_) => "several-variables",
            Self::Unknown(_) | Self::Malformed(_) | Self::Power(..) | Self::Repeated(_) | Self::Drivers => {
                "along"
            }
        }
    }

    /// What to write instead.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::Several(variables) => format!(
                "say which one grows with `--along {}`, or tie the dimensions, like `d_model=n,heads=n^1/2`",
                variables.last().map_or("n", String::as_str)
            ),
            Self::Power(_, why) => why.hint(),
            Self::Unknown(_) | Self::Malformed(_) | Self::Repeated(_) | Self::Drivers => {
                "write one scale variable, or how others grow with it, like `n=m^2`".into()
            }
        }
    }
}

impl Ray {
    /// The only way to grow in one scale variable.
    ///
    /// # Errors
    /// If there are several.
    pub fn only(scaling: &Scaling) -> Result<Self, RayError> {
        match scaling.variables.as_slice() {
            // What is called large stays as it is: its powers are constants.
            [_] if !scaling.large.is_empty() => {
                let direction = vec![Exponent::ONE, Exponent::ZERO];
                Ok(Self { open: scaling.clone(), direction, scaling: scaling.grown() })
            }
            [_] => {
                let direction = vec![Exponent::ONE];
                Ok(Self { open: scaling.clone(), direction, scaling: scaling.clone() })
            }
            several => Err(RayError::Several(several.to_vec())),
        }
    }

    /// Reads `m`: it grows, the others are fixed; or `n=m^2`, `n=m^2,l=m`: so others grow with it.
    ///
    /// # Errors
    /// If the text is no such course of the scaling.
    pub fn parse(text: &str, open: &Scaling) -> Result<Self, RayError> {
        let known = |name: &str| {
            let position = open.variables.iter().position(|variable| variable == name);
            position.ok_or_else(|| RayError::Unknown(name.into()))
        };
        let mut powers: Vec<Option<Exponent>> = vec![None; open.variables.len()];
        let mut driver: Option<usize> = None;
        for part in text.split(',').map(str::trim) {
            let (name, growth) = match part.split_once('=') {
                Some((name, growth)) => (Some(known(name.trim())?), growth.trim()),
                None => (None, part),
            };
            let (base, power) = match growth.split_once('^') {
                Some((base, power)) => (base.trim(), power.trim().parse()),
                None => (growth, Ok(Exponent::ONE)),
            };
            let base = known(base)?;
            let power: Exponent = power.map_err(|why| RayError::Power(part.into(), why))?;
            let name = name.unwrap_or(base);
            if !power.is_positive() || (name == base && power != Exponent::ONE) {
                return Err(RayError::Malformed(part.into()));
            }
            if let Some(held) = powers.get_mut(name)
                && held.replace(power).is_some()
            {
                return Err(RayError::Repeated(open.variables[name].clone()));
            }
            if driver.replace(base).is_some_and(|driver| driver != base) {
                return Err(RayError::Drivers);
            }
        }
        let driver = driver.ok_or_else(|| RayError::Malformed(text.into()))?;
        let own = powers.get_mut(driver).map(|own| own.get_or_insert(Exponent::ONE).clone());
        if own.is_none_or(|own| own != Exponent::ONE) {
            return Err(RayError::Drivers);
        }
        let direction: Vec<Exponent> = powers.into_iter().map(Option::unwrap_or_default).collect();
        let variables = vec![open.variables[driver].clone()];
        let scaling = Scaling { variables, ..open.ray(&direction) };
        Ok(Self { open: open.clone(), direction, scaling })
    }

    /// Exponents in each scale variable, along the course.
    #[must_use]
    pub fn of(&self, hyperparameters: &[Hyperparameters]) -> Hyperparameters {
        Hyperparameters::towards(hyperparameters, &self.direction)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open() -> Scaling {
        let powers = vec![
            (crate::graph::DimensionId(0), 0, Exponent::ONE),
            (crate::graph::DimensionId(1), 1, Exponent::HALF),
        ];
        Scaling { variables: vec!["n".into(), "m".into()], powers, large: Vec::new() }
    }

    fn direction(text: &str) -> Result<Vec<String>, RayError> {
        let course = Ray::parse(text, &open())?;
        Ok(course.direction.iter().map(Exponent::to_string).collect())
    }

    #[test]
    fn what_is_not_named_stays_fixed() {
        assert_eq!(direction("m").unwrap(), ["0", "1"]);
        assert_eq!(direction("n=m^2").unwrap(), ["2", "1"]);
        assert_eq!(direction("m=n^1/3").unwrap(), ["1", "1/3"]);
        let course = Ray::parse("n=m^2", &open()).unwrap();
        assert_eq!(course.scaling.variables, ["m"]);
        let powers: Vec<String> = course.scaling.powers.iter().map(|(.., power)| power.to_string()).collect();
        assert_eq!(powers, ["2", "1/2"]);
    }

    #[test]
    fn other_texts_are_refused() {
        for (text, message) in [
            ("l", "unknown scale variable `l`"),
            ("", "unknown scale variable ``"),
            ("n=n^2", "`n=n^2` does not say how a scale variable grows"),
            ("n=m^-1", "`n=m^-1` does not say how a scale variable grows"),
            ("n=m,n=m^2", "scale variable `n` grows twice"),
            ("n=m,m=n", "one scale variable drives all others"),
        ] {
            assert_eq!(direction(text).unwrap_err().to_string(), message, "{text}");
        }
        assert!(Ray::only(&open()).unwrap_err().hint().contains("--along m"));
    }
}
