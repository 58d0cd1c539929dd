//! [`Trial`]: prediction against simulation on random hyperparameters, far from any that keep training stable.
//!
//! Rules that only hold where everything is of order 1 could agree with derived tables by accident; at random
//! exponents every term of every rule counts.

use std::collections::BTreeMap;
use std::fmt;

use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::architecture::Hyperparameters;
use crate::exponent::Exponent;
use crate::graph::{DimensionId, Graph, Scaling};
use crate::propagate::{Prediction, PropagateError, propagate};
use crate::rule::{Function, Optimizer, RuleBook};
use crate::simulate::{Experiment, Measurement, Precision, Quantity, SimulateError, compare};

/// What is tried: every dimension alone, each at several random hyperparameters.
#[derive(Clone, Debug)]
pub struct Trial<'a> {
    /// The network.
    pub graph: &'a Graph,
    /// The rules.
    pub book: &'a RuleBook,
    /// The optimizer of every parameter.
    pub optimizer: &'a Optimizer,
    /// The dimensions, scaled one at a time.
    pub dimensions: Vec<DimensionId>,
    /// How many random hyperparameters for each dimension.
    pub cases: usize,
    /// Sizes of the scaled dimension.
    pub values: Vec<usize>,
    /// Seeds of each simulation.
    pub seeds: u64,
    /// What the random exponents and the simulations are derived from.
    pub base_seed: u64,
    /// Bytes that simultaneous runs may take.
    pub memory: u64,
}

/// One dimension scaled at one choice of hyperparameters.
#[derive(Clone, Debug)]
pub struct Case {
    /// The dimension.
    pub dimension: DimensionId,
    /// The random exponents.
    pub hyperparameters: Hyperparameters,
    /// What was measured, beside what was predicted.
    pub measurement: Measurement,
}

/// Why a trial could not be made.
#[derive(Debug)]
pub enum TrialError {
    /// Exponents cannot be propagated.
    Propagate(PropagateError),
    /// The network cannot be simulated.
    Simulate(SimulateError),
    /// Almost all random exponents make a signal explode.
    Explosive {
        /// The scaled dimension.
        dimension: String,
    },
}

impl fmt::Display for TrialError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Propagate(error) => error.fmt(f),
            Self::Simulate(error) => error.fmt(f),
            Self::Explosive { dimension } => {
                write!(f, "with `{dimension}` scaled, almost all random exponents make a signal explode")
            }
        }
    }
}

impl std::error::Error for TrialError {}

impl From<PropagateError> for TrialError {
    fn from(error: PropagateError) -> Self {
        Self::Propagate(error)
    }
}

impl From<SimulateError> for TrialError {
    fn from(error: SimulateError) -> Self {
        Self::Simulate(error)
    }
}

/// Draws refused in a row before a trial gives up.
const MOST_REFUSED: usize = 100_000;

