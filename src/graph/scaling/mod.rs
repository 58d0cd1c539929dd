//! [`Scaling`]: how the dimensions grow together.

mod outside;
mod ray;

use std::collections::BTreeMap;

use thiserror::Error;

use super::{Dimension, DimensionId, Graph};
use crate::document::{nearest, quote};
use crate::exact::{Exponent, LARGE, LARGE_NAME, ParseExponentError};

pub use outside::Outside;
pub use ray::{Ray, RayError};

/// Longest name of a scale variable.
const LONGEST_VARIABLE: usize = 64;

/// Which dimensions grow, with which power of which scale variable: `d_model=n,heads=n^1/2`.
/// A dimension that is not named stays fixed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scaling {
    /// The scale variables, in the order of first mention.
    pub variables: Vec<String>,
    /// The dimensions with their variable (a position in `variables`) and power, in the order of mention.
    pub powers: Vec<(DimensionId, usize, Exponent)>,
    /// The dimensions that do not grow, but are called large: `heads=large`. They stand among the powers too, each with that of
    /// [`LARGE`]: what is left of a sum of powers is what is left where they are larger than every power of the scale variable.
    pub large: Vec<DimensionId>,
}

/// Why a text is not a scaling of a graph's dimensions.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ScalingError {
    /// Nothing is scaled.
    #[error("the scaling names no dimension")]
    Empty,
    /// Not of the form `dimension`, `dimension=n` or `dimension=n^1/2`.
    #[error("{} does not say how a dimension scales", quote(.0))]
    Malformed(String),
    /// The name of a scale variable is too long.
    #[error("the scale variable {} has more than {LONGEST_VARIABLE} letters", quote(.0))]
    LongVariable(String),
    /// No dimension, but something of a training run.
    #[error("unknown dimension {}", quote(.0))]
    Outside(String, Outside),
    /// No such dimension; with the nearest one.
    #[error("unknown dimension {}", quote(.0))]
    UnknownDimension(String, Option<String>),
    /// A dimension stands twice.
    #[error("dimension `{0}` is scaled twice")]
    Repeated(String),
    /// The power is not a rational number.
    #[error("the power {} is not an exponent: {}", quote(.0), .1)]
    Power(String, ParseExponentError),
    /// Something is called large, where several scale variables grow.
    #[error("`{0}` can be called large beside one scale variable, not beside {1}")]
    Large(String, usize),
    /// Something is called large, and nothing grows.
    #[error("nothing grows beside `{0}`, which is called large")]
    OnlyLarge(String),
    /// A scale variable is called like what is called large.
    #[error("{} makes a scale variable of `{LARGE_NAME}`", quote(.0))]
    LargeVariable(String),
    /// The power is zero or negative: the dimension would not grow.
    #[error("dimension `{0}` would not grow")]
    NotGrowing(String),
}

impl ScalingError {
    /// What to write instead.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::Outside(_, outside) => outside.says().into(),
            Self::UnknownDimension(_, Some(near)) => format!("did you mean `{near}`?"),
            Self::Power(_, why) => why.hint(),
            Self::Repeated(_) => "name each dimension once".into(),
            Self::LargeVariable(_) => {
                "write `heads=large`, in small letters and without a power, or call the variable `n`".into()
            }
            Self::Large(..) | Self::OnlyLarge(_) => {
                "let other dimensions grow with one scale variable, like `d_model=n,heads=large`".into()
            }
            Self::LongVariable(_) => "give it a short name, like `n`".into(),
            Self::NotGrowing(_) => "give a power above zero, or leave the dimension out".into(),
            Self::Empty | Self::Malformed(_) | Self::UnknownDimension(_, None) => {
                "write dimensions with their growth, like `d_k` or `d_model=n,heads=n^1/2`".into()
            }
        }
    }
}

impl Scaling {
    /// Reads `d_k`, `d_model=n,heads=n^1/2`, `d_model=n,depth=l`, `d_model=n,heads=large`. A dimension alone grows like `n`.
    pub fn parse(text: &str, graph: &Graph) -> Result<Self, ScalingError> {
        Self::over(text, &graph.dimensions)
    }

    /// The same over dimensions that need no graph around them: an architecture file's, while it is read.
    pub fn over(text: &str, dimensions: &[Dimension]) -> Result<Self, ScalingError> {
        let mut scaling = Self { variables: Vec::new(), powers: Vec::new(), large: Vec::new() };
        let mut large = Vec::new();
        for part in text.split(',').map(str::trim) {
            if part.is_empty() {
                return Err(if text.trim().is_empty() {
                    ScalingError::Empty
                } else {
                    ScalingError::Malformed(text.into())
                });
            }
            let (name, growth) = match part.split_once('=') {
                Some((name, growth)) => (name.trim(), growth.trim()),
                None => (part, "n"),
            };
            let position = dimensions.iter().position(|dimension| dimension.name == name);
            let dimension = position.map(DimensionId).ok_or_else(|| {
                if let Some(outside) = Outside::named(name) {
                    return ScalingError::Outside(name.into(), outside);
                }
                let names = dimensions.iter().map(|dimension| dimension.name.as_str());
                ScalingError::UnknownDimension(name.into(), nearest(name, names).map(Into::into))
            })?;
            if scaling.powers.iter().any(|(other, ..)| *other == dimension) || large.contains(&dimension) {
                return Err(ScalingError::Repeated(name.into()));
            }
            if growth == LARGE_NAME {
                large.push(dimension);
                continue;
            }
            let (variable, power) = growth_of(part, growth)?;
            if !power.is_positive() {
                return Err(ScalingError::NotGrowing(name.into()));
            }
            let variable = match scaling.variables.iter().position(|known| known == variable) {
                Some(position) => position,
                None => {
                    scaling.variables.push(variable.into());
                    scaling.variables.len() - 1
                }
            };
            scaling.powers.push((dimension, variable, power));
        }
        match (large.first(), scaling.variables.len()) {
            (None, _) | (Some(_), 1) => Ok(scaling.calling_large(large).large_as_declared(dimensions)),
            (Some(first), 0) => Err(ScalingError::OnlyLarge(dimensions[first.0].name.clone())),
            (Some(first), several) => Err(ScalingError::Large(dimensions[first.0].name.clone(), several)),
        }
    }

