//! A derived table told in another gauge: with multipliers of weights and biases, or with constant inits or rates.

use super::{GaugeError, declared, degree, is_without_parameter, moved, places};
use crate::exact::{Exponent, PowerSum, Powers};
use crate::graph::{Graph, MultiplierId, ParameterId, Stabiliser};
use crate::propagate::{ParameterRow, Table};
use crate::rule::Optimizer;

/// The gauges in which a table can be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, clap::ValueEnum)]
pub enum Gauge {
    /// Every weight and bias starts at the same size, whatever the network's
    ConstantInit,
    /// Every weight and bias has the same learning rate, whatever the network's size
    ConstantLr,
    /// No weight or bias is multiplied by a scalar, neither of its own nor of its node
    NoMultipliers,
}

/// A derived table in another gauge, and what could not be moved, in words. Each row of a parameter gains its own
/// multiplier; where its nodes have a declared one that stands nowhere else, that one takes the trade.
///
/// # Errors
/// If the optimizer allows no such trade.
pub fn in_gauge(
    table: &Table,
    graph: &Graph,
    optimizer: &Optimizer,
    gauge: Gauge,
) -> Result<(Table, Vec<String>), GaugeError> {
    let degree = degree(optimizer)?;
    let per_trade = &Exponent::ONE + &degree;
    let per_rate = per_trade.reciprocal();
    let against = Exponent::integer(-1);
    let optimizers = optimizer.of_each(graph);
    let mut told = table.clone();
    let mut notes = Vec::new();
    let movable = |id| match gauge {
        Gauge::NoMultipliers => movable(graph, id),
        Gauge::ConstantInit | Gauge::ConstantLr => false,
    };
    let still = Powers::zero(table.variables.len());
    for row in &mut told.parameters {
        let own = row.multiplier.clone().unwrap_or_else(|| still.clone());
        let Some(init) = row.init.clone() else { continue };
        let declared = declared(graph, row.parameter);
        let mut by = still.clone();
        match gauge {
            Gauge::ConstantInit => by = init.clone(),
            Gauge::ConstantLr => {
                let unreachable = || GaugeError::RateOutOfReach(optimizer.about.name.clone());
                by = row.lr.scaled(per_rate.as_ref().ok_or_else(unreachable)?);
            }
            Gauge::NoMultipliers => {
                by.add_scaled(&against, &own);
                if let Some(id) = declared.filter(|id| movable(*id)) {
                    by.add_scaled(&against, &table.multipliers[id.0].1);
                }
            }
        }
        trade(row, optimizers[row.parameter.0], &per_trade, &by)?;
        let alone = declared.filter(|id| stands_only_at(graph, *id, row.parameter));
        row.multiplier = Some(match (gauge, alone) {
            (Gauge::NoMultipliers, _) => still.clone(),
            (Gauge::ConstantInit | Gauge::ConstantLr, Some(id)) => {
                told.multipliers[id.0].1.add_scaled(&Exponent::ONE, &by);
                own
            }
            (Gauge::ConstantInit | Gauge::ConstantLr, None) => {
                let mut own = own;
                own.add_scaled(&Exponent::ONE, &by);
                own
            }
        });
    }
    for (id, powers) in &mut told.multipliers {
        let name = &graph.multiplier(*id).name;
        if is_without_parameter(graph, *id) {
            notes.push(format!("the multiplier `{name}` belongs to no weight: no trade changes it"));
        } else if movable(*id) {
            powers.clone_from(&still);
        } else if gauge == Gauge::NoMultipliers && !powers.is_zero() {
            notes.push(format!("the multiplier `{name}` stays: it differs among the uses of a weight"));
        }
    }
    Ok((told, notes))
}

/// A derived table with a multiplier of its own for each parameter, given in each scale variable: that much is taken from init
/// and learning rate.
///
/// # Errors
/// If the optimizer allows no such trade.
pub fn with_own(
    table: &Table,
    graph: &Graph,
    optimizer: &Optimizer,
    own: &[Powers],
) -> Result<Table, GaugeError> {
    let per_trade = &Exponent::ONE + &degree(optimizer)?;
    let optimizers = optimizer.of_each(graph);
    let mut told = table.clone();
    for (row, by) in told.parameters.iter_mut().zip(own) {
        if row.init.is_some() {
            trade(row, optimizers[row.parameter.0], &per_trade, by)?;
            row.multiplier = Some(by.clone());
        }
    }
    Ok(told)
}

/// Takes a multiplier from init, learning rate, weight decay and epsilon of a parameter.
fn trade(
    row: &mut ParameterRow,
    optimizer: &Optimizer,
    per_trade: &Exponent,
    by: &Powers,
) -> Result<(), GaugeError> {
    if let Some(init) = &mut row.init {
        init.add_scaled(&Exponent::integer(-1), by);
    }
    row.lr.add_scaled(&-per_trade, by);
    let values = [(Stabiliser::WeightDecay, &mut row.weight_decay), (Stabiliser::Epsilon, &mut row.epsilon)];
    for (stabiliser, value) in values {
        let Some(value) = value else { continue };
        *value = value.times(&PowerSum::from(&by.scaled(&moved(optimizer, stabiliser)?)));
    }
    Ok(())
}

/// Whether a multiplier stands at the uses of one parameter and nowhere else.
fn stands_only_at(graph: &Graph, id: MultiplierId, parameter: ParameterId) -> bool {
    places(graph, id).all(|node| graph.parameter_at(node) == Some(parameter))
}

/// Whether a multiplier can be moved into weights: it stands at every use of each weight that it stands at.
fn movable(graph: &Graph, id: MultiplierId) -> bool {
    places(graph, id)
        .all(|node| graph.parameter_at(node).is_some_and(|parameter| declared(graph, parameter) == Some(id)))
}
