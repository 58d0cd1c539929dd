//! [`Prediction`]: the exponents at given hyperparameters.

use std::collections::BTreeMap;

use super::{Condition, DerivationId, Magnitude, Propagation, Subject};
use crate::exact::{Exponent, Form, PowerSum, Terms, Unknown};
use crate::graph::{Hyperparameters, NodeId, ParameterId};

/// Every exponent of theory section 1. Nothing stands where the prediction does not reach, because a node
/// is saturated or its positions become alike, or where nothing moves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prediction<E = Exponent> {
    /// rms of each node.
    pub forward: Vec<Option<E>>,
    /// rms of the derivative of the loss by each node.
    pub backward: Vec<Option<E>>,
    /// rms of the response of each node to each parameter upstream.
    pub update_by: BTreeMap<(ParameterId, NodeId), E>,
    /// rms of the response of each node to all parameters.
    pub update: Vec<Option<E>>,
    /// rms of the gradient of each parameter.
    pub gradient: Vec<Option<E>>,
    /// Loss decrease caused by each parameter.
    pub contribution: Vec<Option<E>>,
    /// Cosine of the angle at each cut node.
    pub angle: Vec<Option<E>>,
    /// The exponents of the summands of each magnitude that is a sum, largest first: where the second is not far
    /// below the first, sizes must be very large before the first is all that is seen.
    pub summands: BTreeMap<Subject, Vec<E>>,
    /// The sums without a largest summand that others are divided by, by their number; none in one scale variable.
    pub divisors: Vec<PowerSum>,
    /// The nodes at which exponents end, with the reason in words.
    pub saturated: Vec<(NodeId, String)>,
    /// Where the calculus is an approximation, in words.
    pub notes: Vec<String>,
}

impl Propagation {
    /// The value of every unknown at given hyperparameters.
    #[must_use]
    pub fn point(&self, hyperparameters: &Hyperparameters) -> Vec<Exponent> {
        let mut point = vec![Exponent::ZERO; self.ledger.unknowns.len()];
        let mut set = |unknown: Unknown, value: &Exponent| point[unknown.0 as usize] = value.clone();
        for (unknown, value) in self.init.iter().zip(&hyperparameters.init) {
            unknown.iter().for_each(|unknown| set(*unknown, value));
        }
        for (unknown, value) in self.lr.iter().zip(&hyperparameters.lr) {
            unknown.iter().for_each(|unknown| set(*unknown, value));
        }
        self.multiplier
            .iter()
            .zip(&hyperparameters.multiplier)
            .for_each(|(unknown, value)| set(*unknown, value));
        for definition in &self.ledger.definitions {
            let value = largest(&definition.terms, &point);
            point[definition.unknown.0 as usize] = value.unwrap_or_default();
        }
        point
    }

    /// Every exponent at given hyperparameters.
    #[must_use]
    pub fn predict(&self, hyperparameters: &Hyperparameters) -> Prediction {
        let graph = &self.graph;
        let point = self.point(hyperparameters);
        let exceeded: Vec<&Condition> =
            self.conditions.iter().filter(|condition| value(&condition.form, &point).is_positive()).collect();
        let saturated: Vec<(NodeId, String)> = exceeded
            .iter()
            .map(|condition| {
                let Condition { what, form, ending, .. } = condition;
                let reason = format!("{}: {what} = {} is above 0", ending.name(), value(form, &point));
                (condition.node, reason)
            })
            .collect();
        let nodes = graph.nodes().len();
        let mut beyond = vec![false; nodes];
        for id in graph.nodes() {
            beyond[id.index()] =
                exceeded.iter().any(|condition| condition.node == id && condition.ending.ends_forward())
                    || graph.operands(id).iter().any(|operand| beyond[operand.index()]);
        }
        let of = |magnitude: &Magnitude| value(&magnitude.form, &point);
        let known = |id: NodeId| !beyond[id.index()] && !graph.starts_at_zero(id);
        let forward = graph.nodes().map(|id| known(id).then(|| of(&self.forward[id.index()]))).collect();
        let mut prediction = Prediction {
            forward,
            backward: vec![None; nodes],
            update_by: BTreeMap::new(),
            update: vec![None; nodes],
            gradient: vec![None; graph.parameters.len()],
            contribution: vec![None; graph.parameters.len()],
            angle: vec![None; nodes],
            summands: BTreeMap::new(),
            divisors: Vec::new(),
            saturated,
            notes: self.notes.clone(),
        };
        if !prediction.saturated.is_empty() {
            return prediction;
        }
        prediction.backward = self.backward.iter().map(|magnitude| Some(of(magnitude))).collect();
        for (place, terms) in &self.update_by {
            prediction.update_by.extend(largest(terms, &point).map(|value| (*place, value)));
        }
        prediction.update = self.update.iter().map(|terms| largest(terms, &point)).collect();
        let of_trained = |magnitudes: &[Magnitude]| {
            let trained = graph.parameters.iter().zip(magnitudes);
            trained.map(|(parameter, magnitude)| parameter.is_trained().then(|| of(magnitude))).collect()
        };
        prediction.gradient = of_trained(&self.gradient);
        if self.alignment.is_none() {
            prediction.contribution = of_trained(&self.contribution);
            self.predict_angles(&point, &mut prediction);
        }
        self.predict_summands(&point, &mut prediction);
        prediction
    }

