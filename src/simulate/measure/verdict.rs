//! [`SlopeVerdict`]: whether a measured slope is the predicted exponent.

use super::crossover::Crossover;
use super::curve::{Curve, PredictedSlope, TOLERANCE};

/// At most so much does the confidence interval add to the tolerance: a measurement that is all noise agrees with
/// nothing.
const MOST_NOISE: f64 = 0.15;

/// What a comparison of slope and exponent says.
///
/// ```
/// use fscale::{Network, Runs, SlopeVerdict};
///
/// let question = Network::builtin("mlp")?.scale("width")?;
/// let slopes = question.along("n").measure(Runs::at([16, 32, 64]).seeds(2))?;
/// assert!(slopes.trends().all(|trend| trend.verdict != Some(SlopeVerdict::Disagrees)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SlopeVerdict {
    /// They are equal within the tolerance.
    Agrees,
    /// The prediction stands, but the slope is not yet the exponent: the sizes are too small, or the seeds too few.
    Crossover,
    /// They differ.
    Disagrees,
}

impl SlopeVerdict {
    /// The name in reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Agrees => "agrees",
            Self::Crossover => "crossover",
            Self::Disagrees => "disagrees",
        }
    }

    /// Compares a measured curve with a predicted exponent; says why there is a crossover.
    ///
    /// - *agrees*: the slope is within [`TOLERANCE`] and half its 95% confidence interval (at most 0.15; so much where one
    ///   seed tells nothing of it) of the exponent.
    /// - *crossover*: the curve is a sum of powers with that exponent, see [`Crossover`]; or the interval is wider than
    ///   that and holds the exponent, so the seeds are too few to tell.
    /// - *disagrees*: otherwise; also where there is no slope, since the quantity vanishes.
    #[must_use]
    pub fn of(curve: &Curve<'_>, predicted: &PredictedSlope) -> (Self, Option<Crossover>) {
        let off = (curve.slope.slope - predicted.exponent.approximate()).abs();
        let noise = curve.slope.half_width();
        if off <= TOLERANCE + noise.map_or(MOST_NOISE, |noise| noise.min(MOST_NOISE)) {
            return (Self::Agrees, None);
        }
        let too_few = || noise.is_some_and(|noise| off <= noise).then_some(Crossover::Seeds);
        match Crossover::of(curve, predicted).or_else(too_few) {
            Some(crossover) => (Self::Crossover, Some(crossover)),
            None => (Self::Disagrees, None),
        }
    }
}

#[cfg(test)]
mod tests {
    use rayon::prelude::*;

    use super::*;
    use crate::exact::Exponent;
    use crate::simulate::measure::curve::Curve;
    use crate::simulate::measure::slope::FittedSlope;

    /// The verdict on a function of the scale variable, doubled from size to size, with a spread between seeds.
    fn verdict(sizes: i32, spread: f64, predicted: &str, magnitude: impl Fn(f64) -> f64) -> SlopeVerdict {
        drawn(0, sizes, spread, predicted, magnitude).0
    }

