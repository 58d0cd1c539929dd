//! [`Piece`]: an exponent that knows of which hyperparameters it is made.

use super::power::Power;
use crate::exact::{Exponent, Form, Unknown};

/// The value of an affine form at a point, with the form. A maximum of pieces is the largest of them, so what a walk over them
/// leaves is the linear form that rules around the point.
#[derive(Clone, Debug)]
pub(super) struct Piece {
    value: Exponent,
    form: Form,
}

impl Piece {
    /// An unknown at a point.
    pub(super) fn unknown(unknown: Unknown, value: Exponent) -> Self {
        Self { value, form: Form::unknown(unknown) }
    }
}

impl Power for Piece {
    fn constant(value: Exponent) -> Self {
        Self { form: Form::constant(value.clone()), value }
    }

    fn value(&self) -> &Exponent {
        &self.value
    }

    fn form(&self) -> Option<&Form> {
        Some(&self.form)
    }

    fn add_scaled(&mut self, factor: &Exponent, other: &Self) {
        self.value += &(factor * &other.value);
        self.form.add_scaled(factor, &other.form);
    }
}
