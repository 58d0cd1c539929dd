//! [`PowerSum`]: a sum of products of powers of several scale variables, as in `n^-1/2 + n^-1 m`.

use super::Exponent;

/// The exponents of the summands, each with an exponent for every scale variable, in order. A summand that another one
/// exceeds or equals in every variable is dropped; what is left may have no largest one: of `n + m` neither is. Products add
/// exponents pairwise (theory, section 7: tropical polynomials).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PowerSum(Vec<Vec<Exponent>>);

impl PowerSum {
    /// A single product of powers.
    #[must_use]
    pub fn single(exponents: Vec<Exponent>) -> Self {
        Self(vec![exponents])
    }

    /// The sum of several; nothing if there are none.
    #[must_use]
    pub fn of(sums: impl IntoIterator<Item = Self>) -> Option<Self> {
        let all: Vec<Vec<Exponent>> = sums.into_iter().flat_map(|sum| sum.0).collect();
        (!all.is_empty()).then(|| Self::kept(all))
    }

    /// The undominated ones, in descending order, so that equal sums are equal values.
    fn kept(mut summands: Vec<Vec<Exponent>>) -> Self {
        summands.sort_by(|a, b| b.cmp(a));
        summands.dedup();
        let below = |low: &[Exponent], high: &[Exponent]| low.iter().zip(high).all(|(low, high)| low <= high);
        let is_dominated =
            |summand: &Vec<Exponent>| summands.iter().any(|other| other != summand && below(summand, other));
        let kept = summands.iter().filter(|summand| !is_dominated(summand)).cloned().collect();
        Self(kept)
    }

    /// The summands, largest in the first variable first.
    #[must_use]
    pub fn summands(&self) -> &[Vec<Exponent>] {
        &self.0
    }

    /// The only summand, if there is one that exceeds all others.
    #[must_use]
    pub fn largest(&self) -> Option<&[Exponent]> {
        match self.0.as_slice() {
            [only] => Some(only),
            _ => None,
        }
    }

    /// The product with another sum.
    #[must_use]
    pub fn times(&self, other: &Self) -> Self {
        let add = |a: &[Exponent], b: &[Exponent]| a.iter().zip(b).map(|(a, b)| a + b).collect();
        Self::kept(self.0.iter().flat_map(|a| other.0.iter().map(move |b| add(a, b))).collect())
    }

    /// The sum to a power. Nothing for a negative power of a sum without a largest summand: that is no sum.
    #[must_use]
    pub fn power(&self, power: &Exponent) -> Option<Self> {
        if power.is_negative() && self.0.len() > 1 {
            return None;
        }
        let scaled = |summand: &Vec<Exponent>| summand.iter().map(|exponent| exponent * power).collect();
        Some(Self::kept(self.0.iter().map(scaled).collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sum(summands: &[[i64; 2]]) -> PowerSum {
        let single = |[n, m]: &[i64; 2]| PowerSum::single(vec![(*n).into(), (*m).into()]);
        PowerSum::of(summands.iter().map(single)).unwrap()
    }

    #[test]
    fn a_summand_below_another_in_every_variable_is_dropped() {
        assert_eq!(sum(&[[0, 1], [1, 0], [0, 0]]), sum(&[[1, 0], [0, 1]]));
        assert_eq!(sum(&[[0, 0], [1, 0]]).largest(), Some([Exponent::ONE, Exponent::ZERO].as_slice()));
        assert_eq!(sum(&[[1, 0], [0, 1]]).largest(), None);
        assert_eq!(PowerSum::of([]), None);
    }

    #[test]
    fn products_add_and_powers_multiply() {
        let either = sum(&[[1, 0], [0, 1]]);
        assert_eq!(either.times(&either), sum(&[[2, 0], [1, 1], [0, 2]]));
        assert_eq!(either.power(&2.into()), Some(sum(&[[2, 0], [0, 2]])), "the square of the larger");
        assert_eq!(either.power(&Exponent::integer(-1)), None);
        assert_eq!(sum(&[[1, -1]]).power(&Exponent::integer(-1)), Some(sum(&[[-1, 1]])));
    }
}
