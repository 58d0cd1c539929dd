//! [`PowerSum`]: a sum of products of powers of several scale variables, as in `n^-1/2 + n^-1 m`.

use std::collections::BTreeMap;

use super::Exponent;

/// The summands of a magnitude in several scale variables. A summand that another one exceeds or equals however the variables
/// grow is dropped; what is left may have no largest one: of `n + m` neither is. Products add exponents pairwise (theory,
/// section 7: tropical polynomials).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PowerSum(Vec<Summand>);

/// A product of powers.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Summand {
    /// The exponent of each scale variable, in order.
    pub exponents: Vec<Exponent>,
    /// Powers of sums that have no largest summand, by number: `n (n + m)^-1`. Only negative ones are kept so; the others are
    /// multiplied out.
    pub sums: BTreeMap<usize, Exponent>,
}

/// How many divisors are looked through to compare two summands.
const DEEPEST: usize = 2;
/// How often a sum is made simpler at most.
const MOST_ROUNDS: usize = 4;
/// A longer sum is not made simpler.
const LONGEST_REDUCED: usize = 12;

impl Summand {
    /// Whether it is at most `other` however the variables grow. `false` may mean that this is not seen.
    fn is_below(&self, other: &Self) -> bool {
        self.sums == other.sums && self.exponents.iter().zip(&other.exponents).all(|(low, high)| low <= high)
    }

    /// The same where the sums are known: one is at least each of its summands, so what is divided by it is at most what is
    /// divided by one of them.
    fn is_within(&self, other: &Self, divisors: &[PowerSum], depth: usize) -> bool {
        self.is_below(other)
            || depth < DEEPEST
                && self.quotients(divisors).any(|(_, larger)| larger.is_within(other, divisors, depth + 1))
    }

    /// For every sum it is divided by, and every summand of that: the number of the sum, and this with the summand as divisor.
    fn quotients<'a>(&'a self, divisors: &'a [PowerSum]) -> impl Iterator<Item = (usize, Self)> + 'a {
        let divided = self.sums.iter().filter(|(_, power)| power.is_negative());
        let divided = divided.filter_map(|(number, _)| Some((*number, divisors.get(*number)?)));
        divided.flat_map(move |(number, divisor)| {
            let sum = Self {
                exponents: vec![Exponent::ZERO; self.exponents.len()],
                sums: [(number, Exponent::ONE)].into(),
            };
            let times = self.times(&sum);
            divisor.0.iter().map(move |summand| (number, times.times(&summand.inverse())))
        })
    }

    fn inverse(&self) -> Self {
        Self {
            exponents: self.exponents.iter().map(|exponent| -exponent).collect(),
            sums: self.sums.iter().map(|(sum, power)| (*sum, -power)).collect(),
        }
    }

    fn times(&self, other: &Self) -> Self {
        let mut sums = self.sums.clone();
        for (sum, power) in &other.sums {
            *sums.entry(*sum).or_default() += power;
        }
        sums.retain(|_, power| !power.is_zero());
        let exponents = self.exponents.iter().zip(&other.exponents).map(|(a, b)| a + b).collect();
        Self { exponents, sums }
    }
}

impl PowerSum {
    /// A single product of powers of the variables.
    #[must_use]
    pub fn single(exponents: Vec<Exponent>) -> Self {
        Self(vec![Summand { exponents, sums: BTreeMap::new() }])
    }

    /// The power of a sum that is known by its number, of so many variables.
    #[must_use]
    pub fn of_sum(variables: usize, number: usize, power: Exponent) -> Self {
        let exponents = vec![Exponent::ZERO; variables];
        Self(vec![Summand { exponents, sums: BTreeMap::from([(number, power)]) }])
    }

    /// The sum of several; nothing if there are none.
    #[must_use]
    pub fn of(sums: impl IntoIterator<Item = Self>) -> Option<Self> {
        let all: Vec<Summand> = sums.into_iter().flat_map(|sum| sum.0).collect();
        (!all.is_empty()).then(|| Self::kept(all))
    }

    /// The undominated ones, in descending order, so that equal sums are equal values.
    fn kept(mut summands: Vec<Summand>) -> Self {
        summands.sort_by(|a, b| b.cmp(a));
        summands.dedup();
        let is_dominated =
            |summand: &Summand| summands.iter().any(|other| other != summand && summand.is_below(other));
        Self(summands.iter().filter(|summand| !is_dominated(summand)).cloned().collect())
    }

