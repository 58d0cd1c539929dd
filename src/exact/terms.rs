//! [`Terms`]: the exponents of the summands of a sum; the exponent of the sum is their maximum.

use super::{Exponent, Form};

/// The distinct, undominated forms of which a maximum is taken, each with a tag that says where it comes
/// from. Empty means a magnitude of zero (exponent minus infinity).
///
/// A form is dropped only if another exceeds it by a constant, so nothing is lost whatever the
/// unknowns turn out to be: `max(u, u + 1) = u + 1`, but `max(u, 1)` stays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms<T>(Vec<(Form, T)>);

impl<T> Terms<T> {
    /// No summand.
    #[must_use]
    pub fn none() -> Self {
        Self(Vec::new())
    }

    /// Adds a summand, unless it is dominated by what is there; of equal ones the first stays.
    pub fn insert(&mut self, form: Form, tag: T) {
        for held in &mut self.0 {
            if let Some(excess) = form.constant_difference(&held.0) {
                if excess > Exponent::ZERO {
                    *held = (form, tag);
                }
                return;
            }
        }
        self.0.push((form, tag));
    }

    /// The forms with their tags, in the order of their first appearance.
    pub fn iter(&self) -> impl Iterator<Item = &(Form, T)> {
        self.0.iter()
    }

    /// How many summands remain.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether the sum has no summand.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Keeps the summands of which `keep` holds.
    pub fn retain(&mut self, keep: impl FnMut(&(Form, T)) -> bool) {
        self.0.retain(keep);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exact::Unknown;

    #[test]
    fn only_a_form_below_another_by_a_constant_is_dropped() {
        let u = Form::unknown(Unknown(0));
        let mut terms = Terms::none();
        let summands = [u.clone(), Form::zero(), u.plus(&Exponent::ONE), u.plus(&Exponent::HALF)];
        for (tag, form) in summands.into_iter().enumerate() {
            terms.insert(form, tag);
        }
        assert_eq!(
            terms.iter().cloned().collect::<Vec<_>>(),
            [(u.plus(&Exponent::ONE), 2), (Form::zero(), 1)]
        );
    }
}
