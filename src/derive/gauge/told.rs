//! A table in another gauge.

use super::{Gauge, GaugeError, degree, moved};
use crate::exact::{Exponent, Form, PowerSum, Powers};
use crate::graph::{Graph, Kept, MultiplierId, ParameterId, Stabiliser, Trades};
use crate::propagate::{ParameterRow, Table};
use crate::rule::Optimizer;

/// A derived table in another gauge, and what could not be moved, in words. Each row of a parameter gains its own
/// multiplier; where a declared one belongs to the parameter alone, that one takes the trade. What others see of the nodes
/// keeps its size.
///
/// # Errors
/// If the optimizer allows no such trade.
pub fn in_gauge(
    table: &Table,
    graph: &Graph,
    optimizer: &Optimizer,
    gauge: Gauge,
) -> Result<(Table, Vec<String>), GaugeError> {
    match gauge {
        Gauge::NoMultipliers => without_multipliers(table, graph, optimizer),
        Gauge::ConstantInit | Gauge::ConstantLr => constant(table, graph, optimizer, gauge),
    }
}

/// Every init, or every learning rate, made constant.
fn constant(
    table: &Table,
    graph: &Graph,
    optimizer: &Optimizer,
    gauge: Gauge,
) -> Result<(Table, Vec<String>), GaugeError> {
    let per_trade = &Exponent::ONE + &degree(optimizer)?;
    let per_rate = per_trade.reciprocal();
    let optimizers = optimizer.of_each(graph);
    let trades = Trades::of(graph, Kept::Seen, 0);
    let mut told = table.clone();
    for row in &mut told.parameters {
        let Some(init) = row.init.clone() else { continue };
        let mut own = row.multiplier.clone().unwrap_or_else(|| Powers::zero(table.variables.len()));
        let by = if gauge == Gauge::ConstantLr {
            let unreachable = || GaugeError::RateOutOfReach(optimizer.about.name.clone());
            row.lr.scaled(per_rate.as_ref().ok_or_else(unreachable)?)
        } else {
            init
        };
        trade(row, optimizers[row.parameter.0], &per_trade, &by)?;
        match belonging(graph, &trades, row.parameter) {
            Some(id) => told.multipliers[id.0].1.add_scaled(&Exponent::ONE, &by),
            None => own.add_scaled(&Exponent::ONE, &by),
        }
        row.multiplier = Some(own);
    }
    Ok((told, without_parameter(table, graph)))
}

/// Every multiplier moved into parameters, as far as it can be.
fn without_multipliers(
    table: &Table,
    graph: &Graph,
    optimizer: &Optimizer,
) -> Result<(Table, Vec<String>), GaugeError> {
    let per_trade = &Exponent::ONE + &degree(optimizer)?;
    let against = -Exponent::ONE;
    let optimizers = optimizer.of_each(graph);
    let mut told = table.clone();
    let still = Powers::zero(table.variables.len());
    let (mut into, mut out) =
        (vec![still.clone(); graph.parameters.len()], vec![still.clone(); graph.multipliers.len()]);
    for variable in 0..table.variables.len() {
        let mut trades = Trades::of(graph, Kept::Seen, 0);
        for (id, powers) in &table.multipliers {
            let moved = trades.of_multiplier(*id);
            trades.ask(&moved.plus(&powers.0[variable]));
        }
        for w in graph.parameter_ids() {
            let by = trades.of_parameter(w);
            trades.ask(&by);
        }
        let value = |form: &Form| trades.reduced(form).constant_part().clone();
        for w in graph.parameter_ids() {
            into[w.0].0[variable] = value(&trades.of_parameter(w));
        }
        for id in graph.multiplier_ids() {
            out[id.0].0[variable] = value(&trades.of_multiplier(id));
        }
    }
    for row in &mut told.parameters {
        let mut by = into[row.parameter.0].scaled(&against);
        if let Some(own) = &row.multiplier {
            by.add_scaled(&against, own);
        }
        trade(row, optimizers[row.parameter.0], &per_trade, &by)?;
        row.multiplier = row.init.is_some().then(|| still.clone());
    }
    let mut notes = without_parameter(table, graph);
    let trades = Trades::of(graph, Kept::Seen, 0);
    for (id, powers) in &mut told.multipliers {
        powers.add_scaled(&Exponent::ONE, &out[id.0]);
        if !powers.is_zero() && is_free(&trades, *id) {
            let name = &graph.multiplier(*id).name;
            notes.push(format!("the multiplier `{name}` stays: it differs among the uses of a weight"));
        }
    }
    Ok((told, notes))
}

/// A note on every multiplier that no trade changes.
fn without_parameter(table: &Table, graph: &Graph) -> Vec<String> {
    let trades = Trades::of(graph, Kept::Seen, 0);
    let fixed = table.multipliers.iter().filter(|(id, _)| !is_free(&trades, *id));
    let note = |(id, _): &(MultiplierId, Powers)| {
        let name = &graph.multiplier(*id).name;
        format!("the multiplier `{name}` belongs to no weight: no trade changes it")
    };
    fixed.map(note).collect()
}

fn is_free(trades: &Trades, id: MultiplierId) -> bool {
    !trades.reduced(&trades.of_multiplier(id)).is_empty()
}

/// The declared multiplier that a parameter alone can be traded for, if there is such a one.
fn belonging(graph: &Graph, trades: &Trades, parameter: ParameterId) -> Option<MultiplierId> {
    let first = graph.uses(parameter).first().copied()?;
    let before = graph.node(first).op.multiplier().into_iter();
    let mut candidates = before.chain(graph.multipliers_behind(first));
    candidates.find(|id| {
        let mut alone = trades.clone();
        for other in graph.parameter_ids().filter(|other| *other != parameter) {
            alone.ask(&trades.of_parameter(other));
        }
        for other in graph.multiplier_ids().filter(|other| other != id) {
            alone.ask(&trades.of_multiplier(other));
        }
        is_free(&alone, *id)
    })
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
