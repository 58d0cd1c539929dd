//! Tests of the distribution: each number on its own is standard normal.

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};

use super::statistic::{
    assert_plausible, below, chi_square, count, distance, distance_of_two, mean, numbers,
};
use super::words::BLOCK;

/// Numbers of most tests: moments are known to some 1e-3.
const COUNT: usize = 1 << 22;

/// Bounds of the statistic of Kolmogorov and Smirnov: outside, either way, with a probability of 1e-4.
const DISTANCES: std::ops::Range<f64> = 0.35..2.23;

fn sorted(mut numbers: Vec<f32>) -> Vec<f32> {
    numbers.sort_unstable_by(f32::total_cmp);
    numbers
}

#[test]
fn the_moments_are_those_of_the_normal_distribution() {
    for key in [[0; 4], [1, 2, 3, 4]] {
        let numbers = numbers(key, COUNT);
        for (power, expected, variance) in [
            (1, 0.0, 1.0),
            (2, 1.0, 2.0),
            (3, 0.0, 15.0),
            (4, 3.0, 96.0),
            (5, 0.0, 945.0),
            (6, 15.0, 10_170.0),
        ] {
            let moments = numbers.iter().map(|x| f64::from(*x).powi(power) - expected);
            assert_plausible(mean(moments, variance), &format!("moment {power}"));
        }
    }
}

#[test]
fn both_tails_have_the_weight_of_the_normal_distribution() {
    let numbers = numbers([1; 4], 4 * COUNT);
    // Beyond 5 sigma are 4.8 numbers on each side: of so few, 4.5 deviations more than expected have a probability
    // of 2e-4.
    for sigmas in [0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 3.5, 4.0, 4.5, 5.0] {
        let above = numbers.iter().filter(|x| **x > sigmas).count();
        let under = numbers.iter().filter(|x| **x < -sigmas).count();
        for beyond in [above, under] {
            assert_plausible(count(beyond, numbers.len(), below(-sigmas)), &format!("beyond {sigmas} sigma"));
        }
    }
}

#[test]
fn the_largest_number_is_neither_too_large_nor_too_small() {
    // The probability that the largest is below, uniform in itself: outside with a probability of 2e-4.
    for key in 0..16 {
        let numbers = numbers([2, 0, 0, key], COUNT / 4);
        let largest = numbers.iter().fold(0.0, |largest: f32, x| largest.max(x.abs()));
        let probability = (-2.0 * numbers.len() as f64 * below(-largest)).exp();
        assert!((1e-4..1.0 - 1e-4).contains(&probability), "{largest}: {probability}");
    }
}

#[test]
fn a_thousand_cells_of_equal_probability_are_equally_full() {
    let mut counts = vec![0; 1000];
    numbers([3; 4], COUNT).into_iter().for_each(|x| counts[(below(x) * 1000.0) as usize] += 1);
    assert_plausible(chi_square(&counts), "1000 cells");
}

#[test]
fn the_distribution_keeps_the_distance_of_kolmogorov_and_smirnov() {
    for key in 0..4 {
        let distance = distance(&sorted(numbers([4, 0, 0, key], COUNT / 8)));
        assert!(DISTANCES.contains(&distance), "{distance}");
    }
}

#[test]
fn the_distribution_is_that_of_rand_distr() {
    let mut generator = ChaCha8Rng::seed_from_u64(1);
    let theirs = sorted((0..COUNT / 4).map(|_| StandardNormal.sample(&mut generator)).collect());
    let distance = distance_of_two(&sorted(numbers([5; 4], COUNT / 4)), &theirs);
    assert!(DISTANCES.contains(&distance), "{distance}");
}

#[test]
fn every_place_of_a_block_is_normal() {
    // Over 4096 blocks, place by place.
    let numbers = numbers([6; 4], COUNT);
    let mut squares = 0.0;
    for place in 0..BLOCK {
        let column = || numbers.iter().skip(place).step_by(BLOCK).map(|x| f64::from(*x));
        let (first, second) = (mean(column(), 1.0), mean(column().map(|x| x * x - 1.0), 2.0));
        assert_plausible(first, &format!("mean at {place}"));
        assert_plausible(second, &format!("variance at {place}"));
        squares += first * first;
    }
    let freedom = BLOCK as f64;
    assert_plausible((squares - freedom) / (2.0 * freedom).sqrt(), "means of all places");
}
