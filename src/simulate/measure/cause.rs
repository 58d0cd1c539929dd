//! [`Cause`]: what most likely makes a slope differ from its exponent.

use super::curve::{Curve, PredictedSlope, TOLERANCE};
use super::means::Means;
use super::powers::PowerFit;
use super::slope::FittedSlope;
use super::sum::{Adds, Model};
use crate::exact::Exponent;
use crate::graph::NodeId;

/// Why a slope disagrees with its exponent, most likely. None of these is a proof: the prediction may be wrong as well.
#[derive(Clone, Debug, PartialEq)]
pub enum Cause {
    /// The quantity is zero or no number at some size.
    Vanishes,
    /// A smaller term that is predicted too leads at these sizes.
    Late {
        /// Its exponent.
        term: Exponent,
        /// The size of the first scaled dimension before which the largest term does not lead, as little as is seen of it.
        not_before: f64,
    },
    /// The slope still changes towards the exponent.
    Drifts {
        /// Over the first three of the sizes.
        from: f64,
        /// Over the last three.
        to: f64,
        /// The size at which the exponent leads, if what is added to it falls like the root of the scale variable; none if
        /// that does not fit.
        leads_at: Option<f64>,
    },
    /// The logits of a softmax are so large that few of its entries count.
    Saturates {
        /// What is too large.
        node: NodeId,
        /// How large it is at the largest size.
        magnitude: f64,
    },
    /// One seed tells nothing of the noise.
    OneSeed,
    /// None of these.
    Unknown,
}

/// How far from its exponent a slope is that is led by another term, at most, beside the tolerance.
const MOST_NOISE: f64 = 0.1;

/// What enters a softmax is large from here on: of normal logits with standard deviation `s` about `n e^(-s^2)` of `n` entries
/// count, here a tenth.
const LARGE: f64 = 1.5;

impl Cause {
    /// The most likely one; `logits` is what enters a softmax, with its magnitude at the largest size.
    pub(super) fn of(curve: &Curve<'_>, predicted: &PredictedSlope, logits: &[(NodeId, f64)]) -> Self {
        if curve.slope.slope.is_nan() {
            return Self::Vanishes;
        }
        let largest = logits.iter().copied().max_by(|a, b| a.1.total_cmp(&b.1));
        let saturates = largest.filter(|(_, magnitude)| *magnitude > LARGE);
        let saturates = saturates.map(|(node, magnitude)| Self::Saturates { node, magnitude });
        let one_seed = (curve.series.len() < 2).then_some(Self::OneSeed);
        let known =
            one_seed.or_else(|| late(curve, predicted)).or_else(|| drifts(curve, predicted)).or(saturates);
        known.unwrap_or(Self::Unknown)
    }
}

/// Whether the slope is that of a smaller predicted term.
fn late(curve: &Curve<'_>, predicted: &PredictedSlope) -> Option<Cause> {
    let near = |term: &&Exponent| (curve.slope.slope - term.approximate()).abs() <= TOLERANCE + MOST_NOISE;
    let term = predicted.summands.iter().filter(|term| **term < predicted.exponent).find(near)?;
    let gap = predicted.exponent.approximate() - term.approximate();
    // At most so much of the square belongs to the larger term: more would make the slope steeper. It does not lead yet.
    let share = (((curve.slope.slope - term.approximate()).max(0.0) + TOLERANCE) / gap).min(0.5);
    let odds = share / (1.0 - share);
    let end = curve.growth.last()?.ln();
    let (not_before, _) = curve.size(end - odds.ln() / (2.0 * gap));
    Some(Cause::Late { term: term.clone(), not_before })
}

/// Whether the slope over the last three sizes is nearer to the exponent than over the first three, by more than the
/// tolerance.
fn drifts(curve: &Curve<'_>, predicted: &PredictedSlope) -> Option<Cause> {
    let count = curve.growth.len();
    if count < 4 {
        return None;
    }
    let slope = |range: std::ops::Range<usize>| {
        let series: Vec<Vec<f64>> = curve.series.iter().map(|of| of[range.clone()].to_vec()).collect();
        FittedSlope::of(&curve.growth[range], &series).slope
    };
    let [from, to] = [slope(0..3), slope(count - 3..count)];
    let far = |slope: f64| (slope - predicted.exponent.approximate()).abs();
    let leads_at = leads_at(curve, predicted);
    // The spread over seeds moves a slope over few sizes more than that over many.
    let noise = if curve.slope.stderr.is_finite() { 2.0 * curve.slope.stderr } else { 0.0 };
    (far(from) - far(to) > TOLERANCE + noise).then_some(Cause::Drifts { from, to, leads_at })
}

/// The size at which the exponent is as large as a correction of relative size `n^-1/2`.
fn leads_at(curve: &Curve<'_>, predicted: &PredictedSlope) -> Option<f64> {
    let means = Means::of(curve.growth, curve.series)?;
    let exponent = predicted.exponent.approximate();
    let model = Model { terms: vec![exponent, exponent - 0.5], divisor: None, adds: Adds::Amplitudes };
    let fit = PowerFit::of(&means, model)?;
    Some(curve.size(fit.sum.crossing()).0)
}
