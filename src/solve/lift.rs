//! [`solution`]: a square system of linear equations in whole numbers, solved exactly.
//!
//! The matrix is factored once modulo a prime, sparsely; the solution is found digit by digit to that base (each digit
//! costs one pass over the factors), and the fractions are read off it. They are put into the equations before they
//! are returned.
//! Source: Dixon, "Exact solution of linear equations using p-adic expansions", Numerische Mathematik 40, 1982.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use num_bigint::BigInt;
use num_integer::Integer;
use num_rational::BigRational;
use num_traits::{One, Signed, Zero};

use super::effort::{Effort, SolveError};
use crate::exact::Exponent;

/// The largest prime below `2^31`: products of two residues fit in a machine word.
const PRIME: u64 = 2_147_483_647;

/// A matrix by rows, each a list of positions and numbers.
pub(super) type Matrix = Vec<Vec<(usize, i64)>>;

/// The `x` with `matrix * x = right`; nothing if it is not the only one (or, rarely, seems not to be modulo the prime).
///
/// # Errors
/// If no effort is left.
pub(super) fn solution(
    matrix: &Matrix,
    right: &[i64],
    effort: &Effort,
) -> Result<Option<Vec<Exponent>>, SolveError> {
    let Some(factors) = Factors::of(matrix, effort)? else { return Ok(None) };
    let prime = i128::from(PRIME);
    let mut rest: Vec<i128> = right.iter().map(|number| i128::from(*number)).collect();
    let mut digits: Vec<Vec<u64>> = Vec::new();
    let (most, mut enough) = (most_digits(matrix, right), 2);
    loop {
        while digits.len() < enough {
            effort.spend(factors.size)?;
            let digit = factors.solve(rest.iter().map(|number| residue(*number)).collect());
            for (rest, row) in rest.iter_mut().zip(matrix) {
                let product =
                    row.iter().map(|(column, number)| i128::from(*number) * i128::from(digit[*column]));
                *rest = (*rest - product.sum::<i128>()) / prime;
            }
            digits.push(digit);
        }
        effort.spend(matrix.len() * digits.len() * digits.len())?;
        if let Some((numerators, denominator)) = fractions(&digits)
            && is_solution(matrix, right, &numerators, &denominator)
        {
            let exact = |numerator| Exponent::from_big(BigRational::new(numerator, denominator.clone()));
            return Ok(Some(numerators.into_iter().map(exact).collect()));
        }
        if enough >= most {
            return Ok(None);
        }
        enough *= 2;
    }
}

/// Digits that suffice for every numerator and denominator, which are determinants (Hadamard).
fn most_digits(matrix: &Matrix, right: &[i64]) -> usize {
    let size = |numbers: &mut dyn Iterator<Item = u64>| {
        let sum: u128 = numbers.map(u128::from).sum();
        (u128::BITS - sum.leading_zeros()) as usize
    };
    let bits: usize = matrix
        .iter()
        .zip(right)
        .map(|(row, right)| {
            let numbers = row.iter().map(|(_, number)| number).chain([right]);
            size(&mut numbers.map(|number| number.unsigned_abs()))
        })
        .sum();
    2 * bits / 30 + 2
}

fn residue(number: i128) -> u64 {
    u64::try_from(number.rem_euclid(i128::from(PRIME))).unwrap_or_default()
}

/// The fractions with small parts that have these digits, over one denominator.
fn fractions(digits: &[Vec<u64>]) -> Option<(Vec<BigInt>, BigInt)> {
    let modulus = (0..digits.len()).fold(BigInt::one(), |power, _| power * PRIME);
    let bound: BigInt = (&modulus / 2u32).sqrt();
    let mut denominator = BigInt::one();
    let mut numerators: Vec<BigInt> = Vec::with_capacity(digits.first()?.len());
    for position in 0..digits.first()?.len() {
        let value = digits.iter().rev().fold(BigInt::zero(), |value, digit| value * PRIME + digit[position]);
        let scaled = (value * &denominator).mod_floor(&modulus);
        let (numerator, more) = fraction(scaled, &modulus, &bound)?;
        if !more.is_one() {
            denominator *= &more;
            if denominator > bound {
                return None;
            }
            numerators.iter_mut().for_each(|numerator| *numerator *= &more);
        }
        numerators.push(numerator);
    }
    Some((numerators, denominator))
}

/// The fraction that is `value` modulo `modulus`, both its parts within `bound`.
fn fraction(value: BigInt, modulus: &BigInt, bound: &BigInt) -> Option<(BigInt, BigInt)> {
    let negative = &value - modulus;
    if value <= *bound {
        return Some((value, BigInt::one()));
    }
    if negative.abs() <= *bound {
        return Some((negative, BigInt::one()));
    }
    let (mut before, mut remainder) = (modulus.clone(), value);
    let (mut factor_before, mut factor) = (BigInt::zero(), BigInt::one());
    while remainder > *bound {
        let (quotient, next) = before.div_rem(&remainder);
        let next_factor = factor_before - quotient * &factor;
        (before, remainder) = (remainder, next);
        (factor_before, factor) = (factor, next_factor);
    }
    match factor.abs() {
        size if size.is_zero() || size > *bound => None,
        size => Some((remainder * factor.signum(), size)),
    }
}

fn is_solution(matrix: &Matrix, right: &[i64], numerators: &[BigInt], denominator: &BigInt) -> bool {
    matrix.iter().zip(right).all(|(row, right)| {
        let sum: BigInt = row.iter().map(|(column, number)| &numerators[*column] * *number).sum();
        sum == denominator * *right
    })
}

/// A row modulo the prime: columns and what stands in them.
type Residues = Vec<(usize, u64)>;

