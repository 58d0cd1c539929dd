//! Gauge: what of a parameterization can be traded without changing it (theory, section 7).
//!
//! The same network is trained if every node that uses a weight multiplies by `t` times as much, the weight starts `t`
//! times as small, and its learning rate is `t^(1 + p)` times as small, where the optimizer's step has degree `p` in the
//! gradient: 1 for SGD, 0 for Adam. Two parameterizations are equal up to that trade exactly if they agree in every
//! [`Invariant`].

use thiserror::Error;

use crate::exact::{Exponent, PowerSum, Powers};
use crate::graph::{Graph, Hyperparameters, MultiplierId, NodeId, ParameterId, Start, Unfolded};
use crate::propagate::{ParameterRow, Table};
use crate::rule::Optimizer;

/// A quantity that no trade changes. Together they determine a parameterization up to gauge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Invariant {
    /// The initial standard deviation of a parameter times all multipliers where a node uses it.
    Start(ParameterId, NodeId),
    /// The learning rate of a parameter over its initial standard deviation to the power `1 + p`.
    RelativeRate(ParameterId),
    /// The learning rate of what starts at one or zero.
    Rate(ParameterId),
    /// A multiplier of a node without parameter.
    Multiplier(MultiplierId),
}

/// The first invariant in which two parameterizations differ, and its exponent in each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The invariant.
    pub of: Invariant,
    /// Its exponent in each.
    pub exponents: [Exponent; 2],
}

/// Two parameterizations in one scale variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parameterizations {
    /// The scale variable, or the dimension that grows alone.
    pub variable: String,
    /// The exponents of each in it.
    pub exponents: [Unfolded; 2],
}

/// Whether two parameterizations are the same up to gauge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sameness {
    /// They are: what each parameter's multipliers are multiplied by on the way from the first to the second.
    Same(Vec<Trade>),
    /// They are not.
    Differ {
        /// The scale variable.
        variable: String,
        /// The first invariant that differs in it.
        difference: Difference,
    },
    /// They are for different optimizers.
    OtherOptimizer([String; 2]),
}

/// What is traded of one parameter, by scale variable: exponents that are not zero.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trade {
    /// The parameter.
    pub parameter: ParameterId,
    /// Of its multipliers.
    pub multiplier: Vec<(String, Exponent)>,
    /// Of its initial standard deviation.
    pub init: Vec<(String, Exponent)>,
    /// Of its learning rate.
    pub lr: Vec<(String, Exponent)>,
}

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

/// Why a trade is not possible.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum GaugeError {
    /// The rule of the optimizer has no degree in the gradient.
    #[error(
        "the step of `{0}` has no degree in the gradient: a multiplier cannot be traded for init and learning rate"
    )]
    NoDegree(String),
    /// The step falls with the gradient, so that no multiplier changes the learning rate.
    #[error("no multiplier of a weight changes its learning rate under `{0}`")]
    RateOutOfReach(String),
}

impl GaugeError {
    /// What kind of mistake it is, for machines.
    #[must_use]
    pub fn code(&self) -> &'static str {
        "gauge"
    }

    /// What to do.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::NoDegree(optimizer) => format!(
                "leave multipliers of weights out, or mend the rule: every alternative of `response` must move alike with \
                 `backward(y)`; `fscale rule {optimizer}` prints it"
            ),
            Self::RateOutOfReach(_) => "ask for `--gauge constant-init`".into(),
        }
    }
}

/// The degree of an optimizer's step in the gradient.
///
/// # Errors
/// If it has none.
pub fn degree(optimizer: &Optimizer) -> Result<Exponent, GaugeError> {
    optimizer.degree().ok_or_else(|| GaugeError::NoDegree(optimizer.about.name.clone()))
}

/// The hyperparameters without multipliers of weights and biases: each is folded into its parameter, exactly.
///
/// # Errors
/// If there are some and the optimizer has no degree.
pub fn folded(unfolded: &Unfolded, optimizer: &Optimizer) -> Result<Hyperparameters, GaugeError> {
    if unfolded.has_own() {
        Ok(unfolded.folded(&degree(optimizer)?))
    } else {
        Ok(unfolded.hyperparameters.clone())
    }
}

/// Every invariant with its exponent, parameters first, in order.
#[must_use]
pub fn invariants(graph: &Graph, unfolded: &Unfolded, degree: &Exponent) -> Vec<(Invariant, Exponent)> {
    let folded = unfolded.folded(degree);
    let per_init = &Exponent::ONE + degree;
    let mut invariants = Vec::new();
    for w in graph.parameter_ids() {
        match graph.parameter(w).start {
            Start::One => invariants.push((Invariant::Rate(w), folded.lr(w).clone())),
            // What starts at zero has the same size whatever multiplies it: its rate takes all of a trade.
            Start::Zero => {
                let declared = declared(graph, w).map(|id| folded.multiplier(id).clone()).unwrap_or_default();
                invariants.push((Invariant::Rate(w), folded.lr(w) + &(&per_init * &declared)));
            }
            Start::Gaussian => {
                for node in graph.uses(w) {
                    let declared = graph.node(node).op.multiplier();
                    let declared = declared.map(|id| folded.multiplier(id).clone()).unwrap_or_default();
                    invariants.push((Invariant::Start(w, node), folded.init(w) + &declared));
                }
                if graph.parameter(w).is_trained() {
                    let relative = folded.lr(w) - &(&per_init * folded.init(w));
                    invariants.push((Invariant::RelativeRate(w), relative));
                }
            }
        }
    }
    let free = graph.multiplier_ids().filter(|id| is_without_parameter(graph, *id));
    invariants.extend(free.map(|id| (Invariant::Multiplier(id), folded.multiplier(id).clone())));
    invariants
}

