//! [`Symmetry`]: the trades of one network under one optimizer, and whether they lead from one parameterization to another.

use super::{GaugeError, degree, moved};
use crate::exact::{Exponent, Form, Unknown};
use crate::graph::{
    Graph, Hyperparameters, Kept, MultiplierId, NodeId, ParameterId, Stabiliser, Start, StatedStabilisers,
    Trades, Unfolded,
};
use crate::rule::{Optimizer, RuleBook};

/// A product of hyperparameters that no trade changes, as the sum of their exponents. All of them together determine a
/// parameterization up to gauge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invariant {
    /// How often the initial standard deviation of a parameter is taken.
    pub init: Vec<(ParameterId, Exponent)>,
    /// The learning rate of one.
    pub lr: Vec<(ParameterId, Exponent)>,
    /// A multiplier.
    pub multiplier: Vec<(MultiplierId, Exponent)>,
    /// A weight decay or epsilon, once: then beside the init of the same parameter.
    pub stabiliser: Option<(Stabiliser, ParameterId)>,
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
    /// They are.
    Same {
        /// What each parameter's multipliers are multiplied by on the way from the first to the second.
        trades: Vec<Trade>,
        /// The nodes inside that have another size in the second, though all is trained alike.
        resized: Vec<Resized>,
    },
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

/// By how much a node is larger, by scale variable: exponents that are not zero.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resized {
    /// The node.
    pub node: NodeId,
    /// By how much.
    pub by: Vec<(String, Exponent)>,
}

/// The trades of a network under an optimizer.
#[derive(Clone, Debug)]
pub struct Symmetry<'a> {
    graph: &'a Graph,
    degree: Exponent,
    /// The equations of the network alone.
    trades: Trades,
    /// Every invariant: parameters first, in order.
    invariants: Vec<Invariant>,
}

impl<'a> Symmetry<'a> {
    /// Of a network, with what rules say of its activations.
    ///
    /// # Errors
    /// If the step of the optimizer has no degree in the gradient, or the equations are too long.
    pub fn new(graph: &'a Graph, book: &RuleBook, optimizer: &Optimizer) -> Result<Self, GaugeError> {
        let degree = degree(optimizer)?;
        let homogeneous = |name: &str| book.ops.get(name).is_some_and(|rule| rule.homogeneous);
        let named = 2 * graph.parameters.len() + graph.multipliers.len();
        let trades = Trades::of(graph, Kept::Output(&homogeneous), named);
        if trades.is_full() {
            return Err(GaugeError::TooLarge(graph.name.clone()));
        }
        let mut symmetry = Self { graph, degree, trades, invariants: Vec::new() };
        symmetry.invariants = symmetry.every_invariant();
        Ok(symmetry)
    }

    /// How much the learning rate of a parameter changes with its size.
    fn per_trade(&self) -> Exponent {
        &Exponent::ONE + &self.degree
    }

    /// The equations of the network with a name for every hyperparameter: what is left of those in which no trade is free.
    fn every_invariant(&self) -> Vec<Invariant> {
        let (graph, count) = (self.graph, self.graph.parameters.len());
        let named = |index: usize| Form::unknown(Unknown(u32::try_from(index).unwrap_or(u32::MAX)));
        let mut trades = self.trades.clone();
        let mut left = Vec::new();
        for w in graph.parameter_ids() {
            let by = trades.of_parameter(w);
            if graph.parameter(w).has_init() {
                left.push(trades.ask(&(&by - &named(w.0))));
            }
            if graph.parameter(w).is_trained() {
                left.push(trades.ask(&(&by.scaled(&self.per_trade()) - &named(count + w.0))));
            }
        }
        for id in graph.multiplier_ids() {
            left.push(trades.ask(&(&trades.of_multiplier(id) - &named(2 * count + id.0))));
        }
        let only_named = |form: &Form| {
            let last = form.coefficients().next_back();
            last.is_some_and(|(unknown, _)| (unknown.0 as usize) < 2 * count + graph.multipliers.len())
        };
        left.iter().filter(|form| only_named(form)).map(|form| Invariant::of(form, count)).collect()
    }

    /// The first invariant in which two parameterizations differ.
    #[must_use]
    pub fn difference(&self, first: &Unfolded, second: &Unfolded) -> Option<Difference> {
        let [first, second] = [first, second].map(|held| held.folded(&self.degree));
        self.invariants.iter().find_map(|of| {
            let exponents = [of.at(&first), of.at(&second)];
            (exponents[0] != exponents[1]).then(|| Difference { of: of.clone(), exponents })
        })
    }

    /// By how much each node is larger in the second of two parameterizations that are the same; as far as that is determined.
    fn resized(&self, first: &Unfolded, second: &Unfolded) -> Vec<(NodeId, Exponent)> {
        let [first, second] = [first, second].map(|held| held.folded(&self.degree));
        let mut trades = self.trades.clone();
        let per_trade = self.per_trade();
        for w in self.graph.parameter_ids() {
            let parameter = self.graph.parameter(w);
            let by = match (parameter.start, per_trade.reciprocal()) {
                (Start::Gaussian | Start::Constant | Start::Identity, _) => second.init(w) - first.init(w),
                (Start::Zero, Some(inverse)) => &(second.lr(w) - first.lr(w)) * &inverse,
                (Start::One, _) | (Start::Zero, None) => continue,
            };
            trades.ask(&trades.of_parameter(w).plus(&-&by));
        }
        for id in self.graph.multiplier_ids() {
            let by = second.multiplier(id) - first.multiplier(id);
            trades.ask(&trades.of_multiplier(id).plus(&-&by));
        }
        let size = |node: NodeId| {
            let by = trades.reduced(&trades.of_node(node)).as_constant().cloned()?;
            (!by.is_zero()).then_some((node, by))
        };
        self.graph.declared().filter_map(size).collect()
    }
}

