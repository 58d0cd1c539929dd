//! [`Form`]: an affine form in the unknown exponents, `c + a1 u1 + a2 u2 + ...`.

use std::cmp::Ordering;
use std::fmt;
use std::ops::{Add, Neg, Sub};

use super::Exponent;

/// One unknown exponent of a program: a hyperparameter, or the value of a maximum. Its name is kept
/// by whoever numbered it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Unknown(pub u32);

/// An affine form in the unknowns. Coefficients of zero are not stored, so equal forms are equal values.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Form {
    /// In the order of the unknowns: most forms have a handful, which lie together so.
    coefficients: Vec<(Unknown, Exponent)>,
    constant: Exponent,
}

impl Form {
    /// The form `value`, without unknowns.
    #[must_use]
    pub fn constant(value: Exponent) -> Self {
        Self { coefficients: Vec::new(), constant: value }
    }

    /// The form `u`.
    #[must_use]
    pub fn unknown(unknown: Unknown) -> Self {
        Self { coefficients: vec![(unknown, Exponent::ONE)], constant: Exponent::ZERO }
    }

    /// The zero form.
    #[must_use]
    pub fn zero() -> Self {
        Self::default()
    }

    /// What is left when every unknown is zero.
    #[must_use]
    pub fn constant_part(&self) -> &Exponent {
        &self.constant
    }

    /// The unknowns with their coefficients, none of them zero, in the order of the unknowns.
    pub fn coefficients(&self) -> impl DoubleEndedIterator<Item = (Unknown, &Exponent)> {
        self.coefficients.iter().map(|(unknown, coefficient)| (*unknown, coefficient))
    }

    /// How many unknowns occur.
    #[must_use]
    pub fn len(&self) -> usize {
        self.coefficients.len()
    }

    /// Whether no unknown occurs.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.coefficients.is_empty()
    }

    /// The coefficient of one unknown, zero if it does not occur.
    #[must_use]
    pub fn coefficient(&self, unknown: Unknown) -> Exponent {
        let place = self.coefficients.binary_search_by_key(&unknown, |(held, _)| *held);
        place.map_or_else(|_| Exponent::ZERO, |place| self.coefficients[place].1.clone())
    }

    /// The value, if no unknown occurs.
    #[must_use]
    pub fn as_constant(&self) -> Option<&Exponent> {
        self.coefficients.is_empty().then_some(&self.constant)
    }

    /// Adds `factor * other`.
    pub fn add_scaled(&mut self, factor: &Exponent, other: &Form) {
        if factor.is_zero() {
            return;
        }
        self.constant += &(factor * &other.constant);
        if other.coefficients.is_empty() {
            return;
        }
        let mut sum = Vec::with_capacity(self.coefficients.len() + other.coefficients.len());
        let mut own = std::mem::take(&mut self.coefficients).into_iter().peekable();
        for (unknown, coefficient) in &other.coefficients {
            while let Some(before) = own.next_if(|(held, _)| held < unknown) {
                sum.push(before);
            }
            let mut added = factor * coefficient;
            if let Some((_, held)) = own.next_if(|(held, _)| held.cmp(unknown) == Ordering::Equal) {
                added += &held;
            }
            if !added.is_zero() {
                sum.push((*unknown, added));
            }
        }
        sum.extend(own);
        self.coefficients = sum;
    }

    /// `factor * self`.
    #[must_use]
    pub fn scaled(&self, factor: &Exponent) -> Self {
        let mut result = Self::zero();
        result.add_scaled(factor, self);
        result
    }

    /// `self + value`.
    #[must_use]
    pub fn plus(&self, value: &Exponent) -> Self {
        Self { coefficients: self.coefficients.clone(), constant: &self.constant + value }
    }

    /// The value where each unknown has the value that `point` gives it; nothing if it gives none.
    pub fn evaluate<'a>(&self, point: impl Fn(Unknown) -> Option<&'a Exponent>) -> Option<Exponent> {
        let mut value = self.constant.clone();
        for (unknown, coefficient) in &self.coefficients {
            value += &(coefficient * point(*unknown)?);
        }
        Some(value)
    }

    /// `self - other` if that is a constant: the two differ by it wherever they are evaluated.
    #[must_use]
    pub fn constant_difference(&self, other: &Form) -> Option<Exponent> {
        (self.coefficients == other.coefficients).then(|| &self.constant - &other.constant)
    }

    /// The form as text, each unknown written by `name`: `1/2 + init(W) - 2 lr(W)`, `0` if empty.
    pub fn write(&self, name: impl Fn(Unknown) -> String) -> String {
        let mut text = String::new();
        for (unknown, coefficient) in &self.coefficients {
            push_term(&mut text, coefficient, &name(*unknown));
        }
        if !self.constant.is_zero() || text.is_empty() {
            push_term(&mut text, &self.constant, "");
        }
        text
    }
}

fn push_term(text: &mut String, coefficient: &Exponent, name: &str) {
    let sign = if coefficient.is_negative() { "-" } else { "+" };
    if text.is_empty() {
        text.push_str(if sign == "-" { "-" } else { "" });
    } else {
        text.push_str(&format!(" {sign} "));
    }
    let size = coefficient.abs();
    if name.is_empty() {
        text.push_str(&size.to_string());
    } else if size == Exponent::ONE {
        text.push_str(name);
    } else {
        text.push_str(&format!("{size} {name}"));
    }
}

impl Add for &Form {
    type Output = Form;
    fn add(self, other: &Form) -> Form {
        let mut sum = self.clone();
        sum.add_scaled(&Exponent::ONE, other);
        sum
    }
}

impl Sub for &Form {
    type Output = Form;
    fn sub(self, other: &Form) -> Form {
        let mut difference = self.clone();
        difference.add_scaled(&Exponent::integer(-1), other);
        difference
    }
}

impl Neg for &Form {
    type Output = Form;
    fn neg(self) -> Form {
        self.scaled(&Exponent::integer(-1))
    }
}

impl From<Exponent> for Form {
    fn from(value: Exponent) -> Self {
        Self::constant(value)
    }
}

impl fmt::Display for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.write(|unknown| format!("u{}", unknown.0)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cancelled_unknowns_leave_equal_forms() {
        let (u, v) = (Form::unknown(Unknown(0)), Form::unknown(Unknown(1)));
        assert_eq!(&(&u + &v) - &v, u);
        assert_eq!((&u - &u).as_constant(), Some(&Exponent::ZERO));
    }

    #[test]
    fn a_form_is_written_with_signs_and_names() {
        let mut form = Form::constant(Exponent::HALF);
        form.add_scaled(&Exponent::integer(-2), &Form::unknown(Unknown(1)));
        form.add_scaled(&Exponent::ONE, &Form::unknown(Unknown(0)));
        assert_eq!(form.to_string(), "u0 - 2 u1 + 1/2");
        assert_eq!(Form::zero().to_string(), "0");
    }
}
