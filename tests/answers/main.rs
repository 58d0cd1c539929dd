//! What is derived, held against papers, against predictions, and against the question asked anew.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking, in its helpers too"
)]

mod alignment;
mod gauge;
mod joint;
mod judge;
mod published;
mod relaxations;
