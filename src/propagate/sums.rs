//! Every unknown as a sum of powers of the scale variables, at given hyperparameters (theory, section 7).

use super::{DerivationId, Magnitude, Propagation};
use crate::exact::{Exponent, Form, PowerSum, Terms};
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
        self.each_hyperparameter(|unknown, of| {
            let mut form = Form::zero();
            for (variable, given) in self.growth.variables().iter().zip(hyperparameters) {
                form.add_scaled(&of(given), &Form::unknown(*variable));
            }
            forms[unknown.0 as usize] = Some(form);
        });
        forms
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
#[derive(Clone, Debug)]
pub struct Sums {
    variables: usize,
    /// Whether the growth of the variables is left open; if not, there is one, and numbers are its exponents.
    is_open: bool,
    values: Vec<Option<PowerSum>>,
    /// Sums without a largest summand of which a negative power is taken.
    pub(super) divisors: Vec<PowerSum>,
}

impl Sums {
    /// At given hyperparameters, one set of them for each scale variable.
    #[must_use]
    pub fn at(propagation: &Propagation, hyperparameters: &[Hyperparameters]) -> Self {
        let growth = propagation.growth.variables();
        let is_open = !growth.is_empty();
        let variables = growth.len().max(1);
        let mut values = vec![None; propagation.ledger.unknowns.len()];
        for (at, unknown) in growth.iter().enumerate() {
            let unit = (0..variables).map(|i| Exponent::integer(i64::from(i == at))).collect();
            values[unknown.0 as usize] = Some(PowerSum::single(unit));
        }
        propagation.each_hyperparameter(|unknown, of| {
            let exponents = hyperparameters.iter().take(variables).map(of).collect();
            values[unknown.0 as usize] = Some(PowerSum::single(exponents));
        });
        let mut sums = Self { variables, is_open, values, divisors: Vec::new() };
        for definition in &propagation.ledger.definitions {
            sums.values[definition.unknown.0 as usize] = sums.of_all(&definition.terms);
        }
        sums
    }

    /// A form as a sum of powers; nothing if it has a constant that would be the exponent of no scale variable, or if the sum
    /// is too long to be read.
    pub fn of(&mut self, form: &Form) -> Option<PowerSum> {
        let constant = form.constant_part();
        if self.is_open && !constant.is_zero() {
            return None;
        }
        let mut exponents = vec![Exponent::ZERO; self.variables];
        if let Some(first) = exponents.first_mut() {
            first.clone_from(constant);
        }
        // What has a largest summand, in one variable everything, is multiplied at once.
        let mut product: Option<PowerSum> = None;
        for (unknown, coefficient) in form.coefficients() {
            let value = self.values.get(unknown.0 as usize)?.as_ref()?;
            if let Some(largest) = value.largest() {
                for (exponent, factor) in exponents.iter_mut().zip(largest) {
                    *exponent += &(coefficient * factor);
                }
                continue;
            }
            let power = self.power(&value.clone(), coefficient)?;
            let times = product.map_or_else(|| power.clone(), |product| product.times(&power));
            let times = times.reduced(&self.divisors);
            if times.summands().len() > LONGEST {
                return None;
            }
            product = Some(times);
        }
        let largest = PowerSum::single(exponents);
        Some(match product {
            Some(product) => product.times(&largest).reduced(&self.divisors),
            None => largest,
        })
    }

    /// The largest of some forms; nothing if there is none.
    pub(super) fn of_all(&mut self, terms: &Terms<DerivationId>) -> Option<PowerSum> {
        self.largest(terms.iter().map(|(form, _)| form))
    }

    /// The largest of some forms; nothing if there is none, or if that sum is too long to be read.
    pub fn largest<'f>(&mut self, forms: impl IntoIterator<Item = &'f Form>) -> Option<PowerSum> {
        let all: Option<Vec<PowerSum>> = forms.into_iter().map(|form| self.of(form)).collect();
        let sum = PowerSum::of(all?)?.reduced(&self.divisors);
        (sum.summands().len() <= LONGEST).then_some(sum)
    }

    /// The sums without a largest summand that what was asked for is divided by, by their number.
    #[must_use]
    pub fn divisors(self) -> Vec<PowerSum> {
        self.divisors
    }

    /// What is divided by something else.
    pub(super) fn quotient(&mut self, sum: &PowerSum, by: &PowerSum) -> Option<PowerSum> {
        let by = by.reduced(&self.divisors);
        let inverse = self.power(&by, &Exponent::integer(-1))?;
        let quotient = sum.times(&inverse).reduced(&self.divisors);
        (quotient.summands().len() <= LONGEST).then_some(quotient)
    }

    /// The exponent of every unknown that has one, where there is one scale variable.
    pub(super) fn exponents(&self) -> impl Iterator<Item = Option<&Exponent>> {
        self.values.iter().map(|value| value.as_ref()?.largest()?.first())
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
