//! The confidence interval of a mean over seeds.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::distribution::student;

/// One minus the probability with which an interval holds the true mean.
pub(crate) const LEVEL: f64 = 0.05;

/// From so many seeds on the spread is known well enough to be resampled: of fewer, some resamples have next to no
/// spread, and the quotient that is bootstrapped has tails without bound.
const RESAMPLED: usize = 16;

/// Beyond so many seeds the mean is normal, whatever the seeds are.
const NORMAL: usize = 256;

/// Resamples: the quantile at 2.5% is then the fiftieth, known to a seventh of its rank.
const RESAMPLES: usize = 2000;

/// What the resamples are drawn from, always.
const RANDOM: u64 = 0x5eed;

/// The 95% confidence interval of the mean of independent values, lower end first; nothing for fewer than two values or
/// values that are not finite.
///
/// Student's, which is exact for normal values; but where there are enough values to tell a skew and too few to ignore it,
/// the percentile-t bootstrap, which is right to second order for skewed ones, where percentiles of the mean itself,
/// BCa-corrected or not, are too short (Hall, The Bootstrap and Edgeworth Expansion, 1992, section 3.5).
pub(crate) fn interval(values: &[f64]) -> Option<[f64; 2]> {
    let (mean, stderr) = mean_and_error(values)?;
    let half_width = student(LEVEL, freedom(values)) * stderr;
    if (RESAMPLED..=NORMAL).contains(&values.len()) && stderr > 0.0 {
        let [below, above] = bootstrapped(values, mean)?;
        return Some([mean - above * stderr, mean - below * stderr]);
    }
    Some([mean - half_width, mean + half_width])
}

/// The mean with its standard error.
fn mean_and_error(values: &[f64]) -> Option<(f64, f64)> {
    let count = freedom(values) + 1.0;
    let mean = values.iter().sum::<f64>() / count;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    let stderr = (squares / (count - 1.0) / count).sqrt();
    (mean.is_finite() && stderr.is_finite()).then_some((mean, stderr))
}

#[allow(clippy::cast_precision_loss, reason = "there are few seeds")]
fn freedom(values: &[f64]) -> f64 {
    values.len() as f64 - 1.0
}

/// The lower and upper quantile, over resamples, of the distance of their mean from the mean in units of their own
/// standard error.
fn bootstrapped(values: &[f64], mean: f64) -> Option<[f64; 2]> {
    let mut random = ChaCha8Rng::seed_from_u64(RANDOM);
    let mut resample = || -> Option<f64> {
        let drawn: Vec<f64> =
            (0..values.len()).map(|_| values[random.random_range(0..values.len())]).collect();
        let (drawn, stderr) = mean_and_error(&drawn)?;
        Some((drawn - mean) / stderr)
    };
    let mut distances: Vec<f64> = (0..RESAMPLES).filter_map(|_| resample()).collect();
    distances.retain(|distance| distance.is_finite());
    distances.sort_by(f64::total_cmp);
    let rank = distances.len() / 40;
    Some([*distances.get(rank)?, *distances.get(distances.len() - 1 - rank)?])
}

#[cfg(test)]
mod tests {
    use rand_distr::{Distribution, Exp1, StandardNormal};

    use super::*;

    /// In how many percent of 400 draws the interval of so many values holds their true mean, and how often it lies
    /// wholly below and above it.
    fn coverage(values: usize, mean: f64, mut draw: impl FnMut(&mut ChaCha8Rng) -> f64) -> [u32; 3] {
        let mut random = ChaCha8Rng::seed_from_u64(values as u64);
        let mut found = [0; 3];
        for _ in 0..400 {
            let values: Vec<f64> = (0..values).map(|_| draw(&mut random)).collect();
            let [low, high] = interval(&values).unwrap();
            found[if high < mean {
                1
            } else if low > mean {
                2
            } else {
                0
            }] += 1;
        }
        found
    }

    #[test]
    fn an_interval_holds_the_mean_of_normal_and_of_skewed_values_as_often_as_it_says() {
        for values in [3, 8, 16, 40, 300] {
            let [held, ..] = coverage(values, 0.0, |random| StandardNormal.sample(random));
            // 95% of 400 is 380, with a standard deviation of 4.4.
            assert!((365..=395).contains(&held), "{held} of 400 with {values} normal values");
        }
        for values in [16, 40] {
            let [held, below, above] = coverage(values, 1.0, |random| Exp1.sample(random));
            // Ten of 400 on either side are right; Student's interval lies below the mean in more than twenty.
            assert!((360..=395).contains(&held), "{held} of 400 with {values} skewed values");
            assert!(below <= 20 && above <= 20, "{below} below, {above} above with {values} skewed values");
        }
    }

    #[test]
    fn the_same_values_have_the_same_interval_and_one_has_none() {
        let values: Vec<f64> = (0..20).map(|value| f64::from(value * value)).collect();
        assert_eq!(interval(&values), interval(&values));
        assert_eq!(interval(&[1.0]), None);
        assert_eq!(interval(&[1.0, f64::NAN]), None);
        assert_eq!(interval(&[2.0; 20]), Some([2.0, 2.0]));
    }
}
