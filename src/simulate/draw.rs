//! Random numbers: a stream for each tensor, named, so that its values depend on nothing but the seed and the
//! name: not on the order of nodes, nor on the number of threads.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};

use super::random::Normals;
use super::samples::Seed;
use super::tensor::{Real, Tensor};
use crate::graph::Tokens;

/// Correlation of data along sample axes (theory, section 11).
const CORRELATION: f64 = 0.5;

/// Where random numbers come from: the seed of the whole experiment and that of one run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Source {
    pub(super) base: u64,
    pub(super) seed: Seed,
}

impl Source {
    /// The stream of the tensor of that kind and name.
    fn stream(self, kind: &str, name: &str) -> ChaCha8Rng {
        let mut key = [0; 32];
        let words = [self.base, self.seed.0, fnv1a(kind), fnv1a(name)];
        key.chunks_exact_mut(8)
            .zip(words)
            .for_each(|(place, word)| place.copy_from_slice(&word.to_le_bytes()));
        ChaCha8Rng::from_seed(key)
    }

    /// The normal numbers of the tensor of that kind and name.
    pub(super) fn normals(self, kind: &str, name: &str) -> Normals {
        Normals::new([self.base, self.seed.0, fnv1a(kind), fnv1a(name)])
    }

    /// Independent normal numbers of mean zero.
    pub(super) fn gaussian<R: Real>(self, name: &str, shape: &[usize], deviation: f64) -> Tensor<R> {
        let mut stream = self.stream("parameter", name);
        let mut normal = || -> f64 { StandardNormal.sample(&mut stream) };
        let count = shape.iter().product();
        Tensor { shape: shape.to_vec(), data: (0..count).map(|_| R::narrow(deviation * normal())).collect() }
    }

    /// Normal numbers of variance 1, `samples` rows of `features`. Correlated rows share a part.
    pub(super) fn rows<R: Real>(self, name: &str, samples: usize, features: usize, tokens: Tokens) -> Vec<R> {
        let share = match tokens {
            Tokens::Correlated => CORRELATION,
            Tokens::Independent => 0.0,
        };
        let mut stream = self.stream("shared", name);
        let shared: Vec<f64> = (0..features).map(|_| StandardNormal.sample(&mut stream)).collect();
        let mut stream = self.stream("own", name);
        let mut rows = Vec::with_capacity(samples * features);
        for _ in 0..samples {
            for common in &shared {
                let own: f64 = StandardNormal.sample(&mut stream);
                rows.push(R::narrow(share.sqrt() * common + (1.0 - share).sqrt() * own));
            }
        }
        rows
    }

    /// A class for each sample, uniform in itself. Correlated samples repeat one class, the same for all of
    /// them, so often that the classes of two samples have the correlation of [`Source::rows`].
    pub(super) fn classes(self, name: &str, samples: usize, classes: usize, tokens: Tokens) -> Vec<usize> {
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
        let draw = |source: Source, name| source.gaussian::<f64>(name, &[4], 1.0).data;
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
            -1.8235956823015385,
            -0.42049930087618415,
        ]
        ");
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
