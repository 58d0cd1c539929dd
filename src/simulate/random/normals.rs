//! [`Normals`]: a sequence of standard normal numbers for each key, in which every number is found by its place.
//!
//! The sequence is cut into blocks. A block has its own generators, seeded from the key and the number of the
//! block (`words`), whose random words become normal numbers two by two (`transform`). So any part of the
//! sequence can be written alone, by any thread.
//!
//! Every instruction set gives the same bits: there is nothing but integers and `+`, `-`, `*`, square root and
//! conversion of floats, which IEEE 754 rounds in one way only, always in the same order, and nothing is fused.
//! The loops have no branches and run over fixed lengths, so that the compiler can use the widest vectors of the
//! machine; which these are, [`pulp`] finds out when the program runs.

use std::ops::Mul;

use pulp::{Arch, Simd, WithSimd};

use super::transform;
use super::words::{BLOCK, Seeds};

/// An endless sequence of independent standard normal numbers, the same on every machine. None is larger than
/// 6.77, which one of 10^11 true normal numbers would be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Normals {
    seeds: Seeds,
}

impl Normals {
    /// The sequence of a key. Keys that differ in one bit have independent sequences.
    pub(crate) fn new(key: [u64; 4]) -> Self {
        Self { seeds: Seeds::new(key) }
    }

    /// Writes the numbers from place `first` on, each times `scale`. The numbers of `f64` are those of `f32`: only
    /// their product with the scale is rounded to another precision.
    ///
    /// A block that is written in part costs as much as a whole one.
    pub(crate) fn fill<R: From<f32> + Mul<Output = R> + Copy>(self, first: u64, to: &mut [R], scale: R) {
        Arch::new().dispatch(Fill { normals: self, first, to, scale });
    }
}

/// A call of [`Normals::fill`], which is compiled for every instruction set.
struct Fill<'a, R> {
    normals: Normals,
    first: u64,
    to: &'a mut [R],
    scale: R,
}

impl<R: From<f32> + Mul<Output = R> + Copy> WithSimd for Fill<'_, R> {
    type Output = ();

    #[inline(always)]
    #[allow(clippy::cast_possible_truncation, reason = "a remainder is smaller than a block")]
    fn with_simd<S: Simd>(self, _: S) {
        let (mut block, mut from) = (self.first / BLOCK as u64, (self.first % BLOCK as u64) as usize);
        let (mut words, mut numbers) = ([0; BLOCK], [0.0; BLOCK]);
        let mut rest = self.to;
        while !rest.is_empty() {
            self.normals.seeds.write(block, &mut words);
            transform::normal(&words, &mut numbers);
            let (part, others) = rest.split_at_mut(rest.len().min(BLOCK - from));
            for (place, number) in part.iter_mut().zip(&numbers[from..]) {
                *place = R::from(*number) * self.scale;
            }
            (block, from, rest) = (block + 1, 0, others);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: [u64; 4] = [4, 3, 2, 1];

    fn numbers(first: u64, count: usize) -> Vec<f32> {
        let mut numbers = vec![0.0; count];
        Normals::new(KEY).fill(first, &mut numbers, 1.0);
        numbers
    }

    #[test]
    fn a_part_of_the_sequence_is_the_same_alone() {
        let whole = numbers(0, 5 * BLOCK);
        for first in [0, 1, 15, 16, 17, 511, 512, 1023, 1024, 1025, 2500] {
            for count in [0, 1, 15, 16, 17, 511, 1023, 1024, 1025, 2100] {
                assert_eq!(numbers(first as u64, count), whole[first..first + count], "{first}, {count}");
            }
        }
    }

    #[test]
    fn places_beyond_32_bits_have_numbers_of_their_own() {
        let starts = [0, 1 << 32, 1 << 40, 1 << 63, u64::MAX - 10];
        let parts = starts.map(|first| numbers(first, 20));
        for (place, part) in parts.iter().enumerate() {
            assert!(parts[..place].iter().all(|other| other != part), "{place}");
        }
    }

    #[test]
    fn both_precisions_have_the_same_numbers() {
        let mut wide = vec![0.0_f64; 3000];
        Normals::new(KEY).fill(100, &mut wide, 0.3);
        let expected: Vec<f64> = numbers(100, 3000).into_iter().map(|x| f64::from(x) * 0.3).collect();
        assert_eq!(wide, expected);
        let mut narrow = vec![0.0_f32; 3000];
        Normals::new(KEY).fill(100, &mut narrow, 0.3);
        let expected: Vec<f32> = numbers(100, 3000).into_iter().map(|x| x * 0.3).collect();
        assert_eq!(narrow, expected);
    }

    #[test]
    fn every_instruction_set_gives_the_same_bits() {
        // Without optimisation the compiler uses no vectors: `cargo test --release` says more.
        let count = 100 * BLOCK;
        let bits = |numbers: Vec<f32>| numbers.into_iter().map(f32::to_bits).collect::<Vec<_>>();
        let expected = bits(numbers(3, count));
        let mut plain = vec![0.0; count];
        Simd::vectorize(
            pulp::Scalar,
            Fill { normals: Normals::new(KEY), first: 3, to: &mut plain, scale: 1.0 },
        );
        assert_eq!(bits(plain), expected);
        #[cfg(target_arch = "x86_64")]
        if let Some(simd) = pulp::x86::V3::try_new() {
            let mut narrow = vec![0.0; count];
            Simd::vectorize(simd, Fill { normals: Normals::new(KEY), first: 3, to: &mut narrow, scale: 1.0 });
            assert_eq!(bits(narrow), expected);
        }
    }

    #[test]
    fn the_numbers_stay_what_they_are() {
        let normals = Normals::new([1, 2, 3, 4]);
        let mut numbers = [0.0_f32; 4];
        let mut at = |first| {
            normals.fill(first, &mut numbers, 1.0);
            numbers
        };
        insta::assert_snapshot!(format!("{:?}\n{:?}\n{:?}", at(0), at(1022), at(1 << 40)), @r"
        [-0.35148385, 0.6566084, 0.101161875, 1.8613571]
        [-0.2799637, -1.4715695, -0.82915026, -0.27720004]
        [0.5090365, 0.27827397, 0.21323344, -0.573113]
        ");
    }
}