    fn predict_summands(&self, point: &[Exponent], prediction: &mut Prediction) {
        let mut values: Vec<Vec<Exponent>> = point.iter().map(|value| vec![value.clone()]).collect();
        for definition in &self.ledger.definitions {
            values[definition.unknown.0 as usize] = summands_of_all(&definition.terms, &values);
        }
        let nodes = || self.graph.nodes();
        let summands = &mut prediction.summands;
        summands.extend(
            nodes().map(|y| (Subject::Forward(y), summands_of(&self.forward[y.index()].form, &values))),
        );
        summands.extend(
            nodes().map(|y| (Subject::Backward(y), summands_of(&self.backward[y.index()].form, &values))),
        );
        summands
            .extend(nodes().map(|y| (Subject::Update(y), summands_of_all(&self.update[y.index()], &values))));
        summands.extend(
            self.update_by
                .iter()
                .map(|((w, y), terms)| (Subject::UpdateBy(*w, *y), summands_of_all(terms, &values))),
        );
        for w in self.graph.parameter_ids() {
            let of = |magnitude: &Magnitude| summands_of(&magnitude.form, &values);
            summands.insert(Subject::Gradient(w), of(&self.gradient[w.0]));
            summands.insert(Subject::Contribution(w), of(&self.contribution[w.0]));
        }
    }

    /// `angle(y) = max contribution above y - (update(y) + backward(y) + |all axes of y|)` (theory, section 8).
    fn predict_angles(&self, point: &[Exponent], prediction: &mut Prediction) {
        for node in self.graph.cut_nodes() {
            let above = self.graph.parameters_upstream(node);
            let contribution = above.iter().filter_map(|w| prediction.contribution[w.0].clone()).max();
            let axes = value(&self.sizes.of(&self.graph.node(node).axes), point);
            let (update, backward) = (&prediction.update[node.index()], &prediction.backward[node.index()]);
            if let (Some(contribution), Some(update), Some(backward)) = (contribution, update, backward) {
                let norms = &(update + backward) + &axes;
                prediction.angle[node.index()] = Some(contribution - norms);
            }
        }
    }
}

fn value(form: &Form, point: &[Exponent]) -> Exponent {
    form.evaluate(|unknown| point.get(unknown.0 as usize)).unwrap_or_default()
}

/// The largest of the terms, with which derivation attains it.
fn largest(terms: &Terms<DerivationId>, point: &[Exponent]) -> Option<Exponent> {
    terms.iter().map(|(form, _)| value(form, point)).max()
}

/// Summands kept of one magnitude: those far below the largest are never seen.
const MOST_SUMMANDS: usize = 6;

/// The exponents of the summands of a form whose unknowns are sums themselves, largest first. Where a form
/// divides by a sum, only the largest summand of the divisor counts.
fn summands_of(form: &Form, values: &[Vec<Exponent>]) -> Vec<Exponent> {
    let mut summands = vec![form.constant_part().clone()];
    for (unknown, coefficient) in form.coefficients() {
        let value = values.get(unknown.0 as usize).map_or(&[][..], Vec::as_slice);
        let factors = if coefficient.is_negative() { value.get(..1).unwrap_or_default() } else { value };
        let product = |summand: &Exponent, factor: &Exponent| summand + &(coefficient * factor);
        let products =
            summands.iter().flat_map(|summand| factors.iter().map(|factor| product(summand, factor)));
        summands = descending(products.collect());
    }
    summands
}

fn summands_of_all(terms: &Terms<DerivationId>, values: &[Vec<Exponent>]) -> Vec<Exponent> {
    descending(terms.iter().flat_map(|(form, _)| summands_of(form, values)).collect())
}

fn descending(mut exponents: Vec<Exponent>) -> Vec<Exponent> {
    exponents.sort_by(|a, b| b.cmp(a));
    exponents.dedup();
    exponents.truncate(MOST_SUMMANDS);
    exponents
}
