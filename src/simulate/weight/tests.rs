//! Weights that are held in different ways answer alike: exactly, or in law.

use super::*;
use crate::simulate::array::{Real, dot, rms};
use crate::simulate::random::{Normals, Seed, Source};

fn normals(seed: u64, name: &str) -> Normals {
    Source { base: 5, seed: Seed(seed) }.normals("parameter", name)
}

fn sizes(places: usize, rows: usize, columns: usize) -> Sizes {
    Sizes { shared: vec![places], produced: vec![rows], contracted: vec![columns], axes_of_blocks: [0, 0] }
}

fn weight<R: Real>(sizes: &Sizes, seed: u64, way: Way) -> Weight<R> {
    Weight::new(sizes.clone(), 0.5, normals(seed, "W"), way)
}

/// So many normal numbers.
fn vector<R: Real>(seed: u64, name: &str, count: usize) -> Vec<R> {
    let mut entries = vec![R::zero(); count];
    normals(seed, name).fill(0, &mut entries, R::one());
    entries
}

/// The largest difference of corresponding numbers, relative to their root mean square.
fn off<R: Real>(a: &[R], b: &[R]) -> f64 {
    let largest = a.iter().zip(b).map(|(a, b)| (a.wide() - b.wide()).abs()).fold(0.0, f64::max);
    largest / rms(a).max(rms(b)).max(f64::MIN_POSITIVE)
}

const SHAPES: [[usize; 4]; 6] =
    [[1, 7, 5, 3], [1, 40, 60, 12], [3, 9, 20, 4], [1, 1, 30, 5], [2, 30, 1, 5], [1, 16, 16, 40]];

/// Asks a weight along both sides, in turn: fresh vectors, vectors made of answers, repeated ones, zeros, and ones that
/// hardly differ. Gives each question with its answer.
fn asked<R: Real>(weight: &Weight<R>, count: usize) -> Vec<(Side, Vec<R>, Vec<R>)> {
    let sizes = weight.sizes().clone();
    let places = sizes.places();
    let mut questions: Vec<(Side, Vec<R>, Vec<R>)> = Vec::new();
    let mut ask = |side: Side, question: Vec<R>| {
        let answer = weight.times(side, &question);
        questions.push((side, question, answer.clone()));
        answer
    };
    let fresh = |name: &str, side: Side| vector::<R>(1, name, places * count * sizes.along(side));
    let first = fresh("first", Side::Columns);
    let answer = ask(Side::Columns, first.clone());
    let back = ask(Side::Rows, answer.iter().map(|x| num_traits::Float::max(*x, R::zero())).collect());
    let mixed: Vec<R> = back.iter().zip(&first).map(|(a, b)| *a * *b + *b).collect();
    ask(Side::Columns, mixed.clone());
    ask(Side::Columns, first.clone());
    ask(Side::Rows, vec![R::zero(); places * count * sizes.rows()]);
    // Hardly anything is new in these, and then it is asked for alone.
    let step = R::narrow(1e-4);
    let other = fresh("other", Side::Columns);
    ask(Side::Columns, first.iter().zip(&other).map(|(a, b)| *a + *b * step).collect());
    ask(Side::Columns, other);
    ask(Side::Rows, fresh("last", Side::Rows));
    ask(Side::Columns, mixed);
    questions
}

/// The matrices themselves: what a weight makes of unit vectors.
fn matrices<R: Real>(weight: &Weight<R>) -> Vec<R> {
    let columns = weight.sizes().columns();
    let unit = |i: usize| R::narrow(f64::from(u8::from(i.is_multiple_of(columns + 1))));
    let identities: Vec<R> =
        (0..weight.sizes().places()).flat_map(|_| (0..columns * columns).map(unit)).collect();
    weight.times(Side::Columns, &identities)
}

