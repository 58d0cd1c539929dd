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

pub use self::crossover::{Crossover, FittedSum};
pub use self::curve::{Curve, PredictedSlope};
pub use self::measurement::{MeasuredQuantity, Measurement, compare};
pub use self::powers::Adds;
pub use self::slope::FittedSlope;
pub use self::until::{Next, Until};
pub use self::verdict::{SlopeVerdict, TOLERANCE};
