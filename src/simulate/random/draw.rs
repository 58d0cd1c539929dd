//! Random numbers: a stream for each tensor, named, so that its values depend on nothing but the seed and the
//! name: not on the order of nodes, nor on the number of threads.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::normals::Normals;
use crate::graph::op::Tokens;
use crate::simulate::array::{Real, Tensor, add};

/// Correlation of data along sample axes (theory, section 11).
const CORRELATION: f64 = 0.5;

/// The seed of one run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Seed(pub u64);

/// Where random numbers come from: the seed of the whole experiment and that of one run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Source {
    pub(crate) base: u64,
    pub(crate) seed: Seed,
}

impl Source {
    /// The normal numbers of the tensor of that kind and name.
    pub(crate) fn normals(self, kind: &str, name: &str) -> Normals {
        Normals::new(self.key(kind, name))
    }

    /// Independent normal numbers of mean zero.
    pub(crate) fn gaussian<R: Real>(self, name: &str, shape: &[usize], deviation: f64) -> Tensor<R> {
        let mut tensor = Tensor::zeros(shape);
        self.normals("parameter", name).fill(0, &mut tensor.data, R::narrow(deviation));
        tensor
    }

    /// Normal numbers of variance 1, `samples` rows of `features`. Correlated rows share a part.
    pub(crate) fn rows<R: Real>(self, name: &str, samples: usize, features: usize, tokens: Tokens) -> Vec<R> {
        let share = match tokens {
            Tokens::Correlated => CORRELATION,
            Tokens::Independent => 0.0,
        };
        let part = |kind, count, variance: f64| {
            let mut numbers = vec![R::zero(); count];
            self.normals(kind, name).fill(0, &mut numbers, R::narrow(variance.sqrt()));
            numbers
        };
        let mut rows = part("own", samples * features, 1.0 - share);
        let shared = part("shared", features, share);
        rows.chunks_exact_mut(features.max(1)).for_each(|row| add(row, &shared));
        rows
    }

    /// A class for each sample, uniform in itself. Correlated samples repeat one class, the same for all of
    /// them, so often that the classes of two samples have the correlation of [`Source::rows`].
    pub(crate) fn classes(self, name: &str, samples: usize, classes: usize, tokens: Tokens) -> Vec<usize> {
        let share = match tokens {
            Tokens::Correlated => CORRELATION,
            Tokens::Independent => 0.0,
        };
        let common = self.stream("shared", name).random_range(0..classes);
        let mut stream = self.stream("own", name);
        let mut class = || {
            let own = stream.random_range(0..classes);
            if stream.random_bool(share.sqrt()) { common } else { own }
        };
        (0..samples).map(|_| class()).collect()
    }

    /// The generator of the classes of that kind and name.
    fn stream(self, kind: &str, name: &str) -> ChaCha8Rng {
        let mut seed = [0; 32];
        seed.chunks_exact_mut(8)
            .zip(self.key(kind, name))
            .for_each(|(place, word)| place.copy_from_slice(&word.to_le_bytes()));
        ChaCha8Rng::from_seed(seed)
    }

    /// What the random numbers of that kind and name are derived from.
    fn key(self, kind: &str, name: &str) -> [u64; 4] {
        [self.base, self.seed.0, fnv1a(kind), fnv1a(name)]
    }
}

/// The 64-bit FNV-1a hash: the same on every machine and in every version.
fn fnv1a(text: &str) -> u64 {
    text.bytes()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOURCE: Source = Source { base: 1, seed: Seed(2) };

    #[test]
    fn the_hash_is_fnv1a() {
        // From the test vectors of the reference implementation.
        assert_eq!(fnv1a(""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(fnv1a("a"), 0xaf63_dc4c_8601_ec8c);
        assert_eq!(fnv1a("foobar"), 0x8594_4171_f739_67e8);
    }

    #[test]
    fn a_stream_depends_on_seeds_and_name_and_on_nothing_else() {
        let draw = |source: Source, name| source.gaussian::<f64>(name, &[4], 1.0).data.clone();
        let drawn = draw(SOURCE, "W");
        assert_eq!(drawn, draw(SOURCE, "W"));
        assert_eq!(drawn[..2], SOURCE.gaussian::<f64>("W", &[2], 1.0).data);
        for other in [
            draw(SOURCE, "V"),
            draw(Source { base: 2, ..SOURCE }, "W"),
            draw(Source { seed: Seed(3), ..SOURCE }, "W"),
        ] {
            assert_ne!(drawn, other);
        }
    }

    #[test]
    fn the_values_of_a_stream_stay_what_they_are() {
        insta::assert_debug_snapshot!(SOURCE.gaussian::<f64>("W", &[2], 1.0).data, @r"
        [
            -0.2898687720298767,
            -1.4897089004516602,
        ]
        ");
    }

    #[test]
    fn both_precisions_draw_the_same_numbers() {
        // The scale and the products are each rounded to 2^-24 of themselves, and so is the sum of two parts, which
        // may be smaller than they are.
        let near = |narrow: Vec<f32>, wide: Vec<f64>| {
            narrow
                .into_iter()
                .zip(wide)
                .for_each(|(x, y)| assert!((f64::from(x) - y).abs() < 1e-6, "{x}, {y}"));
        };
        near(
            SOURCE.gaussian("W", &[1000], 0.3).data.clone(),
            SOURCE.gaussian("W", &[1000], 0.3).data.clone(),
        );
        near(SOURCE.rows("u", 10, 100, Tokens::Correlated), SOURCE.rows("u", 10, 100, Tokens::Correlated));
    }

    #[test]
    fn correlated_rows_have_a_common_part_and_independent_ones_have_none() {
        // A mean over 1000 samples and 1000 features is known to about 1e-3.
        for (tokens, expected) in [(Tokens::Correlated, 0.5), (Tokens::Independent, 0.0)] {
            let rows: Vec<f64> = SOURCE.rows("u", 1000, 1000, tokens);
            let mut mean = vec![0.0; 1000];
            for row in rows.chunks_exact(1000) {
                mean.iter_mut().zip(row).for_each(|(sum, x)| *sum += x / 1000.0);
            }
            let common = mean.iter().map(|x| x * x).sum::<f64>() / 1000.0;
            assert!((common - expected).abs() < 0.1, "{tokens:?}: {common}");
        }
    }

    #[test]
    fn correlated_classes_repeat_one_class() {
        let classes = SOURCE.classes("u", 1000, 100, Tokens::Correlated);
        let mut counts = vec![0; 100];
        classes.iter().for_each(|class| counts[*class] += 1);
        let most = counts.into_iter().max().unwrap();
        assert!((650..770).contains(&most), "{most}");
    }
}
