//! From random words to normal numbers: the transform of Box and Muller (A note on the generation of random normal
//! deviates, Annals of Mathematical Statistics 29, 1958).
//!
//! With `u` uniform in (0, 1] and an angle uniform in the circle, `sqrt(-2 ln u)` times the cosine and times the
//! sine of the angle are two independent standard normal numbers. The three functions are polynomials of least
//! relative error (of the cosine: absolute), by Remez' algorithm, with coefficients rounded to `f32`.

use super::words::BLOCK;

/// Pairs of normal numbers in a block.
const PAIRS: usize = BLOCK / 2;

/// The root of one half as bits: mantissas are taken between it and the root of two.
const HALF_ROOT: u32 = 0x3f35_04f3;

/// Bits of a float below its exponent.
const MANTISSA: u32 = 23;

/// `2 ln 2`.
const TWICE_LN_2: f32 = 2.0 * std::f32::consts::LN_2;

/// `-2 ln(1 + x) / x` for mantissas `1 + x`, up to `2^-22.4` of itself, from the lowest power of `x`.
const LOGARITHM: [f32; 8] = [
    -1.999_999_9,
    1.000_007_3,
    -0.666_701_2,
    0.499_398_17,
    -0.398_003_28,
    0.345_016_54,
    -0.324_451_83,
    0.202_138_32,
];

/// `sin(pi/2 x) / x` for `|x| <= 1`, up to `2^-25` of itself, from the lowest power of `x^2`.
const SINE: [f32; 5] = [1.570_796_4, -0.645_965_1, 0.079_695_93, -0.004_683_104_3, 0.000_155_929_23];

/// `cos(pi/2 x)` for `|x| <= 1`, up to `2^-23.9`, from the lowest power of `x^2`.
const COSINE: [f32; 5] = [0.999_999_94, -1.233_697_7, 0.253_647_42, -0.020_804_573, 0.000_854_835_85];

/// The normal numbers of a block: words `i` and `i + PAIRS` give numbers `i` and `i + PAIRS`.
#[inline(always)]
pub(super) fn normal(words: &[u32; BLOCK], numbers: &mut [f32; BLOCK]) {
    let (radii, angles) = words.split_at(PAIRS);
    let (firsts, seconds) = numbers.split_at_mut(PAIRS);
    for (((first, second), radius), angle) in firsts.iter_mut().zip(seconds).zip(radii).zip(angles) {
        let radius = squared_radius(*radius).sqrt();
        let (cosine, sine) = direction(*angle);
        *first = radius * cosine;
        *second = radius * sine;
    }
}

/// `-2 ln u` with `u = (word + 1/2) / 2^32`: positive, or 0 where `u` is rounded to 1; at most `66 ln 2`.
///
/// `word + 1/2` is `2^exponent (1 + x)`. All bits of a small word count: they make the tails.
#[inline(always)]
#[allow(
    clippy::cast_precision_loss,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    reason = "as intended"
)]
fn squared_radius(word: u32) -> f32 {
    let bits = (word as f32 + 0.5).to_bits();
    let exponent = bits.wrapping_sub(HALF_ROOT) as i32 >> MANTISSA;
    let x = f32::from_bits(bits.wrapping_sub((exponent << MANTISSA) as u32)) - 1.0;
    (32 - exponent) as f32 * TWICE_LN_2 + x * polynomial(x, &LOGARITHM)
}

/// Cosine and sine of an angle: the word is one between `-pi/2` and `pi/2`, and its lowest bit, which hardly changes
/// the angle, the sign of the cosine.
#[inline(always)]
#[allow(clippy::cast_precision_loss, clippy::cast_possible_wrap, reason = "as intended")]
fn direction(word: u32) -> (f32, f32) {
    let x = word as i32 as f32 * (1.0 / 2_147_483_648.0);
    let square = x * x;
    let cosine = polynomial(square, &COSINE);
    (f32::from_bits(cosine.to_bits() ^ (word << 31)), x * polynomial(square, &SINE))
}

/// A polynomial, by Horner's scheme.
#[inline(always)]
fn polynomial<const N: usize>(x: f32, coefficients: &[f32; N]) -> f32 {
    let mut value = coefficients[N - 1];
    for coefficient in coefficients[..N - 1].iter().rev() {
        value = value * x + coefficient;
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The smallest and largest words, powers of two and their neighbours, and many between.
    fn words() -> impl Iterator<Item = u32> {
        let powers = (0..32).flat_map(|power| {
            let word = 1_u32 << power;
            [word - 1, word, word + 1, word.wrapping_neg(), word.wrapping_neg() - 1]
        });
        powers.chain((0..1 << 20).map(|i: u32| i.wrapping_mul(0x9e37_79b1)))
    }

    #[test]
    fn the_radius_is_exact_to_the_precision_of_floats() {
        // Rounding of u is up to 2^-25; of what follows, a few units of 2^-24.
        for word in words() {
            let u = f64::from(word as f32 + 0.5) / 4_294_967_296.0;
            let (found, expected) = (f64::from(squared_radius(word)), -2.0 * u.ln());
            assert!((found - expected).abs() <= 5e-7 * expected, "{word}: {found}, not {expected}");
        }
        assert!((f64::from(squared_radius(0)) - 66.0 * std::f64::consts::LN_2).abs() < 1e-5);
        assert_eq!(squared_radius(u32::MAX), 0.0);
    }

    #[test]
    fn the_direction_is_exact_to_the_precision_of_floats() {
        for word in words() {
            let angle = f64::from(word as i32) / 4_294_967_296.0 * std::f64::consts::PI;
            let (cosine, sine) = direction(word);
            let sign = if word % 2 == 0 { 1.0 } else { -1.0 };
            assert!((f64::from(cosine) - sign * angle.cos()).abs() < 2.5e-7, "{word}: {cosine}");
            assert!((f64::from(sine) - angle.sin()).abs() <= 2.5e-7 * angle.sin().abs(), "{word}: {sine}");
        }
    }
}
