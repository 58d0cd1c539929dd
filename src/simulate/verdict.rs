//! [`Verdict`]: whether a measured slope is the predicted exponent.

use super::crossover::is_sum;
use super::measurement::Predicted;
use super::slope::Slope;
use crate::exponent::Exponent;

/// How far a slope may be from the exponent and still agree, beside its confidence interval.
pub const TOLERANCE: f64 = 0.1;

/// At most so much does the confidence interval add to the tolerance: a measurement that is all noise agrees with
/// nothing.
const MOST_NOISE: f64 = 0.15;

/// How near the last local slope must be to the exponent, noise included, to be on its way there. Exponents of
/// one quantity usually differ by multiples of 1/2: beyond half of that it may be on its way to another.
const NEAR: f64 = 0.35;

/// The distance between local slope and exponent must shrink at least by this factor.
const SHRINKS: f64 = 0.75;

/// What a comparison of slope and exponent says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// They are equal within the tolerance.
    Agrees,
    /// The local slope still drifts towards the prediction: the sizes are too small to tell.
    Crossover,
    /// They differ.
    Disagrees,
}

impl Verdict {
    /// The name in reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Agrees => "agrees",
            Self::Crossover => "crossover",
            Self::Disagrees => "disagrees",
        }
    }

    /// Compares a measured curve with a predicted exponent.
    ///
    /// - *agrees*: the slope is within [`TOLERANCE`] and half its 95% confidence interval (at most 0.15; so much where one
    ///   seed tells nothing of it) of the exponent.
    /// - *crossover*: the curve is the sum of the predicted power and another predicted summand that still
    ///   outweighs it; or, since they were farthest from the exponent, the local slopes have come steadily nearer, by
    ///   a clear factor and by more than their noise, and the last one is near; or the interval is wider than that and
    ///   holds the exponent, so the seeds are too few to tell.
    /// - *disagrees*: otherwise; also where there is no slope, since the quantity vanishes.
    #[must_use]
    pub fn of(curve: &Curve<'_>, predicted: &Predicted) -> Self {
        let exponent = predicted.exponent.approximate();
        let others = predicted.summands.iter().filter(|summand| **summand < predicted.exponent);
        let others: Vec<f64> = others.map(Exponent::approximate).collect();
        let (off, noise) = ((curve.slope.slope - exponent).abs(), curve.slope.half_width());
        if off <= TOLERANCE + noise.map_or(MOST_NOISE, |noise| noise.min(MOST_NOISE)) {
            Self::Agrees
        } else if noise.is_some_and(|noise| off <= noise)
            || is_sum(curve.growth, curve.magnitudes, exponent, &others)
            || approaches(curve.local, exponent)
        {
            Self::Crossover
        } else {
            Self::Disagrees
        }
    }
}

/// A measured quantity.
#[derive(Clone, Copy, Debug)]
pub struct Curve<'a> {
    /// The values of the scale variable, increasing.
    pub growth: &'a [f64],
    /// The magnitude at each of them.
    pub magnitudes: &'a [f64],
    /// The slope over the largest of them.
    pub slope: Slope,
    /// The slopes between neighbours, from small to large.
    pub local: &'a [Slope],
}