/// Whatever was asked before, the answers are those of one matrix: the one that unit vectors then tell.
fn answers_are_those_of_one_matrix<R: Real>(way: Way, tolerance: f64) {
    for [places, rows, columns, count] in SHAPES {
        let sizes = sizes(places, rows, columns);
        let weight = weight::<R>(&sizes, 3, way);
        let questions = asked(&weight, count);
        let transposed = matrices(&weight);
        for (number, (side, question, answer)) in questions.into_iter().enumerate() {
            let length = sizes.along(side);
            for place in 0..places {
                let matrix = &transposed[place * rows * columns..][..rows * columns];
                let entry = |row: usize, column: usize| matrix[column * rows + row].wide();
                for i in 0..count {
                    let question = &question[(place * count + i) * length..][..length];
                    let produced = sizes.along(side.other());
                    let answer = &answer[(place * count + i) * produced..][..produced];
                    let expected: Vec<f64> = (0..produced)
                        .map(|made| {
                            let term = |summed: usize| match side {
                                Side::Columns => entry(made, summed) * question[summed].wide(),
                                Side::Rows => entry(summed, made) * question[summed].wide(),
                            };
                            (0..length).map(term).sum()
                        })
                        .collect();
                    let found: Vec<f64> = answer.iter().map(|entry| entry.wide()).collect();
                    let size = 0.5 * dot(question, question).sqrt();
                    let largest = expected.iter().zip(&found).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
                    assert!(
                        largest <= tolerance * size,
                        "{rows} by {columns}, question {number}, off by {largest} of {size}"
                    );
                }
            }
        }
    }
}

/// Roundings, magnified up to thirty-fold by coordinates, of sums of some tens of terms.
const TOLERANCES: [f64; 2] = [1e-4, 1e-12];

#[test]
fn in_whatever_way_it_is_held_a_weight_answers_as_one_matrix() {
    for way in [Way::Stored, Way::Drawn, Way::Asked] {
        answers_are_those_of_one_matrix::<f32>(way, TOLERANCES[0]);
        answers_are_those_of_one_matrix::<f64>(way, TOLERANCES[1]);
    }
}

#[test]
fn what_is_drawn_again_is_what_would_be_stored() {
    for [places, rows, columns, count] in
        [[1, 7, 5, 3], [2, 300, 40, 9], [1, 40, 9000, 5], [1, 2100, 2100, 3]]
    {
        let sizes = sizes(places, rows, columns);
        let (stored, drawn) = (weight::<f32>(&sizes, 3, Way::Stored), weight::<f32>(&sizes, 3, Way::Drawn));
        for side in [Side::Columns, Side::Rows] {
            let question = vector::<f32>(2, "question", places * count * sizes.along(side));
            let (stored, drawn) = (stored.times(side, &question), drawn.times(side, &question));
            // To the bit: where memory ends must not be seen in results.
            assert!(stored == drawn, "{rows} by {columns}: off by {}", off(&stored, &drawn));
        }
    }
}

/// The law of a matrix that was asked before is that of a matrix: its entries are independent normal numbers, also given
/// how the questions depended on it.
#[test]
fn entries_that_are_told_last_are_independent_normal_numbers() {
    let sizes = sizes(1, 6, 5);
    let (rows, columns) = (6, 5);
    let draws: u64 = 4000;
    let mut sums = vec![0.0; rows * columns];
    let mut products = vec![0.0; (rows * columns).pow(2)];
    let mut fourth = 0.0;
    for seed in 0..draws {
        let weight = weight::<f64>(&sizes, seed, Way::Asked);
        asked(&weight, 2);
        let entries: Vec<f64> = matrices(&weight).into_iter().map(|entry| entry / 0.5).collect();
        for (i, a) in entries.iter().enumerate() {
            sums[i] += a;
            fourth += a.powi(4);
            for (j, b) in entries.iter().enumerate() {
                products[i * entries.len() + j] += a * b;
            }
        }
    }
    // 900 means of 4000 numbers, of standard errors 1/sqrt(4000) or sqrt(2/4000): five of these are left once in a
    // thousand times by any of them.
    #[allow(clippy::cast_precision_loss)]
    let count = draws as f64;
    let error = 5.0 / count.sqrt();
    assert!(sums.iter().all(|sum| (sum / count).abs() < error));
    for (place, product) in products.iter().enumerate() {
        let (i, j) = (place / sums.len(), place % sums.len());
        let (expected, error) = if i == j { (1.0, error * 2_f64.sqrt()) } else { (0.0, error) };
        assert!((product / count - expected).abs() < error, "entries {i} and {j}: {}", product / count);
    }
    // The variance of a fourth power is 96.
    let numbers = count * 30.0;
    assert!((fourth / numbers - 3.0).abs() < 5.0 * (96.0 / numbers).sqrt());
}