/// The first invariant in which two parameterizations differ, under an optimizer of that degree.
#[must_use]
pub fn difference(
    graph: &Graph,
    first: &Unfolded,
    second: &Unfolded,
    degree: &Exponent,
) -> Option<Difference> {
    let pairs = invariants(graph, first, degree).into_iter().zip(invariants(graph, second, degree));
    let mut differing = pairs.filter(|((_, a), (_, b))| a != b);
    differing.next().map(|((of, a), (_, b))| Difference { of, exponents: [a, b] })
}

/// What each parameter's multipliers are multiplied by on the way from the first of two parameterizations, equal up to
/// gauge, to the second; 0 for gains.
#[must_use]
pub fn trades(first: &Hyperparameters, second: &Hyperparameters) -> Vec<Exponent> {
    first.init.iter().zip(&second.init).map(|(from, to)| from - to).collect()
}

/// Compares two parameterizations, each under its optimizer, in every scale variable.
///
/// # Errors
/// If their optimizer has no degree.
pub fn compare(
    graph: &Graph,
    optimizers: [&Optimizer; 2],
    pairs: &[Parameterizations],
) -> Result<Sameness, GaugeError> {
    let names = optimizers.map(|optimizer| optimizer.about.name.clone());
    if names[0] != names[1] {
        return Ok(Sameness::OtherOptimizer(names));
    }
    let degree = degree(optimizers[0])?;
    for Parameterizations { variable, exponents: [first, second] } in pairs {
        if let Some(difference) = difference(graph, first, second, &degree) {
            return Ok(Sameness::Differ { variable: variable.clone(), difference });
        }
    }
    let per_trade = &Exponent::ONE + &degree;
    let mut found = Vec::new();
    for parameter in graph.parameter_ids() {
        let mut trade = Trade { parameter, multiplier: Vec::new(), init: Vec::new(), lr: Vec::new() };
        for Parameterizations { variable, exponents: [first, second] } in pairs {
            let by = trades(&first.hyperparameters, &second.hyperparameters);
            let Some(by) = by.into_iter().nth(parameter.0).filter(|by| !by.is_zero()) else { continue };
            trade.lr.push((variable.clone(), -(&per_trade * &by)));
            trade.init.push((variable.clone(), -&by));
            trade.multiplier.push((variable.clone(), by));
        }
        found.extend((!trade.multiplier.is_empty()).then_some(trade));
    }
    Ok(Sameness::Same(found))
}

/// The parameterization with the multiplier of each parameter moved by so much, and init and learning rate against it.
#[must_use]
pub fn traded(unfolded: &Unfolded, by: &[Exponent], degree: &Exponent) -> Unfolded {
    let per_trade = &Exponent::ONE + degree;
    let mut traded = unfolded.clone();
    for (w, by) in by.iter().enumerate().take(unfolded.own.len()) {
        traded.own[w] += by;
        traded.hyperparameters.init[w] -= by;
        traded.hyperparameters.lr[w] -= &(&per_trade * by);
    }
    traded
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
    for (key, value) in [("weight_decay", &mut row.weight_decay), ("epsilon", &mut row.epsilon)] {
        let Some(value) = value else { continue };
        let moved = optimizer.moved_by_trade(key);
        let moved = moved.ok_or_else(|| GaugeError::NoDegree(optimizer.about.name.clone()))?;
        *value = value.times(&PowerSum::from(&by.scaled(&moved)));
    }
    Ok(())
}

/// The declared multiplier that stands at every use of a parameter, if there is such a one.
fn declared(graph: &Graph, parameter: ParameterId) -> Option<MultiplierId> {
    let uses = graph.uses(parameter);
    let of = |node: &NodeId| graph.node(*node).op.multiplier();
    let first = uses.first().and_then(of)?;
    uses.iter().all(|node| of(node) == Some(first)).then_some(first)
}

/// The nodes in front of which a multiplier stands.
fn places(graph: &Graph, id: MultiplierId) -> impl Iterator<Item = NodeId> + '_ {
    graph.nodes().filter(move |node| graph.node(*node).op.multiplier() == Some(id))
}

/// Whether a multiplier stands in front of some node that uses no parameter.
fn is_without_parameter(graph: &Graph, id: MultiplierId) -> bool {
    places(graph, id).any(|node| graph.parameter_at(node).is_none())
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
