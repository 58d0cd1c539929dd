//! Random words: the generators of a block, and how they are seeded.
//!
//! The generator is xoshiro128++ (Blackman and Vigna, Scrambled linear pseudorandom number generators, ACM
//! Transactions on Mathematical Software 47, 2021), sixteen side by side. Their period is 2^128 - 1; that two
//! pieces of 64 words overlap among the 2^26 pieces of a tensor of 2^32 numbers has probability 2^-70.
//!
//! The seeds are those that its authors recommend: outputs of SplitMix64 (Steele, Lea and Flood, Fast splittable
//! pseudorandom number generators, OOPSLA 2014), a counter through a bijection that lets every bit of the
//! counter change every bit of the result with probability one half.

/// Words of a block.
pub(super) const BLOCK: usize = 1024;

/// Generators of a block, as many as the widest vector has words. Word `i` comes from generator `i` modulo this.
pub(super) const LANES: usize = 16;

/// The step of SplitMix64: an odd number near 2^64 divided by the golden ratio.
const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

/// What the seeds of all blocks follow from: a hash of the key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Seeds([u64; 2]);

/// The generators of a block: word `j` of the state of generator `i` in place `[j][i]`.
type State = [[u32; LANES]; 4];

impl Seeds {
    /// Of 2^32 keys, two have the same seeds with probability 2^-65.
    pub(super) fn new(key: [u64; 4]) -> Self {
        let mut seeds = [0, GOLDEN];
        for word in key {
            seeds[0] = mix(seeds[0].wrapping_add(GOLDEN) ^ word);
            seeds[1] = mix(seeds[1].wrapping_add(seeds[0]));
        }
        Self(seeds)
    }

    /// Writes the random words of a block.
    #[inline(always)]
    pub(super) fn write(self, block: u64, words: &mut [u32; BLOCK]) {
        let mut state = self.state(block);
        for row in words.chunks_exact_mut(LANES) {
            advance(&mut state, row);
        }
    }

    /// The generators at the start of a block. Below 2^60 blocks, no two have the same state.
    #[inline(always)]
    #[allow(clippy::cast_possible_truncation, reason = "a word is cut in two")]
    fn state(self, block: u64) -> State {
        let (mut low, mut high) = ([0; LANES], [0; LANES]);
        for lane in 0..LANES {
            let counter = block.wrapping_mul(LANES as u64).wrapping_add(lane as u64);
            low[lane] = mix(self.0[0].wrapping_add(counter.wrapping_mul(GOLDEN)));
            high[lane] = mix(self.0[1].wrapping_add(low[lane]));
        }
        [
            low.map(|word| word as u32),
            low.map(|word| (word >> 32) as u32),
            high.map(|word| word as u32),
            high.map(|word| (word >> 32) as u32),
        ]
    }
}

/// The next word of each generator.
#[inline(always)]
fn advance(state: &mut State, words: &mut [u32]) {
    // A copy, which the compiler keeps in registers.
    let [mut s0, mut s1, mut s2, mut s3] = *state;
    for lane in 0..LANES {
        words[lane] = s0[lane].wrapping_add(s3[lane]).rotate_left(7).wrapping_add(s0[lane]);
        let shifted = s1[lane] << 9;
        s2[lane] ^= s0[lane];
        s3[lane] ^= s1[lane];
        s1[lane] ^= s2[lane];
        s0[lane] ^= s3[lane];
        s2[lane] ^= shifted;
        s3[lane] = s3[lane].rotate_left(11);
    }
    *state = [s0, s1, s2, s3];
}

/// The bijection of SplitMix64: variant 13 of the finaliser of MurmurHash3, by Stafford.
#[inline(always)]
fn mix(word: u64) -> u64 {
    let word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    word ^ (word >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_generator_is_xoshiro128_plus_plus() {
        // From the reference implementation.
        let expected = [641, 1_573_767, 3_222_811_527, 3_517_856_514, 836_907_274, 4_247_214_768];
        let mut state = [[1; LANES], [2; LANES], [3; LANES], [4; LANES]];
        for word in expected {
            let mut words = [0; LANES];
            advance(&mut state, &mut words);
            assert_eq!(words, [word; LANES]);
        }
    }

    #[test]
    fn the_bijection_is_that_of_splitmix64() {
        // From the reference implementation.
        let seed: u64 = 1_477_776_061_723_855_037;
        assert_eq!(mix(seed.wrapping_add(GOLDEN)), 1_985_237_415_132_408_290);
        assert_eq!(mix(seed.wrapping_add(GOLDEN.wrapping_mul(2))), 2_979_275_885_539_914_483);
    }

    #[test]
    fn every_bit_of_key_and_block_changes_half_of_all_bits() {
        // Of 2048 bits 1024 change, give or take 22.6: five times that has a probability of 6e-7, 310 times.
        let state = |key, block| Seeds::new(key).state(block);
        let differ = |a: State, b: State| -> u32 {
            a.iter().flatten().zip(b.iter().flatten()).map(|(x, y)| (x ^ y).count_ones()).sum()
        };
        let (key, block) = ([0; 4], 0);
        for bit in 0..256 {
            let mut other = key;
            other[bit / 64] ^= 1 << (bit % 64);
            let count = differ(state(key, block), state(other, block));
            assert!(count.abs_diff(1024) < 113, "bit {bit} of the key: {count}");
        }
        for bit in 0..54 {
            let count = differ(state(key, block), state(key, block ^ (1 << bit)));
            assert!(count.abs_diff(1024) < 113, "bit {bit} of the block: {count}");
        }
    }
}
