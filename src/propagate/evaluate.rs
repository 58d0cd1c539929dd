//! [`Prediction`]: the exponents at given hyperparameters.

use std::collections::BTreeMap;

use super::sums::Sums;
use super::{DerivationId, Expressed, Propagation};
use crate::exact::{Exponent, Form, PowerSum, Terms, Unknown};
use crate::graph::{Hyperparameters, NodeId, Quantity, QuantityKind};

/// The exponents of quantities at given hyperparameters: each a sum of powers of the scale variables, of one power where there
/// is one. There is none of a quantity that the prediction does not reach, because a node is saturated or its positions become
/// alike, nor where nothing moves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prediction {
    exponents: BTreeMap<Quantity, PowerSum>,
    /// In one scale variable, the exponents of the summands of each magnitude that is a sum, largest first: where the second is
    /// not far below the first, sizes must be very large before the first is all that is seen.
    pub summands: BTreeMap<Quantity, Vec<Exponent>>,
    /// The sums without a largest summand that others are divided by, by their number; none in one scale variable.
    pub divisors: Vec<PowerSum>,
    /// The nodes at which exponents end, with the reason in words.
    pub saturated: Vec<(NodeId, String)>,
    /// Where the calculus is an approximation, in words.
    pub notes: Vec<String>,
}

impl Prediction {
    /// The exponent of a quantity in one scale variable; `None` if there is none, or one in each of several.
    #[must_use]
    pub fn of(&self, quantity: Quantity) -> Option<&Exponent> {
        match self.sum(quantity)?.largest()? {
            [exponent] => Some(exponent),
            _ => None,
        }
    }

    /// A quantity as a sum of powers of all scale variables.
    #[must_use]
    pub fn sum(&self, quantity: Quantity) -> Option<&PowerSum> {
        self.exponents.get(&quantity)
    }

    /// Every quantity that is predicted, in order.
    pub fn quantities(&self) -> impl Iterator<Item = Quantity> + '_ {
        self.exponents.keys().copied()
    }
}

/// What is told where sums are left out.
const LEFT_OUT: &str =
    "sums of more than 16 summands, or divided by many sums, are left out: predict along a tie";