/// A matrix modulo the prime, brought to triangular form.
struct Factors {
    /// What was taken from which row: (row, times, pivot's row).
    taken: Vec<(usize, u64, usize)>,
    /// Per pivot: its row, its column, its reciprocal, and what is right of it.
    pivots: Vec<(usize, usize, u64, Residues)>,
    /// How many numbers it holds.
    size: usize,
}

impl Factors {
    /// Nothing if the matrix is singular modulo the prime. The shortest row comes first, and in it the column of fewest
    /// entries (after Markowitz).
    fn of(matrix: &Matrix, effort: &Effort) -> Result<Option<Self>, SolveError> {
        let nonzero = |row: &Vec<(usize, i64)>| -> Vec<(usize, u64)> {
            let residues = row.iter().map(|(column, number)| (*column, residue(i128::from(*number))));
            residues.filter(|(_, number)| *number != 0).collect()
        };
        let mut rows: Vec<Vec<(usize, u64)>> = matrix.iter().map(nonzero).collect();
        rows.iter_mut().for_each(|row| row.sort_unstable());
        let mut columns: Vec<Vec<usize>> = vec![Vec::new(); matrix.len()];
        for (index, row) in rows.iter().enumerate() {
            row.iter().for_each(|(column, _)| columns[*column].push(index));
        }
        let mut shortest: BinaryHeap<_> =
            rows.iter().enumerate().map(|(index, row)| Reverse((row.len(), index))).collect();
        let mut done = vec![false; rows.len()];
        let mut factors = Self { taken: Vec::new(), pivots: Vec::new(), size: 0 };
        while let Some(Reverse((length, index))) = shortest.pop() {
            if done[index] || rows[index].len() != length {
                continue;
            }
            done[index] = true;
            let row = std::mem::take(&mut rows[index]);
            let Some((column, pivot)) =
                row.iter().copied().min_by_key(|(column, _)| (columns[*column].len(), *column))
            else {
                return Ok(None);
            };
            let reciprocal = power(pivot, PRIME - 2);
            for other in std::mem::take(&mut columns[column]) {
                let Ok(position) = rows[other].binary_search_by_key(&column, |(entry, _)| *entry) else {
                    continue;
                };
                let times = rows[other][position].1 * reciprocal % PRIME;
                effort.spend(rows[other].len() + row.len())?;
                rows[other] = less(&rows[other], times, &row, |entry| columns[entry].push(other));
                factors.taken.push((other, times, index));
                shortest.push(Reverse((rows[other].len(), other)));
            }
            factors.size += row.len();
            factors.pivots.push((index, column, reciprocal, row));
        }
        factors.size += factors.taken.len();
        Ok(Some(factors))
    }

    fn solve(&self, mut right: Vec<u64>) -> Vec<u64> {
        for (row, times, pivot) in &self.taken {
            right[*row] = (right[*row] + (PRIME - times) * right[*pivot]) % PRIME;
        }
        let mut solution = vec![0; right.len()];
        for (row, column, reciprocal, entries) in self.pivots.iter().rev() {
            // The unknown of the column itself is still zero here.
            let rest =
                entries.iter().fold(0, |sum, (entry, number)| (sum + number * solution[*entry]) % PRIME);
            solution[*column] = (right[*row] + PRIME - rest) % PRIME * reciprocal % PRIME;
        }
        solution
    }
}

/// `row - times * other` modulo the prime; `appears` hears of the columns that only the other had.
fn less(
    row: &[(usize, u64)],
    times: u64,
    other: &[(usize, u64)],
    mut appears: impl FnMut(usize),
) -> Vec<(usize, u64)> {
    let mut difference = Vec::with_capacity(row.len() + other.len());
    let mut rest = row;
    for (column, number) in other {
        let before = rest.iter().take_while(|(entry, _)| entry < column).count();
        difference.extend_from_slice(&rest[..before]);
        rest = &rest[before..];
        let taken = (PRIME - times) * number % PRIME;
        match rest.split_first() {
            Some(((entry, held), after)) if entry == column => {
                let total = (held + taken) % PRIME;
                if total != 0 {
                    difference.push((*column, total));
                }
                rest = after;
            }
            Some(_) | None => {
                appears(*column);
                difference.push((*column, taken));
            }
        }
    }
    difference.extend_from_slice(rest);
    difference
}

fn power(base: u64, mut exponent: u64) -> u64 {
    let (mut result, mut square) = (1, base);
    while exponent > 0 {
        if exponent % 2 == 1 {
            result = result * square % PRIME;
        }
        square = square * square % PRIME;
        exponent /= 2;
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    fn solved(matrix: &[&[i64]], right: &[i64]) -> Option<Vec<Exponent>> {
        let sparse =
            |row: &&[i64]| row.iter().copied().enumerate().filter(|(_, number)| *number != 0).collect();
        let matrix: Matrix = matrix.iter().map(sparse).collect();
        solution(&matrix, right, &Effort::limited(1_000_000)).unwrap()
    }

    #[test]
    fn small_systems_are_solved() {
        let expected = vec![Exponent::ratio(-1, 5), Exponent::ratio(3, 5)];
        assert_eq!(solved(&[&[1, 2], &[3, 1]], &[1, 0]), Some(expected));
        assert_eq!(solved(&[&[1, 2], &[2, 4]], &[1, 0]), None);
    }

    #[test]
    fn solutions_of_many_digits_are_found() {
        let large = 1_000_000_000_000_007;
        let found = solved(&[&[large, 1, 0], &[0, large, 1], &[1, 0, large]], &[1, 2, 3]).unwrap();
        assert!(found.iter().all(|value| value.words() > 1));
        let sum = &(&found[0] * &Exponent::integer(large)) + &found[1];
        assert_eq!(sum, Exponent::ONE);
    }
}
