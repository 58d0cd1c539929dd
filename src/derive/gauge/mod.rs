//! Gauge: what of a parameterization can be traded without changing it (theory, section 7).
//!
//! The same network is trained if every node that uses a weight multiplies by `t` times as much, the weight starts `t`
//! times as small, and its learning rate is `t^(1 + p)` times as small, where the optimizer's step has degree `p` in the
//! gradient: 1 for SGD, 0 for Adam. Two parameterizations are equal up to that trade exactly if they agree in every
//! [`Invariant`].

mod table;

pub use table::{Gauge, in_gauge, with_own};

use thiserror::Error;

use crate::exact::Exponent;
use crate::graph::{
    Graph, Hyperparameters, MultiplierId, NodeId, ParameterId, Stabiliser, Start, StatedStabilisers, Unfolded,
};
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
    /// The weight decay or epsilon of a parameter, as its initial standard deviation to 1 or what its multiplier to 1 moves it.
    Stabiliser(Stabiliser, ParameterId),
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
    /// What each states of weight decay and epsilon.
    pub stabilisers: [StatedStabilisers; 2],
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
    /// Of its weight decay, if both state it.
    pub weight_decay: Vec<(String, Exponent)>,
    /// Of its epsilon, likewise.
    pub epsilon: Vec<(String, Exponent)>,
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

/// By how much a trade moves the weight decay or epsilon of a parameter, where its multiplier moves by 1.
///
/// # Errors
/// If the rule of its optimizer has no degree.
pub fn moved(optimizer: &Optimizer, stabiliser: Stabiliser) -> Result<Exponent, GaugeError> {
    let moved = optimizer.moved_by_trade(stabiliser.key());
    moved.ok_or_else(|| GaugeError::NoDegree(optimizer.about.name.clone()))
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
    let of_each = optimizers[0].of_each(graph);
    for Parameterizations { variable, exponents: [first, second], stabilisers } in pairs {
        let mut difference = difference(graph, first, second, &degree);
        if difference.is_none() {
            difference = unsteady(graph, &of_each, [first, second], stabilisers)?;
        }
        if let Some(difference) = difference {
            return Ok(Sameness::Differ { variable: variable.clone(), difference });
        }
    }
    let per_trade = &Exponent::ONE + &degree;
    let traded = pairs.iter().map(|Parameterizations { exponents: [first, second], .. }| {
        trades(&first.hyperparameters, &second.hyperparameters)
    });
    let traded: Vec<Vec<Exponent>> = traded.collect();
    let mut found = Vec::new();
    for parameter in graph.parameter_ids() {
        let mut trade = Trade::none(parameter);
        for (Parameterizations { variable, stabilisers: [states, others], .. }, by) in
            pairs.iter().zip(&traded)
        {
            let told = |exponent: Exponent| (variable.clone(), exponent);
            if let Some(by) = by.get(parameter.0).filter(|by| !by.is_zero()) {
                trade.lr.push(told(-(&per_trade * by)));
                trade.init.push(told(-by));
                trade.multiplier.push(told(by.clone()));
            }
            for stabiliser in Stabiliser::ALL {
                let of = (stabiliser, parameter);
                let Some((from, to)) = states.get(&of).zip(others.get(&of)) else { continue };
                let into = match stabiliser {
                    Stabiliser::WeightDecay => &mut trade.weight_decay,
                    Stabiliser::Epsilon => &mut trade.epsilon,
                };
                into.extend((to != from).then(|| told(to - from)));
            }
        }
        found.extend((!trade.multiplier.is_empty()).then_some(trade));
    }
    Ok(Sameness::Same(found))
}

/// The first weight decay or epsilon, of those that both of two parameterizations state, in which they differ.
fn unsteady(
    graph: &Graph,
    optimizers: &[&Optimizer],
    exponents: [&Unfolded; 2],
    stabilisers: &[StatedStabilisers; 2],
) -> Result<Option<Difference>, GaugeError> {
    let [first, second] = stabilisers;
    for ((stabiliser, w), from) in first {
        let Some(to) = second.get(&(*stabiliser, *w)) else { continue };
        let moved = moved(optimizers[w.0], *stabiliser)?;
        let with = |stated: &Exponent, unfolded: &Unfolded| match graph.parameter(*w).start {
            Start::One => stated.clone(),
            Start::Zero => stated - &(&moved * &multiplied(graph, *w, unfolded)),
            Start::Gaussian => stated + &(&moved * unfolded.hyperparameters.init(*w)),
        };
        let exponents = [with(from, exponents[0]), with(to, exponents[1])];
        if exponents[0] != exponents[1] {
            return Ok(Some(Difference { of: Invariant::Stabiliser(*stabiliser, *w), exponents }));
        }
    }
    Ok(None)
}

/// What stands in front of a parameter wherever it is used.
fn multiplied(graph: &Graph, w: ParameterId, unfolded: &Unfolded) -> Exponent {
    let declared = declared(graph, w).map(|id| unfolded.hyperparameters.multiplier(id).clone());
    &declared.unwrap_or_default() + &unfolded.own[w.0]
}

impl Trade {
    fn none(parameter: ParameterId) -> Self {
        let [multiplier, init, lr, weight_decay, epsilon] = std::array::from_fn(|_| Vec::new());
        Self { parameter, multiplier, init, lr, weight_decay, epsilon }
    }
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
