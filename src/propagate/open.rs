//! Exponents at given hyperparameters where the growth of several scale variables is left open: each is a sum of powers
//! of all of them (theory, section 7).

use std::collections::BTreeMap;

use super::{DerivationId, Magnitude, Prediction, Propagation};
use crate::architecture::Hyperparameters;
use crate::exponent::{Exponent, Form, PowerSum, Terms, Unknown};

impl Propagation<'_> {
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
            set(self.lr[id.0], &|given| given.lr(id).clone());
        }
        for id in self.graph.multiplier_ids() {
            set(self.multiplier[id.0], &|given| given.multiplier(id).clone());
        }
        forms
    }

    /// Every exponent at given hyperparameters, as a sum of powers. Nothing also stands for what is no such sum: a power of
    /// the inverse of a sum without a largest summand. Whether exponents end at some node is not asked.
    #[must_use]
    pub fn predict_openly(&self, hyperparameters: &[Hyperparameters]) -> Prediction<PowerSum> {
        let sums = Sums::at(self, hyperparameters);
        let of = |magnitudes: &[Magnitude]| magnitudes.iter().map(|held| sums.of(&held.form)).collect();
        let mut prediction = Prediction {
            forward: of(&self.forward),
            backward: of(&self.backward),
            update_by: BTreeMap::new(),
            update: self.update.iter().map(|terms| sums.of_all(terms)).collect(),
            gradient: of(&self.gradient),
            contribution: of(&self.contribution),
            angle: vec![None; self.graph.nodes().len()],
            summands: BTreeMap::new(),
            saturated: Vec::new(),
            notes: self.notes.clone(),
        };
        for (place, terms) in &self.update_by {
            prediction.update_by.extend(sums.of_all(terms).map(|sum| (*place, sum)));
        }
        for node in self.graph.cut_nodes() {
            let above = self.graph.parameters_upstream(node);
            let contribution = above.iter().map(|w| prediction.contribution[w.0].clone());
            let contribution = contribution.collect::<Option<Vec<_>>>().and_then(PowerSum::of);
            let axes = sums.of(&self.sizes.of(&self.graph.node(node).axes));
            let (update, backward) = (&prediction.update[node.index()], &prediction.backward[node.index()]);
            if let (Some(all), Some(update), Some(backward), Some(axes)) =
                (contribution, update, backward, axes)
            {
                let norms = update.times(backward).times(&axes).power(&Exponent::integer(-1));
                prediction.angle[node.index()] = norms.map(|inverse| all.times(&inverse));
            }
        }
        prediction
    }

    /// What the optimizer's epsilon and weight decay of each parameter must be at given hyperparameters.
    #[must_use]
    pub fn stabilisers(&self, hyperparameters: &[Hyperparameters]) -> Vec<[Option<PowerSum>; 2]> {
        let sums = Sums::at(self, hyperparameters);
        let of = |held: &Option<Magnitude>| held.as_ref().and_then(|magnitude| sums.of(&magnitude.form));
        self.epsilon.iter().zip(&self.weight_decay).map(|(epsilon, decay)| [of(epsilon), of(decay)]).collect()
    }
}

/// What every unknown is as a sum of powers; nothing for what is no such sum.
struct Sums {
    variables: usize,
    values: Vec<Option<PowerSum>>,
}

impl Sums {
    fn at(propagation: &Propagation<'_>, hyperparameters: &[Hyperparameters]) -> Self {
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
        let mut sums = Self { variables: growth.len(), values };
        for definition in &propagation.ledger.definitions {
            sums.values[definition.unknown.0 as usize] = sums.of_all(&definition.terms);
        }
        sums
    }

    /// A form as a sum of powers. A constant would be a power of no scale variable.
    fn of(&self, form: &Form) -> Option<PowerSum> {
        let one = PowerSum::single(vec![Exponent::ZERO; self.variables]);
        let mut product = form.constant_part().is_zero().then_some(one)?;
        for (unknown, coefficient) in form.coefficients() {
            let factor = self.values.get(unknown.0 as usize)?.as_ref()?.power(coefficient)?;
            product = product.times(&factor);
        }
        Some(product)
    }

    fn of_all(&self, terms: &Terms<DerivationId>) -> Option<PowerSum> {
        let all: Option<Vec<PowerSum>> = terms.iter().map(|(form, _)| self.of(form)).collect();
        PowerSum::of(all?)
    }
}
