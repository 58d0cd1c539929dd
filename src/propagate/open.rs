//! Exponents at given hyperparameters where the growth of several scale variables is left open: each is a sum of powers
//! of all of them (theory, section 7).

use std::collections::BTreeMap;

use super::{DerivationId, Magnitude, Prediction, Propagation};
use crate::exact::{Exponent, Form, PowerSum, Terms, Unknown};
use crate::graph::Hyperparameters;

/// The longest sum that is told.
const LONGEST: usize = 16;
/// Sums that others are divided by at most.
const MOST_DIVISORS: usize = 16;

impl Propagation {
    /// What the hyperparameters are as forms in the growth of each scale variable, given their exponents in each; nothing
    /// for what is not a hyperparameter.
    #[must_use]
    pub fn opened(&self, hyperparameters: &[Hyperparameters]) -> Vec<Option<Form>> {
        let mut forms = vec![None; self.ledger.unknowns.len()];
        let growth = self.sizes.variables();
        let mut set = |unknown: Unknown, exponent: &dyn Fn(&Hyperparameters) -> Exponent| {
            let mut form = Form::zero();
            for (variable, given) in growth.iter().zip(hyperparameters) {
                form.add_scaled(&exponent(given), &Form::unknown(*variable));
            }
            forms[unknown.0 as usize] = Some(form);
        };
        for id in self.graph.parameter_ids() {
            if let Some(unknown) = self.init[id.0] {
                set(unknown, &|given| given.init(id).clone());
            }
            if let Some(unknown) = self.lr[id.0] {
                set(unknown, &|given| given.lr(id).clone());
            }
        }
        for id in self.graph.multiplier_ids() {
            set(self.multiplier[id.0], &|given| given.multiplier(id).clone());
        }
        forms
    }

    /// Every exponent at given hyperparameters, as a sum of powers; nothing where the sum is too long to be read. Whether exponents end at some node is not asked.
    #[must_use]
    pub fn predict_openly(&self, hyperparameters: &[Hyperparameters]) -> Prediction<PowerSum> {
        let mut sums = Sums::at(self, hyperparameters);
        let mut of = |magnitudes: &[Magnitude], is_told: &dyn Fn(usize) -> bool| -> Vec<Option<PowerSum>> {
            let told = magnitudes.iter().enumerate();
            told.map(|(index, held)| is_told(index).then(|| sums.of(&held.form)).flatten()).collect()
        };
        let nodes: Vec<bool> = self.graph.nodes().map(|id| !self.graph.starts_at_zero(id)).collect();
        let trained = |index: usize| self.graph.parameters[index].is_trained();
        let (forward, backward) = (of(&self.forward, &|index| nodes[index]), of(&self.backward, &|_| true));
        let gradient = of(&self.gradient, &trained);
        let contributes = |index: usize| trained(index) && self.alignment.is_none();
        let contribution = of(&self.contribution, &contributes);
        let update = self.update.iter().map(|terms| sums.of_all(terms)).collect();
        let mut prediction = Prediction {
            forward,
            backward,
            update_by: BTreeMap::new(),
            update,
            gradient,
            contribution,
            angle: vec![None; self.graph.nodes().len()],
            summands: BTreeMap::new(),
            divisors: Vec::new(),
            saturated: Vec::new(),
            notes: self.notes.clone(),
        };
        for (place, terms) in &self.update_by {
            prediction.update_by.extend(sums.of_all(terms).map(|sum| (*place, sum)));
        }
        for node in self.graph.cut_nodes() {
            let above = self.graph.parameters_upstream(node);
            let contribution = above.iter().filter_map(|w| prediction.contribution[w.0].clone());
            let contribution = PowerSum::of(contribution);
            let axes = sums.of(&self.sizes.of(&self.graph.node(node).axes));
            let (update, backward) = (&prediction.update[node.index()], &prediction.backward[node.index()]);
            if let (Some(all), Some(update), Some(backward), Some(axes)) =
                (contribution, update, backward, axes)
            {
                let norms = update.times(backward).times(&axes).reduced(&sums.divisors);
                let inverse = sums.power(&norms, &Exponent::integer(-1));
                let angle = inverse.map(|inverse| all.times(&inverse).reduced(&sums.divisors));
                prediction.angle[node.index()] = angle.filter(|sum| sum.summands().len() <= LONGEST);
            }
        }
        let told =
            prediction.forward.iter().zip(&nodes).filter(|(_, is_told)| **is_told).map(|(held, _)| held);
        let of_parameters =
            prediction.contribution.iter().enumerate().filter(|(index, _)| contributes(*index));
        let told = told.chain(&prediction.backward).chain(of_parameters.map(|(_, held)| held));
        if told.into_iter().any(Option::is_none) {
            let left_out =
                "sums of more than 16 summands, or divided by many sums, are left out: predict along a tie";
            prediction.notes.push(left_out.into());
        }
        prediction.divisors = sums.divisors;
        prediction
    }

