//! [`Crossover`]: why a slope is not yet the predicted exponent although the prediction stands.

use super::curve::{Curve, PredictedSlope};
use super::distribution::fisher;
use super::means::{Estimate, Means};
use super::powers::PowerFit;
use super::sum::{Adds, Model};
use crate::exact::Exponent;
use crate::graph::ParameterId;

/// Why a slope is not the predicted exponent.
#[derive(Clone, Debug, PartialEq)]
pub enum Crossover {
    /// The curve is a sum of powers that the theory predicts, and another one than the largest still counts.
    Terms(FittedSum),
    /// The curve is such a sum or the predicted power alone with a correction of relative size `n^-1/2` or `1/n`, as small
    /// networks have, or norms that divide by a sum.
    Correction {
        /// The sum.
        sum: FittedSum,
        /// Whether it is divided by `1 + c n^-1/2` or the like. Otherwise the correction is the last term.
        divisor: Option<Exponent>,
    },
    /// The quantity is a response to all parameters, and those to each are as predicted: those that lead it do not yet
    /// outweigh the others.
    Rows(FittedRows),
    /// What the quantity is made of is predicted, and nothing of it disagrees.
    Parts,
    /// What the node has changed by is as predicted, but its sum with what it began with is still led by that.
    Hidden,
    /// The confidence interval of the slope is wide and holds the exponent: the seeds are too few to tell.
    Seeds,
}

/// Which responses lead a response to all parameters, and from where.
#[derive(Clone, Debug, PartialEq)]
pub struct FittedRows {
    /// The parameters whose responses have the exponent of the whole.
    pub leading: Vec<ParameterId>,
    /// The size of the first scaled dimension at which their responses together are as large as all others together.
    pub size: f64,
    /// The size from which on the slope of the sum is within [`TOLERANCE`](super::TOLERANCE) of the exponent.
    pub ruled_from: f64,
    /// The share of the leading responses at the largest size.
    pub share: f64,
}

/// A fitted sum of powers.
#[derive(Clone, Debug, PartialEq)]
pub struct FittedSum {
    /// The exponents of its terms, the predicted one first.
    pub terms: Vec<Exponent>,
    /// How they add up.
    pub adds: Adds,
    /// The size of the first scaled dimension at which the first term is as large as all others together, or as its
    /// correction. It may lie beyond the largest size, or below the smallest.
    pub size: f64,
    /// The standard error of that size.
    pub stderr: f64,
    /// The share of each term in what adds up, at the largest size.
    pub shares: Vec<f64>,
}

/// The probability with which a true sum is refused for its misfit, and with which a term that is not there is seen.
const LEVEL: f64 = 0.01;

/// The probability with which a power law, of whatever exponent, seems to bend.
const BEND: f64 = 0.05;

/// How near to the exponent the slope of a corrected power must be at the largest size. Exponents of one quantity
/// usually differ by multiples of 1/2: beyond half of that, it may be on its way to another.
const NEAR: f64 = 0.25;

/// A sum that may explain a curve.
#[derive(Clone)]
struct Candidate {
    terms: Vec<Exponent>,
    divisor: Option<Exponent>,
    adds: Adds,
    /// How far the slope at the largest size may be from the first exponent.
    near: f64,
}

impl Crossover {
    /// Explains a curve whose slope is not the exponent by a sum with that exponent. All of this must hold:
    ///
    /// - the curve bends as the sum does: no power law does, whatever its exponent;
    /// - the sum fits, by an F test of the distances at all sizes against noise and what is systematic at small sizes;
    /// - its largest term is there: its coefficient is above zero, and the other predicted terms alone, however they
    ///   are combined, fit significantly worse;
    /// - with an exponent that is smaller by 1/2 the sum fits significantly worse, with one larger by 1/2 not significantly
    ///   better.
    ///
    /// PredictedSlope terms come before corrections, summands that are independent before those that are aligned, few terms before
    /// many; of what is left, the sum that fits best is given. Needs two seeds and three sizes: where less is measured,
    /// nothing can be told.
    pub(crate) fn of(curve: &Curve<'_>, predicted: &PredictedSlope) -> Option<Self> {
        let means = Means::of(curve.growth, curve.series)?;
        let search = Search { curve, predicted, bend: means.curvature()?, means };
        let [pairs, triples] = [2, 3].map(|count| search.sums(count, Adds::Squares));
        let groups = [
            pairs.clone(),
            triples,
            search.sums(2, Adds::Amplitudes),
            search.corrections(&search.sums(1, Adds::Amplitudes)),
            search.divided(&pairs),
        ];
        let (group, (candidate, sum)) =
            groups.into_iter().enumerate().find_map(|(place, group)| Some((place, search.best(group)?)))?;
        Some(match group {
            0..=2 => Self::Terms(sum),
            3.. => Self::Correction { sum, divisor: candidate.divisor },
        })
    }
}