impl Invariant {
    /// The form in the exponents of all inits, then all learning rates, then all multipliers; with the first learning rate,
    /// else the first exponent, taken once.
    fn of(form: &Form, parameters: usize) -> Self {
        let place = |unknown: Unknown| unknown.0 as usize;
        let is_rate = |unknown: Unknown| (parameters..2 * parameters).contains(&place(unknown));
        let mut coefficients = form.coefficients();
        let first =
            form.coefficients().find(|(unknown, _)| is_rate(*unknown)).or_else(|| coefficients.next());
        let unit = first.and_then(|(_, coefficient)| coefficient.reciprocal()).unwrap_or(Exponent::ONE);
        let mut invariant =
            Self { init: Vec::new(), lr: Vec::new(), multiplier: Vec::new(), stabiliser: None };
        for (unknown, coefficient) in form.coefficients() {
            let (at, often) = (place(unknown), coefficient * &unit);
            match at.checked_sub(parameters) {
                None => invariant.init.push((ParameterId(at), often)),
                Some(rate) if rate < parameters => invariant.lr.push((ParameterId(rate), often)),
                Some(rest) => invariant.multiplier.push((MultiplierId(rest - parameters), often)),
            }
        }
        invariant
    }

    /// Its exponent at folded hyperparameters.
    #[must_use]
    pub fn at(&self, folded: &Hyperparameters) -> Exponent {
        let init = self.init.iter().map(|(w, often)| folded.init(*w) * often);
        let lr = self.lr.iter().map(|(w, often)| folded.lr(*w) * often);
        let multiplier = self.multiplier.iter().map(|(id, often)| folded.multiplier(*id) * often);
        init.chain(lr).chain(multiplier).sum()
    }
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
    book: &RuleBook,
    optimizers: [&Optimizer; 2],
    pairs: &[Parameterizations],
) -> Result<Sameness, GaugeError> {
    let names = optimizers.map(|optimizer| optimizer.about.name.clone());
    if names[0] != names[1] {
        return Ok(Sameness::OtherOptimizer(names));
    }
    let symmetry = Symmetry::new(graph, book, optimizers[0])?;
    let of_each = optimizers[0].of_each(graph);
    for pair in pairs {
        let [first, second] = &pair.exponents;
        let mut difference = symmetry.difference(first, second);
        if difference.is_none() {
            difference = unsteady(graph, &of_each, pair, &symmetry.per_trade())?;
        }
        if let Some(difference) = difference {
            return Ok(Sameness::Differ { variable: pair.variable.clone(), difference });
        }
    }
    let per_trade = symmetry.per_trade();
    let mut found = Vec::new();
    for parameter in graph.parameter_ids() {
        let mut trade = Trade::none(parameter);
        for Parameterizations { variable, exponents: [first, second], stabilisers: [states, others] } in pairs
        {
            let told = |exponent: Exponent| (variable.clone(), exponent);
            let by = trades(&first.hyperparameters, &second.hyperparameters);
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
    let mut resized: Vec<Resized> = Vec::new();
    for Parameterizations { variable, exponents: [first, second], .. } in pairs {
        for (node, by) in symmetry.resized(first, second) {
            let by = (variable.clone(), by);
            match resized.iter_mut().find(|held| held.node == node) {
                Some(held) => held.by.push(by),
                None => resized.push(Resized { node, by: vec![by] }),
            }
        }
    }
    resized.sort_by_key(|held| held.node);
    Ok(Sameness::Same { trades: found, resized })
}

/// The first weight decay or epsilon, of those that both of two parameterizations state, in which they differ.
fn unsteady(
    graph: &Graph,
    optimizers: &[&Optimizer],
    pair: &Parameterizations,
    per_trade: &Exponent,
) -> Result<Option<Difference>, GaugeError> {
    let [first, second] = &pair.stabilisers;
    for ((stabiliser, w), from) in first {
        let Some(to) = second.get(&(*stabiliser, *w)) else { continue };
        let by = moved(optimizers[w.0], *stabiliser)?;
        let (mut init, mut lr) = (Vec::new(), Vec::new());
        match (graph.parameter(*w).start, per_trade.reciprocal()) {
            (Start::Gaussian | Start::Constant | Start::Identity, _) => init.push((*w, by)),
            // What starts at zero has no size: its rate says how it was traded.
            (Start::Zero, Some(inverse)) => lr.push((*w, &by * &inverse)),
            (Start::One, _) | (Start::Zero, None) => {}
        }
        let stabiliser = Some((*stabiliser, *w));
        let of = Invariant { init, lr, multiplier: Vec::new(), stabiliser };
        let [one, other] = &pair.exponents;
        let exponents = [from + &of.at(&one.hyperparameters), to + &of.at(&other.hyperparameters)];
        if exponents[0] != exponents[1] {
            return Ok(Some(Difference { of, exponents }));
        }
    }
    Ok(None)
}

impl Trade {
    fn none(parameter: ParameterId) -> Self {
        let [multiplier, init, lr, weight_decay, epsilon] = std::array::from_fn(|_| Vec::new());
        Self { parameter, multiplier, init, lr, weight_decay, epsilon }
    }
}