    /// The same, in one scale variable, where these dimensions are called large.
    fn calling_large(mut self, large: Vec<DimensionId>) -> Self {
        self.powers.extend(large.iter().map(|dimension| (*dimension, 0, Exponent::integer(LARGE))));
        self.large.extend(large);
        self
    }

    /// The same, where dimensions that are declared to be large and do not grow are called so. In several scale variables they stay
    /// fixed.
    #[must_use]
    pub fn large_as_declared(self, dimensions: &[Dimension]) -> Self {
        let is_named = |id: &DimensionId| self.powers.iter().any(|(named, ..)| named == id);
        let declared = (0..dimensions.len()).map(DimensionId).filter(|id| dimensions[id.0].large);
        let declared: Vec<DimensionId> = declared.filter(|id| !is_named(id)).collect();
        if self.variables.len() == 1 { self.calling_large(declared) } else { self }
    }

    /// The same where what is called large is fixed, as it is.
    #[must_use]
    pub fn grown(&self) -> Self {
        let grows = |(dimension, ..): &&(DimensionId, usize, Exponent)| !self.large.contains(dimension);
        let powers = self.powers.iter().filter(grows).cloned().collect();
        Self { variables: self.variables.clone(), powers, large: Vec::new() }
    }

    /// One dimension alone, growing like `n`.
    #[must_use]
    pub fn alone(dimension: DimensionId) -> Self {
        Self { variables: vec!["n".into()], powers: vec![(dimension, 0, Exponent::ONE)], large: Vec::new() }
    }

    /// The exponent of each scaled dimension in the scale variable number `variable`.
    #[must_use]
    pub fn along(&self, variable: usize) -> BTreeMap<DimensionId, Exponent> {
        let of_variable = self.powers.iter().filter(|(_, of, _)| *of == variable);
        of_variable.map(|(dimension, _, power)| (*dimension, power.clone())).collect()
    }

    /// The same with the other scale variables fixed.
    #[must_use]
    pub fn only(&self, variable: usize) -> Self {
        let powers = self.powers.iter().filter(|(_, of, _)| *of == variable);
        Self {
            variables: self.variables.get(variable).cloned().into_iter().collect(),
            powers: powers.map(|(dimension, _, power)| (*dimension, 0, power.clone())).collect(),
            large: self.large.clone(),
        }
    }

    /// One scale variable `N` that drives all others, each of which grows like a power of it.
    #[must_use]
    pub fn ray(&self, direction: &[Exponent]) -> Self {
        let powers = self.powers.iter().filter_map(|(dimension, variable, power)| {
            let growth = direction.get(*variable).filter(|growth| !growth.is_zero())?;
            Some((*dimension, 0, power * growth))
        });
        Self { variables: vec!["N".into()], powers: powers.collect(), large: self.large.clone() }
    }

    /// The text that [`Scaling::parse`] reads as this.
    #[must_use]
    pub fn write(&self, graph: &Graph) -> String {
        let part = |(dimension, variable, power): &(DimensionId, usize, Exponent)| {
            let (name, variable) = (&graph.dimension(*dimension).name, &self.variables[*variable]);
            if self.large.contains(dimension) {
                format!("{name}={LARGE_NAME}")
            } else if *power == Exponent::ONE {
                format!("{name}={variable}")
            } else {
                format!("{name}={variable}^{power}")
            }
        };
        self.powers.iter().map(part).collect::<Vec<_>>().join(",")
    }
}

fn growth_of<'a>(part: &str, growth: &'a str) -> Result<(&'a str, Exponent), ScalingError> {
    let (variable, power) = match growth.split_once('^') {
        Some((variable, power)) => (variable.trim(), Some(power.trim())),
        None => (growth, None),
    };
    let named = variable.starts_with(|first: char| first.is_ascii_alphabetic())
        && variable.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if !named {
        return Err(ScalingError::Malformed(part.into()));
    }
    if variable.eq_ignore_ascii_case(LARGE_NAME) {
        return Err(ScalingError::LargeVariable(part.into()));
    }
    if variable.len() > LONGEST_VARIABLE {
        return Err(ScalingError::LongVariable(variable.into()));
    }
    let Some(power) = power else {
        return Ok((variable, Exponent::ONE));
    };
    let bare = power.strip_prefix('(').and_then(|inner| inner.strip_suffix(')')).unwrap_or(power);
    let power = bare.parse().map_err(|why| ScalingError::Power(bare.into(), why))?;
    Ok((variable, power))
}
