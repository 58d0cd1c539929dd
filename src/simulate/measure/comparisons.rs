//! Many comparisons at once: which of the slopes that are not their exponents are so beyond doubt.
//!
//! A measurement compares hundreds of slopes, often with two or three seeds. Each error alone is then hardly known: by chance
//! some are next to nothing, and what lies beside them seems certain. Two things that statistics knows mend that:
//!
//! - Errors are *moderated*: the variance of each slope is drawn towards what is usual among all, as far as they are alike
//!   (Smyth 2004, Linear models and empirical Bayes methods, Statistical Applications in Genetics and Molecular Biology 3:3).
//! - Of all slopes at once at most one in twenty that are called different is called so by chance, and if all are equal, one
//!   is in one of twenty measurements (Benjamini and Hochberg 1995, Journal of the Royal Statistical Society B 57).

use super::curve::TOLERANCE;
use super::distribution::{digamma, inverse_trigamma, student_tail, trigamma};

/// The share of false alarms.
const ALARMS: f64 = 0.05;

/// A variance below that is rounding, and says nothing of others.
const ROUNDING: f64 = 1e-12;

/// Degrees of freedom beyond which there is no noise in a variance.
const CERTAIN: f64 = 1e4;

/// A slope beside its exponent.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Compared {
    /// How far they are from each other.
    pub(crate) off: f64,
    /// The standard error of the slope.
    pub(crate) stderr: f64,
}

/// Which of many slopes, each of so many seeds, are farther than [`TOLERANCE`] from their exponents beyond doubt. With fewer
/// than two seeds, or where an error is no number, nothing is known of the noise: then whatever is farther is.
pub(crate) fn beyond_doubt(compared: &[Compared], seeds: usize) -> Vec<bool> {
    let Some(usual) = Usual::of(compared, seeds) else {
        return compared.iter().map(|compared| compared.off > TOLERANCE || compared.off.is_nan()).collect();
    };
    let chances: Vec<f64> = compared.iter().map(|compared| usual.chance(*compared)).collect();
    let limit = limit(&chances);
    chances.into_iter().map(|chance| chance <= limit).collect()
}

/// The largest chance that is still no chance: the `k`-th smallest of `m`, if it is at most `k / m` times the share of false
/// alarms, for the largest such `k`.
#[allow(clippy::cast_precision_loss, reason = "there are far fewer than 2^52 slopes")]
fn limit(chances: &[f64]) -> f64 {
    let mut sorted = chances.to_vec();
    sorted.sort_by(f64::total_cmp);
    let count = sorted.len() as f64;
    let small = sorted
        .iter()
        .enumerate()
        .filter(|(place, chance)| **chance <= (*place as f64 + 1.0) / count * ALARMS);
    small.map(|(_, chance)| *chance).next_back().unwrap_or(-1.0)
}

/// What is usual of variances.
#[derive(Clone, Copy, Debug)]
struct Usual {
    /// The variance.
    variance: f64,
    /// With as many degrees of freedom as that counts.
    prior: f64,
    /// Those of each variance alone.
    freedom: f64,
}

impl Usual {
    /// By the moments of the logarithms of the variances. Nothing if there are none.
    #[allow(clippy::cast_precision_loss, reason = "there are few seeds")]
    fn of(compared: &[Compared], seeds: usize) -> Option<Self> {
        let freedom = seeds.checked_sub(1).filter(|freedom| *freedom > 0)? as f64;
        let variances = compared.iter().map(|compared| compared.stderr.powi(2));
        let logs: Vec<f64> = variances.filter(|variance| *variance > ROUNDING).map(f64::ln).collect();
        let count = logs.len() as f64;
        let mean = logs.iter().sum::<f64>() / count;
        if !mean.is_finite() {
            return None;
        }
        let spread = logs.iter().map(|log| (log - mean).powi(2)).sum::<f64>() / (count - 1.0).max(1.0);
        let excess = spread - trigamma(freedom / 2.0);
        let prior = if excess > 0.0 { (2.0 * inverse_trigamma(excess)).min(CERTAIN) } else { CERTAIN };
        let bias = |freedom: f64| digamma(freedom / 2.0) - (freedom / 2.0).ln();
        Some(Self { variance: (mean - bias(freedom) + bias(prior)).exp(), prior, freedom })
    }

    /// With which chance a slope within the tolerance of its exponent would be as far from it.
    fn chance(&self, compared: Compared) -> f64 {
        if compared.off.is_nan() {
            return 0.0;
        }
        let freedom = self.prior + self.freedom;
        let variance = (self.prior * self.variance + self.freedom * compared.stderr.powi(2)) / freedom;
        let distance = (compared.off - TOLERANCE).max(0.0);
        student_tail(distance / variance.sqrt(), freedom)
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;
    use rand_distr::{Distribution, StandardNormal};

    use super::*;

    /// Slopes of so many seeds, of which the first few are off by so much; errors of single seeds are 0.05 to 0.2.
    fn drawn(random: &mut ChaCha8Rng, seeds: usize, wrong: usize, off: f64) -> Vec<Compared> {
        let mut normal = || -> f64 { StandardNormal.sample(random) };
        let mut one = |place: usize| {
            let error = 0.05 * 4_f64.powf(f64::from(u8::try_from(place % 11).unwrap()) / 10.0);
            let slopes: Vec<f64> = (0..seeds).map(|_| error * normal()).collect();
            let count = f64::from(u32::try_from(seeds).unwrap());
            let mean = slopes.iter().sum::<f64>() / count;
            let squares: f64 = slopes.iter().map(|slope| (slope - mean).powi(2)).sum();
            let true_off = if place < wrong { off } else { 0.0 };
            Compared { off: (true_off + mean).abs(), stderr: (squares / (count - 1.0) / count).sqrt() }
        };
        (0..300).map(&mut one).collect()
    }

    #[test]
    fn few_seeds_give_no_false_alarms_and_what_is_wrong_is_seen() {
        // Of the wrong ones, how many are seen at least in twenty measurements of 300 slopes with 30 that are off by 1/2.
        for (seeds, least) in [(2, 240), (3, 480), (8, 595)] {
            let mut random = ChaCha8Rng::seed_from_u64(seeds as u64);
            let mut found = |wrong: usize| {
                let measurements =
                    (0..20).map(|_| beyond_doubt(&drawn(&mut random, seeds, wrong, 0.5), seeds));
                let count = |of: &[bool]| of.iter().filter(|doubtless| **doubtless).count();
                let counts = measurements.map(|of| [count(&of[..wrong]), count(&of[wrong..])]);
                counts.fold([0, 0], |[seen, alarms], [more, others]| [seen + more, alarms + others])
            };
            let [_, alarms] = found(0);
            assert!(alarms <= 4, "{alarms} of 6000 with {seeds} seeds");
            let [seen, alarms] = found(30);
            assert!(seen >= least && alarms <= 30, "{seen} of 600 seen, {alarms} alarms with {seeds} seeds");
        }
    }

    #[test]
    fn without_noise_nothing_is_in_doubt() {
        let exact = [0.0, 0.05, 0.2, f64::NAN].map(|off| Compared { off, stderr: 0.0 });
        assert_eq!(beyond_doubt(&exact, 8), [false, false, true, true]);
        assert_eq!(beyond_doubt(&exact, 1), [false, false, true, true]);
        assert!(beyond_doubt(&[], 4).is_empty());
    }
}
