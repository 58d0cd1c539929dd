//! Interpreter two: arrays. The same graph with random weights, its forward and backward pass and the exact
//! first-order responses to one optimizer step, at increasing sizes; slopes and verdicts.
//!
//! Data flows down this list; each file uses only those above it:
//! `tensor`, `einsum`, `function`, `op` (every op with its derivative both ways), `sizes`, `random` (normal
//! numbers by their place), `draw`, `chain` (constants of chains), `plan` (a checked experiment), `linear` and `weight` (matrices that are only multiplied),
//! `region` (what is computed slice by slice), `memory` and `method` (how a run is laid out), `network` (arrays at one
//! point), `pass` (forward and backward), `step` (directions), `response` (forward mode), `record`, `experiment` with
//! `finished` (runs by name) and `cost`; from `samples` to `distribution` (quantiles), `interval`, `slope`, `means`, `powers`
//! (sums of them, fitted), `crossover`, `verdict`, `measurement`, `until` (which runs come next); and apart from them
//! `train` (real steps, and what is aligned on the way), `ladder` (which sizes) and `small` (which say little).
#![allow(
    clippy::disallowed_types,
    reason = "simulation computes in floating point; exponents stay exact elsewhere"
)]

mod buffer;
mod chain;
mod cost;
mod crossover;
mod distribution;
mod draw;
mod einsum;
mod error;
mod experiment;
mod finished;
mod first;
mod function;
mod inner;
mod interval;
mod ladder;
mod linear;
mod loss;
mod manner;
mod means;
mod measurement;
mod memory;
mod method;
mod network;
mod op;
mod pass;
mod plan;
mod powers;
mod product;
mod random;
mod record;
mod region;
mod response;
mod samples;
mod sizes;
mod slope;
mod small;
mod step;
mod tensor;
mod timings;
mod train;
mod until;
mod verdict;
mod weight;
mod witness;

#[cfg(test)]
mod same_law;
#[cfg(test)]
mod testing;

pub use cost::{Cost, Costs};
pub use crossover::{Crossover, Sum};
pub use error::SimulateError;
pub use experiment::Experiment;
pub use finished::{Ended, Finished};
pub use ladder::Ladder;
pub use manner::{Manner, Precision, Updates};
pub use measurement::{MeasuredQuantity, Measurement, Predicted, compare};
pub use method::Method;
pub use powers::Adds;
pub use record::{most_quantities, quantities};
pub use samples::{Run, Samples, Seed};
pub use sizes::{Point, Sizes};
pub use slope::Slope;
pub use small::Small;
pub use timings::{Clock, Timings};
pub use train::{NEAR, Nearest, Term, Trained, Training, Watched, watched};
pub use until::{Next, Until};
pub use verdict::{Curve, TOLERANCE, Verdict};