    /// The same, with other noise for each draw; the summands are the predicted exponents, largest first.
    fn drawn(
        draw: u32,
        sizes: i32,
        spread: f64,
        predicted: &str,
        magnitude: impl Fn(f64) -> f64,
    ) -> (SlopeVerdict, Option<Crossover>) {
        let values: Vec<usize> = (0..sizes).map(|power| 64 << power).collect();
        let growth: Vec<f64> = (0..sizes).map(|power| 2_f64.powi(power)).collect();
        let series: Vec<Vec<f64>> = (0..8)
            .map(|seed| {
                let noise = |place: usize| (spread * f64::from(noise(draw * 8 + seed, place))).exp();
                growth.iter().enumerate().map(|(place, n)| magnitude(*n) * noise(place)).collect()
            })
            .collect();
        let slope = FittedSlope::of(&growth, &series);
        let curve = Curve { values: &values, growth: &growth, series: &series, slope };
        let summands: Vec<Exponent> = predicted.split(',').map(|text| text.parse().unwrap()).collect();
        SlopeVerdict::of(&curve, &PredictedSlope { exponent: summands[0].clone(), summands })
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
                    let expected = if other == text { SlopeVerdict::Agrees } else { SlopeVerdict::Disagrees };
                    let found = verdict(5, spread, other, |n: f64| n.powf(exponent));
                    assert_eq!(found, expected, "n^{text} against {other}, spread {spread}");
                }
            }
        }
    }

    #[test]
    fn a_sum_of_powers_is_a_crossover_only_towards_the_larger_one() {
        use SlopeVerdict::{Agrees, Crossover, Disagrees};
        type Case = (&'static str, fn(f64) -> f64, &'static str, SlopeVerdict);
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
                for sizes in [5, 7] {
                    let verdicts = (0..400).map(|draw| drawn(draw, sizes, spread, predicted, |_| 1.0).0);
                    let wrong = verdicts.filter(|verdict| *verdict != SlopeVerdict::Disagrees).count();
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

    /// Spreads of a factor 1.05 to 1.6 between seeds.
    const SPREADS: [f64; 4] = [0.05, 0.1, 0.3, 0.5];

    const DRAWS: u32 = 40;

    /// In how many of [`DRAWS`] a curve is explained by predicted terms, and in how many by a correction: over a factor
    /// of 16 and of 64, for each of [`SPREADS`].
    fn explained(predicted: &str, magnitude: impl Fn(f64) -> f64 + Sync) -> [[(usize, usize); 4]; 2] {
        [5, 7].map(|sizes| {
            SPREADS.map(|spread| {
                let judged = (0..DRAWS).into_par_iter();
                let judged = judged.map(|draw| drawn(draw, sizes, spread, predicted, &magnitude).1);
                let found: Vec<Crossover> = judged.flatten().collect();
                let terms = found.iter().filter(|found| matches!(found, Crossover::Terms(_))).count();
                let corrections = found.iter().filter(|found| matches!(found, Crossover::Correction { .. }));
                (terms, corrections.count())
            })
        })
    }

    #[test]
    fn a_curve_of_another_exponent_is_explained_in_few_draws() {
        type Case = (&'static str, fn(f64) -> f64, &'static [&'static str]);
        let aligned: [Case; 7] = [
            ("1", |_| 1.0, &["1/2,0", "1/2,0,-1/2", "1,1/2,0", "1/2", "-1/2"]),
            ("n^1/4", |n| n.powf(0.25), &["1/2,0", "1/2", "0"]),
            ("n^1/3", |n| n.powf(1.0 / 3.0), &["1,1/2,0"]),
            ("n^1/2", f64::sqrt, &["1,0", "0"]),
            ("n^3/4", |n| n.powf(0.75), &["1,1/2,0"]),
            ("sqrt(16 + n)", |n| (16.0 + n).sqrt(), &["1,0", "1,1/2,0", "1", "0"]),
            ("sqrt(1 + 16/n)", |n| (1.0 + 16.0 / n).sqrt(), &["1/2,0,-1/2", "1/2", "-1/2"]),
        ];
        for (name, magnitude, predictions) in aligned {
            for predicted in predictions {
                // In 100 draws there was none.
                for (terms, corrections) in explained(predicted, magnitude).into_iter().flatten() {
                    assert!(
                        terms + corrections <= 1,
                        "{name} against {predicted}: {terms} and {corrections}"
                    );
                }
            }
        }
    }

    /// The power of the tests: what of a hundred draws is recognised over a factor of 64, with spreads of 0.05, 0.1, 0.3
    /// and 0.5 (the standard deviation of a seed is 0.58 of that), is in the comments.
    #[test]
    fn a_sum_is_recognised_with_little_noise_over_a_factor_of_64() {
        type Case = (&'static str, fn(f64) -> f64, &'static str);
        let aligned: [Case; 4] = [
            // 100, 100, 62, 3; 38 and 79 agree.
            ("sqrt(16 + n)", |n| (16.0 + n).sqrt(), "1/2,0"),
            // 100, 100, 53, 8
            ("sqrt(1 + 64/n)", |n| (1.0 + 64.0 / n).sqrt(), "0,-1/2"),
            // 100, 100, 57, 21
            ("sqrt(n^2 + 10n + 10)", |n| (n * n + 10.0 * n + 10.0).sqrt(), "1,1/2,0"),
            // 100, 100, 82, 52
            ("n + 12", |n| n + 12.0, "1,0"),
        ];
        for (name, magnitude, predicted) in aligned {
            let [_, found] = explained(predicted, magnitude);
            let terms = found.map(|(terms, _)| terms);
            assert!(terms[0] >= 38 && terms[1] >= 38 && terms[2] >= 15, "{name}: {found:?}");
        }
        // A correction of a power alone: 100, 76, 25, 0.
        let [_, found] = explained("0", |n| 2.0 + 6.0 / n.sqrt());
        assert!(found[0].1 >= 38 && found[1].1 >= 24 && found[0].0 == 0, "{found:?}");
    }

    #[test]
    fn a_sum_crosses_where_its_terms_are_equal_be_it_beyond_the_largest_size() {
        // The sizes are 64 to 4096.
        for (expected, at) in [(1024.0, 16.0), (4096.0, 64.0), (8192.0, 128.0)] {
            for draw in 0..10 {
                let judged = drawn(draw, 7, 0.02, "1/2,0", |n| (at + n).sqrt());
                let (_, Some(Crossover::Terms(sum))) = judged else { panic!("{judged:?}") };
                assert_eq!((sum.terms.len(), sum.adds), (2, crate::simulate::Adds::Squares));
                // Four standard errors, which hold what is systematic at small sizes.
                assert!((sum.size - expected).abs() < 4.0 * sum.stderr, "{expected}: {sum:?}");
                assert!(sum.stderr < 0.3 * expected, "{expected}: {sum:?}");
                let share = 64.0 / (64.0 + at);
                // The same error as a share.
                assert!((sum.shares[0] - share).abs() < 4.0 * sum.stderr / expected * share, "{sum:?}");
            }
        }
    }

    #[test]
    fn a_quantity_that_vanishes_disagrees_with_every_exponent() {
        assert_eq!(verdict(4, 0.0, "0", |_| 0.0), SlopeVerdict::Disagrees);
        assert_eq!(verdict(4, 0.0, "0", |_| f64::INFINITY), SlopeVerdict::Disagrees);
    }
}
