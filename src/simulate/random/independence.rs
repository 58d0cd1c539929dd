//! Tests of independence: of numbers near and far in a sequence, of the two of a pair, of blocks, of sequences.

use super::normals::Normals;
use super::statistic::{assert_plausible, below, chi_square, correlations, mean, numbers};
use super::words::{BLOCK, LANES};

/// Numbers of most tests: correlations are known to 1e-3.
const COUNT: usize = 1 << 20;

/// Distances at which the construction could leave a trace: lanes, their multiples and neighbours, the other of a
/// pair, the same place of other blocks.
fn structure() -> impl Iterator<Item = usize> {
    let around = |distance: usize| [distance - 1, distance, distance + 1];
    let lanes = [5, 6, 8, 12, 16, 24, 31, 33].map(|steps| steps * LANES);
    let halves = (1..8).map(|halves| halves * BLOCK / 2);
    let blocks = [4, 5, 7, 8, 16, 32, 64, 128, 256].map(|blocks| blocks * BLOCK);
    lanes.into_iter().chain(halves).chain(blocks).flat_map(around)
}

#[test]
fn numbers_at_a_distance_have_no_correlation_and_neither_have_their_squares() {
    let numbers = numbers([1; 4], COUNT);
    for distance in (1..=64).chain(structure()) {
        for deviate in correlations(&numbers, &numbers[distance..]) {
            assert_plausible(deviate, &format!("distance {distance}"));
        }
    }
}

#[test]
fn pairs_fill_a_square_evenly() {
    const CELLS: usize = 32;
    let numbers = numbers([2; 4], 4 * COUNT);
    let cells: Vec<usize> = numbers.iter().map(|x| (below(*x) * CELLS as f64) as usize).collect();
    for distance in [1, 2, LANES, 2 * LANES, BLOCK / 2, BLOCK, 2 * BLOCK] {
        let mut counts = vec![0; CELLS * CELLS];
        cells.iter().zip(&cells[distance..]).for_each(|(a, b)| counts[a * CELLS + b] += 1);
        assert_plausible(chi_square(&counts), &format!("distance {distance}"));
    }
}

#[test]
fn the_two_numbers_of_a_pair_fill_a_square_evenly() {
    const CELLS: usize = 64;
    let cell = |x: f32| (below(x) * CELLS as f64) as usize;
    let mut counts = vec![0; CELLS * CELLS];
    for block in numbers([3; 4], 4 * COUNT).chunks_exact(BLOCK) {
        let (firsts, seconds) = block.split_at(BLOCK / 2);
        firsts.iter().zip(seconds).for_each(|(a, b)| counts[cell(*a) * CELLS + cell(*b)] += 1);
    }
    assert_plausible(chi_square(&counts), "pairs");
}

#[test]
fn the_two_numbers_of_a_pair_have_every_direction_alike() {
    // A thousand sectors of the circle, also of the pairs that lie far out.
    let mut counts = [vec![0; 1000], vec![0; 1000]];
    for block in numbers([4; 4], 4 * COUNT).chunks_exact(BLOCK) {
        let (firsts, seconds) = block.split_at(BLOCK / 2);
        for (a, b) in firsts.iter().zip(seconds) {
            let turn = f64::from(*b).atan2(f64::from(*a)) / std::f64::consts::TAU + 0.5;
            let far = usize::from(a.hypot(*b) > 2.0);
            counts[far][((turn * 1000.0) as usize).min(999)] += 1;
        }
    }
    counts.iter().for_each(|counts| assert_plausible(chi_square(counts), "sectors"));
}