impl Trial<'_> {
    /// Makes the trial; `finished` is told each case as it ends. Exponents are drawn from {0, -1/2, -1} for inits
    /// and multipliers and {1/2, 0, -1/2, -1} for learning rates; a draw that saturates a node or makes a forward
    /// magnitude grow is drawn again.
    pub fn run(&self, mut finished: impl FnMut(&Case)) -> Result<(), TrialError> {
        for dimension in &self.dimensions {
            let scaling = Scaling::alone(*dimension);
            let propagation = propagate(self.graph, self.book, self.optimizer, &scaling.along(0))?;
            let mut random = ChaCha8Rng::seed_from_u64(self.base_seed);
            random.set_stream(dimension.0 as u64);
            for _ in 0..self.cases {
                let drawn = (0..MOST_REFUSED).find_map(|_| {
                    let hyperparameters = self.draw(&mut random);
                    let prediction = propagation.predict(&hyperparameters);
                    is_tame(&prediction).then_some((hyperparameters, prediction))
                });
                let Some((hyperparameters, prediction)) = drawn else {
                    let dimension = self.graph.dimension(*dimension).name.clone();
                    return Err(TrialError::Explosive { dimension });
                };
                let measurement = self.measure(&scaling, &hyperparameters, &prediction)?;
                finished(&Case { dimension: *dimension, hyperparameters, measurement });
            }
        }
        Ok(())
    }

    fn measure(
        &self,
        scaling: &Scaling,
        hyperparameters: &Hyperparameters,
        prediction: &Prediction,
    ) -> Result<Measurement, TrialError> {
        let experiment = Experiment {
            graph: self.graph,
            hyperparameters,
            steps: vec![self.optimizer.step; self.graph.parameters.len()],
            functions: functions(self.book),
            scaling,
            values: self.values.clone(),
            seeds: self.seeds,
            base_seed: self.base_seed,
            precision: Precision::F32,
            memory: self.memory,
        };
        let samples = experiment.run(&BTreeMap::new(), &|_, _| {})?;
        Ok(compare(&samples, &quantities(prediction)))
    }

    fn draw(&self, random: &mut impl Rng) -> Hyperparameters {
        let [inits, rates] = [["0", "-1/2", "-1"].as_slice(), &["1/2", "0", "-1/2", "-1"]];
        let mut pick = |from: &[&str]| -> Exponent {
            from.choose(random).and_then(|text| text.parse().ok()).unwrap_or_default()
        };
        let parameters = &self.graph.parameters;
        let kinds = parameters.iter().map(|parameter| parameter.kind);
        let init = kinds.map(|kind| match kind {
            crate::graph::ParameterKind::Gain => Exponent::ZERO,
            crate::graph::ParameterKind::Weight | crate::graph::ParameterKind::Bias => pick(inits),
        });
        let init = init.collect();
        let lr = parameters.iter().map(|_| pick(rates)).collect();
        let multiplier = self.graph.multipliers.iter().map(|_| pick(inits)).collect();
        Hyperparameters { init, lr, multiplier }
    }
}

/// No node is saturated and no forward magnitude grows.
fn is_tame(prediction: &Prediction) -> bool {
    let grows = |exponent: &Option<Exponent>| exponent.as_ref().is_none_or(Exponent::is_positive);
    prediction.saturated.is_empty() && !prediction.forward.iter().any(grows)
}

/// The functions of the activations, by name.
#[must_use]
pub fn functions(book: &RuleBook) -> BTreeMap<String, Function> {
    book.ops.iter().filter_map(|(name, rule)| Some((name.clone(), rule.function?))).collect()
}

/// The predicted exponents of the quantities that a simulation measures.
#[must_use]
pub fn quantities(prediction: &Prediction) -> BTreeMap<Quantity, Exponent> {
    let nodes = |exponents: &[Option<Exponent>], quantity: fn(crate::graph::NodeId) -> Quantity| {
        let exponents = exponents.iter().enumerate();
        let known = exponents
            .filter_map(|(index, exponent)| Some((crate::graph::NodeId::new(index), exponent.clone()?)));
        known.map(|(node, exponent)| (quantity(node), exponent)).collect::<Vec<_>>()
    };
    let parameters = |exponents: &[Option<Exponent>], quantity: fn(crate::graph::ParameterId) -> Quantity| {
        let exponents = exponents.iter().enumerate();
        let known = exponents
            .filter_map(|(index, exponent)| Some((crate::graph::ParameterId(index), exponent.clone()?)));
        known.map(|(parameter, exponent)| (quantity(parameter), exponent)).collect::<Vec<_>>()
    };
    let mut quantities = BTreeMap::new();
    quantities.extend(nodes(&prediction.forward, Quantity::Forward));
    quantities.extend(nodes(&prediction.backward, Quantity::Backward));
    quantities.extend(nodes(&prediction.update, Quantity::Update));
    quantities.extend(nodes(&prediction.angle, Quantity::Angle));
    quantities.extend(parameters(&prediction.gradient, Quantity::Gradient));
    quantities.extend(parameters(&prediction.contribution, Quantity::Contribution));
    let by = prediction.update_by.iter();
    quantities.extend(by.map(|((w, y), exponent)| (Quantity::UpdateBy(*w, *y), exponent.clone())));
    quantities
}
