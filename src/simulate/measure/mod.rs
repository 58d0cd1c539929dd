//! Measurements: what the samples of many runs say of exponents, beside what was predicted.

mod crossover;
mod curve;
mod distribution;
mod interval;
mod means;
mod measurement;
mod powers;
mod slope;
mod until;
mod verdict;

pub use self::crossover::{Crossover, Sum};
pub use self::curve::{Curve, Predicted};
pub use self::measurement::{MeasuredQuantity, Measurement, compare};
pub use self::powers::Adds;
pub use self::slope::Slope;
pub use self::until::{Next, Until};
pub use self::verdict::{TOLERANCE, Verdict};
