//! [`Hyperparameters`]: the exponents of init, learning rate and multipliers in one scale variable.

use crate::exponent::Exponent;
use crate::graph::{Graph, MultiplierId, ParameterId};

/// A parameterization, as exponents in the scale variable of one scaling.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hyperparameters {
    /// Exponent of the initial standard deviation, for each parameter in order; 0 for gains.
    pub init: Vec<Exponent>,
    /// Exponent of the learning rate, for each parameter in order.
    pub lr: Vec<Exponent>,
    /// Exponent of each multiplier in order.
    pub multiplier: Vec<Exponent>,
}

impl Hyperparameters {
    /// All exponents zero: nothing changes with size.
    #[must_use]
    pub fn constant(graph: &Graph) -> Self {
        Self {
            init: vec![Exponent::ZERO; graph.parameters.len()],
            lr: vec![Exponent::ZERO; graph.parameters.len()],
            multiplier: vec![Exponent::ZERO; graph.multipliers.len()],
        }
    }

    /// The exponents where each scale variable grows like a power of one that drives them all, given those in each.
    #[must_use]
    pub fn towards(given: &[Self], direction: &[Exponent]) -> Self {
        let sum = |of: fn(&Self) -> &Vec<Exponent>| {
            let count = given.first().map_or(0, |held| of(held).len());
            let at = |index: usize| {
                let summand = |(held, growth): (&Self, &Exponent)| Some(of(held).get(index)? * growth);
                given.iter().zip(direction).filter_map(summand).sum()
            };
            (0..count).map(at).collect()
        };
        Self {
            init: sum(|held| &held.init),
            lr: sum(|held| &held.lr),
            multiplier: sum(|held| &held.multiplier),
        }
    }

    /// Exponent of the initial standard deviation of a parameter.
    #[must_use]
    pub fn init(&self, parameter: ParameterId) -> &Exponent {
        &self.init[parameter.0]
    }

    /// Exponent of the learning rate of a parameter.
    #[must_use]
    pub fn lr(&self, parameter: ParameterId) -> &Exponent {
        &self.lr[parameter.0]
    }

    /// Exponent of a multiplier.
    #[must_use]
    pub fn multiplier(&self, multiplier: MultiplierId) -> &Exponent {
        &self.multiplier[multiplier.0]
    }
}
