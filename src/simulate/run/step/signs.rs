//! [`Signs`]: the signs of numbers, taken in their place.

use pulp::{Arch, Simd, WithSimd};

use crate::simulate::array::Real;

/// What is known of entries of which signs were taken.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Signs {
    /// The sum of all absolute values.
    pub(crate) sum: f64,
    /// How many are not zero.
    pub(crate) count: f64,
}

impl Signs {
    /// Puts the sign of every entry in its place.
    pub(crate) fn take<R: Real>(entries: &mut [R]) -> Self {
        Arch::new().dispatch(Take { entries })
    }

    pub(crate) fn add(&mut self, other: Self) {
        self.sum += other.sum;
        self.count += other.count;
    }
}

/// -1, 0 or 1.
#[inline(always)]
pub(crate) fn sign<R: Real>(x: R) -> R {
    if x.is_zero() { x } else { x.signum() }
}

/// Numbers that are summed side by side: one after the other each sum would wait for the one before.
const STRANDS: usize = 16;

/// A call of [`Signs::take`], which is compiled for every instruction set: summed in the same order for all.
struct Take<'a, R> {
    entries: &'a mut [R],
}

impl<R: Real> WithSimd for Take<'_, R> {
    type Output = Signs;

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> Signs {
        let (mut sums, mut counts) = ([R::zero(); STRANDS], [R::zero(); STRANDS]);
        let (blocks, rest) = self.entries.as_chunks_mut::<STRANDS>();
        for block in blocks {
            for place in 0..STRANDS {
                sums[place] += num_traits::Float::abs(block[place]);
                block[place] = sign(block[place]);
                counts[place] += num_traits::Float::abs(block[place]);
            }
        }
        for (place, entry) in rest.iter_mut().enumerate() {
            sums[place] += num_traits::Float::abs(*entry);
            *entry = sign(*entry);
            counts[place] += num_traits::Float::abs(*entry);
        }
        let total = |strands: [R; STRANDS]| strands.into_iter().map(Real::wide).sum();
        Signs { sum: total(sums), count: total(counts) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_are_in_the_place_of_numbers_of_which_the_sum_and_the_count_are_kept() {
        for length in [0, 1, 15, 16, 17, 100] {
            let mut entries: Vec<f32> = (0..length).map(|place| [0.5, -2.0, 0.0][place % 3]).collect();
            let expected: Vec<f32> = (0..length).map(|place| [1.0, -1.0, 0.0][place % 3]).collect();
            let sum: f32 = entries.iter().map(|entry| entry.abs()).sum();
            let found = Signs::take(&mut entries);
            assert_eq!(entries, expected);
            assert_eq!(found.sum, f64::from(sum));
            assert_eq!(found.count, f64::from(expected.iter().map(|sign| sign.abs()).sum::<f32>()));
        }
    }
}
