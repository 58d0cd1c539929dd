//! Statistics for tests. Each is a deviate: for independent standard normal numbers it is (nearly) standard normal.

use super::normals::Normals;

/// Deviates up to this pass: a true one is beyond it with a probability of 7e-6. The tests look at some thousand,
/// all of fixed keys, so that they pass always or never.
pub(super) const LIMIT: f64 = 4.5;

/// The first numbers of a sequence.
pub(super) fn numbers(key: [u64; 4], count: usize) -> Vec<f32> {
    let mut numbers = vec![0.0; count];
    Normals::new(key).fill(0, &mut numbers, 1.0);
    numbers
}

/// Asserts that a deviate is none to wonder at.
pub(super) fn assert_plausible(deviate: f64, what: &str) {
    assert!(deviate.abs() < LIMIT, "{what}: {deviate}");
}

/// The probability of a normal number below `x`.
pub(super) fn below(x: f32) -> f64 {
    libm::erfc(-f64::from(x) * std::f64::consts::FRAC_1_SQRT_2) / 2.0
}

/// The deviate of a mean of `count` numbers of mean zero and that variance.
pub(super) fn mean(numbers: impl Iterator<Item = f64>, variance: f64) -> f64 {
    let (mut sum, mut count) = (0.0, 0.0);
    for number in numbers {
        sum += number;
        count += 1.0;
    }
    sum / f64::sqrt(count * variance)
}

/// The deviates of correlation: of the numbers, and of their squares.
pub(super) fn correlations(a: &[f32], b: &[f32]) -> [f64; 2] {
    let pairs = || a.iter().zip(b).map(|(x, y)| (f64::from(*x), f64::from(*y)));
    let squares = pairs().map(|(x, y)| (x * x - 1.0) * (y * y - 1.0));
    [mean(pairs().map(|(x, y)| x * y), 1.0), mean(squares, 4.0)]
}

/// The deviate of a count of events of that probability among `total`.
pub(super) fn count(count: usize, total: usize, probability: f64) -> f64 {
    let expected = total as f64 * probability;
    (count as f64 - expected) / (expected * (1.0 - probability)).sqrt()
}

/// The deviate of counts in cells of equal probability: chi-square, made normal by Wilson and Hilferty (1931).
/// Negative where the counts are more equal than chance would have them.
pub(super) fn chi_square(counts: &[usize]) -> f64 {
    let expected = counts.iter().sum::<usize>() as f64 / counts.len() as f64;
    let sum: f64 = counts.iter().map(|count| (*count as f64 - expected).powi(2) / expected).sum();
    let freedom = counts.len() as f64 - 1.0;
    let spread = 2.0 / (9.0 * freedom);
    ((sum / freedom).cbrt() - 1.0 + spread) / spread.sqrt()
}

/// The greatest distance of the distribution of sorted numbers from the normal one, times the root of their count:
/// the statistic of Kolmogorov and Smirnov.
pub(super) fn distance(sorted: &[f32]) -> f64 {
    let count = sorted.len() as f64;
    let distances = sorted.iter().enumerate().map(|(place, x)| {
        let (below, place) = (below(*x), place as f64);
        (below - place / count).max((place + 1.0) / count - below)
    });
    distances.fold(0.0, f64::max) * count.sqrt()
}

/// The greatest distance of two distributions of as many sorted numbers, scaled likewise.
pub(super) fn distance_of_two(a: &[f32], b: &[f32]) -> f64 {
    let (mut places, mut greatest) = ([0, 0], 0);
    while places[0] < a.len() && places[1] < b.len() {
        let x = a[places[0]].min(b[places[1]]);
        places[0] += a[places[0]..].iter().take_while(|y| **y <= x).count();
        places[1] += b[places[1]..].iter().take_while(|y| **y <= x).count();
        greatest = greatest.max(usize::abs_diff(places[0], places[1]));
    }
    greatest as f64 / (2.0 * a.len() as f64).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers that are close to normal: sums of twelve uniform ones.
    fn sums(count: usize) -> Vec<f32> {
        let uniform: Vec<f32> =
            numbers([7; 4], 12 * count).into_iter().map(|x| below(x) as f32 - 0.5).collect();
        uniform.chunks_exact(12).map(|twelve| twelve.iter().sum()).collect()
    }

    #[test]
    fn sums_of_twelve_uniform_numbers_are_told_from_normal_ones() {
        let mut sums = sums(1 << 19);
        let fourth = mean(sums.iter().map(|x| f64::from(*x).powi(4) - 3.0), 96.0);
        assert!(fourth < -LIMIT, "{fourth}");
        let beyond = sums.iter().filter(|x| x.abs() > 3.0).count();
        assert!(count(beyond, sums.len(), 2.0 * below(-3.0)) < -LIMIT, "{beyond}");
        sums.sort_by(f32::total_cmp);
        assert!(distance(&sums) > 1.5);
    }

    #[test]
    fn a_shift_by_a_hundredth_is_seen_by_each_statistic_of_the_distribution() {
        let mut shifted: Vec<f32> = numbers([8; 4], 1 << 20).into_iter().map(|x| x + 0.01).collect();
        assert!(mean(shifted.iter().map(|x| f64::from(*x)), 1.0) > LIMIT);
        let mut counts = [0; 100];
        shifted.iter().for_each(|x| counts[(below(*x) * 100.0) as usize] += 1);
        assert!(chi_square(&counts) > LIMIT);
        shifted.sort_by(f32::total_cmp);
        assert!(distance(&shifted) > 3.0);
        let mut others = numbers([9; 4], 1 << 20);
        others.sort_by(f32::total_cmp);
        assert!(distance_of_two(&shifted, &others) > 3.0);
    }

    #[test]
    fn a_common_part_of_a_hundredth_is_seen_as_correlation_and_a_common_radius_in_the_squares() {
        let [a, b, c] = [1, 2, 3].map(|key| numbers([key; 4], 1 << 20));
        let mixed = |x: &[f32]| -> Vec<f32> { x.iter().zip(&c).map(|(x, c)| 0.995 * x + 0.1 * c).collect() };
        assert!(correlations(&mixed(&a), &mixed(&b))[0] > LIMIT);
        let scaled = |x: &[f32]| -> Vec<f32> { x.iter().zip(&c).map(|(x, c)| x * c.abs()).collect() };
        let [plain, squares] = correlations(&scaled(&a), &scaled(&b));
        assert!(plain.abs() < 2.0 * LIMIT && squares > 10.0 * LIMIT, "{plain}, {squares}");
    }

    #[test]
    fn counts_that_are_too_equal_are_seen() {
        assert!(chi_square(&[1000; 100]) < -LIMIT);
    }

    #[test]
    fn the_distance_of_two_counts_equal_numbers_once() {
        assert_eq!(distance_of_two(&[1.0, 2.0, 2.0, 3.0], &[1.0, 2.0, 2.0, 3.0]), 0.0);
        assert_eq!(distance_of_two(&[1.0, 2.0], &[3.0, 4.0]), 1.0);
    }
}
