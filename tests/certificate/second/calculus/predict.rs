//! Section 1: every quantity of one training step at initialization.

use std::collections::BTreeMap;

use super::backward::backward;
use super::exponent::{Exponent, Magnitude};
use super::forward::{Saturated, forward};
use super::network::Network;
use super::optimizer::Birth;
use super::response::Passes;
use super::setting::{Hyperparameters, Setting};

#[derive(Clone, Debug)]
pub(crate) struct NodeExponents {
    pub(crate) forward: Exponent,
    pub(crate) backward: Magnitude,
    /// update(w, y) of the parameters that reach y.
    pub(crate) updates: BTreeMap<String, Exponent>,
}

impl NodeExponents {
    /// update(y) = max over w of update(w, y)
    pub(crate) fn update(&self) -> Magnitude {
        self.updates.values().copied().max()
    }
}

#[derive(Clone, Debug)]
pub(crate) struct ParameterExponents {
    pub(crate) gradient: Magnitude,
    pub(crate) contribution: Magnitude,
}

#[derive(Clone, Debug)]
pub(crate) struct Prediction {
    pub(crate) nodes: BTreeMap<String, NodeExponents>,
    pub(crate) parameters: BTreeMap<String, ParameterExponents>,
}

/// The exponents of one step, or the node where the prediction stops.
pub(crate) fn predict(
    network: &Network,
    powers: &BTreeMap<String, Exponent>,
    hyper: &Hyperparameters,
) -> Result<Prediction, Saturated> {
    let setting = Setting { network, powers, hyper };
    let forward = forward(&setting)?;
    let backward = backward(&setting, &forward);
    let passes = Passes { setting: &setting, forward: &forward, backward: &backward };
    let mut prediction = Prediction { nodes: BTreeMap::new(), parameters: BTreeMap::new() };
    let mut updates = vec![BTreeMap::new(); network.nodes.len()];
    for w in &network.parameters {
        let birth = Birth::new(&setting, w, &forward, &backward);
        for (y, response) in passes.responses(w, birth.own()).iter().enumerate() {
            if let Some(update) = passes.update(response, y) {
                updates[y].insert(w.name.clone(), update);
            }
        }
        let (gradient, contribution) = (birth.gradient(), birth.contribution());
        prediction.parameters.insert(w.name.clone(), ParameterExponents { gradient, contribution });
    }
    for (y, updates) in updates.into_iter().enumerate() {
        let (forward, backward) = (forward[y], backward.total(y));
        let exponents = NodeExponents { forward, backward, updates };
        prediction.nodes.insert(network.nodes[y].name.clone(), exponents);
    }
    Ok(prediction)
}
