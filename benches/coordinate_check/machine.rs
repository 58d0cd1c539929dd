//! [`Speed`]: what a processor does in a second, said or measured, and the bound that follows from it.

use std::time::Instant;

use faer::linalg::matmul::matmul;
use faer::{Accum, Mat, Par};
use fscale::simulate::{Method, Updates};

use crate::configuration::{CONFIGURATIONS, Check, Configuration};

/// Operations per token and weight: two each for the value, its derivative, the gradient, and the value after the step.
const OPERATIONS: usize = 8;

/// How often each rate is measured; the best counts.
const ROUNDS: usize = 5;

/// How fast a machine is, with all threads that are used.
#[derive(Clone, Copy)]
pub(crate) struct Speed {
    /// Billions of operations of products of matrices in a second.
    pub(crate) products: f64,
    /// Billions of normal numbers in a second.
    pub(crate) normals: f64,
}

impl Speed {
    /// That of the machine on which the aims were set, or what `FSCALE_GFLOPS` and `FSCALE_GNORMALS` say.
    pub(crate) fn said() -> Self {
        let said = |name: &str, usual| std::env::var(name).map_or(usual, |text| text.parse().unwrap());
        Self { products: said("FSCALE_GFLOPS", 460.0), normals: said("FSCALE_GNORMALS", 3.8) }
    }

    /// That of this machine: of one large product, and of drawing the weights of a large network.
    #[allow(clippy::cast_precision_loss, reason = "rates need no more")]
    pub(crate) fn measured() -> Self {
        const SAMPLES: usize = 128;
        const WIDTH: usize = 4096;
        let entry = |i: usize, j: usize| ((i * 31 + j * 17) % 64) as f32 / 64.0;
        let (left, right) = (Mat::from_fn(SAMPLES, WIDTH, entry), Mat::from_fn(WIDTH, WIDTH, entry));
        let mut result = Mat::zeros(SAMPLES, WIDTH);
        let seconds = (0..ROUNDS).map(|_| {
            let start = Instant::now();
            matmul(result.as_mut(), Accum::Replace, left.as_ref(), right.as_ref(), 1.0, Par::rayon(0));
            start.elapsed().as_secs_f64()
        });
        let products = (2 * SAMPLES * WIDTH * WIDTH) as f64 / seconds.fold(f64::INFINITY, f64::min) * 1e-9;

        let check = Check::new(&CONFIGURATIONS[0], "sgd");
        let drawn = (0..ROUNDS).map(|_| {
            let spent = check.take(&[64, 1024], Method::Direct, Updates::Total).spent.unwrap();
            spent.normals as f64 / spent.random * 1e-9 * rayon::current_num_threads() as f64
        });
        Self { products, normals: drawn.fold(0.0, f64::max) }
    }

    /// The seconds below which no check is that draws all weights and takes their gradients.
    #[allow(clippy::cast_precision_loss, reason = "rates need no more")]
    pub(crate) fn bound(self, check: &Check) -> f64 {
        let run = |point| {
            let (weights, tokens) = (check.weights(point) as f64, check.tokens(point));
            let operations = (OPERATIONS * tokens) as f64 * weights;
            (operations / self.products + weights / self.normals) * 1e-9
        };
        let Configuration { seeds, .. } = check.configuration;
        let points = check.points(&check.configuration.values());
        *seeds as f64 * points.iter().map(run).sum::<f64>()
    }
}
