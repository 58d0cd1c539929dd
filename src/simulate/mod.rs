//! Interpreter two: arrays. The same graph with random weights, its forward and backward pass and the exact
//! first-order responses to one optimizer step, at increasing sizes; slopes and verdicts.
//!
//! Rooms, each with a door (`mod.rs`): what it gives to others. A room uses only those above it.
//!
//! | room | what it holds |
//! |---|---|
//! | `array` | tensors, products of matrices, einsums |
//! | `random` | normal numbers by their place, and the streams of a run |
//! | `weight` | Gaussian matrices that are only multiplied, however they are held |
//! | `op` | every op with its derivative both ways |
//! | `plan` | an experiment, checked, with its sizes, its layout in memory and its cost |
//! | `run` | a network at one size with one seed: passes, steps, responses, what is recorded |
//! | `measure` | slopes, sums of powers, verdicts, and which runs come next |
//! | `train` | real steps, and what is aligned on the way |
#![allow(
    clippy::disallowed_types,
    reason = "simulation computes in floating point; exponents stay exact elsewhere"
)]

mod array;
mod measure;
mod op;
mod plan;
mod random;
mod run;
mod train;
mod weight;

#[cfg(test)]
mod testing;

pub use self::array::{Clock, Timings};
pub use self::measure::{
    Adds, Cause, Crossover, Curve, FittedRows, FittedSlope, FittedSum, LocalPower, MeasuredQuantity,
    Measurement, Next, PredictedSlope, SlopeVerdict, TOLERANCE, Until, compare, local_powers,
};
pub use self::plan::{
    Cost, Costs, Experiment, Ladder, Method, Point, Points, Precision, Run, Runs, SimulateError, Simulation,
    Small, Updates,
};
pub use self::random::Seed;
pub use self::run::{Ended, Finished, Samples, most_quantities, quantities};
pub use self::train::{NEAR, Nearest, Term, Trained, Training, Watched, watched};