impl Propagation {
    /// Every quantity that has an exponent where exponents end nowhere, in order: not what starts at zero or never moves, nor,
    /// under an assumed alignment, what goes with the alignment of the first step.
    pub fn quantities(&self) -> impl Iterator<Item = Quantity> + '_ {
        let graph = &self.graph;
        let starts = graph.nodes().filter(|y| !graph.starts_at_zero(*y));
        let trained = || graph.parameter_ids().filter(|w| graph.parameter(*w).is_trained());
        let moved = graph.nodes().filter(|y| !self.update[y.index()].is_empty());
        let quantities = starts.map(Quantity::forward).chain(graph.nodes().map(Quantity::backward));
        let quantities = quantities.chain(trained().map(Quantity::gradient));
        let quantities = quantities.chain(trained().map(Quantity::contribution));
        let quantities = quantities.chain(moved.map(Quantity::update));
        let quantities = quantities.chain(self.update_by.keys().map(|(w, y)| Quantity::update_by(*w, *y)));
        let quantities = quantities.chain(graph.cut_nodes().into_iter().map(Quantity::angle));
        quantities.filter(|quantity| match quantity.kind() {
            QuantityKind::Contribution | QuantityKind::Angle => self.alignment.is_none(),
            QuantityKind::Forward
            | QuantityKind::Change
            | QuantityKind::Backward
            | QuantityKind::Gradient
            | QuantityKind::Update => true,
        })
    }

    /// The value of every unknown at given hyperparameters, along one direction of growth.
    #[must_use]
    pub fn point(&self, hyperparameters: &Hyperparameters) -> Vec<Exponent> {
        let mut point = vec![Exponent::ZERO; self.ledger.unknowns.len()];
        self.each_hyperparameter(|unknown, of| point[unknown.0 as usize] = of(hyperparameters));
        for definition in &self.ledger.definitions {
            let value = definition.terms.iter().map(|(form, _)| value(form, &point)).max();
            point[definition.unknown.0 as usize] = value.unwrap_or_default();
        }
        point
    }

    /// The exponents of quantities that are reached where exponents end at these nodes. A sum that is too long to be read is
    /// left out.
    #[must_use]
    pub fn evaluate(
        &self,
        mut sums: Sums,
        saturated: Vec<(NodeId, String)>,
        is_reached: impl Fn(Quantity) -> bool,
    ) -> Prediction {
        let mut exponents = BTreeMap::new();
        let mut notes: Vec<String> = self.notes.iter().map(ToString::to_string).collect();
        let mut is_whole = true;
        for quantity in self.quantities().filter(|quantity| is_reached(*quantity)) {
            let sum = match self.expressed(quantity) {
                Some(Expressed::Form(magnitude)) => sums.of(&magnitude.form),
                Some(Expressed::Largest(terms)) => sums.of_all(terms),
                None => self.angle(quantity, &exponents, &mut sums),
            };
            is_whole &= sum.is_some()
                || match quantity.kind() {
                    QuantityKind::Forward
                    | QuantityKind::Change
                    | QuantityKind::Backward
                    | QuantityKind::Contribution => false,
                    QuantityKind::Gradient | QuantityKind::Update | QuantityKind::Angle => true,
                };
            exponents.extend(sum.map(|sum| (quantity, sum)));
        }
        if !is_whole {
            notes.push(LEFT_OUT.into());
        }
        let is_along = self.growth.variables().is_empty();
        let summands = if is_along && saturated.is_empty() {
            self.summands(&sums, exponents.keys())
        } else {
            BTreeMap::new()
        };
        Prediction { exponents, summands, divisors: sums.divisors, saturated, notes }
    }

    /// `angle(y) = max contribution above y - (update(y) + backward(y) + |all axes of y|)` (theory, section 8).
    fn angle(
        &self,
        quantity: Quantity,
        exponents: &BTreeMap<Quantity, PowerSum>,
        sums: &mut Sums,
    ) -> Option<PowerSum> {
        let node = quantity.site().node()?;
        let above = self.graph.parameters_upstream(node).into_iter();
        let trained = above.filter(|w| self.graph.parameter(*w).is_trained());
        let contributions = trained.map(|w| exponents.get(&Quantity::contribution(w)).cloned());
        // Without one that is left out, the largest is not known.
        let contribution = PowerSum::of(contributions.collect::<Option<Vec<_>>>()?)?;
        let axes = sums.of(&self.growth.of(&self.graph, &self.graph.node(node).axes))?;
        let update = exponents.get(&Quantity::update(node))?;
        let backward = exponents.get(&Quantity::backward(node))?;
        sums.quotient(&contribution, &update.times(backward).times(&axes))
    }

    /// The exponents of the summands of quantities, along one direction of growth.
    fn summands<'q>(
        &self,
        sums: &Sums,
        quantities: impl Iterator<Item = &'q Quantity>,
    ) -> BTreeMap<Quantity, Vec<Exponent>> {
        let mut values: Vec<Vec<Exponent>> =
            sums.exponents().map(|held| held.cloned().into_iter().collect()).collect();
        for definition in &self.ledger.definitions {
            values[definition.unknown.0 as usize] = summands_of_all(&definition.terms, &values);
        }
        let of = |quantity: &Quantity| {
            let summands = match self.expressed(*quantity)? {
                Expressed::Form(magnitude) => summands_of(&magnitude.form, &values),
                Expressed::Largest(terms) => summands_of_all(terms, &values),
            };
            Some((*quantity, summands))
        };
        quantities.filter_map(of).collect()
    }

    /// Tells of every unknown that is a hyperparameter how to find it among others.
    pub(super) fn each_hyperparameter(
        &self,
        mut tell: impl FnMut(Unknown, &dyn Fn(&Hyperparameters) -> Exponent),
    ) {
        for id in self.graph.parameter_ids() {
            if let Some(unknown) = self.init[id.0] {
                tell(unknown, &|all| all.init(id).clone());
            }
            if let Some(unknown) = self.lr[id.0] {
                tell(unknown, &|all| all.lr(id).clone());
            }
        }
        for id in self.graph.multiplier_ids() {
            tell(self.multiplier[id.0], &|all| all.multiplier(id).clone());
        }
    }
}

fn value(form: &Form, point: &[Exponent]) -> Exponent {
    form.evaluate(|unknown| point.get(unknown.0 as usize)).unwrap_or_default()
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