#[test]
fn the_beginnings_of_blocks_are_one_sequence_of_normal_numbers() {
    // What the seeds of neighbouring blocks have in common would show in their first words.
    let numbers = numbers([5; 4], 8 * COUNT);
    let starts: Vec<f32> = numbers.chunks_exact(BLOCK).flat_map(|block| block[..LANES].to_vec()).collect();
    assert_plausible(mean(starts.iter().map(|x| f64::from(*x)), 1.0), "mean");
    assert_plausible(mean(starts.iter().map(|x| f64::from(*x).powi(2) - 1.0), 2.0), "variance");
    for distance in (1..=64).chain((5..=64).map(|blocks| blocks * LANES)) {
        for deviate in correlations(&starts, &starts[distance..]) {
            assert_plausible(deviate, &format!("distance {distance}"));
        }
    }
}

#[test]
fn the_sums_of_blocks_are_normal_and_independent() {
    let numbers = numbers([6; 4], 8 * COUNT);
    let sums: Vec<f32> =
        numbers.chunks_exact(BLOCK).map(|block| block.iter().sum::<f32>() / (BLOCK as f32).sqrt()).collect();
    assert_plausible(mean(sums.iter().map(|x| f64::from(*x).powi(2) - 1.0), 2.0), "variance");
    for distance in 1..=64 {
        for deviate in correlations(&sums, &sums[distance..]) {
            assert_plausible(deviate, &format!("distance {distance}"));
        }
    }
}

#[test]
fn keys_that_differ_in_one_bit_give_independent_sequences() {
    const LENGTH: usize = 1 << 14;
    let key = [1, 2, 0xcbf2_9ce4_8422_2325, 0xaf63_dc4c_8601_ec8c];
    let sequence = numbers(key, LENGTH);
    let mut squares = 0.0;
    for bit in 0..256 {
        let mut other = key;
        other[bit / 64] ^= 1 << (bit % 64);
        let [plain, of_squares] = correlations(&sequence, &numbers(other, LENGTH));
        assert_plausible(plain, &format!("bit {bit}"));
        assert_plausible(of_squares, &format!("squares, bit {bit}"));
        squares += plain * plain;
    }
    assert_plausible((squares - 256.0) / f64::sqrt(2.0 * 256.0), "all bits together");
}

#[test]
fn keys_with_words_exchanged_or_small_give_independent_sequences() {
    let keys = [[1, 2, 3, 4], [2, 1, 3, 4], [1, 2, 4, 3], [0; 4], [1, 0, 0, 0], [0, 0, 0, 1], [1, 1, 1, 1]];
    let sequences = keys.map(|key| numbers(key, COUNT / 4));
    for (place, sequence) in sequences.iter().enumerate() {
        for other in &sequences[..place] {
            for deviate in correlations(sequence, other) {
                assert_plausible(deviate, &format!("{:?}", keys[place]));
            }
        }
    }
}

#[test]
fn a_matrix_of_normal_numbers_has_the_largest_singular_value_of_one() {
    // Rows of a power of two, as weights have: columns are numbers at the same place of many blocks. The largest
    // eigenvalue of `X X^T / columns` of an independent one is `(1 + sqrt(rows / columns))^2`, give or take 1%
    // (Johnstone, Annals of Statistics 29, 2001); power iteration reaches it from below.
    for (rows, columns) in [(256, 1024), (1024, 256)] {
        let mut numbers = vec![0.0; rows * columns];
        Normals::new([7; 4]).fill(0, &mut numbers, 1.0);
        let mut vector = vec![1.0; columns];
        let mut eigenvalue = 0.0;
        for _ in 0..100 {
            let mut next = vec![0.0; columns];
            for row in numbers.chunks_exact(columns) {
                let product: f32 = row.iter().zip(&vector).map(|(x, y)| x * y).sum();
                next.iter_mut().zip(row).for_each(|(sum, x)| *sum += x * product);
            }
            let norm = next.iter().map(|x: &f32| x * x).sum::<f32>().sqrt();
            vector = next.into_iter().map(|x| x / norm).collect();
            eigenvalue = f64::from(norm) / columns as f64;
        }
        let expected = (1.0 + f64::sqrt(rows as f64 / columns as f64)).powi(2);
        assert!((eigenvalue / expected - 1.0).abs() < 0.04, "{eigenvalue}, not {expected}");
    }
}
