//! [`predict`]: every exponent at given hyperparameters, and where exponents end, in however many scale variables.

use super::breaks::write_direction;
use super::directions::Directions;
use super::error::DeriveError;
use crate::exact::{Exponent, PowerSum};
use crate::graph::{Graph, Hyperparameters, NodeId, Quantity, QuantityKind};
use crate::propagate::{Condition, Prediction, Propagation, Sums};

/// Every exponent at given hyperparameters, one set of them for each scale variable.
///
/// Where exponents end at a node, it is told why: in one scale variable by how much a condition is exceeded, and forward
/// magnitudes that do not depend on such a node are still predicted; in several along which direction of growth it is, and
/// nothing is predicted.
///
/// # Errors
/// In several scale variables, if it is too hard to tell where exponents end. Never in one.
pub fn predict(
    propagation: &Propagation,
    hyperparameters: &[Hyperparameters],
) -> Result<Prediction, DeriveError> {
    let sums = Sums::at(propagation, hyperparameters);
    if propagation.growth.variables().is_empty() {
        return Ok(along(propagation, sums));
    }
    let limits = Directions::new(propagation, hyperparameters);
    let mut saturated = Vec::new();
    for Condition { node, form, what, ending, .. } in &propagation.conditions {
        if let Some(direction) = limits.beyond(form)? {
            let along = write_direction(propagation.growth.names(), &direction);
            saturated.push((*node, format!("{}: {what} is above 0 along {along}", ending.name())));
        }
    }
    let is_reached = saturated.is_empty();
    Ok(propagation.evaluate(sums, saturated, |_| is_reached))
}

/// The same along one direction of growth.
fn along(propagation: &Propagation, mut sums: Sums) -> Prediction {
    let mut exceeded: Vec<(&Condition, Exponent)> = Vec::new();
    for condition in &propagation.conditions {
        let sum = sums.of(&condition.form);
        let exponent = sum.as_ref().and_then(PowerSum::largest).and_then(<[Exponent]>::first);
        exceeded
            .extend(exponent.filter(|exponent| exponent.is_positive()).map(|held| (condition, held.clone())));
    }
    let saturated = exceeded.iter().map(|(Condition { node, what, ending, .. }, exponent)| {
        (*node, format!("{}: {what} = {exponent} is above 0", ending.name()))
    });
    let ends = exceeded.iter().filter(|(condition, _)| condition.ending.ends_forward());
    let beyond = beyond(&propagation.graph, &ends.map(|(condition, _)| condition.node).collect::<Vec<_>>());
    let is_reached = |quantity: Quantity| {
        let is_before = |y: NodeId| quantity.kind() == QuantityKind::Forward && !beyond[y.index()];
        exceeded.is_empty() || quantity.site().node().is_some_and(is_before)
    };
    propagation.evaluate(sums, saturated.collect(), is_reached)
}

/// For each node whether it is one of these or computed from one.
fn beyond(graph: &Graph, ends: &[NodeId]) -> Vec<bool> {
    let mut beyond = vec![false; graph.nodes().len()];
    for id in graph.nodes() {
        beyond[id.index()] =
            ends.contains(&id) || graph.operands(id).iter().any(|operand| beyond[operand.index()]);
    }
    beyond
}
