//! Interpreter two: arrays. The same graph with random weights, its forward and backward pass and the exact
//! first-order responses to one optimizer step, at increasing sizes; slopes and verdicts.
#![allow(
    clippy::disallowed_types,
    reason = "simulation computes in floating point; exponents stay exact elsewhere"
)]

mod measurement;

pub use measurement::{MeasuredQuantity, Measurement, Quantity, Verdict};
