//! [`Hyperparameters`]: the exponents of init, learning rate and multipliers in one scale variable; [`Unfolded`]: the
//! same where weights and biases may have multipliers of their own; [`Stabiliser`]: what else an optimizer has.

use std::collections::BTreeMap;

use super::{Graph, MultiplierId, ParameterId};
use crate::exact::Exponent;

/// A parameterization, as exponents in the scale variable of one scaling.
///
/// ```
/// let answer = fscale::Network::builtin("mlp")?.scale("width")?.derive()?;
/// let in_width = &answer.table()?.hyperparameters()[0];
/// assert_eq!(in_width.init.len(), in_width.lr.len());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
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

/// Hyperparameters in which a weight or bias may have a multiplier of its own: `m W` stands wherever `W` is used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unfolded {
    /// The exponents of the tensors that are stored and trained, and of the multipliers of nodes.
    pub hyperparameters: Hyperparameters,
    /// Exponent of each parameter's own multiplier, in order; 0 for gains, which have none.
    pub own: Vec<Exponent>,
}

impl Unfolded {
    /// No parameter has a multiplier of its own.
    #[must_use]
    pub fn without_own(hyperparameters: Hyperparameters) -> Self {
        let own = vec![Exponent::ZERO; hyperparameters.init.len()];
        Self { hyperparameters, own }
    }

    /// The exponents of the products, entry by entry.
    #[must_use]
    pub fn sum(graph: &Graph, summands: impl IntoIterator<Item = Self>) -> Self {
        let mut sum = Self::without_own(Hyperparameters::constant(graph));
        let add = |to: &mut [Exponent], more: &[Exponent]| {
            to.iter_mut().zip(more).for_each(|(to, more)| *to += more)
        };
        for summand in summands {
            let (to, more) = (&mut sum.hyperparameters, &summand.hyperparameters);
            add(&mut to.init, &more.init);
            add(&mut to.lr, &more.lr);
            add(&mut to.multiplier, &more.multiplier);
            add(&mut sum.own, &summand.own);
        }
        sum
    }

    /// Whether some parameter has a multiplier of its own that changes with size.
    #[must_use]
    pub fn has_own(&self) -> bool {
        self.own.iter().any(|own| !own.is_zero())
    }

    /// The hyperparameters of the products `m W`, under an optimizer whose step is homogeneous of that degree in the
    /// gradient: they start `m` times as large, and a step moves them `m^(1 + degree)` times as far, once through the
    /// product and `degree` times through the gradient.
    #[must_use]
    pub fn folded(&self, degree: &Exponent) -> Hyperparameters {
        let per_own = &Exponent::ONE + degree;
        let mut folded = self.hyperparameters.clone();
        for ((init, lr), own) in folded.init.iter_mut().zip(&mut folded.lr).zip(&self.own) {
            *init += own;
            *lr += &(&per_own * own);
        }
        folded
    }
}

/// What an optimizer has of a parameter beside its learning rate. No exponent of a first step depends on it: it follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stabiliser {
    /// By how much the parameter shrinks in a step.
    WeightDecay,
    /// What is added to the gradient's size before it is divided by that.
    Epsilon,
}

impl Stabiliser {
    /// Both, in the order in which they are told.
    pub const ALL: [Self; 2] = [Self::WeightDecay, Self::Epsilon];

    /// Its key in rules and hyperparameter files.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::WeightDecay => "weight_decay",
            Self::Epsilon => "epsilon",
        }
    }

    /// What it is called.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::WeightDecay => "weight decay",
            Self::Epsilon => "epsilon",
        }
    }
}

/// The exponents of weight decay and epsilon in one scale variable, of the parameters of which they are stated.
pub type StatedStabilisers = BTreeMap<(Stabiliser, ParameterId), Exponent>;