    /// The same sum in fewer summands, where the sums that it is divided by are known: `n (n + m)^-1 + m (n + m)^-1` is 1.
    #[must_use]
    pub fn reduced(&self, divisors: &[PowerSum]) -> Self {
        if self.0.len() > LONGEST_REDUCED || self.0.iter().all(|summand| summand.sums.is_empty()) {
            return self.clone();
        }
        let mut summands = self.0.clone();
        for _ in 0..MOST_ROUNDS {
            let within = |summand: &Summand| summands.iter().any(|held| summand.is_within(held, divisors, 0));
            let whole = |(number, quotient): &(usize, Summand)| {
                let sum = Self::of_sum(quotient.exponents.len(), *number, Exponent::integer(-1));
                let parts = divisors.get(*number).map_or_else(Vec::new, |divisor| sum.times(divisor).0);
                !within(quotient) && parts.iter().all(|part| within(&quotient.times(part)))
            };
            let quotients = summands.iter().flat_map(|summand| summand.quotients(divisors));
            let Some((_, found)) = quotients.filter(whole).max() else { break };
            summands.push(found);
        }
        let kept = (0..summands.len()).filter(|at| {
            let within = |other: usize| summands[*at].is_within(&summands[other], divisors, 0);
            // Of two that are within each other, the first stays.
            let back = |other: usize| summands[other].is_within(&summands[*at], divisors, 0);
            !(0..summands.len()).any(|other| other != *at && within(other) && (other < *at || !back(other)))
        });
        Self::kept(kept.map(|at| summands[at].clone()).collect())
    }

    /// The summands, largest in the first variable first; at least one.
    #[must_use]
    pub fn summands(&self) -> &[Summand] {
        &self.0
    }

    /// The exponents of the only summand, if there is one that exceeds all others, and it is divided by no sum.
    #[must_use]
    pub fn largest(&self) -> Option<&[Exponent]> {
        match self.0.as_slice() {
            [only] if only.sums.is_empty() => Some(&only.exponents),
            _ => None,
        }
    }

    /// The sum as the theory writes it, each power of a variable or of a sum by `power`: `n^-1/2 m + m^2`, `n (n + m)^-1`.
    /// `divisors` are the sums that it is divided by, by their number.
    #[must_use]
    pub fn write(
        &self,
        variables: &[String],
        divisors: &[Self],
        power: &dyn Fn(&str, &Exponent) -> String,
    ) -> String {
        let summand = |summand: &Summand| {
            let factors = variables.iter().zip(&summand.exponents);
            let factors = factors.filter(|(_, exponent)| !exponent.is_zero());
            let factors = factors.map(|(name, exponent)| power(name, exponent));
            // A sum is divided only by sums with smaller numbers.
            let divided = summand.sums.iter().filter_map(|(number, exponent)| {
                let name = format!("({})", divisors.get(*number)?.write(variables, divisors, power));
                Some(power(&name, exponent))
            });
            let factors: Vec<String> = factors.chain(divided).collect();
            if factors.is_empty() { "1".into() } else { factors.join(" ") }
        };
        self.0.iter().map(summand).collect::<Vec<_>>().join(" + ")
    }

    /// The product with another sum.
    #[must_use]
    pub fn times(&self, other: &Self) -> Self {
        Self::kept(self.0.iter().flat_map(|a| other.0.iter().map(|b| a.times(b))).collect())
    }

    /// The sum to a power. Nothing for a negative power of several summands: that is no sum of powers.
    #[must_use]
    pub fn power(&self, power: &Exponent) -> Option<Self> {
        if power.is_negative() && self.0.len() > 1 {
            return None;
        }
        let scaled = |summand: &Summand| Summand {
            exponents: summand.exponents.iter().map(|exponent| exponent * power).collect(),
            sums: summand.sums.iter().map(|(sum, of)| (*sum, of * power)).collect(),
        };
        let one = || {
            Self::single(
                self.0.first().map_or_else(Vec::new, |first| vec![Exponent::ZERO; first.exponents.len()]),
            )
        };
        Some(if power.is_zero() { one() } else { Self::kept(self.0.iter().map(scaled).collect()) })
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
        assert_eq!(either.power(&Exponent::ZERO), Some(sum(&[[0, 0]])));
        assert_eq!(sum(&[[1, -1]]).power(&Exponent::integer(-1)), Some(sum(&[[-1, 1]])));
    }

    #[test]
    fn what_is_divided_by_a_sum_and_multiplied_by_it_is_what_it_was() {
        let (divided, times) =
            (PowerSum::of_sum(2, 0, Exponent::integer(-1)), PowerSum::of_sum(2, 0, Exponent::ONE));
        assert_eq!(sum(&[[1, 0]]).times(&divided).times(&times), sum(&[[1, 0]]));
        let both = PowerSum::of([sum(&[[0, 0]]), divided]).unwrap();
        assert_eq!(both.summands().len(), 2, "whether a sum is above 1 is not known");
    }

    #[test]
    fn a_sum_divided_by_itself_is_one() {
        let divisors = [sum(&[[1, 0], [0, 1]])];
        let over = |power: i64| PowerSum::of_sum(2, 0, Exponent::integer(-power));
        let one = sum(&[[0, 0]]);
        assert_eq!(divisors[0].times(&over(1)).reduced(&divisors), one);
        assert_eq!(sum(&[[2, 0], [1, 1], [0, 2]]).times(&over(2)).reduced(&divisors), one);
        let part = sum(&[[1, 0]]).times(&over(1));
        assert_eq!(part.reduced(&divisors), part, "n / (n + m) is not 1");
        assert_eq!(PowerSum::of([part, one.clone()]).unwrap().reduced(&divisors), one, "but at most 1");
    }
}
