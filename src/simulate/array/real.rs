//! [`Real`]: the two precisions in which numbers are stored.

use std::ops::AddAssign;
use std::sync::Mutex;

use faer::traits::ComplexField;
use ndarray::LinalgScalar;
use num_traits::Float;

/// A floating-point type that tensors are stored in. Norms are accumulated in `f64` for both.
pub(crate) trait Real:
    LinalgScalar + Float + AddAssign + ComplexField + From<f32> + Send + Sync
{
    /// The nearest number of this precision.
    fn narrow(wide: f64) -> Self;
    /// The number itself.
    fn wide(self) -> f64;
    /// Buffers that nobody uses.
    fn pool() -> &'static Pool<Self>;
}

impl Real for f32 {
    #[allow(clippy::cast_possible_truncation, reason = "rounding is what is asked for")]
    fn narrow(wide: f64) -> Self {
        wide as Self
    }
    #[inline(always)]
    fn wide(self) -> f64 {
        f64::from(self)
    }
    fn pool() -> &'static Pool<Self> {
        static POOL: Pool<f32> = Pool::new();
        &POOL
    }
}

impl Real for f64 {
    fn narrow(wide: f64) -> Self {
        wide
    }
    #[inline(always)]
    fn wide(self) -> f64 {
        self
    }
    fn pool() -> &'static Pool<Self> {
        static POOL: Pool<f64> = Pool::new();
        &POOL
    }
}

/// Buffers that nobody uses.
pub(crate) struct Pool<R>(pub(super) Mutex<Vec<Vec<R>>>);

impl<R> Pool<R> {
    const fn new() -> Self {
        Self(Mutex::new(Vec::new()))
    }
}
