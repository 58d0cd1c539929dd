//! [`Timings`]: where the time of a simulation goes.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// What the simulations of this process have done since it started. Times are those of all threads together.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Timings {
    /// Floating-point operations of products of matrices: two for each multiplication.
    pub operations: u64,
    /// Normal numbers that were drawn.
    pub normals: u64,
    /// Seconds spent on products of matrices.
    pub products: f64,
    /// Seconds spent on random numbers.
    pub random: f64,
}

static OPERATIONS: AtomicU64 = AtomicU64::new(0);
static NORMALS: AtomicU64 = AtomicU64::new(0);
static PRODUCTS: AtomicU64 = AtomicU64::new(0);
static RANDOM: AtomicU64 = AtomicU64::new(0);

/// The time since some moment.
pub type Clock = fn() -> Duration;

static CLOCK: OnceLock<Clock> = OnceLock::new();

/// Operations below which looking at the clock would be a good part of the work.
const WORTH_TIMING: usize = 1 << 14;

impl Timings {
    /// From now on, times are taken with this clock. Without one they stay zero. The first clock stays.
    pub fn take(clock: Clock) {
        let _ = CLOCK.set(clock);
    }

    /// What has been done up to now.
    #[must_use]
    pub fn now() -> Self {
        #[allow(clippy::cast_precision_loss, reason = "whole nanoseconds are not needed")]
        let seconds = |nanoseconds: &AtomicU64| nanoseconds.load(Ordering::Relaxed) as f64 * 1e-9;
        Self {
            operations: OPERATIONS.load(Ordering::Relaxed),
            normals: NORMALS.load(Ordering::Relaxed),
            products: seconds(&PRODUCTS),
            random: seconds(&RANDOM),
        }
    }
}

/// Does a product of so many operations.
pub(crate) fn product(operations: usize, work: impl FnOnce()) {
    timed(operations, operations, &OPERATIONS, &PRODUCTS, work);
}

/// Draws so many normal numbers.
pub(crate) fn random(normals: usize, work: impl FnOnce()) {
    timed(normals, normals.saturating_mul(64), &NORMALS, &RANDOM, work);
}

fn timed(count: usize, size: usize, counter: &AtomicU64, spent: &AtomicU64, work: impl FnOnce()) {
    counter.fetch_add(count as u64, Ordering::Relaxed);
    let Some(clock) = CLOCK.get().filter(|_| size >= WORTH_TIMING) else { return work() };
    let start = clock();
    work();
    let nanoseconds = u64::try_from(clock().saturating_sub(start).as_nanos()).unwrap_or(u64::MAX);
    spent.fetch_add(nanoseconds, Ordering::Relaxed);
}
