//! [`Power`]: what stands for an exponent in the calculus of every step.

use std::cmp::Ordering;
use std::fmt::Debug;

use crate::exact::{Exponent, Form};
use crate::rule::{Expression, Name, Sum};

/// An exponent: a number, or a number that knows of which hyperparameters it is made. It is ordered by its number.
pub(crate) trait Power: Clone + Debug {
    /// A number that no hyperparameter changes.
    fn constant(value: Exponent) -> Self;

    /// The number.
    fn value(&self) -> &Exponent;

    /// What it is made of, if it knows.
    fn form(&self) -> Option<&Form> {
        None
    }

    /// Adds so many times another.
    fn add_scaled(&mut self, factor: &Exponent, other: &Self);

    /// The sum.
    fn plus(&self, other: &Self) -> Self {
        let mut sum = self.clone();
        sum.add_scaled(&Exponent::ONE, other);
        sum
    }

    /// The difference.
    fn minus(&self, other: &Self) -> Self {
        let mut difference = self.clone();
        difference.add_scaled(&Exponent::integer(-1), other);
        difference
    }

    /// So many times itself.
    fn times(&self, factor: &Exponent) -> Self {
        let mut product = Self::zero();
        product.add_scaled(factor, self);
        product
    }

    /// That of a constant.
    fn zero() -> Self {
        Self::constant(Exponent::ZERO)
    }

    /// By number.
    fn order(&self, other: &Self) -> Ordering {
        self.value().cmp(other.value())
    }

    /// Whether the sum of two has a larger number than one, if there is one.
    fn sum_is_larger(&self, other: &Self, than: Option<&Self>) -> bool {
        than.is_none_or(|than| &(self.value() + other.value()) > than.value())
    }

    /// The one with the larger number; itself if they are equal.
    fn or_larger(self, other: Self) -> Self {
        if other.order(&self) == Ordering::Greater { other } else { self }
    }

    /// The one with the smaller number; itself if they are equal.
    fn or_smaller(self, other: Self) -> Self {
        if other.order(&self) == Ordering::Less { other } else { self }
    }
}

impl Power for Exponent {
    fn constant(value: Exponent) -> Self {
        value
    }

    fn value(&self) -> &Exponent {
        self
    }

    fn add_scaled(&mut self, factor: &Exponent, other: &Self) {
        *self += &(factor * other);
    }

    fn plus(&self, other: &Self) -> Self {
        self + other
    }

    fn minus(&self, other: &Self) -> Self {
        self - other
    }
}

/// The largest of several; nothing of none.
pub(crate) fn largest<P: Power>(powers: impl IntoIterator<Item = P>) -> Option<P> {
    powers.into_iter().reduce(P::or_larger)
}

/// The value of a linear form where names have these exponents; nothing if one has none.
pub(crate) fn evaluate_sum<P: Power>(sum: &Sum, value: &impl Fn(Name) -> Option<P>) -> Option<P> {
    let mut total = P::constant(sum.constant.clone());
    for (coefficient, name) in &sum.terms {
        total.add_scaled(coefficient, &value(*name)?);
    }
    Some(total)
}

/// The same of an expression.
pub(crate) fn evaluate<P: Power>(expression: &Expression, value: impl Fn(Name) -> Option<P>) -> Option<P> {
    let values: Option<Vec<P>> = expression.sums().iter().map(|sum| evaluate_sum(sum, &value)).collect();
    let join = match expression {
        Expression::Sum(_) | Expression::Max(_) => P::or_larger,
        Expression::Min(_) => P::or_smaller,
    };
    values?.into_iter().reduce(join)
}
