//! [`Verification`]: one parameterization of one scaling, predicted and simulated.

use std::collections::BTreeMap;
use std::sync::Arc;

use thiserror::Error;

use crate::derive::{DeriveError, predict};
use crate::graph::{Graph, Hyperparameters, Quantity, Role, Scaling};
use crate::propagate::{Growth, Prediction, propagate};
use crate::rule::{Function, Optimizer, RuleBook};
use crate::simulate::{
    Ended, Experiment, Finished, Measurement, PredictedSlope, Runs, SimulateError, compare,
};

/// What is verified, and how thoroughly.
#[derive(Clone, Debug)]
pub struct Verification<'a> {
    /// The network.
    pub graph: &'a Arc<Graph>,
    /// The rules.
    pub book: &'a RuleBook,
    /// The optimizer.
    pub optimizer: &'a Optimizer,
    /// How dimensions grow, in one scale variable.
    pub scaling: &'a Scaling,
    /// At which sizes, with which seeds and how it is simulated.
    pub runs: Runs,
}

/// Why something cannot be verified.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum VerifyError {
    /// Exponents cannot be predicted.
    #[error(transparent)]
    Predict(#[from] DeriveError),
    /// The network cannot be simulated.
    #[error(transparent)]
    Simulate(#[from] SimulateError),
}

impl VerifyError {
    /// What kind of mistake it is, for machines.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Predict(error) => error.code(),
            Self::Simulate(error) => error.code(),
        }
    }

    /// What to do.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::Predict(error) => error.hint(),
            Self::Simulate(error) => error.hint(),
        }
    }
}

impl<'a> Verification<'a> {
    /// The exponents at given hyperparameters.
    pub fn predict(&self, hyperparameters: &Hyperparameters) -> Result<Prediction, DeriveError> {
        let propagation =
            propagate(self.graph, self.book, self.optimizer, Growth::along(self.scaling.along(0)))?;
        predict(&propagation, std::slice::from_ref(hyperparameters))
    }

    /// The simulation at given hyperparameters.
    #[must_use]
    pub fn experiment<'e>(&self, hyperparameters: &'e Hyperparameters) -> Experiment<'e>
    where
        'a: 'e,
    {
        Experiment {
            graph: self.graph,
            hyperparameters,
            steps: self.optimizer.of_each(self.graph).iter().map(|optimizer| optimizer.step).collect(),
            functions: functions(self.book),
            scaling: self.scaling,
            runs: self.runs.clone(),
        }
    }

    /// Predicts and simulates. Runs that are in `finished` are not made again; `ended` is called whenever another
    /// run has ended, from the thread that ran it.
    pub fn measure(
        &self,
        hyperparameters: &Hyperparameters,
        finished: &Finished,
        ended: &(dyn Fn(Ended<'_>) + Sync),
    ) -> Result<Measurement, VerifyError> {
        let predicted = quantities(&self.predict(hyperparameters)?);
        let samples = self.experiment(hyperparameters).run(finished, ended)?;
        Ok(compare(&samples, &predicted, &self.graph.of_role(Role::Logits)))
    }
}

/// The functions of the activations, by name.
#[must_use]
pub fn functions(book: &RuleBook) -> BTreeMap<String, Function> {
    book.ops.iter().filter_map(|(name, rule)| Some((name.clone(), rule.function?))).collect()
}

/// The predicted exponents of the quantities that a simulation measures.
#[must_use]
pub fn quantities(prediction: &Prediction) -> BTreeMap<Quantity, PredictedSlope> {
    let mut quantities = BTreeMap::new();
    for quantity in prediction.quantities() {
        let Some(exponent) = prediction.of(quantity) else { continue };
        let summands = prediction.summands.get(&quantity).cloned();
        let summands = summands.unwrap_or_else(|| vec![exponent.clone()]);
        quantities.insert(quantity, PredictedSlope { exponent: exponent.clone(), summands });
    }
    quantities
}
