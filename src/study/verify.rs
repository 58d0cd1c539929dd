//! [`Verification`]: one parameterization of one scaling, predicted and simulated.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use crate::exact::Exponent;
use crate::graph::{Graph, Hyperparameters, Scaling};
use crate::propagate::{Prediction, PropagateError, Subject, propagate};
use crate::rule::{Function, Optimizer, RuleBook};
use crate::simulate::{
    Ended, Experiment, Finished, Measurement, Predicted, Quantity, Runs, SimulateError, compare,
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
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VerifyError {
    /// Exponents cannot be propagated.
    Propagate(PropagateError),
    /// The network cannot be simulated.
    Simulate(SimulateError),
}

impl fmt::Display for VerifyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Propagate(error) => error.fmt(f),
            Self::Simulate(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for VerifyError {}

impl VerifyError {
    /// What to do.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::Propagate(error) => error.hint(),
            Self::Simulate(error) => error.hint(),
        }
    }
}

impl From<PropagateError> for VerifyError {
    fn from(error: PropagateError) -> Self {
        Self::Propagate(error)
    }
}

impl From<SimulateError> for VerifyError {
    fn from(error: SimulateError) -> Self {
        Self::Simulate(error)
    }
}

impl<'a> Verification<'a> {
    /// The exponents at given hyperparameters.
    pub fn predict(&self, hyperparameters: &Hyperparameters) -> Result<Prediction, PropagateError> {
        let propagation = propagate(self.graph, self.book, self.optimizer, &self.scaling.along(0))?;
        Ok(propagation.predict(hyperparameters))
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
        let predicted = quantities(self.graph, &self.predict(hyperparameters)?);
        let samples = self.experiment(hyperparameters).run(finished, ended)?;
        Ok(compare(&samples, &predicted))
    }
}

/// The functions of the activations, by name.
#[must_use]
pub fn functions(book: &RuleBook) -> BTreeMap<String, Function> {
    book.ops.iter().filter_map(|(name, rule)| Some((name.clone(), rule.function?))).collect()
}

/// The predicted exponents of the quantities that a simulation measures.
#[must_use]
pub fn quantities(graph: &Graph, prediction: &Prediction) -> BTreeMap<Quantity, Predicted> {
    let mut quantities = BTreeMap::new();
    let mut add = |quantity, exponent: &Option<Exponent>, subject: Option<Subject>| {
        let Some(exponent) = exponent else { return };
        let summands = subject.and_then(|subject| prediction.summands.get(&subject)).cloned();
        let summands = summands.unwrap_or_else(|| vec![exponent.clone()]);
        quantities.insert(quantity, Predicted { exponent: exponent.clone(), summands });
    };
    for y in graph.nodes() {
        let index = y.index();
        add(Quantity::Forward(y), &prediction.forward[index], Some(Subject::Forward(y)));
        add(Quantity::Backward(y), &prediction.backward[index], Some(Subject::Backward(y)));
        add(Quantity::Update(y), &prediction.update[index], Some(Subject::Update(y)));
        add(Quantity::Angle(y), &prediction.angle[index], None);
    }
    for w in graph.parameter_ids() {
        add(Quantity::Gradient(w), &prediction.gradient[w.0], Some(Subject::Gradient(w)));
        add(Quantity::Contribution(w), &prediction.contribution[w.0], Some(Subject::Contribution(w)));
    }
    for ((w, y), exponent) in &prediction.update_by {
        add(Quantity::UpdateBy(*w, *y), &Some(exponent.clone()), Some(Subject::UpdateBy(*w, *y)));
    }
    quantities
}
