//! [`Echelon`]: linear equations, solved as they come in.

use std::collections::BTreeMap;

use super::{Form, Unknown};

/// Equations `form = 0`, each solved for the last of its unknowns. So an equation in which only first ones are left says how
/// these hang together by themselves.
#[derive(Clone, Debug, Default)]
pub struct Echelon {
    /// What each unknown that is solved for is, in earlier ones.
    solved: BTreeMap<Unknown, Form>,
    terms: usize,
}

impl Echelon {
    /// The form with every unknown that is solved for replaced, until none is left.
    #[must_use]
    pub fn reduced(&self, form: &Form) -> Form {
        let mut form = form.clone();
        loop {
            let known = form.coefficients().rev().find(|(unknown, _)| self.solved.contains_key(unknown));
            let Some((unknown, coefficient)) = known.map(|(unknown, held)| (unknown, held.clone())) else {
                return form;
            };
            let value = &self.solved[&unknown];
            form.add_scaled(&coefficient, &(value - &Form::unknown(unknown)));
        }
    }

    /// How many terms all solved equations have.
    #[must_use]
    pub fn terms(&self) -> usize {
        self.terms
    }

    /// Adds `form = 0` if it can hold together with the others; what is left of it, a constant other than zero if it cannot,
    /// and zero if it says nothing new.
    pub fn insert(&mut self, form: &Form) -> Form {
        let left = self.reduced(form);
        let last =
            left.coefficients().next_back().map(|(unknown, coefficient)| (unknown, coefficient.reciprocal()));
        if let Some((unknown, Some(inverse))) = last {
            self.terms += left.len();
            self.solved.insert(unknown, &Form::unknown(unknown) - &left.scaled(&inverse));
        }
        left
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exact::Exponent;

    fn form(coefficients: &[i64], constant: i64) -> Form {
        let mut form = Form::constant(Exponent::integer(constant));
        for (unknown, coefficient) in (0..).zip(coefficients) {
            form.add_scaled(&Exponent::integer(*coefficient), &Form::unknown(Unknown(unknown)));
        }
        form
    }

    #[test]
    fn equations_leave_what_is_new_in_them() {
        let mut equations = Echelon::default();
        assert_eq!(equations.insert(&form(&[1, 1, 1], 0)), form(&[1, 1, 1], 0));
        assert_eq!(equations.insert(&form(&[0, 0, 2], -4)), form(&[-2, -2, 0], -4), "the last is known");
        assert_eq!(equations.insert(&form(&[1, 1, 0], 2)), Form::zero(), "it follows");
        assert_eq!(equations.insert(&form(&[1, 1, 0], 3)), form(&[], 1), "it contradicts");
        assert_eq!(equations.reduced(&form(&[0, 0, 1], 0)), form(&[], 2));
    }
}