    /// What the optimizer's epsilon and weight decay of each parameter must be at given hyperparameters.
    #[must_use]
    pub fn stabilisers(&self, hyperparameters: &[Hyperparameters]) -> Stabilisers {
        let mut sums = Sums::at(self, hyperparameters);
        let mut of = |held: &[Option<Magnitude>]| {
            held.iter().map(|held| held.as_ref().and_then(|magnitude| sums.of(&magnitude.form))).collect()
        };
        let (epsilon, weight_decay) = (of(&self.epsilon), of(&self.weight_decay));
        Stabilisers { epsilon, weight_decay, divisors: sums.divisors }
    }
}

/// What steadies the optimizer, for each parameter in order; nothing where it has no such thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stabilisers {
    /// Its epsilon.
    pub epsilon: Vec<Option<PowerSum>>,
    /// Its weight decay.
    pub weight_decay: Vec<Option<PowerSum>>,
    /// The sums without a largest summand that these are divided by.
    pub divisors: Vec<PowerSum>,
}

/// What every unknown is as a sum of powers.
struct Sums {
    variables: usize,
    values: Vec<Option<PowerSum>>,
    /// Sums without a largest summand of which a negative power is taken.
    divisors: Vec<PowerSum>,
}

impl Sums {
    fn at(propagation: &Propagation, hyperparameters: &[Hyperparameters]) -> Self {
        let growth = propagation.sizes.variables();
        let mut values = vec![None; propagation.ledger.unknowns.len()];
        let unit = |at: usize| (0..growth.len()).map(|i| Exponent::integer(i64::from(i == at))).collect();
        for (at, unknown) in growth.iter().enumerate() {
            values[unknown.0 as usize] = Some(PowerSum::single(unit(at)));
        }
        for (index, form) in propagation.opened(hyperparameters).into_iter().enumerate() {
            if let Some(form) = form {
                let exponents = growth.iter().map(|variable| form.coefficient(*variable)).collect();
                values[index] = Some(PowerSum::single(exponents));
            }
        }
        let mut sums = Self { variables: growth.len(), values, divisors: Vec::new() };
        for definition in &propagation.ledger.definitions {
            sums.values[definition.unknown.0 as usize] = sums.of_all(&definition.terms);
        }
        sums
    }

    /// A form as a sum of powers; nothing if it has a constant, which would be the exponent of no scale variable, or if the sum
    /// is too long to be read.
    fn of(&mut self, form: &Form) -> Option<PowerSum> {
        let one = PowerSum::single(vec![Exponent::ZERO; self.variables]);
        let mut product = form.constant_part().is_zero().then_some(one)?;
        for (unknown, coefficient) in form.coefficients() {
            let value = self.values.get(unknown.0 as usize)?.clone()?;
            product = product.times(&self.power(&value, coefficient)?).reduced(&self.divisors);
            if product.summands().len() > LONGEST {
                return None;
            }
        }
        Some(product)
    }

    fn of_all(&mut self, terms: &Terms<DerivationId>) -> Option<PowerSum> {
        let all: Option<Vec<PowerSum>> = terms.iter().map(|(form, _)| self.of(form)).collect();
        let sum = PowerSum::of(all?)?.reduced(&self.divisors);
        (sum.summands().len() <= LONGEST).then_some(sum)
    }

    /// The power of a sum; where that is no sum, of the sum as a whole. Nothing beyond so many sums: nobody would read them.
    fn power(&mut self, sum: &PowerSum, power: &Exponent) -> Option<PowerSum> {
        if let Some(known) = sum.power(power) {
            return Some(known);
        }
        let number = match self.divisors.iter().position(|held| held == sum) {
            Some(known) => known,
            None if self.divisors.len() == MOST_DIVISORS => return None,
            None => {
                self.divisors.push(sum.clone());
                self.divisors.len() - 1
            }
        };
        Some(PowerSum::of_sum(self.variables, number, power.clone()))
    }
}
