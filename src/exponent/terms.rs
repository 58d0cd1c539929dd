//! [`Terms`]: the exponents of the summands of a sum; the exponent of the sum is their maximum.

use super::{Exponent, Form};

/// The distinct, undominated forms of which a maximum is taken. Empty means a magnitude of zero
/// (exponent minus infinity).
///
/// A form is dropped only if another exceeds it by a constant, so nothing is lost whatever the
/// unknowns turn out to be: `max(u, u + 1) = u + 1`, but `max(u, 1)` stays.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Terms(Vec<Form>);

impl Terms {
    /// No summand.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// The maximum of the given forms.
    pub fn of(forms: impl IntoIterator<Item = Form>) -> Self {
        let mut terms = Self::none();
        for form in forms {
            terms.insert(form);
        }
        terms
    }

    /// Adds a summand; says whether it remains (is not dominated by what is there).
    pub fn insert(&mut self, form: Form) -> bool {
        for held in &mut self.0 {
            if let Some(excess) = form.constant_difference(held) {
                let larger = excess > Exponent::ZERO;
                if larger {
                    *held = form;
                }
                return larger;
            }
        }
        self.0.push(form);
        true
    }

    /// The forms, in the order of their first appearance.
    #[must_use]
    pub fn forms(&self) -> &[Form] {
        &self.0
    }

    /// Whether the sum has no summand.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exponent::Unknown;

    #[test]
    fn only_a_form_below_another_by_a_constant_is_dropped() {
        let u = Form::unknown(Unknown(0));
        let terms = Terms::of([u.clone(), Form::zero(), u.plus(&Exponent::ONE), u.plus(&Exponent::HALF)]);
        assert_eq!(terms.forms(), [u.plus(&Exponent::ONE), Form::zero()]);
    }
}
