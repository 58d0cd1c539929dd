//! [`Whole`]: a row of whole numbers, held in machine words.

use num_integer::Integer;

use crate::exact::{Exponent, Form};

/// The largest coefficient that a sum may have: beyond it rows are hard to guess at, and soon leave machine words.
const LARGEST: i64 = 1 << 16;

/// `constant + sum of coefficient * unknown`, whole numbers without a common divisor, in the order of the unknowns.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Whole {
    pub(super) entries: Vec<(u32, i64)>,
    pub(super) constant: i64,
}

impl Whole {
    /// The row that is a form times a number above zero, and that number. Nothing if it does not fit in machine words.
    pub(super) fn of(form: &Form) -> Option<(Self, Exponent)> {
        let (constant, constant_denominator) = form.constant_part().parts()?;
        let (mut divisor, mut multiple) = (constant.checked_abs()?, constant_denominator);
        for (_, coefficient) in form.coefficients() {
            let (numerator, denominator) = coefficient.parts()?;
            divisor = divisor.gcd(&numerator.checked_abs()?);
            if denominator != 1 {
                multiple = (multiple / multiple.gcd(&denominator)).checked_mul(denominator)?;
            }
        }
        let divisor = divisor.max(1);
        let scaled = |numerator: i64, denominator: i64| {
            (numerator / divisor).checked_mul(multiple / denominator).and_then(signed)
        };
        let mut entries = Vec::with_capacity(form.len());
        for (unknown, coefficient) in form.coefficients() {
            let (numerator, denominator) = coefficient.parts()?;
            entries.push((unknown.0, scaled(numerator, denominator)?));
        }
        let constant = scaled(constant, constant_denominator)?;
        Some((Self { entries, constant }, Exponent::ratio(multiple, divisor)))
    }

    /// The coefficient of an unknown, zero if it does not occur.
    pub(super) fn coefficient(&self, unknown: u32) -> i64 {
        self.entries.iter().find(|(entry, _)| *entry == unknown).map_or(0, |(_, coefficient)| *coefficient)
    }

    fn largest(&self) -> i64 {
        self.entries.iter().map(|(_, coefficient)| coefficient.abs()).max().unwrap_or(0)
    }

    /// A number that is the same for rows with the same entries, and rarely for others.
    pub(super) fn digest(&self) -> u64 {
        self.entries.iter().fold(0, |digest: u64, (unknown, coefficient)| {
            let mixed =
                digest.rotate_left(23) ^ u64::from(*unknown) ^ coefficient.rotate_left(32).cast_unsigned();
            mixed.wrapping_mul(0x9E37_79B9_7F4A_7C15)
        })
    }

    /// `times * self + others * other`, divided by the number returned with it. Nothing if its numbers
    /// grow too large.
    pub(super) fn plus(&self, times: i64, other: &Self, others: i64) -> Option<(Self, i64)> {
        let sum = |a: i64, b: i64| a.checked_mul(times)?.checked_add(b.checked_mul(others)?).and_then(signed);
        let mut entries = Vec::with_capacity(self.entries.len() + other.entries.len());
        let (mut left, mut right) = (self.entries.iter().peekable(), other.entries.iter().peekable());
        loop {
            let (unknown, total) = match (left.peek(), right.peek()) {
                (None, None) => break,
                (Some((a, x)), Some((b, y))) if a == b => (*a, sum(*x, *y)?),
                (Some((a, x)), Some((b, _))) if a < b => (*a, sum(*x, 0)?),
                (Some((a, x)), None) => (*a, sum(*x, 0)?),
                (_, Some((b, y))) => (*b, sum(0, *y)?),
            };
            left.next_if(|(entry, _)| *entry == unknown);
            right.next_if(|(entry, _)| *entry == unknown);
            if total != 0 {
                entries.push((unknown, total));
            }
        }
        let mut whole = Self { entries, constant: sum(self.constant, other.constant)? };
        let divisor = whole.divisor();
        if divisor > 1 {
            whole.constant /= divisor;
            whole.entries.iter_mut().for_each(|(_, coefficient)| *coefficient /= divisor);
        }
        (whole.largest() <= LARGEST).then_some((whole, divisor))
    }

    /// The greatest common divisor of all numbers, one if they are zero.
    fn divisor(&self) -> i64 {
        let mut divisor = self.constant.abs();
        for (_, coefficient) in &self.entries {
            if divisor == 1 {
                break;
            }
            divisor = divisor.gcd(&coefficient.abs());
        }
        divisor.max(1)
    }

    /// The value at a point where one unknown is zero.
    pub(super) fn besides(&self, unknown: u32, point: &[Exponent]) -> Exponent {
        let mut value = Exponent::integer(self.constant);
        for (entry, coefficient) in self.entries.iter().filter(|(entry, _)| *entry != unknown) {
            if let Some(at) = point.get(*entry as usize).filter(|at| !at.is_zero()) {
                value += &(&Exponent::integer(*coefficient) * at);
            }
        }
        value
    }
}

/// A number whose negative is one too.
fn signed(number: i64) -> Option<i64> {
    (number != i64::MIN).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exact::Unknown;

    #[test]
    fn a_form_is_scaled_to_whole_numbers_and_back() {
        let mut form = Form::constant(Exponent::ratio(3, 2));
        form.add_scaled(&Exponent::ratio(-9, 4), &Form::unknown(Unknown(3)));
        let (whole, scale) = Whole::of(&form).unwrap();
        assert_eq!((whole, scale), (Whole { entries: vec![(3, -3)], constant: 2 }, Exponent::ratio(4, 3)));
    }

    #[test]
    fn what_leaves_machine_words_is_refused() {
        let row = Whole { entries: vec![(0, i64::MAX), (1, 1)], constant: 0 };
        assert_eq!(row.plus(2, &row, 1), None);
        assert_eq!(row.plus(1, &row, -1), Some((Whole::default(), 1)));
    }
}