/// What is explained.
struct Search<'a> {
    curve: &'a Curve<'a>,
    predicted: &'a PredictedSlope,
    means: Means,
    bend: Estimate,
}

impl Search<'_> {
    /// The predicted exponents below the largest.
    fn others(&self) -> Vec<&Exponent> {
        self.predicted.summands.iter().filter(|held| **held < self.predicted.exponent).collect()
    }

    /// Sums of so many predicted terms, the largest among them.
    fn sums(&self, count: usize, adds: Adds) -> Vec<Candidate> {
        let sum = |others: Vec<Exponent>| {
            let terms = [self.predicted.exponent.clone()].into_iter().chain(others).collect();
            Candidate { terms, divisor: None, adds, near: f64::INFINITY }
        };
        choices(&self.others(), count - 1).into_iter().map(sum).collect()
    }

    /// Powers with a correction that adds to them, or that they are divided by.
    fn corrections(&self, powers: &[Candidate]) -> Vec<Candidate> {
        let added = powers.iter().flat_map(|power| {
            relative().map(|relative| {
                let correction = &self.predicted.exponent + &relative;
                let terms = power.terms.iter().cloned().chain([correction]).collect();
                Candidate { terms, near: NEAR, ..power.clone() }
            })
        });
        added.chain(self.divided(powers)).collect()
    }

    /// Sums divided by a correction.
    fn divided(&self, sums: &[Candidate]) -> Vec<Candidate> {
        let divided = |sum: &Candidate| {
            relative().map(|relative| Candidate { divisor: Some(relative), near: NEAR, ..sum.clone() })
        };
        sums.iter().flat_map(divided).collect()
    }

    /// The candidate that fits best, of those that hold.
    fn best(&self, candidates: Vec<Candidate>) -> Option<(Candidate, FittedSum)> {
        let bent = candidates.into_iter().filter(|candidate| self.bends(candidate));
        let fits = bent.filter_map(|candidate| {
            let fit = self.fit(&candidate.terms, candidate.divisor.as_ref(), candidate.adds)?;
            self.holds(&fit, candidate.near).then_some((candidate, fit))
        });
        let (candidate, fit) = fits.min_by(|(_, a), (_, b)| a.misfit.total_cmp(&b.misfit))?;
        let sum = self.sum(&candidate, &fit);
        Some((candidate, sum))
    }

    fn fit(&self, terms: &[Exponent], divisor: Option<&Exponent>, adds: Adds) -> Option<PowerFit> {
        let terms = terms.iter().map(Exponent::approximate).collect();
        let divisor = divisor.map(Exponent::approximate);
        PowerFit::of(&self.means, Model { terms, divisor, adds })
    }

    fn holds(&self, fit: &PowerFit, near: f64) -> bool {
        let (means, freedom) = (&self.means, fit.freedom(&self.means));
        let largest = means.x.last().copied().unwrap_or_default();
        freedom >= 1.0
            && self.fits(fit)
            && (fit.sum.slope(largest) - self.predicted.exponent.approximate()).abs() <= near
            && fit.first(means).is_positive(LEVEL, means.freedom)
            && self.is_needed(fit)
            && self.is_aligned(&fit.sum.model)
            && self.is_preferred(fit)
    }

    /// Whether the curve bends as the candidate does: a sum upwards, a divided power downwards, a divided sum in either
    /// way.
    fn bends(&self, candidate: &Candidate) -> bool {
        let (bend, freedom) = (&self.bend, self.means.freedom);
        match (candidate.terms.len(), &candidate.divisor) {
            (_, None) => bend.is_positive(BEND, freedom),
            (1, Some(_)) => bend.negative().is_positive(BEND, freedom),
            (_, Some(_)) => {
                bend.is_positive(BEND / 2.0, freedom) || bend.negative().is_positive(BEND / 2.0, freedom)
            }
        }
    }

    fn fits(&self, fit: &PowerFit) -> bool {
        let freedom = fit.freedom(&self.means);
        fit.misfit <= freedom * fisher(LEVEL, freedom, self.means.pooled())
    }

    /// Whether other predicted terms alone fit worse.
    fn is_needed(&self, fit: &PowerFit) -> bool {
        let others = self.others();
        let without = (1..=2).flat_map(|count| choices(&others, count)).flat_map(|terms| {
            Adds::NAMES
                .map(|(_, adds)| self.fit(&terms, None, adds))
                .into_iter()
                .flatten()
                .collect::<Vec<_>>()
        });
        let least = without.map(|fit| fit.misfit).fold(f64::INFINITY, f64::min);
        least - fit.misfit > fisher(LEVEL, 1.0, self.means.freedom)
    }

    /// Whether the summands must be aligned, where the model says so: `1 + x` is `sqrt(1 + 2x)` while `x` is small, so a
    /// sum of independent terms must not fit whose largest exponent is smaller.
    fn is_aligned(&self, model: &Model) -> bool {
        match (model.adds, model.terms.as_slice()) {
            (Adds::Amplitudes, [first, second]) => {
                let terms = vec![f64::midpoint(*first, *second), *second];
                let twin = Model { terms, divisor: None, adds: Adds::Squares };
                PowerFit::of(&self.means, twin).is_none_or(|twin| !self.fits(&twin))
            }
            (Adds::Amplitudes | Adds::Squares, _) => true,
        }
    }

    /// Whether the exponent is preferred to its neighbours: with one that is smaller by 1/2, if that is still the
    /// largest, the sum must fit significantly worse, and with one that is larger by 1/2, not significantly better. A sum that
    /// is divided must not be taken for one with a smaller exponent that is not.
    fn is_preferred(&self, fit: &PowerFit) -> bool {
        let shifted = |by: f64, divisor: Option<f64>| {
            let mut model = Model { divisor, ..fit.sum.model.clone() };
            let first = model.terms.first_mut()?;
            *first += by;
            let is_largest = model.terms.windows(2).all(|pair| pair[0] > pair[1]);
            is_largest.then(|| PowerFit::of(&self.means, model))?
        };
        let margin = fisher(BEND, 1.0, self.means.freedom);
        let divisor = fit.sum.model.divisor;
        shifted(-0.5, divisor).is_none_or(|smaller| smaller.misfit > fit.misfit + margin)
            && shifted(0.5, divisor).is_none_or(|larger| larger.misfit >= fit.misfit - margin)
            && (divisor.is_none() || shifted(-0.5, None).is_none_or(|plain| !self.fits(&plain)))
    }

    fn sum(&self, candidate: &Candidate, fit: &PowerFit) -> FittedSum {
        let largest = self.means.x.last().copied().unwrap_or_default();
        let crossing = fit.crossing(&self.means);
        let (size, power) = self.curve.size(crossing.value);
        FittedSum {
            terms: candidate.terms.clone(),
            adds: candidate.adds,
            size,
            stderr: size * power * crossing.stderr,
            shares: fit.sum.shares(largest),
        }
    }
}

/// The exponents of corrections beside what they correct: those of fluctuations, and of means.
fn relative() -> [Exponent; 2] {
    [-&Exponent::HALF, -&Exponent::ONE]
}

/// Every choice of so many of some exponents, in order.
fn choices(exponents: &[&Exponent], count: usize) -> Vec<Vec<Exponent>> {
    if count == 0 {
        return vec![Vec::new()];
    }
    let with = |place: usize| {
        let rest = choices(&exponents[place + 1..], count - 1);
        rest.into_iter().map(move |rest| [exponents[place].clone()].into_iter().chain(rest).collect())
    };
    (0..exponents.len()).flat_map(with).collect()
}
