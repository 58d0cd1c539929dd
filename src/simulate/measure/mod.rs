//! Measurements: what the samples of many runs say of exponents, beside what was predicted.

mod cause;
mod comparisons;
mod crossover;
mod curve;
mod distribution;
mod interval;
mod local;
mod means;
mod measured;
mod measurement;
mod powers;
mod rows;
mod slope;
mod sum;
mod until;
mod verdict;

pub use self::cause::Cause;
pub use self::crossover::{Crossover, FittedRows, FittedSum};
pub use self::curve::{Curve, PredictedSlope, TOLERANCE};
pub use self::local::{LocalPower, local_powers};
pub use self::measured::{MeasuredQuantity, Measurement};
pub use self::measurement::compare;
pub use self::slope::FittedSlope;
pub use self::sum::Adds;
pub use self::until::{Next, Until};
pub use self::verdict::SlopeVerdict;
