//! Interpreter two: arrays. The same graph with random weights, its forward and backward pass and the exact
//! first-order responses to one optimizer step, at increasing sizes; slopes and verdicts.
//!
//! Data flows down this list; each file uses only those above it:
//! `tensor`, `einsum`, `function`, `op` (every op with its derivative both ways), `sizes`, `draw`, `plan`
//! (a checked experiment), `network` (arrays at one point), `pass` (forward and backward), `step` and
//! `orthogonal` (directions), `response` (forward mode), `record`, `experiment` with `finished` (runs by name);
//! from `samples` to `distribution` (quantiles), `interval`, `slope`, `means`, `powers` (sums of them, fitted), `crossover`,
//! `verdict`, `measurement`, `until` (which runs come next); and apart from them `ladder` (which sizes) and `small` (which say little).
#![allow(
    clippy::disallowed_types,
    reason = "simulation computes in floating point; exponents stay exact elsewhere"
)]

mod crossover;
mod distribution;
mod draw;
mod einsum;
mod error;
mod experiment;
mod finished;
mod function;
mod interval;
mod ladder;
mod loss;
mod means;
mod measurement;
mod memory;
mod network;
mod op;
mod orthogonal;
mod pass;
mod plan;
mod powers;
mod record;
mod response;
mod samples;
mod sizes;
mod slope;
mod small;
mod step;
mod tensor;
mod until;
mod verdict;

#[cfg(test)]
mod testing;

pub use crossover::{Crossover, Sum};
pub use error::SimulateError;
pub use experiment::{Experiment, Precision};
pub use finished::{Ended, Finished};
pub use ladder::Ladder;
pub use measurement::{MeasuredQuantity, Measurement, Predicted, Quantity, compare};
pub use powers::Adds;
pub use record::quantities;
pub use samples::{Run, Samples, Seed};
pub use sizes::{Point, Sizes};
pub use slope::Slope;
pub use small::Small;
pub use until::{Next, Until};
pub use verdict::{Curve, TOLERANCE, Verdict};