fn approaches(local: &[Slope], predicted: f64) -> bool {
    let off: Vec<(f64, f64)> = local.iter().map(|slope| (slope.slope - predicted, slope.error())).collect();
    if off.iter().any(|(off, _)| !off.is_finite()) {
        return false;
    }
    let farthest = (0..off.len()).max_by(|a, b| off[*a].0.abs().total_cmp(&off[*b].0.abs()));
    let (Some(farthest), Some(&(last, last_error))) = (farthest, off.last()) else {
        return false;
    };
    let (first, first_error) = off[farthest];
    let noise = 2.0 * first_error.hypot(last_error);
    let steady = off[farthest..].windows(2).all(|pair| {
        let [(before, before_error), (after, after_error)] = [pair[0], pair[1]];
        after.abs() <= before.abs() + 2.0 * before_error.hypot(after_error)
    });
    let near = last.abs() + last_error <= NEAR;
    let shrunk = last.abs() <= SHRINKS * first.abs() && first.abs() - last.abs() > noise;
    // Beyond the exponent by more than noise, a slope is on its way to somewhere else.
    let same_side = first * last > 0.0 || last.abs() <= TOLERANCE;
    steady && near && shrunk && same_side
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The verdict on a function of the scale variable, doubled from size to size, with a spread between seeds.
    fn verdict(sizes: i32, spread: f64, predicted: &str, magnitude: impl Fn(f64) -> f64) -> Verdict {
        drawn(0, sizes, spread, predicted, magnitude)
    }

    /// The same, with other noise for each draw.
    fn drawn(draw: u32, sizes: i32, spread: f64, predicted: &str, magnitude: impl Fn(f64) -> f64) -> Verdict {
        let growth: Vec<f64> = (0..sizes).map(|power| 2_f64.powi(power)).collect();
        let series: Vec<Vec<f64>> = (0..8)
            .map(|seed| {
                let noise = |place: usize| (spread * f64::from(noise(draw * 8 + seed, place))).exp();
                growth.iter().enumerate().map(|(place, n)| magnitude(*n) * noise(place)).collect()
            })
            .collect();
        let local = Slope::local(&growth, &series);
        let magnitudes: Vec<f64> = growth.iter().map(|n| magnitude(*n)).collect();
        let slope = Slope::of(&growth, &series);
        let curve = Curve { growth: &growth, magnitudes: &magnitudes, slope, local: &local };
        Verdict::of(&curve, &predicted.parse::<Exponent>().unwrap().into())
    }

    /// A number between -1 and 1 that looks random, by a multiplicative hash.
    fn noise(seed: u32, place: usize) -> f32 {
        let mixed = (u64::from(seed) * 1009 + place as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        #[allow(clippy::cast_precision_loss)]
        let unit = (mixed >> 40) as f32 / (1 << 24) as f32;
        2.0 * unit - 1.0
    }

    #[test]
    fn a_power_law_agrees_with_its_exponent_and_with_no_other() {
        for (exponent, text) in [(-1.0, "-1"), (-0.5, "-1/2"), (0.0, "0"), (0.5, "1/2"), (1.0, "1")] {
            for spread in [0.0, 0.05, 0.2] {
                for other in ["-1", "-1/2", "0", "1/2", "1"] {
                    let expected = if other == text { Verdict::Agrees } else { Verdict::Disagrees };
                    let found = verdict(5, spread, other, |n: f64| n.powf(exponent));
                    assert_eq!(found, expected, "n^{text} against {other}, spread {spread}");
                }
            }
        }
    }

    #[test]
    fn a_sum_of_powers_is_a_crossover_only_towards_the_larger_one() {
        use Verdict::{Agrees, Crossover, Disagrees};
        type Case = (&'static str, fn(f64) -> f64, &'static str, Verdict);
        let aligned: [Case; 8] = [
            ("2 + 6/sqrt n", |n| 2.0 + 6.0 / n.sqrt(), "0", Crossover),
            ("2 + 6/sqrt n", |n| 2.0 + 6.0 / n.sqrt(), "1/2", Disagrees),
            ("2 + 6/sqrt n", |n| 2.0 + 6.0 / n.sqrt(), "-1/2", Disagrees),
            ("n + 12", |n| n + 12.0, "1", Crossover),
            ("n + 12", |n| n + 12.0, "3/2", Disagrees),
            ("n + 12", |n| n + 12.0, "0", Disagrees),
            ("1 + 1/(9 n)", |n| 1.0 + 1.0 / (9.0 * n), "0", Agrees),
            ("sqrt n + n/100", |n| n.sqrt() + n / 100.0, "0", Disagrees),
        ];
        for (name, magnitude, predicted, expected) in aligned {
            assert_eq!(verdict(7, 0.0, predicted, magnitude), expected, "{name} against {predicted}");
            assert_eq!(
                verdict(7, 0.01, predicted, magnitude),
                expected,
                "{name}, noisy, against {predicted}"
            );
        }
    }

    #[test]
    fn noise_makes_no_crossover_of_a_power_law() {
        // Spreads of a factor 1.1 to 1.6 between seeds; simulated magnitudes mostly spread less.
        for spread in [0.1, 0.3, 0.5] {
            for predicted in ["-1/2", "1/2"] {
                for sizes in [4, 5, 7] {
                    let verdicts = (0..400).map(|draw| drawn(draw, sizes, spread, predicted, |_| 1.0));
                    let wrong = verdicts.filter(|verdict| *verdict != Verdict::Disagrees).count();
                    // A 95% interval of half the distance to the exponent holds it in a few draws.
                    let allowed = if spread < 0.5 { 4 } else { 20 };
                    assert!(
                        wrong <= allowed,
                        "{wrong} of 400: spread {spread}, {sizes} sizes against {predicted}"
                    );
                }
            }
        }
    }

    #[test]
    fn a_quantity_that_vanishes_disagrees_with_every_exponent() {
        assert_eq!(verdict(4, 0.0, "0", |_| 0.0), Verdict::Disagrees);
        assert_eq!(verdict(4, 0.0, "0", |_| f64::INFINITY), Verdict::Disagrees);
    }
}
